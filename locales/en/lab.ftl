# The policy lab

lab-title = Policy lab: try the laws out
lab-lead = See what each law asks of whom, by when and why, and what would change if something were different.
lab-private = What you enter is neither stored nor logged. It stands only in the address of this page: keep the address to come back, share it to share your answers.
lab-advice = A calculation from the published rules. It is advice, not a decision and not legal counsel.
lab-draft = At least one of these texts is a draft: it is not law.
lab-all = all { $count } laws and codes
lab-law = Law
lab-at = As of
lab-today = today
lab-change = Change
lab-change-what = : { $what }
lab-why = Why
lab-entry = entry { $index }
lab-error = Error: { "" }
lab-problem = There is a problem
lab-not-yet = enacted, not yet in force
lab-ended = no longer in force
lab-suspended = suspended or displaced
lab-settled = Open points: { $law }
lab-set-open = Open points are left open: the law is not settled.
lab-set-adopted = Open points are set as on trial in this register.
lab-set-preset = Open points are set as in “{ $name }”.
lab-save-json = Save as JSON
lab-save-csv = Save as CSV
lab-save-oscal = Save as OSCAL
lab-clock = { $day }, { $time }

lab-wrong-title = This address cannot be read
lab-wrong-do = Begin again with the form. If you followed a link, it may have been cut off or changed.
lab-again = Begin again
lab-wrong-named = “{ $name }” in the address: { $text }
lab-wrong-too-much = The address holds more than this page reads. Leave answers out.
lab-wrong-twice = It stands in the address twice. Take one of them out.
lab-wrong-unknown = No law here asks for this. Check the name, or begin again.
lab-wrong-law = There is no such law here. Choose one from the list.
lab-wrong-preset = There is no such setting. Choose one from the list.
lab-wrong-model = There is no such model in the register. Choose one from the list.
lab-wrong-boolean = Answer yes, no or not known
lab-wrong-choice = Choose one of the answers in the list
lab-wrong-number = Write a figure such as 1e25, 5×10^25 or 1,000
lab-wrong-negative = Write a figure that is not below zero
lab-wrong-ends = “At most” must be the same as or more than “at least”
lab-wrong-day = Write a day such as 2026-11-24
lab-wrong-instant = Write a day and a time such as 2026-11-24 10:00
lab-wrong-clocks = At this hour clocks were moved: the time does not exist, or exists twice. Give another minute, or choose UTC as the zone
lab-wrong-later = This lies in the future. Give an earlier time
lab-wrong-zone = There is no such time zone. Choose one from the list
lab-wrong-empty = Choose or write an answer; “I do not know” is one too
lab-wrong-both = Give one answer: a figure, or an interval, or “I do not know”

# Does it apply to me?

apply-title = Does it apply to me?
apply-door = Answer only the questions that still matter, one at a time. “I do not know” and “at least” are answers.
apply-lead = One question at a time, and only those that still matter. One answer often serves several laws at once.
apply-result = What the laws make of your answers
apply-which = Which law do you want to look at?
apply-all = All { $count } laws and codes together
apply-all-hint = The same fact is asked once for all of them.
apply-law-hint = { $where }, { $status }
apply-begin = Start
apply-go-on = Continue
apply-see-result = See the result so far
apply-at = As of which day?
apply-at-hint = The law is applied as it stands on that day. Leave it empty for today.
apply-at-why = Laws change. The same facts can have another answer on another day.
apply-settle = How should the open points be settled? { $law }
apply-settle-hint = This text leaves { $count ->
    [one] one point
   *[other] { $count } points
} open. Choose a setting to try, or leave them open.
apply-settle-why = What the text leaves open has no hidden default. Where it is left open, the answer is “the law is not settled”.
apply-settle-see = See every open point
apply-set-open = Leave them open
apply-set-open-hint = The answer then says where the law is not settled.
apply-set-adopted = As on trial in this register
apply-set-adopted-hint = The values with which this register adopted the text.
apply-unknown = I do not know
apply-unknown-hint = A valid answer: it is never read as “not covered”.
apply-exact = The figure
apply-exact-hint = For example 1e25, 5×10^25 or 1,000,000
apply-roughly = If you know it only roughly, give one end or both:
apply-low = At least
apply-high = At most
apply-day = Day
apply-words = Answer
apply-why-asked = Why is this asked?
apply-for-coverage = It can decide whether a law applies. These laws ask for it:
apply-for-class = It can decide the class, and so which duties there are. These laws ask for it:
apply-for-duty = It can decide whether a duty is owed. These laws ask for it:
apply-for-due = A period runs from this day. These laws ask for it:
apply-for-amount = It can decide how high a penalty could be. These laws ask for it:
apply-so-far = So far
apply-overview = At a glance
apply-applies = Applies?
apply-class = Class
apply-open = Still open
lab-voluntary = voluntary: applies to those who join
lab-voluntary-text = A voluntary code: it applies to those who join.
lab-we-joined = We have joined
lab-joined = Joined: { $law }
lab-joined-since = since { $day }
lab-not-joined = not joined
apply-join = Has the developer joined “{ $law }”?
apply-join-hint = It is voluntary and applies to those who join, by a signature or in another way.
apply-join-day = Day of joining
apply-join-never = Not joined
apply-join-why = What the code asks is asked of those who joined it.
apply-answers = Your answers
apply-owed = owed
apply-open-word = undetermined
apply-by = { $name } (by { $party })
apply-due-later = No day yet
apply-duties = { $count ->
    [one] One duty that is owed or may be
   *[other] { $count } duties that are owed or may be
}
apply-of-state = { $count ->
    [one] One duty of the State and others
   *[other] { $count } duties of the State and others
}
apply-powers = { $count ->
    [one] One power that the State has or may have
   *[other] { $count } powers that the State has or may have
}
apply-penalties = { $count ->
    [one] One penalty: how high it could be
   *[other] { $count } penalties: how high they could be
}
apply-power-yes = available
apply-power-no = not available
apply-penalty-yes = could be imposed
apply-penalty-no = only after non-compliance
apply-more = There are still questions that could change this result.
apply-more-go = Go on with the questions
apply-missing = Any one of these would settle it:
apply-missing-these = { $count ->
    [one] This would settle it:
   *[other] All of these together would settle it:
}
apply-missing-all = all of
apply-on-first-day = Ask as of its first day
apply-missing-more = { $count ->
    [one] One other way
   *[other] { $count } other ways
} would settle it too.
apply-request = Ask for it: a letter with these questions
apply-law-open = The law itself leaves open:
apply-law-open-more = and { $count } more
apply-take = Keep the result
apply-take-text = Print this page, or save the result with its reasons.
apply-to-incident = Had there been an incident: who must be told what by when?
apply-to-matrix = Which duties are the same in several laws?

