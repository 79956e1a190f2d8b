# Laws

laws-title = Law
laws-lead = The laws that this register computes with: text, rules and open points, published as data.
laws-none = No law has been adopted yet.
law-draft = draft: not in force
law-in-force = in force
law-voluntary = voluntary code
column-jurisdiction = Jurisdiction
column-duties = Duties
column-open = Open points
column-adopted = Adopted

law-lead = A summary of the law beside the rule used for computing. Anyone can point out where they differ.
law-open-points = { $count ->
    [one] One point is
   *[other] { $count } points are
} not settled by the law itself
law-open-points-text = Where the law leaves a point open, the answer is “law not settled”: nothing is guessed.
law-open-points-set = This register sets trial values for { $set } of them and leaves { $unsettled } open.
law-source = Source
law-authentic = Authentic language
law-version = Text
law-adopted = Adopted here
certainty-verified = read in the source
certainty-secondary = from a secondary source
certainty-memory = not verified
law-coverage = Whom it covers
law-coverage-note = These rules applied to published data about models: a calculation.
law-switches = Open points (switches)
column-question = Question
column-options = Options
column-set = Set here to
column-touched = Duties affected
options-boolean = yes / no
options-number = a number ({ $unit })
options-rate = a rate or number
options-period = a length of time
options-date = a day
options-text = a text
trial-value = trial value
law-not-settled = law not settled
law-text-and-rules = Text and rules
law-text-note = The text is our own summary, not the official wording.
law-text = Text, summarised
law-rule = Rule
law-no-rule = Nothing is computed from this article.
law-rule-open = Depends on open points:
rule-coverage = Coverage
rule-class = Class: { $name }
rule-duty = Duty: { $name }
rule-power = Power of the State: { $name }
rule-penalty = Penalty: { $name }
