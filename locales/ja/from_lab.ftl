# 診断から下書きへ

from-lab-offer = 届出などの下書きを始める
from-lab-offer-text = 答えた事実を書き込んだ下書きを作ります。仕事場に入っていないときは、先に入る画面になり、そのあと続きに戻ります。このボタンを押すと、答えは一日だけ預かります。
from-lab-offer-go = 下書きを始める
from-lab-title = 答えから下書きを始める
from-lab-lead = 答えた事実を書き込んだ「モデルの事実」と、選んだ届出などの下書きを作ります。提出するまで、何も記録されません。
from-lab-no-facts = 事実の答えはありません。
from-lab-back = 答えを見直す
from-lab-no-model = 下書きを作るには、先にモデルを登録してください。登録したら、このページに戻ってください（一日のあいだ残ります）。
from-lab-register = { $name }のモデルを登録する
from-lab-which = どのモデルについてですか
from-lab-what = 何を提出しますか
from-lab-filing = { $kind }：{ $duty }（{ $law }）
from-lab-facts-only = 事実だけ
from-lab-go = 下書きを作る
from-lab-model = あなたが下書きを作れるモデルを選んでください。
from-lab-nothing = 下書きにすることがありません。
from-lab-fact = ・{ $what }：{ $value }
from-lab-grounds =
    次の事実により、法律の対象になりうると考え、届け出ます。
    { $facts }
from-lab-remark = 答えた事実は、「モデルの事実」の下書きに書き込みました。先にそれを提出すると、この下書きで「どの事実の記録をもとにしていますか」に選べます。
