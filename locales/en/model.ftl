# Models and duties

model-by = By { $developer }
model-departures = { $count ->
    [one] 1 decision departs
   *[other] { $count } decisions depart
} from advice
model-facts = Facts stated by the developer
model-facts-note = Uncertain figures stay intervals. A fact nobody stated is unknown, not absent.
fact-nobody = Nobody has stated it yet
column-fact = Fact
column-value = Value
column-known = Known since
column-source = Source
model-versions = Versions and weights
version-title = Version { $name }
version-released = Released
version-licence = Licence
version-origin = Origin
version-weights = Identity of the weights
version-certificate = Certificate
weights-note = { $files } { $files ->
    [one] file
   *[other] files
}, { $size }; signature in { $entry }
certificate-line = { $scheme } ({ $body }, until { $until })
model-verification = Safety verification: inside and outside, side by side
model-verification-note = The same tests, run by the developer (internal) and by an independent verifier (external). A small verification is no proof of safety.
model-verification-counts = Answers that could not be scored and errors are counted apart, outside the percentages. Intervals are 95% confidence intervals.
suite-caption = Suite “{ $suite }”: result (%) and 95% confidence interval
legend-internal = internal: { $who }
legend-external = external: { $who }
all-samples = All samples
group-language = Language
group-risk = Area
group-language-ja = Japanese
group-language-en = English
chart-internal = internal { $value }% ({ $low } to { $high })
chart-external = external { $value }% ({ $low } to { $high })
column-test = Test
column-who-tested = Run by
column-result = Result
column-unscored = Not scored
column-errors = Errors
verification-compared = { $difference } points against the earlier one ({ $paired } paired { $paired ->
    [one] sample
   *[other] samples
}, p = { $p })
model-duties = Duty board
owed-by-developer = Owed by the developer: { $name }
owed-by-state = Owed by the State: { $name }
owed-by-others = Owed by others
board-idle = This law asks nothing about this model (computed advice).
board-show = Show the duties
board-none = No law has been adopted in this register yet.
model-timeline = What has happened, latest first

duty-sentence = { $owner } (model { $model }): { $text }
duty-next = Next step
next-remedied = The State looks at what was remedied
next-remedy = { $owner } files the result of the remedy
next-none = Nothing is asked for
next-not-yet = Nothing yet
next-file = { $owner } acts
next-review = The State or a verifier looks at what was filed
next-decide = The State decides on what has been filed
next-facts = The missing facts are stated, or the open points of the law are settled
duty-advice-and-decision = Advice and decision
duty-advice-note = The calculation advises. People decide, and give reasons when they depart from it.
duty-advice = Computed advice
advice-was-not-owed = At that time this duty was not owed yet.
advice-not-owed = This duty is not owed now.
advice-undetermined = Whether this duty is owed cannot be told yet.
advice-met = What the law asks for has been filed. The rule does not look at how good the results are.
advice-filed = Something has been filed. Whether it suffices is still to be looked at.
advice-decided = A decision of the State is on record. The calculation does not stand in for it.
advice-open = What the law asks for is not complete yet.
advice-waiting = What is on record is not all that the rule asks for. What follows is for the State to decide; the developer can answer first.
advice-today = Computed on { $day }.
advice-recorded = { $day }, { $entry }: the advice that the decision cites.
duty-decision = Decision of the State
duty-no-decision = There is no decision yet.
decision-of = Decision of { $name }
decision-when = { $day }, { $entry }. Signed by { $holders ->
    [one] one holder
   *[other] { $holders } holders
}.
decision-procedure = The other side could be heard first ({ $entry }).
decision-remedy = Remedy requested: { $request } (by { $day }, { $entry })
duty-why = Why is this owed?
duty-owed = <b class="verdict">Owed</b>, as computed
duty-not-owed = <b class="verdict">Not owed now</b>, as computed
duty-maybe-owed = <b class="verdict">Undetermined whether it is owed</b>, as computed
due-why = <b class="verdict">Due on { $day }</b>: { $rule }
due-why-open = <b class="verdict">Deadline</b>: { $rule }
due-from = Counted from { $day }.
due-from-entry = Counted from { $day } ({ $entry }).
due-stays = The last day does not move.
due-moved = The last day counted ({ $counted }) is a day off, so it moves to the next working day.
due-calendar = Counting rules: { $title }.
due-beyond = The holidays of that time are not known yet.
duty-timeline = What has happened
duty-timeline-empty = Nothing on record bears on this duty yet.
