# The first page

home-title = Who checked the safety of advanced AI, and how
home-lead = What developers did, what verifiers found and what the State decided: follow every step to a signed record.
legs-developers = Developers
legs-developers-do = say what they did about safety
legs-verifiers = Verifiers
legs-verifiers-do = check it independently
legs-state = The State
legs-state-do = decides under the law, and has deadlines of its own
home-today = The register today
number-statements = signed { $count ->
    [one] statement
   *[other] statements
}
number-restricted = { $count } of them restricted
number-organisations = { $count ->
    [one] organisation
   *[other] organisations
}
number-legs = { $state } State, { $developers } { $developers ->
    [one] developer
   *[other] developers
}, { $verifiers } { $verifiers ->
    [one] verifier
   *[other] verifiers
}
number-designated = designated { $count ->
    [one] developer
   *[other] developers
}
number-models = { $count ->
    [one] 1 model
   *[other] { $count } models
} registered
number-open = { $count ->
    [one] duty
   *[other] duties
} now open
number-open-state = { $count } of them the State’s own
number-departs = { $count ->
    [one] decision that departs
   *[other] decisions that depart
} from the advice
number-departs-read = Read the reasons
number-departs-none = published with reasons where there are any
home-why = For example: why does this duty exist?
home-why-how = Open the lines to follow the reasons, step by step, down to a signature.
home-owed = <b class="verdict">Owed</b> by { $developer } for { $model }: { $duty } ({ $article })
home-why-page = Go to this duty
home-coverage = Whom would the law cover?
home-coverage-text = Moving the threshold changes how many models are covered. At every threshold, <b>models whose compute is not published stay undetermined</b>.
home-coverage-law = The rules behind this calculation: { $law }
home-lab = Try the laws out
home-lab-text = What would they ask of you? What would have to be reported, and by when?
home-check = You need not trust this register. Check it on your own machine.
home-check-more = How to check it, in full
check-step-checkpoint = Keep the present state of the log.
check-step-audit = Fetch the whole log and redo signatures, authority, approvals and the law’s arithmetic.

coverage-caption = Models by year of publication
legend-covered = covered
legend-undetermined = undetermined (figures not known, or law not settled)
legend-not-covered = not covered
same-as-table = The same numbers as a table
coverage-table = Models: covered / undetermined / not covered
column-year = Year, country
panel-number = Chart { $number }
panel-threshold = Threshold { $value }
panel-covered = Models covered
panel-here = As set in this register
chart-title = Chart { $number }; the table below has the numbers
coverage-countries = Countries are those of the developers. A model with developers in several counts in each.
coverage-undated = { $count ->
    [one] One model
   *[other] { $count } models
} of earlier years or without a date { $count ->
    [one] is
   *[other] are
} not in the numbers by year.
coverage-assumptions = What this calculation assumes:
assume-preset = apart from the threshold, the setting “{ $name }”
assume-estimates = published estimates count as they are
coverage-source = Source: { $source }, as of { $as_of }, { $licence }. A calculation, not a decision about anyone.
