# How states, parties, deadlines and numbers are said

the-node = The operator of this register
entry = entry{"\u00A0"}{ $index }
items = { $count } { $count ->
    [one] item
   *[other] items
}
none = none
not-known = not known
in-force = in force
ended = ended
year = { $year }
as-of = As of { $day }
or-between = { " or " }

leg-state = State
leg-developer = developer
leg-verifier = verifier
leg-machine = computed
party-authority = the State
party-developer = the developer
party-institute = a verifying institute
party-association = an association
party-certification_body = a certification body

dashed-and-solid = A <b>dashed</b> status is advice, computed from the rules. A <b>solid</b> one is a filing or decision that someone signed.

status-not-yet = not yet
status-open = open
status-open-other = open
status-waiting = open: waiting for a decision
status-filed = filed
status-appears-met = appears met
status-unresolved = undetermined
status-decided = decided
status-found-met = found: complied with
status-found-unmet = found: not complied with
status-found-unresolved = found: not settled
status-remedied = remedy reported
status-remedy = remedy requested

coverage-covered = covered
coverage-not-covered = not covered
coverage-undetermined = undetermined
designated = designated
advice-follows = follows the advice
advice-departs = departs from the advice
review-complete = no questions
review-questions = with questions
scope-internal = internal
scope-external = external
position-explains = explains
position-accepts = agrees
position-contests = contests
position-remedied = has remedied
certificate-valid = in force
certificate-suspended = suspended
certificate-revoked = revoked
corrected-later = corrected later

because-missing = Facts that are missing: { $facts }
because-missing-count = { $count ->
    [one] 1 fact is
   *[other] { $count } facts are
} missing
because-disputed = Facts in dispute: { $facts }
because-unsettled = Law not settled ({ $count ->
    [one] 1 point
   *[other] { $count } points
})

due-on = { $day }
days-left = { $days ->
    [0] today
    [one] 1 day left
   *[other] { $days } days left
}
due-past = what this means is for the State to decide
due-past-state = { $days ->
    [one] 1 day since
   *[other] { $days } days since
}; nothing is recorded yet
due-of-remedy = for the remedy
days-left-remedy = { $days ->
    [0] remedy, today
    [one] remedy, 1 day left
   *[other] remedy, { $days } days left
}
coming-due = { $day }: due
coming-remedy = { $day }: remedy due
due-none = No time limit
due-unsettled = Law not settled
due-not-yet = –
due-missing = First day not known ({ $facts })
due-so-far = { $words } ({ $days ->
    [one] 1 day
   *[other] { $days } days
} so far)
qualitative-without-delay = without delay
qualitative-without-undue-delay = without undue delay
qualitative-promptly = promptly
qualitative-immediately = immediately
deadline-after = { $period } after: { $trigger }
deadline-every = every { $period } from: { $trigger }
deadline-before = { $period } before: { $trigger }
deadline-day = on { $day }
deadline-on = on the day: { $trigger }
deadline-earliest = whichever is earlier: { $limits }
deadline-latest = whichever is later: { $limits }
deadline-words-after = { $words } after: { $trigger }
trigger-of = { $attribute } ({ $event })
trigger-earliest = the earliest of { $triggers }
deadline-both = { $words }, at the latest { $limit }
period-unsettled = a time that the law has not settled
period-hour = { $count ->
    [one] 1 hour
   *[other] { $count } hours
}
period-day = { $count ->
    [one] 1 day
   *[other] { $count } days
}
period-week = { $count ->
    [one] 1 week
   *[other] { $count } weeks
}
period-month = { $count ->
    [one] 1 month
   *[other] { $count } months
}
period-year = { $count ->
    [one] 1 year
   *[other] { $count } years
}
period-business-day = { $count ->
    [one] 1 business day
   *[other] { $count } business days
}
period-working-day = { $count ->
    [one] 1 working day
   *[other] { $count } working days
}
period-open = no end set
period-from = from { $from }
period-until = until { $until }
period-both = from { $from } until { $until }

