# モデルと義務

model-by = 開発者：{ $developer }
model-departures = 助言と異なる決定{ $count }件
model-facts = 開発者が述べた事実
model-facts-note = 幅のある数値は、幅のまま扱います。分からない事実は「ない」ではなく「不明」です。
fact-nobody = まだ誰も述べていません
column-fact = 事実
column-value = 値
column-known = いつ知ったか
column-source = 出典
model-versions = 版と重み
version-title = 版 { $name }
version-released = 公開日
version-licence = ライセンス
version-origin = 由来
version-weights = 重みの同一性
version-certificate = 認証
weights-note = { $files }ファイル、{ $size }。署名は{ $entry }で確認できます
certificate-line = { $scheme }（{ $body }、{ $until }まで）
model-verification = 安全検証：内部と外部を比べる
model-verification-note = 同じ試験を、開発者（内部）と独立した検証者（外部）が行った結果です。小さな検証は、安全の証明ではありません。
model-verification-counts = 採点できなかった回答とエラーは分けて数え、割合に含めません。区間は95%信頼区間です。
suite-caption = 試験「{ $suite }」：結果（％）と95%信頼区間
legend-internal = 内部：{ $who }
legend-external = 外部：{ $who }
all-samples = 全体
group-language = 言語
group-risk = 分野
group-language-ja = 日本語
group-language-en = 英語
chart-internal = 内部 { $value }％（{ $low }〜{ $high }）
chart-external = 外部 { $value }％（{ $low }〜{ $high }）
column-test = 試験
column-who-tested = 誰が行ったか
column-result = 結果
column-unscored = 採点できず
column-errors = エラー
verification-compared = 前回との差 { $difference } ポイント（同じ設問{ $paired }問、p = { $p }）
model-duties = 義務の一覧
owed-by-developer = 開発者の義務：{ $name }
owed-by-state = 国の義務：{ $name }
owed-by-others = その他の義務
board-idle = この法律は、このモデルについて何も求めていません（計算による助言）。
board-show = 義務の一覧を見る
board-none = この台帳では、まだ法律が採択されていません。
model-timeline = これまでの経緯（新しい順）

duty-sentence = { $owner }（モデル「{ $model }」）：{ $text }
duty-next = 次にすること
next-remedied = 国が、是正の結果を確認する
next-remedy = { $owner }が、是正の結果を提出する
next-none = 求められていることはありません
next-not-yet = まだありません
next-file = { $owner }が対応する
next-review = 国または検証者が確認する
next-decide = 国が、提出の状況について決める
next-facts = 足りない事実が述べられるか、法律の未決の点が決まる
duty-advice-and-decision = 助言と決定
duty-advice-note = 計算は助言です。決めるのは人で、助言と違う決定には理由を書きます。
duty-advice = 計算による助言
advice-was-not-owed = その時点では、この義務はまだありませんでした。
advice-not-owed = いまは、この義務はありません。
advice-undetermined = この義務があるかどうかは、まだ判定できません。
advice-met = 法律が求めるものが提出されています。規則は、結果の良し悪しを問いません。
advice-filed = 提出されたものがあります。足りるかどうかは、これから確かめられます。
advice-decided = 国の決定が記録されています。計算は、決定に代わるものではありません。
advice-open = 法律が求めるものは、まだそろっていません。
advice-waiting = 記録にあるものだけでは足りません。評価は国が決め、開発者は先に説明できます。
advice-today = { $day }に計算しました。
advice-recorded = { $day }、{ $entry }（決定が引いた助言）。
duty-decision = 国の決定
duty-no-decision = まだ決定はありません。
decision-of = { $name }の決定
decision-when = { $day }、{ $entry }。{ $holders }名が署名しました。
decision-procedure = その前に、意見を述べる機会がありました（{ $entry }）。
decision-remedy = 是正の要請：{ $request }（{ $day }まで、{ $entry }）
duty-why = なぜ、この義務があるのか
duty-owed = <b class="verdict">義務がある</b>：計算による理由
duty-not-owed = <b class="verdict">いまは義務がない</b>：計算による理由
duty-maybe-owed = <b class="verdict">義務があるか判定できない</b>：計算による理由
due-why = <b class="verdict">期限は{ $day }</b>：{ $rule }
due-why-open = <b class="verdict">期限</b>：{ $rule }
due-from = { $day }から数えます。
due-from-entry = { $day }（{ $entry }）から数えます。
due-stays = 最後の日は動きません。
due-moved = 数えた最後の日（{ $counted }）は休みなので、次の開庁日に移ります。
due-calendar = 数え方：{ $title }。
due-beyond = この先の休日はまだ分かっていません。
duty-timeline = これまでの経緯
duty-timeline-empty = この義務に関わる記録は、まだありません。
