# The log and its audit

log-title = A log of { $size } { $size ->
    [one] entry
   *[other] entries
}
log-lead = Entries are only ever added: none can be changed or removed. Anyone can fetch all of it and check.
log-origin = Name of the log
log-size = Size
log-size-of = { $size } { $size ->
    [one] entry
   *[other] entries
}
log-key = Verifier key of the log
log-key-note = Compare it with a copy from elsewhere
log-checkpoint = The present state (checkpoint)
log-checkpoint-note = Size and root of the log, signed with its key. Keep a copy: it shows any later rewriting.
log-checkpoint-fetch = Fetch the checkpoint
log-entries = Entries, latest first
log-refused = { $count ->
    [one] One entry is
   *[other] { $count } entries are
} without effect; they stay, with the reason.
log-pages = Pages of entries
log-newer = Newer entries
log-older = Older entries
column-day = Day
column-who-said = Who
column-what = What
entry-restricted = restricted entry
entry-without-effect = entry without effect

withheld-title = Entry { $index }
withheld-lead = This entry is restricted.
withheld-why = The log holds only a digest, which gives nothing away, and the date. Those concerned can check it with their own key and receipt.
without-effect-lead = This entry stands in the log but has no effect in the register.
without-effect-reason = Reason

audit-title = Check it yourself
audit-lead = You need not trust this register. Its entries and rules are public, and anyone can redo the arithmetic.
audit-steps = Three steps
check-step-trust = Keep the present state as trust.json. From then on you can see that the log has only grown.
check-step-receipt = Verify one statement (here entry { $index }) and its receipt without a network.
audit-save-trust = Save trust.json
audit-trust-title = The first time, compare it with a copy from elsewhere
audit-trust-text = Keys and root that come from this page alone only show that the site agrees with itself. Compare them with what you have from another source: an official gazette, a safety institute, someone who kept an earlier copy.
audit-shows = What an audit shows
audit-shows-append = That the log has only grown since you last looked
audit-shows-written = That every public entry is as it was signed
audit-shows-authority = That every signer had the authority, with the approvals required
audit-shows-refold = That a register rebuilt from the entries comes out the same
audit-shows-law = That the published arithmetic of the law comes out the same
audit-cannot = What an audit cannot show
audit-cannot-true = That the facts are true.
audit-cannot-key = Who held a key at the moment of signing.
audit-cannot-restricted = What restricted entries say.
audit-cannot-view = That everyone sees the same log (there are no witnesses yet).
audit-differs = If something does not fit
audit-differs-text = Fetch a fresh copy and audit again. If it still does not fit, save the result and tell both the authority and the safety institute.
