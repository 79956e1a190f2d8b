# 状態、立場、期限、数の言い方

the-node = この台帳の運営者
entry = 記録{"\u00A0"}{ $index }
items = { $count }件
none = なし
not-known = 不明
in-force = 有効
ended = 終了
year = { $year }年
as-of = { $day }現在
or-between = 、または

leg-state = 国
leg-developer = 開発者
leg-verifier = 検証者
leg-machine = 計算
party-authority = 国
party-developer = 開発者
party-institute = 検証機関
party-association = 業界団体
party-certification_body = 認証機関

dashed-and-solid = <b>破線</b>の状態は、規則から計算した助言です。<b>実線</b>は、誰かが署名した提出や決定です。

status-not-yet = まだ先
status-open = 提出待ち
status-open-other = 対応待ち
status-waiting = 決定待ち
status-filed = 提出済み
status-appears-met = 満たす見込み
status-unresolved = 判定できない
status-decided = 決定済み
status-found-met = 認定：遵守
status-found-unmet = 認定：不遵守
status-found-unresolved = 認定：判定できず
status-remedied = 是正の報告あり
status-remedy = 是正要請中

coverage-covered = 対象になる
coverage-not-covered = 対象にならない
coverage-undetermined = 判定できない
designated = 指定済み
advice-follows = 助言に沿う
advice-departs = 助言と異なる決定
review-complete = 質問なし
review-questions = 質問あり
scope-internal = 内部
scope-external = 外部
position-explains = 説明
position-accepts = 同意
position-contests = 争う
position-remedied = 是正済み
certificate-valid = 有効
certificate-suspended = 停止中
certificate-revoked = 取消し
corrected-later = 後の記録で訂正

because-missing = 不足している事実：{ $facts }
because-missing-count = 事実が{ $count }つ不足
because-disputed = 食い違う事実：{ $facts }
because-unsettled = 法律が未決（{ $count }点）

due-on = { $day }
days-left = { $days ->
    [0] 今日まで
   *[other] あと{ $days }日
}
due-past = 期日の評価は、国の決定を待っています
due-past-state = この日から{ $days }日。決定はまだ記録されていません
due-of-remedy = 是正の期限
days-left-remedy = { $days ->
    [0] 是正、今日まで
   *[other] 是正、あと{ $days }日
}
coming-due = { $day }　期限
coming-remedy = { $day }　是正の期限
due-none = 期限の定めなし
due-unsettled = 法律が未決
due-not-yet = –
due-missing = 起算日が不明（{ $facts }）
due-so-far = { $words }（{ $days }日経過）
qualitative-without-delay = 遅滞なく
qualitative-without-undue-delay = 不当に遅れることなく
qualitative-promptly = 速やかに
qualitative-immediately = 直ちに
deadline-after = { $trigger }から{ $period }以内
deadline-every = { $trigger }から{ $period }ごと
deadline-before = { $trigger }の{ $period }前まで
deadline-day = { $day }まで
deadline-on = { $trigger }の日まで
deadline-earliest = 次のうち早い日：{ $limits }
deadline-latest = 次のうち遅い日：{ $limits }
deadline-words-after = { $trigger }から{ $words }
trigger-of = { $event }の「{ $attribute }」
trigger-earliest = 次のうち早い方（{ $triggers }）
deadline-both = { $words }、遅くとも{ $limit }
period-unsettled = 期間（法律が未決）
period-hour = { $count }時間
period-day = { $count }日
period-week = { $count }週間
period-month = { $count }か月
period-year = { $count }年
period-business-day = { $count }営業日
period-working-day = { $count }開庁日
period-open = 期間の定めなし
period-from = { $from }から
period-until = { $until }まで
period-both = { $from }から{ $until }まで