# One incident, one page

incident-title = One incident: who must be told what by when?
incident-door = Say what happened, as far as you know it. See every report that is due, in local time and in Japan time.
incident-lead = Say what happened, as far as you know it. What you leave as “not known” stays open and is never read as “no”.
incident-happened = What happened?
incident-asked = asked by { $count ->
    [one] 1 law
   *[other] { $count } laws
}
incident-moments = When?
incident-moments-hint = Leave out what you do not know.
incident-zone = Time zone of these times
incident-show = Show who must be told
incident-no-facts = Nothing is known yet about the model and its developer, so whether each law applies is open.
incident-facts = { $count ->
    [one] One answer
   *[other] { $count } answers
} about the model and its developer count here.
incident-to-facts = Answer questions about the model and its developer
incident-who = Who must be told what by when
incident-empty = You have not said yet what happened: everything that an incident could bring about is listed.
incident-count = { $count ->
    [one] One duty to tell someone is owed, or may be
   *[other] { $count } duties to tell someone are owed, or may be
}
incident-nobody = Under these laws, as far as they can be applied, nobody must be told.
incident-what = What is to be done
incident-to = To: { $name }
incident-when = By when, local time of the law
incident-japan = In Japan time
incident-until = { $clock } ({ $zone })
incident-both = { $words }, at the latest { $until }
incident-open = What would settle the rest
incident-open-facts = { $count ->
    [one] One fact
   *[other] { $count } facts
} about the model and its developer would help too
incident-settles = { $duty } ({ $law })
incident-settles-count = { $count ->
    [one] settles 1 duty
   *[other] helps to settle { $count } duties
}
incident-of-state = What the State and others then owe
incident-idle = Laws under which the incident brings no duty, as far as can be told


zone-Asia-Tokyo = Japan time
zone-Asia-Seoul = Korea time
zone-Asia-Shanghai = China time
zone-Europe-Brussels = Brussels time
zone-Europe-Paris = Paris time
zone-Europe-London = London time
zone-America-Los_Angeles = California time
zone-America-New_York = New York time
zone-America-Chicago = Illinois time

# Report once

matrix-title = Report once: which duties are the same?
matrix-door = Put the duties of several laws side by side, and see which statements already filed serve which of them.
matrix-lead = Several laws often ask for the same thing. See which filed statements serve which duty where, and what is still to come.
matrix-of = The record of { $model }, each law applied as if everything that its developer filed were filed under it.
matrix-named = Whether a duty of a named organisation was kept is for the State to say, by a signed act. No such judgement is shown here.
matrix-empty = Choose a model of the register, or answer questions about your own.
matrix-nothing = Under these laws, as far as can be told, no developer’s duty is owed.
matrix-table = Common duties in each law
matrix-common = Common duty
matrix-none = not asked for
matrix-missing = to be filed
matrix-past = to be filed, the day has passed
matrix-served = served
matrix-reuse = may serve elsewhere too
matrix-serves = Which statement serves what
matrix-awaited = What is still to be filed, law by law
matrix-statement = { $kind } ({ $entry })
matrix-duty = { $duty } – { $law } ({ $article })
matrix-open = { $duty } ({ $article })
matrix-open-due = { $duty } ({ $article }): { $due }
matrix-outside = Laws that ask nothing here
matrix-choose = Whose duties?
matrix-model = A model of the register
matrix-show = Show
matrix-own = Or a model of your own:
matrix-filed = What has been filed already?
matrix-filed-hint = Give the day on which each was filed or published; leave the others empty.
matrix-again = Show with these

filed-objection = Objection
filed-objection-decision = Decision on an objection
filed-order = Order
filed-report-demand = Demand for a report
filed-inspection = Inspection
filed-guidance = Guidance
filed-opinion = Opinion
filed-disclosure = Publication
filed-information-request = Request for information
filed-designation-end = End of a designation
filed-code-of-conduct = Code of conduct
filed-surcharge = Surcharge or fine
filed-framework = Safety framework
filed-audit-report = Audit report
filed-registration = Registration
filed-code-adherence = Adherence to a code
filed-release = Release of a model
filed-material-change = Material change
