# The register as it stood

past-title = The register as it stood on { $day } ({ $size } { $size ->
    [one] entry
   *[other] entries
})
past-added = { $added ->
    [0] Nothing has been added since.
    [one] One entry has been added since.
   *[other] { $added } entries have been added since.
}
past-present = See the present state
past-choose = Show the register as of the end of
past-show = Show
past-missing = It may not have been recorded by then.

# Searching

filter-statement = Statements
register-empty = Nothing fits
list-all = See all { $count }
list-next = Go on
narrow-title = Narrow down
narrow-any = All
narrow-kind = Kind of statement
narrow-organisation = Organisation
narrow-organisation-hint = Its short name, such as minato-lab: what it said, and what concerns it
narrow-from = From
narrow-until = Until
narrow-current = Not corrected
narrow-corrected = Corrected later
narrow-button = Narrow down
search-instead = “{ $typed }” stands nowhere; this is what was found for the name “{ $read }”, which is like it.
search-wrong-kind = There is no such kind of statement: the list is not narrowed down by kind.
search-wrong-organisation = No organisation has this name: the list is not narrowed down by organisation.
search-wrong-law = This law has not been adopted: the list is not narrowed down by law.
search-wrong-status = The status cannot be read: the list is not narrowed down by status.
search-wrong-day = A day cannot be read. Write it like this: 2026-11-24.

# Statistics, and the State's own duties

statistics-title = The register in numbers
statistics-lead = Counted from public statements only. Each chart has a table of the same numbers.
statistics-said = Statements
statistics-total = Public statements
statistics-total-note = All that have effect; the corrected and the correcting one both count
statistics-corrected = Of these, corrected later
statistics-corrected-note = What was corrected stays readable
statistics-withheld = Restricted, not counted
statistics-withheld-note = They show neither kind nor day, so they are in no chart
statistics-without-effect = Without effect, not counted
statistics-without-effect-note = They stay in the log, with the reason
statistics-by-month = Statements by month
statistics-by-kind = Statements by kind
statistics-others = Other kinds
statistics-table = Statements by kind and month
statistics-in-all = In all
statistics-months-note = Months are by the time of the entry, in Japan. The chart tells the latest 24 apart, the table the latest 6; totals are of all time.
statistics-duties = Duties by status and law
statistics-duties-note = Advice, computed from the rules. A duty whose day has passed counts as still to come: whether it was met is said by a signed decision only.
statistics-open = Still to come
statistics-filed = Filed
statistics-met = Appears met
statistics-decided = Decided
statistics-unresolved = Undetermined
statistics-not-yet = Not yet (not drawn)
statistics-idle = Models not touched
statistics-not-counted = The State's own duties are counted apart. Models not touched are those that a law, as far as can be told, has nothing to say about; their duties are not counted.
statistics-taken = How long the State takes
statistics-taken-note = Days from the day on which the law's clock begins, or a filing arrived, to the day of the entry; for what waits, to today. Duties whose clock has no beginning are not counted.
statistics-taken-none = No duty of the State has a clock that has begun.
statistics-answer = Answer to: { $filing }
statistics-answered = Answered
statistics-median = Median
statistics-longest = Longest
statistics-waiting = Waiting
statistics-waiting-days = Waiting longest
statistics-days = { $days ->
    [one] 1 day
   *[other] { $days } days
}
state-title = The State's own duties
state-lead = The State has deadlines too: on the same clocks and with the same marks as everyone's.
state-open = Still to come
state-open-note = What the State has yet to do
state-done = Done
state-done-note = The decision or publication is recorded
state-duties = What the State has to do, and by when
state-order = By law; what is still to come first, in the order of the register.
state-cut = There are more: 200 of each law are shown.

# To take away

feed-title = Feed of new statements (Atom)
feed-entry = { $kind } ({ $about })
feed-summary = { $who } recorded “{ $kind }”: entry { $index }, digest { $digest }
way-csv = List for a spreadsheet (CSV)
way-json = List (JSON)
way-jsonl = List (JSON Lines)

check-three = Check it yourself in three commands
check-three-more = What this shows, and what it cannot