value-true = はい
value-false = いいえ
value-voluntary = 任意
value-duty = 法律に基づく
value-demand = 求めに応じて
value-public = 公開
value-restricted = 非公開
value-holder = 署名者が自分で保管
value-node = 台帳が預かる
value-rotated = 計画した交換
value-left = 離任
value-compromised = 漏えいのおそれ
value-approve = 承認
value-reject = 不承認
value-internal = 内部
value-external = 外部
value-follows = 助言に沿う
value-departs = 助言と異なる
value-met = 遵守
value-unmet = 不遵守
value-unresolved = 判定できず
value-complete = 質問なし
value-questions = 質問あり
value-hearing = 聴聞
value-opportunity_to_explain = 弁明の機会の付与
value-urgency = 緊急（手続を省く理由あり）
value-explains = 説明
value-accepts = 同意
value-contests = 争う
value-remedied = 是正済み
value-valid = 有効
value-suspended = 停止
value-revoked = 取消し
value-unknown = 不明
value-covered = 対象になる
value-not_covered = 対象にならない
value-undetermined = 判定できない
value-not_yet = まだ先
value-open = 提出待ち
value-filed = 提出済み
value-appears_met = 満たす見込み
value-decided = 決定済み
value-advice = 助言
value-annuls = 取消し
value-code_of_conduct = 行動規範
value-draft = 案
value-final = 確定
value-guidance = 指導
value-in_order = 適合
value-inadmissible = 却下
value-information = 情報の提供
value-lifts_stay = 執行停止の取消し
value-maintains = 維持
value-merger = 合併
value-not_in_order = 不適合
value-not_seen = 未確認
value-partly_upheld = 一部認容
value-rejected = 棄却
value-scheme = 認証基準
value-split = 会社分割
value-standard = 規格
value-stays = 執行停止
value-transfer = 事業譲渡
value-upheld = 認容
value-withdrawn = 廃止

language-ja = 日本語
language-ko = 韓国語
language-zh = 中国語
language-en = 英語
jurisdiction-JP = 日本
jurisdiction-US-CA = 米国カリフォルニア州
jurisdiction-US-NY = 米国ニューヨーク州
jurisdiction-US-IL = 米国イリノイ州
jurisdiction-KR = 韓国
jurisdiction-CN = 中国
jurisdiction-G7 = G7
jurisdiction-International = 国際
jurisdiction-EU = EU

custody-holder = 署名者が自分で保管
custody-node = 台帳が預かる
key-compromised = 漏えいのおそれ

act-stayed = 執行停止中
act-annulled = 取消し済み
act-ended = 終了
did-something = 「{ $kind }」を記録した
did-node-genesis = 台帳を開いた
did-policy-adoption = 権限規程を採択した
did-regime-adoption = 法令を採択した
did-organisation = 組織として登録した
did-key-change = 鍵を変更した
did-role-grant = 役割を与えた
did-role-end = 役割を終えた
did-approval = 決定案を承認した
did-erasure = 添付を消去した
did-model = モデルを登録した
did-model-version = モデルの版を登録した
did-model-facts = モデルの事実を述べた
did-weights-manifest = 重みの目録に署名した
did-safety-verification = 安全検証の結果を提出した
did-incident = 事故を記録した
did-risk-information = リスク情報を共有した
did-weights-protection = 重みの保護について述べた
did-vulnerability-programme = 脆弱性の報告を受ける制度を設けた
did-content-marking = 生成物の表示について述べた
did-public-report = 能力と限界を公表した
did-societal-risk-research = 社会的リスクの研究を報告した
did-system-description = 体制を説明した
did-notification = 届け出た
did-assessment = 計算による助言を記録した
did-designation = 指定した
did-compliance-report = 遵守状況を報告した
did-review = 報告を審査した
did-procedure = 意見を述べる機会を与えた
did-reply = 回答した
did-finding = 認定した
did-remedy-request = 是正を求めた
did-certificate = 認証した
did-certificate-status = 認証の状態を変えた
did-code-of-conduct = 規格・行動規範を公表した
did-code-adherence = 行動規範について立場を述べた
did-consultation = 意見を募集した
did-comment = 意見を述べた
did-consultation-result = 意見募集の結果を公表した
did-mandate = 委任した
did-mandate-end = 委任を終えた
did-succession = 地位の承継を記録した
did-application = 申請した
did-information-request = 情報の提供を求めた
did-guidance = 指導・助言をした
did-designation-end = 指定を終えた
did-assignment = 検証または意見を依頼した
did-opinion = 意見書を提出した
did-hearing-record = 聴聞の記録を残した
did-extension = 期限を延ばした
did-report-demand = 報告を求めた（報告徴収）
did-inspection = 立入検査を通知した
did-inspection-minutes = 検査の結果を記録した
did-order = 是正を命じた
did-surcharge = 課徴金の納付を命じた
did-disclosure = 公表した
did-monitoring-plan = 監督の計画を公表した
did-objection = 異議を申し立てた
did-objection-decision = 異議について決定した
did-ruling = 裁判を記録した