value-true = yes
value-false = no
value-voluntary = voluntary
value-duty = under the law
value-demand = on demand
value-public = public
value-restricted = restricted
value-holder = kept by the holder
value-node = kept by the register
value-rotated = replaced as planned
value-left = left the office
value-compromised = may be in other hands
value-approve = approved
value-reject = rejected
value-internal = internal
value-external = external
value-follows = follows the advice
value-departs = departs from the advice
value-met = complied with
value-unmet = not complied with
value-unresolved = not settled
value-complete = no questions
value-questions = with questions
value-hearing = hearing
value-opportunity_to_explain = opportunity to explain
value-urgency = urgency (ground recorded)
value-explains = explains
value-accepts = agrees
value-contests = contests
value-remedied = has remedied
value-valid = in force
value-suspended = suspended
value-revoked = revoked
value-unknown = not known
value-covered = covered
value-not_covered = not covered
value-undetermined = undetermined
value-not_yet = not yet
value-open = open
value-filed = filed
value-appears_met = appears met
value-decided = decided
value-advice = Advice
value-annuls = Annulled
value-code_of_conduct = Code of conduct
value-draft = Draft
value-final = In use
value-guidance = Guidance
value-in_order = In order
value-inadmissible = Inadmissible
value-information = Information
value-lifts_stay = Stay lifted
value-maintains = Stands
value-merger = Merger
value-not_in_order = Not in order
value-not_seen = Not seen
value-partly_upheld = Partly upheld
value-rejected = Rejected
value-scheme = Scheme of certification
value-split = Split
value-standard = Standard
value-stays = Stayed
value-transfer = Transfer of business
value-upheld = Upheld
value-withdrawn = Withdrawn

language-ja = Japanese
language-en = English
language-ko = Korean
language-zh = Chinese
jurisdiction-JP = Japan
jurisdiction-EU = European Union
jurisdiction-US-CA = California, United States
jurisdiction-US-NY = New York, United States
jurisdiction-US-IL = Illinois, United States
jurisdiction-KR = Korea
jurisdiction-CN = China
jurisdiction-G7 = G7
jurisdiction-International = International

custody-holder = kept by the holder
custody-node = kept by the register
key-compromised = may be in other hands

act-stayed = Stayed
act-annulled = Annulled
act-ended = Ended
did-something = recorded “{ $kind }”
did-node-genesis = opened the register
did-policy-adoption = adopted a policy
did-regime-adoption = adopted a law
did-organisation = registered as an organisation
did-key-change = changed keys
did-role-grant = granted a role
did-role-end = ended a role
did-approval = approved a draft decision
did-erasure = erased attachments
did-model = registered a model
did-model-version = registered a version of the model
did-model-facts = stated facts about the model
did-weights-manifest = signed a manifest of the weights
did-safety-verification = filed a safety verification
did-incident = recorded an incident
did-risk-information = shared risk information
did-weights-protection = described how weights are protected
did-vulnerability-programme = opened a vulnerability programme
did-content-marking = described how content is marked
did-public-report = published capabilities and limitations
did-societal-risk-research = reported research on risks to society
did-system-description = described its systems
did-notification = notified
did-assessment = recorded computed advice
did-designation = designated the developer
did-compliance-report = reported on compliance
did-review = reviewed a report
did-procedure = gave an opportunity to be heard
did-reply = replied
did-finding = made a finding
did-remedy-request = requested a remedy
did-certificate = certified
did-certificate-status = changed the state of a certificate
did-code-of-conduct = published a code of conduct
did-code-adherence = said how it stands to a code of conduct
did-consultation = opened a consultation
did-comment = commented
did-consultation-result = published the result of a consultation
did-mandate = gave a mandate
did-mandate-end = ended a mandate
did-succession = recorded a succession
did-application = applied
did-information-request = asked for information
did-guidance = gave guidance or advice
did-designation-end = ended a designation
did-assignment = asked for a verification or an opinion
did-opinion = gave an opinion
did-hearing-record = recorded a hearing
did-extension = gave more time
did-report-demand = demanded a report
did-inspection = gave notice of an inspection
did-inspection-minutes = recorded an inspection
did-order = ordered a measure
did-surcharge = ordered a surcharge
did-disclosure = made something public
did-monitoring-plan = published its monitoring plan
did-objection = objected
did-objection-decision = decided on an objection
did-ruling = recorded a ruling

# The tree of reasons

truth-true = holds
truth-false = does not hold
truth-undetermined = undetermined
why-all = all of these
why-any = any of these
why-not = not: { $phrase }
why-through = { $phrase }: { $reason }
why-settings = { $count ->
    [one] One condition
   *[other] { $count } conditions
} on how open points are set here
why-decisive = Conditions that do not change the result, or repeat its grounds, are left out.
why-covered = Why the law covers it, as computed
why-not-covered = Why the law does not cover it, as computed
why-undetermined = Why nobody can tell whether the law covers it
chain-fact-label = Fact
chain-who-label = Who said so, and where
chain-article-label = Article
chain-fact = { $label }: { $value }
chain-nobody = Nobody has stated it yet
chain-visitor = Your answer
chain-not-answered = Not answered yet
chain-setting = The setting that you chose
chain-absent = Nothing of the kind is on record
chain-rule = The rule itself
chain-above = For the reasons shown above
switch-set = { $question }: set to { $value } here (trial value)
switch-open = { $question }: law not settled
who-signed-entry = Who signed entry { $index }?
signed-by = { $issuer }: holder { $holder } signed with their own key.
signed-approval = Another holder, { $holder }, approved ({ $entry }).
see-signature = See the signatures of entry { $index }
check-signature = signature verified
phrase-event-with = { $name } ({ $values })
phrase-days-late = days since the time limit of “{ $name }”
phrase-always = always
phrase-never = never
op-as-of = the day of assessment

