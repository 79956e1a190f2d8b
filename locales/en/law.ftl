# Laws

laws-title = Law
laws-lead = Laws, drafts and codes that a developer of advanced AI meets: text, rules and open points, published as data.
laws-note = What is adopted in this register stands first; then by short name. “Whom it covers” is our summary of the article, not the official wording.
laws-to-apply = Does a law apply to me?
laws-to-compare = Compare laws
laws-to-simulate = Change a number and see whom it covers
laws-none = No law has been adopted yet.
law-draft = draft: not law
force-not-yet = enacted: in force from { $from }
force-suspended = suspended
force-preempted = displaced by other law
force-ended = no longer in force
instrument-in-force = layer beside the law
instrument-voluntary = voluntary layer
instrument-draft = draft: not law
law-adopted-by = adopted here: { $entry }
law-not-adopted-here = Not adopted in this register. Shown and computed from the files that came with the program.
law-files = Digest of the files
law-in-force = in force
law-voluntary = voluntary code
column-jurisdiction = Jurisdiction
column-duties = Duties
column-open = Open points
column-covers = Whom it covers
column-tests = Law tests
column-today = Today
column-figure = Figure
column-clock = Time limit
column-common = Common duty
column-power = Power or penalty
column-when = When
column-procedure = Procedure, amount
column-case = Case

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
certainty-verified-text = We read the text itself, or a faithful copy of it.
certainty-secondary = from a secondary source
certainty-secondary-text = We read about it, for instance in a law firm’s note or a newspaper, not in the text itself.
certainty-memory = not verified
certainty-memory-text = Written from memory. Nobody has compared it with a source yet.
certainty-how = How sure each article is
contents = On this page
law-on-day = As it stands on { $day }
law-other-day = Show the law on another day
law-show-day = Show
law-days = The law begins to say something else on these days:
as-of-today = today, { $day }
law-same-today = What is shown here says the same today.
law-changed = { $count ->
    [one] One text or figure was
   *[other] { $count } texts or figures were
} other than today
error-title = Please look at this
error-day = “{ $found }” is not a day. Write it as in 2026-11-24. The law is shown as it stands today.
law-try-settings = Try other settings
law-to-simulate = Change a number and see whom it covers
law-figures = Figures of the law
law-figures-note = Thresholds, amounts and periods that the law itself fixes. The rules read them from here; change one to see what it would do.
figure-dated = { $value }, { $from }
law-switches-note = Questions that the text leaves open. There is no hidden default: unless one is set, what depends on it is “law not settled”.
law-presets = Named settings for a first look
law-presets-note = They are examples for trying out, not what the draft says. Each gives its reasons.
law-preset-try = See whom this setting covers
law-duties = Duties and time limits
law-duties-note = { $count ->
    [one] One duty
   *[other] { $count } duties
}, of everyone concerned. The State’s own time limits stand in the same table.
group-owed = Duties of { $party }
duty-until = until { $until }
law-powers = What the State may do, and penalties
law-powers-note = A power may be used only when its conditions hold, and after the procedure named. Amounts are upper limits.
procedure-before = First: { $procedure } ({ $article }) { $certainty }
procedure-none = The rules name no procedure
penalty-at-most = At most:
penalty-no-formula = no formula settled by the law
law-rule-sleeps = This rule does not apply on the day shown.
law-lawyers = What a lawyer must check
law-lawyers-note = Written by those who turned the law into rules, in the language in which they wrote it: sources, readings chosen, doubts, what is left out.
law-tests = The law tests
law-tests-note = { $count ->
    [one] One case
   *[other] { $count } cases
} with the answer that the articles give. Computed again for this page: { $failing ->
    [0] all come out as expected.
    [one] one comes out otherwise.
   *[other] { $failing } come out otherwise.
}
law-figures-show = { $count ->
    [one] Show the one figure
   *[other] Show all { $count } figures
}
law-switches-show = { $count ->
    [one] Show the one open point
   *[other] Show all { $count } open points
}
law-duties-show = { $count ->
    [one] Show the one duty
   *[other] Show all { $count } duties in one table
}
law-powers-show = { $count ->
    [one] Show the one power or penalty
   *[other] Show all { $count } powers and penalties in one table
}
law-lawyers-show = Show sources, readings and doubts
law-articles = All articles
law-authentic-text = Text in the authentic language
law-tests-show = { $count ->
    [one] Show the case
   *[other] Show the { $count } cases
}
test-holds = as expected
test-fails = otherwise
law-coverage = Whom it covers
law-coverage-note = These rules applied to published data about models: a calculation.
law-applied-on = The law has no force on the day shown; it is applied as it will stand on { $day }.
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
law-text-note = The text is our own summary, not the official wording. Figures in it are those of the day shown.
law-text = Text, summarised
law-rule = Rule
law-no-rule = Nothing is computed from this article.
law-rule-open = Depends on open points:
rule-as-data = Rule as data
rule-when = If { $condition }.
rule-due = Time limit: { $due }
rule-at-most = At most: { $amount }
rule-always = Without conditions: always.
names-as-data = Their names in the rules as data
rule-coverage = Coverage
rule-class = Class: { $name }
rule-duty = Duty: { $name }
rule-power = Power of the State: { $name }
rule-penalty = Penalty: { $name }