# 理由の木

truth-true = 当てはまる
truth-false = 当てはまらない
truth-undetermined = 判定できない
why-all = 次のすべて
why-any = 次のどれか
why-not = 次ではない：{ $phrase }
why-through = { $phrase }：{ $reason }
why-settings = 決まっていない点の、ここでの設定による条件（{ $count }）
why-decisive = 結果を左右しない条件や、同じ根拠の繰り返しは省いています。
why-covered = この法律の対象になる、と計算される理由
why-not-covered = この法律の対象にならない、と計算される理由
why-undetermined = この法律の対象になるか判定できない理由
chain-fact-label = 事実
chain-who-label = 誰がどこで述べたか
chain-article-label = 条文
chain-fact = { $label }：{ $value }
chain-nobody = まだ誰も述べていません
chain-visitor = あなたの答え
chain-not-answered = まだ答えがありません
chain-setting = あなたが選んだ設定
chain-absent = そのような記録はありません
chain-rule = 規則そのもの
chain-above = 上に示した理由による
switch-set = { $question }：ここでは { $value }（仮の値）
switch-open = { $question }：法律が未決
who-signed-entry = 記録{ $index }に署名したのは誰か
signed-by = { $issuer }の署名者{ $holder }が、自分の鍵で署名しました。
signed-approval = 別の署名者{ $holder }が承認しました（{ $entry }）。
see-signature = 記録{ $index }の署名を見る
check-signature = 署名を確認しました
phrase-event-with = { $name }（{ $values }）
phrase-days-late = 義務「{ $name }」の期限からの日数
phrase-always = 常に
phrase-never = どのような場合にも当たらない
op-as-of = 基準日

# 規則の条件。それぞれ、文の続き方ごとの形をもつ

