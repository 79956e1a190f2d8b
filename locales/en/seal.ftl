# The key of an office that the register's own node holds.
key-held = (held by this register)
seal-sign = Sign with the office's key held here
seal-note = The register signs with the key that it holds for your office. Who did so, when, and for which digest is written down. It is not a personal approval.
seal-used = The office's key held here was used by { $name } at { $at }.
seal-not-approval = An approval is a person's own: the office's key held here cannot give it. Choose your own key.
seal-after-approvals = The office's key held here signs after the approvals. Where it stands in the place of an officer's signature, one more person approves.
seal-failed = The key did not sign. The operator of this register sees why in its log. Try again later.
