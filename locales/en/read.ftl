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