rule-when-all = 条件：次のすべてを満たす場合
rule-when-any = 条件：次のいずれかに当たる場合
cond-and = 、かつ、
cond-or = か、または
cond-brackets = （{ $phrase }）
cond-quoted = 「{ $name }」
cond-one-or-other = または
cond-amounts = と
cond-lasts = 義務の期間が続いている
cond-in-time = この規定の適用期間に当たる
cond-designated = { $form ->
    [and] 国が指定しており
    [not] 国が指定していない
    [not-and] 国が指定しておらず
   *[end] 国が指定している
}
cond-fact = { $form ->
    [and] 「{ $name }」に当たり
    [not] 「{ $name }」に当たらない
    [not-and] 「{ $name }」に当たらず
   *[end] 「{ $name }」に当たる
}
cond-class = { $form ->
    [and] 「{ $name }」に当たり
    [not] 「{ $name }」に当たらない
    [not-and] 「{ $name }」に当たらず
   *[end] 「{ $name }」に当たる
}
cond-event = { $form ->
    [and] 「{ $name }」の記録があり
    [not] 「{ $name }」の記録がない
    [not-and] 「{ $name }」の記録がなく
   *[end] 「{ $name }」の記録がある
}
cond-unmet = { $form ->
    [and] 義務「{ $name }」が満たされておらず
    [not] 義務「{ $name }」に反していない
    [not-and] 義務「{ $name }」に反しておらず
   *[end] 義務「{ $name }」が満たされていない
}
cond-unmet-any = { $form ->
    [and] { $party }の義務のいずれかが満たされておらず
    [not] { $party }がいずれの義務にも反していない
    [not-and] { $party }がいずれの義務にも反しておらず
   *[end] { $party }の義務のいずれかが満たされていない
}
cond-late = { $form ->
    [and] 「{ $name }」の期限を過ぎており
    [not] 「{ $name }」の期限を過ぎていない
    [not-and] 「{ $name }」の期限を過ぎておらず
   *[end] 「{ $name }」の期限を過ぎている
}
cond-settled = { $form ->
    [and] 論点「{ $question }」が「{ $value }」と定められており
    [not] 論点「{ $question }」が「{ $value }」と定められていない
    [not-and] 論点「{ $question }」が「{ $value }」と定められておらず
   *[end] 論点「{ $question }」が「{ $value }」と定められている
}
cond-settled-among = { $form ->
    [and] 論点「{ $left }」が{ $values }と定められており
    [not] 論点「{ $left }」が{ $values }と定められていない
    [not-and] 論点「{ $left }」が{ $values }と定められておらず
   *[end] 論点「{ $left }」が{ $values }と定められている
}
cond-includes = { $form ->
    [and] 論点「{ $question }」に「{ $value }」が含まれ
    [not] 論点「{ $question }」に「{ $value }」が含まれない
    [not-and] 論点「{ $question }」に「{ $value }」が含まれず
   *[end] 論点「{ $question }」に「{ $value }」が含まれる
}
cond-among = { $form ->
    [and] { $left }が{ $values }であり
    [not] { $left }が{ $values }ではない
    [not-and] { $left }が{ $values }ではなく
   *[end] { $left }が{ $values }である
}
cond-equal = { $form ->
    [and] { $left }が{ $right }に等しく
    [not] { $left }が{ $right }と異なる
    [not-and] { $left }が{ $right }と異なり
   *[end] { $left }が{ $right }に等しい
}
cond-more = { $form ->
    [and] { $left }が{ $right }を超え
    [not] { $left }が{ $right }を超えない
    [not-and] { $left }が{ $right }を超えず
   *[end] { $left }が{ $right }を超える
}
cond-at-least = { $form ->
    [and] { $left }が{ $right }以上であり
    [not] { $left }が{ $right }以上ではない
    [not-and] { $left }が{ $right }以上ではなく
   *[end] { $left }が{ $right }以上である
}
cond-less = { $form ->
    [and] { $left }が{ $right }に満たず
    [not] { $left }が{ $right }以上である
    [not-and] { $left }が{ $right }以上であり
   *[end] { $left }が{ $right }に満たない
}
cond-at-most = { $form ->
    [and] { $left }が{ $right }以下であり
    [not] { $left }が{ $right }以下ではない
    [not-and] { $left }が{ $right }以下ではなく
   *[end] { $left }が{ $right }以下である
}
cond-after = { $form ->
    [and] { $left }が{ $right }より後であり
    [not] { $left }が{ $right }より後ではない
    [not-and] { $left }が{ $right }より後ではなく
   *[end] { $left }が{ $right }より後である
}
cond-from = { $form ->
    [and] { $left }が{ $right }以後であり
    [not] { $left }が{ $right }より前である
    [not-and] { $left }が{ $right }より前であり
   *[end] { $left }が{ $right }以後である
}
cond-before = { $form ->
    [and] { $left }が{ $right }より前であり
    [not] { $left }が{ $right }以後である
    [not-and] { $left }が{ $right }以後であり
   *[end] { $left }が{ $right }より前である
}
cond-until = { $form ->
    [and] { $left }が{ $right }以前であり
    [not] { $left }が{ $right }より後である
    [not-and] { $left }が{ $right }より後であり
   *[end] { $left }が{ $right }以前である
}
cond-value = 「{ $question }」で定める値
cond-share = { $whole }の{ $share }
cond-lowest = { $amounts }のうち低い方
cond-highest = { $amounts }のうち高い方

unit-parameters = 個
unit-users = ユーザー
unit-USD = 米ドル
unit-KRW = ウォン
unit-seconds = 秒
unit-tokens = トークン
unit-JPY = 円
unit-EUR = ユーロ
