# どのページにもある言葉

site-name = 鼎（かなえ）
site-what = AI監督の公開台帳
skip = 本文へ移動
banner-label = この台帳についての注意
banner-word = ご注意
nav-label = 主なページ
nav-home = ホーム
nav-register = 台帳
nav-law = 法令
nav-lab = ラボ
nav-log = 記録
nav-check = 自分で確かめる
crumbs-label = 現在の位置
footer-api = データとAPI
footer-checkpoint = ログの状態（チェックポイント）
footer-signature = 署名は「誰が言ったか」を示します。内容が正しいことの証明ではありません。

search-label = 組織、モデル、義務を探す
search-example = 例：わかば
search-button = 探す

rests-on = このページの根拠
rests-on-all = 公開されたすべての記録
rests-on-laws = { $count }件の法令のファイルと、その要約値
and-more = ほか{ $count }件
register-state = 台帳の状態：記録{ $size }件まで、{ $time }
json-twin = 同じ内容のデータ（JSON）
cite = このページを引用する
root = ログのルート
withheld-none = 非公開の部分：なし
withheld-count = 非公開の部分：非公開の記録{ $count }件（件数だけを数えています）

missing-title = ページが見つかりません
missing-lead = アドレスが違うか、まだ記録されていません。記録されたものが消えることはありません。
missing-register = 組織やモデルを名前で探す
missing-log = 記録を番号で探す
missing-law = 法律の条文と規則を読む
