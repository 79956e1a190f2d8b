# The lab: laws tried out on published data, and side by side

simulate-title = Change a number: whom would a law cover?
simulate-lead = Settle open points, change figures, and see at once which published models a law would cover. A calculation, not a decision about anyone.
simulate-settings = Settings
field-law = Law
field-law-choose = Choose
field-base = Begin with
base-adopted = as adopted here
base-open = everything open
base-as-is = the law as it stands
base-why = Why these choices
field-goal = What is counted
goal-coverage = covered by the law
goal-classes = belongs to a class
goal-duties = owes a duty
field-dial = Figure that is moved
range-low = From
range-high = To
field-points = Values (2 to { $most })
field-as-of = The law as of
simulate-no-dial = This law fixes no number, so there is none to move.
simulate-figures = Figures of the law ({ $count })
simulate-figures-note = Leave a field empty to keep the law’s own figure.
simulate-switches = Open points ({ $count })
simulate-switches-note = What is left open stays open: models that turn on it are undetermined.
simulate-button = Calculate
changed = changed
hint-number = A number in { $unit }, as in 1e25
hint-rate = A number, as in 0.03 or 3 %
hint-period = A length of time, as in 30 days, 2 weeks, 1 month
hint-date = A day, as in 2026-11-24
hint-ticks = Tick all that count. None ticked: law not settled.
hint-law = The law says { $value }.

simulate-finding = At least { $low }, at most { $high } of { $all } models: { $goal }
simulate-finding-exact = { $low } of { $all } models: { $goal }
simulate-draft = Whatever is shown here would hold only if the draft became law with these settings.
simulate-models = Models
simulate-developers = Developers
simulate-countries = Countries
simulate-first = First covered
simulate-of = of { $all }{ $undetermined ->
    [0] {""}
   *[other] ; { $undetermined } undetermined
}
simulate-first-day = published { $first }
simulate-first-note = published { $first }; possibly { $possible }
chart-sweep = Models counted as “{ $figure }” moves
chart-years = Models by year of publication
line-covered = certainly
line-at-most = at most (with undetermined)
simulate-band = The band between the lines is what is not known: figures that nobody has published, or points that the law leaves open.
simulate-present = As set, the figure is { $value }.
column-margin = At the margin
download-chart = Chart (SVG)
download-csv = Data of the chart (CSV)
download-json = Everything (JSON)
download-years = By year (CSV)
download-countries = By country (CSV)
download-models = All models (CSV)
years-and-countries = By year and by country
margin-title = { $count ->
    [0] No model is at the margin
    [one] One model is at the margin
   *[other] { $count } models are at the margin
}
margin-note = Their figure equals the value set, or may lie on either side of it, and the answer turns on that.
sides-title = New and old side by side
sides-note = Compared with: { $base }. Texts are our own summaries.
sides-finding = Newly covered: { $newly }. No longer covered: { $no_longer }. Now undetermined: { $undetermined }. Where figures are unknown, both bounds are given.
sides-models = Models whose answer changes
sides-duties = Duties that change ({ $count })
sides-duties-note = Of how many models each duty is asked.
column-item = What changes
column-new = New
column-old = Old
column-published = Published
column-examples = For example
simulate-address = This setting has an address of its own:
simulate-address-link = link to this setting
simulate-trouble = The data set cannot be applied to this law
simulate-trouble-text = Nothing says which column stands for which fact of this law. Choose another law.

fault-unknown = “{ $name }” is no setting of this law. Take it out of the address.
fault-law = There is no such law here. Choose one from the list.
fault-base = This law has no such setting to begin with. Choose one of those named.
fault-day = This is not a day. Write it as in 2026-11-24.
fault-goal = This law has no such class or duty. Choose one from the list.
fault-dial = This law has no such number. Choose one from the list.
fault-ends = Give two numbers, the smaller one first, as in 1e23 and 1e27. Each may be 0, or from { $least } to { $most }.
fault-points = Give a number of values from 2 to 200.
fault-boolean = “{ $found }” is neither yes nor no. Choose one, or leave it open.
fault-number = “{ $found }” is not a number in { $unit }. Write it as in 1e25.
fault-rate = “{ $found }” is not a number. Write it as in 0.03 or 3 %.
fault-period = “{ $found }” is no length of time that this law can count. Write it as in 30 days.
fault-date = “{ $found }” is not a day. Write it as in 2026-11-24.
fault-choice = “{ $found }” is none of the choices. Choose one, or leave it open.

compare-door = Two to four laws, or settings of a draft, next to each other; and which published models each would cover.
simulate-door = Settle the open points of a draft, change a threshold, and see which published models a law would cover.
compare-title = Laws side by side
compare-lead = Put two to four laws, or settings of a draft, next to each other: whom they cover, their figures, duties, time limits and penalties.
compare-side = Law { $number }
compare-none = (none)
compare-button = Compare
compare-add = Compare the laws
compare-what = What they say
compare-status = Status
compare-covers = Whom it covers
compare-classes = Classes
compare-figures = Figures
compare-penalties = Penalties
compare-own = Other duties
compare-duties = Duties, by what they are about
compare-duties-note = Duties of developers. The same line means the same kind of duty, not the same content.
compare-nothing = –
compare-data = Whom they cover, in published data
compare-data-note = The same models under each. A model is listed where the answers differ.
compare-not-yet = A law that is enacted and not yet in force is applied as of its first day.
compare-finding = The answers differ for { $count ->
    [one] one model
   *[other] { $count } models
} of { $all }
compare-certain = Certainly different: { $count }. For the others at least one answer is undetermined.
compare-models = Show { $count ->
    [one] one model
   *[other] { $count } models
} whose answers differ
compare-more-models = { $count } more in the CSV file
compare-download = All models with each answer (CSV)
