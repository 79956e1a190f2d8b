# The policy: who may say what

policy-title = Who may say what
policy-note = Which organisation may put what on record about what, and which approvals and procedures it needs. Everything on record is judged by this policy, when it is taken and by whoever audits the log.
policy-digest = Digest of the policy
policy-try = Try it for an organisation
policy-try-go = Look it up
policy-act = Kind of statement
policy-may = { $organisation } may file: { $kind }
policy-may-not = { $organisation } may not file: { $kind }
policy-its-roles = Its roles: { $roles }.
policy-said-by = It is filed by: { $who }.
policy-is-about = It is about: { $about }.
policy-roles = Roles
policy-role = Role
policy-role-of = Of
policy-granted-by = Granted by
policy-never-vacant = the last one cannot be removed
policy-of-organisation = an organisation
policy-of-holder = a holder in an organisation
policy-acts = Kinds of statement
policy-who = Who
policy-about = About
policy-needs = What it needs
policy-node = the operator (root keys)
policy-itself = an organisation that registers itself
policy-accepted = organisations with a role
policy-anyone = registered organisations
policy-about-any = anything
policy-relation-own = one’s own: { $kinds }
policy-relation-other = another’s: { $kinds }
policy-relation-addressed = addressed to oneself: { $kinds }
policy-relation-party = one’s own, or addressed to oneself: { $kinds }
policy-kind-origin = the log
policy-kind-key = a key
policy-kind-genesis = the birth of the log
policy-drafted-by = drafted by: { $role }
policy-approval = { $count ->
    [one] one approval by another holder
   *[other] { $count } approvals by other holders
  } ({ $role })
policy-approval-adverse = where it is adverse, { $count ->
    [one] one approval by another holder
   *[other] { $count } approvals by other holders
  } ({ $role })
policy-procedure = where it is adverse, one of these procedures first: { $kinds }
policy-owner-role = the organisation concerned is: { $role }
policy-under-regime = it names the law that applies
policy-public = always public
policy-restricted = always restricted
policy-as-subject = as public as the statement that it is about
policy-correctable = can be corrected later
policy-bench = The policy comes with examples of what it allows and refuses; anyone can check them with kanae policy check.