# Conditions of rules; each message has the forms of a sentence

rule-when-all = If all of these hold:
rule-when-any = If any of these holds:
cond-and = { " " }and{ " " }
cond-or = { " " }or{ " " }
cond-brackets = ({ $phrase })
cond-quoted = “{ $name }”
cond-one-or-other = { " " }or{ " " }
cond-amounts = { " " }and{ " " }
cond-lasts = the time for which the duty is asked still runs
cond-in-time = the rule applies on the day
cond-designated = { $form ->
    [not] the State has not designated it
    [not-and] the State has not designated it
   *[end] the State has designated it
}
cond-fact = { $form ->
    [not] “{ $name }” does not apply
    [not-and] “{ $name }” does not apply
   *[end] “{ $name }” applies
}
cond-class = { $form ->
    [not] it does not count as “{ $name }”
    [not-and] it does not count as “{ $name }”
   *[end] it counts as “{ $name }”
}
cond-event = { $form ->
    [not] no “{ $name }” is on record
    [not-and] no “{ $name }” is on record
   *[end] “{ $name }” is on record
}
cond-unmet = { $form ->
    [not] the duty “{ $name }” is not unmet
    [not-and] the duty “{ $name }” is not unmet
   *[end] the duty “{ $name }” is not met
}
cond-unmet-any = { $form ->
    [not] no duty of { $party } is unmet
    [not-and] no duty of { $party } is unmet
   *[end] a duty of { $party } is not met
}
cond-late = { $form ->
    [not] the time limit of “{ $name }” has not passed
    [not-and] the time limit of “{ $name }” has not passed
   *[end] the time limit of “{ $name }” has passed
}
cond-settled = { $form ->
    [not] “{ $question }” is not settled as “{ $value }”
    [not-and] “{ $question }” is not settled as “{ $value }”
   *[end] “{ $question }” is settled as “{ $value }”
}
cond-settled-among = { $form ->
    [not] “{ $left }” is not settled as { $values }
    [not-and] “{ $left }” is not settled as { $values }
   *[end] “{ $left }” is settled as { $values }
}
cond-includes = { $form ->
    [not] “{ $question }” is not settled so as to include “{ $value }”
    [not-and] “{ $question }” is not settled so as to include “{ $value }”
   *[end] “{ $question }” is settled so as to include “{ $value }”
}
cond-among = { $form ->
    [not] { $left } is not { $values }
    [not-and] { $left } is not { $values }
   *[end] { $left } is { $values }
}
cond-equal = { $form ->
    [not] { $left } is not { $right }
    [not-and] { $left } is not { $right }
   *[end] { $left } is exactly { $right }
}
cond-more = { $form ->
    [not] { $left } is not more than { $right }
    [not-and] { $left } is not more than { $right }
   *[end] { $left } is more than { $right }
}
cond-at-least = { $form ->
    [not] { $left } is less than { $right }
    [not-and] { $left } is less than { $right }
   *[end] { $left } is { $right } or more
}
cond-less = { $form ->
    [not] { $left } is not less than { $right }
    [not-and] { $left } is not less than { $right }
   *[end] { $left } is less than { $right }
}
cond-at-most = { $form ->
    [not] { $left } is more than { $right }
    [not-and] { $left } is more than { $right }
   *[end] { $left } is { $right } or less
}
cond-after = { $form ->
    [not] { $left } is not after { $right }
    [not-and] { $left } is not after { $right }
   *[end] { $left } is after { $right }
}
cond-from = { $form ->
    [not] { $left } is before { $right }
    [not-and] { $left } is before { $right }
   *[end] { $left } is { $right } or later
}
cond-before = { $form ->
    [not] { $left } is not before { $right }
    [not-and] { $left } is not before { $right }
   *[end] { $left } is before { $right }
}
cond-until = { $form ->
    [not] { $left } is after { $right }
    [not-and] { $left } is after { $right }
   *[end] { $left } is { $right } or earlier
}
cond-value = the value set for “{ $question }”
cond-share = { $share } of { $whole }
cond-lowest = the lower of { $amounts }
cond-highest = the higher of { $amounts }

unit-parameters = parameters
unit-users = users
unit-USD = US dollars
unit-KRW = won
unit-seconds = seconds
unit-tokens = tokens
unit-JPY = yen
unit-EUR = euros
