# The list of the register, and organisations

register-title = Register
register-lead = The registered organisations and models, the duties that the law asks of them, and every public statement.
register-nothing = Nothing fits “{ $q }”
register-nothing-hint = Try a shorter word, or a short name such as wakaba.
register-order = Organisations, models and duties are in the order of registration, oldest first; statements are latest first.
filter-label = Show only
filter-all = All
filter-organisation = Organisations
filter-model = Models
filter-duty = Duties

column-name = Name
column-role = Role
column-country = Country
column-models = Models
column-model = Model
column-developer = Developer
column-versions = Versions
column-law = Law
column-duty = Duty
column-article = Article
column-due = Due
column-status = Status
column-state = State
column-who = Owed by
column-holder = Holder
column-basis = Basis
column-period = Period
column-entry = Entry
column-key = Key (digest)
column-custody = Where it is kept
column-since = Since

organisation-roles = Roles
organisation-registry = Public register
organisation-representative = Representative in the country
organisation-identity = Identity in this register
organisation-identity-note = The digest of the statement that registered it
organisation-duties = What it owes
organisation-grants = Roles granted to it
organisation-keys = Keys
organisation-keys-note = No personal names: holders appear by office and pseudonym.
organisation-said = What it has said, latest first
whole-organisation = as a whole
