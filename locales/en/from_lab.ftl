# From the interview to drafts

from-lab-offer = Begin a draft from these answers
from-lab-offer-text = Begins drafts with the facts that you gave. If you are not signed in you are asked to, and come back. Only if you press this, your answers are kept for one day.
from-lab-offer-go = Begin a draft
from-lab-title = Drafts from your answers
from-lab-lead = Begins “Facts about a model” with what you answered, and the filing that you choose. Nothing is on record before you submit it.
from-lab-no-facts = You gave no facts.
from-lab-back = Look at the answers again
from-lab-no-model = Register the model first, then come back to this page; it stays for a day.
from-lab-register = Register a model of { $name }
from-lab-which = Which model is it about?
from-lab-what = What do you want to file?
from-lab-filing = { $kind }: { $duty } ({ $law })
from-lab-facts-only = The facts only
from-lab-go = Make the drafts
from-lab-model = Choose a model for which you may draft.
from-lab-nothing = There is nothing to draft.
from-lab-fact = – { $what }: { $value }
from-lab-grounds =
    We notify because the law may apply by these facts:
    { $facts }
from-lab-remark = The facts that you gave are in a draft of “Facts about a model”. Submit it first; then this draft can rest on it.
