# 過去の台帳

past-title = { $day }現在の台帳です（記録{ $size }件まで）
past-added = { $added ->
    [0] その後に加わった記録はありません。
   *[other] その後に{ $added }件の記録が加わりました。
}
past-present = 今の状態を見る
past-choose = この日の終わりの状態を見る
past-show = 表示する
past-missing = この時点では、まだ記録されていなかったのかもしれません。

# 探す

filter-statement = 記録
register-empty = 該当するものはありません
list-all = { $count }件すべてを見る
list-next = 続きを見る
narrow-title = 絞り込む
narrow-any = すべて
narrow-kind = 記録の種類
narrow-organisation = 組織
narrow-organisation-hint = 短い名前（例：minato-lab）。その組織が記録したものと、その組織に関わるもの
narrow-from = この日から
narrow-until = この日まで
narrow-current = 有効なもの
narrow-corrected = 後で訂正されたもの
narrow-button = 絞り込む
search-instead = 「{ $typed }」は見つからないので、似た名前の「{ $read }」で探しました。
search-wrong-kind = その種類の記録はないため、種類では絞り込んでいません。
search-wrong-organisation = その名前の組織はないため、組織では絞り込んでいません。
search-wrong-law = その法律は採択されていないため、法律では絞り込んでいません。
search-wrong-status = 状態の指定が読めないため、状態では絞り込んでいません。
search-wrong-day = 日付が読めません。2026-11-24のように書いてください。

# 統計と国の義務

statistics-title = 台帳の統計
statistics-lead = 公開された記録だけから数えています。どの図も、同じ数を表で確かめられます。
statistics-said = 記録の数
statistics-total = 公開の記録
statistics-total-note = 効力のあるものすべて。訂正された記録も、訂正した記録も数えます
statistics-corrected = そのうち後で訂正されたもの
statistics-corrected-note = 訂正前の記録も消えません
statistics-withheld = 数えていない非公開の記録
statistics-withheld-note = 種類も日付も示さないため、図には入りません
statistics-without-effect = 数えていない効力のない記録
statistics-without-effect-note = 理由とともにログに残っています
statistics-by-month = 月ごとの記録の数
statistics-by-kind = 種類ごとの記録の数
statistics-others = そのほかの種類
statistics-table = 種類と月ごとの記録の数
statistics-in-all = 合計
statistics-months-note = 月は日本時間の登録の時刻によります。図は最近の24か月まで、表は最近の6か月までを分けて示し、合計はすべての期間です。
statistics-duties = 義務の状態と法律
statistics-duties-note = 規則から計算した助言です。期日を過ぎた義務も「提出・対応待ち」に数えます。守られたかどうかは、署名された決定だけが示します。
statistics-open = 提出・対応待ち
statistics-filed = 提出済み
statistics-met = 満たす見込み
statistics-decided = 決定済み
statistics-unresolved = 判定できない
statistics-not-yet = まだ先（図の外）
statistics-idle = 対象外のモデル
statistics-not-counted = 国の義務は別に数えています。対象外のモデルとは、規則から分かる限り法律が関わらないモデルで、その義務は数えていません。
statistics-taken = 国の対応にかかった日数
statistics-taken-note = 法律が定める起算日（または届出などの到達の日）から、記録された日までの日数です。待っているものは今日までの日数です。起算日のない義務は数えていません。
statistics-taken-none = 起算日のある国の義務は、まだありません。
statistics-answer = { $filing }への対応
statistics-answered = 対応済み
statistics-median = 中央値
statistics-longest = 最長
statistics-waiting = 対応待ち
statistics-waiting-days = 待っている最長
statistics-days = { $days }日
state-title = 国の義務
state-lead = 国にも期限があります。開発者の義務と同じ時計、同じ印で示します。
state-open = 対応待ち
state-open-note = これから国が行うこと
state-done = 終わったもの
state-done-note = 決定や公表が記録されたもの
state-duties = 国が行うことと期限
state-order = 法律ごとに、対応待ちのものを先に、登録の順で並べています。
state-cut = 件数が多いため、法律ごとに200件までを示しています。

# 取り寄せる

feed-title = 新しい記録のフィード（Atom）
feed-entry = { $kind }（{ $about }）
feed-summary = { $who }が「{ $kind }」を記録しました。記録{ $index }、要約値 { $digest }
way-csv = 一覧を表計算に（CSV）
way-json = 一覧（JSON）
way-jsonl = 一覧（JSON Lines）

check-three = 三つのコマンドで自分で確かめる
check-three-more = 分かることと、示せないこと
