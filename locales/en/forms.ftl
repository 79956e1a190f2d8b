# Questions of a draft

no-answer = No answer
other-answer = Another answer

# Filing: why the register refuses, and what to do

refusal-genesis-misplaced = a register is opened once, by its first entry; there is nothing to do here
refusal-wrong-log = it was signed for another register, or for a history that this one never had; make the draft here and sign it again
refusal-duplicate = the same statement is already on record; there is no need to file it again
refusal-leaf-mismatch = the log entry and the statement do not agree; tell whoever runs this register
refusal-unknown-type = the policy in force does not know this kind of statement; choose a kind that it names
refusal-unknown-issuer = your organisation is not in the register; apply for registration and wait until it is accepted
refusal-unknown-key = it is signed with a key that is not registered; use a registered key, or add this one with “Key change”
refusal-ended-key = it is signed with a key that has ended; sign it again with one that is in force
refusal-foreign-key = it is signed with a key of another organisation; sign it with one of yours
refusal-bad-signature = a signature does not verify, or the signers are not those named; sign the unchanged content again with the keys shown
refusal-wrong-holder = the holder who drafted it has not signed; sign with that holder’s key, or choose the signing key anew
refusal-threshold = too few keys of the register’s operators have signed; ask the other key holders to sign
refusal-wrong-role = your organisation has no role that may file this; check that its role is in force and that this is yours to file
refusal-officer-required = only an officer in office may draft this; let one draft and sign it, or ask to be put in office
refusal-unknown-subject = its subject is not in the register; enter it first, or choose another subject
refusal-wrong-subject = this kind of statement is not about a subject of that kind; choose another subject
refusal-wrong-relation = it is not your organisation’s to say this of the subject; check the subject and for whom you file
refusal-unknown-regime = no law is named, or one that is not applied here; begin a new draft and choose a law that is
refusal-wrong-visibility = the policy fixes who may see this kind of statement; change it under “Basis, language, who may see it”
refusal-approval-missing = an approval or signature by someone other than the drafter is missing; ask an officer who may give it
refusal-approval-other-draft = the approval is for another draft, or for this one before it was changed; ask for an approval of the draft as it is
refusal-procedure-missing = the procedure that must stand before an adverse act is missing; open it with “Procedure” and wait for the answer
refusal-procedure-open = the addressee can still answer; file it when that day is over
refusal-wrong-citation = a statement that it cites does not support it; choose one of the right kind, about the same subject and duty
refusal-wrong-supersession = that statement cannot be corrected by this one; correct the latest one of your own, of the same kind and subject
refusal-slug-taken = the short name is taken; choose another
refusal-bad-key = a key cannot be read, is registered already, or none would be left; check the public keys and the keys ended
refusal-policy-unknown = the files of the policy are not on this server; tell whoever runs this register
refusal-regime-unknown = the files of the law are not on this server, or their settings do not fit; tell whoever runs this register
refusal-wrong-time = dates or times contradict each other or the time of filing; check days, periods and their order
refusal-premature = a public statement may not say “unmet” of a named organisation before a finding does; restrict it, or make the finding first
refusal-not-in-force = it rests on an act that is stayed or annulled; look at the page of that act
refusal-own-act = whoever took part in the act may not do this; let officers draft and approve it who did not
refusal-last-officer = the last holder of an office cannot be removed; put somebody else in office first
