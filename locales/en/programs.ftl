# Programs: tokens, accounts of programs, the page of the API

tokens-title = Tokens for programs
tokens-lead = With a token, a program does at the desk what you may do, as far as the token allows. It invites nobody and adds no passkeys. Revoke tokens that you no longer use.
tokens-none = There are no tokens yet.
token-label = What it is for
token-label-hint = For example: nightly export
token-scopes = Allows
token-scopes-hint = Every token may read what you may read. Choose what else this one needs.
token-until = Until
token-used = Last used
token-unused = never
token-holds = valid
token-ended = expired
token-revoke = Revoke
token-new = Make a token
token-make = Make the token
token-days-legend = Valid for
token-days =
    { $count ->
        [one] { $count } day
       *[other] { $count } days
    }
token-made = The token is ready
token-made-note = It is shown only now. Keep it as you keep a password.
token-label-wrong = Say in 1 to 100 characters what the token is for.
token-days-wrong = Choose for how long the token is valid.
token-many = An account has at most 20 tokens. Revoke one first.
account-tokens = Programs
account-tokens-note = For programs that work at the desk in your name.
scope-read = Read
scope-draft = Write drafts
scope-submit = Sign, approve and submit
scope-manage = Manage
scope-tips = Handle tips

member-program = (program)
programs-title = Accounts of programs
programs-lead = A program of your organisation has an account and tokens of its own, so that it goes on when people leave. Nobody can sign in with such an account.
programs-none = There are none yet.
program-name = Name of the program
program-name-hint = Colleagues see it where the program has written something.
program-tokens = Valid tokens
program-end = End
program-new = Add a program
program-make = Add
programs-many = An organisation has at most 50 accounts of programs. End one first.

api-title = API
api-lead = What the pages show and do, programs can read and do too. The rules that every address obeys:
api-rule-json = Requests and answers are JSON; unknown fields are refused.
api-rule-errors = Every error is a problem document (RFC 9457) that says where, what was found and what to do.
api-rule-token = What everyone may read needs no token. At the desk, send the token of an account: “Authorization: Bearer …”.
api-rule-version = A change of a draft says in If-Match which version it has seen. If someone else was faster, the answer is 412.
api-document = The same as an OpenAPI 3.1 document
api-try = Example
api-parameters = Parameters
api-body = Body
api-answers = Answers
api-where = In
api-required = required
api-token-needed = Needs a token
api-token-optional = With or without a token
api-name = Name
api-type = Type
api-means = Meaning
api-status = Status
api-shapes = Shapes
api-shapes-lead = The objects that bodies and answers are made of.
api-otherwise = otherwise
api-contents = On this page
api-tag-register = The register
api-tag-log = The log
api-tag-submissions = Submitting
api-tag-law = Laws
api-tag-lab = Policy lab
api-tag-desk = The desk
api-tag-drafts = Drafts
api-tag-signing = Signing and filing
api-tag-tips = Tips
api-tag-accounts = Accounts
api-in-path = address
api-in-query = query
api-in-header = header
