# Reading for an organisation: restricted statements, and who has read them

restricted = restricted
restricted-ground = This statement is not public. Ground: { $ground }
read-title = Restricted statements and dossiers
read-note = What was said to this organisation and by it, restricted or not. When you open a restricted statement of another organisation, your organisation and the day are written down and shown to it.
read-restricted = Restricted statements
read-restricted-none = There are no restricted statements.
read-dossiers = Dossiers of organisations and models
reader-note = You are reading as { $reader }. What you see may not be public.
reader-public = See the public page
filings-title = What can be filed about this
receipt-salt = What reveals the entry
receipt-salt-note = The log holds only a commitment to this statement. With this value and the statement, anyone can check that the entry is this one. Keep it safe.
readings-title = Who has read this
readings-note = People are not named. What an authority reads in an inspection or for a tip that is open is shown once it is closed.
readings-none = No other organisation has read it yet.
tip-about = Which organisation is this about?
tip-about-hint = Once it is set, that organisation is not shown what the authority reads until this tip is closed.
tip-about-none = Not set
tip-about-go = Set

review-title = Review of a compliance report
review-note = Duty by duty: what the law asks, what the developer says, and what is on record. Tick the duties on which you have questions; they become the draft of a review. How a duty stands here is advice, not a finding.
review-report = Report
review-period = Period
review-asks = What the law asks
review-account = The developer’s account
review-evidence = Evidence
review-evidence-none = Nothing is on record.
review-on-record = (on record; not named in the report)
review-ask = Ask about this duty
review-note-field = What was looked at, what is asked
review-finding = Draft a finding on this duty
review-silent = Duties of which the report says nothing
review-go = Draft the review
review-go-note = A draft is sent to nobody. You check it on the next pages, sign it, and then submit it.

check-beside = The inspection’s team
check-beside-hint = Whoever took part signs the minutes with a key of their own.
review-read = Read it
