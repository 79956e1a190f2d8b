# Words that stand on every page

site-name = Kanae
site-what = AI oversight register
skip = Skip to main content
banner-label = About this register
banner-word = Please note
nav-label = Main
nav-home = Home
nav-register = Register
nav-law = Law
nav-lab = Lab
nav-log = Log
nav-check = Check it yourself
crumbs-label = Where you are
footer-api = Data and API
footer-checkpoint = State of the log (checkpoint)
footer-signature = A signature shows who said something, not that it is true.

search-label = Search organisations, models and duties
search-example = For example: Wakaba
search-button = Search

rests-on = What this page rests on
rests-on-all = All public entries
rests-on-laws = The files of { $count ->
    [one] one law
   *[other] { $count } laws
}, with their digests
and-more = and { $count } more
register-state = State of the register: { $size } { $size ->
    [one] entry
   *[other] entries
}, { $time }
json-twin = The same content as data (JSON)
cite = Cite this page
root = Root of the log
withheld-none = Withheld: nothing
withheld-count = Withheld: { $count ->
    [one] 1 restricted entry
   *[other] { $count } restricted entries
} (counted, not shown)

missing-title = There is no page here
missing-lead = The address may be wrong, or nothing is recorded there yet. What is recorded never disappears.
missing-register = Find an organisation or a model by name
missing-log = Find an entry by its number
missing-law = Read the law beside its rules
