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
column-about = About
search-instead = “{ $typed }” stands nowhere; this is what was found for the name “{ $read }”, which is like it.
search-wrong-kind = There is no such kind of statement: the list is not narrowed down by kind.
search-wrong-organisation = No organisation has this name: the list is not narrowed down by organisation.
search-wrong-law = This law has not been adopted: the list is not narrowed down by law.
search-wrong-status = The status cannot be read: the list is not narrowed down by status.
search-wrong-day = A day cannot be read. Write it like this: 2026-11-24.
