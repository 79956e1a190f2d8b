# 組織として読む：制限された記録と、閲覧の記録

restricted = 制限
restricted-ground = この記録は公開されていません。理由：{ $ground }
read-title = 制限された記録と関係者の資料
read-note = この組織に宛てた記録、この組織が出した記録のうち、公開されていないものを含めて読むことができます。ほかの組織の制限された記録を開くと、閲覧した組織と日が残り、その組織に示されます。
read-restricted = 制限された記録
read-restricted-none = 制限された記録はありません。
read-dossiers = 組織とモデルの資料
reader-note = { $reader }として読んでいます。公開されていない内容を含むことがあります。
reader-public = 公開のページを見る
filings-title = これについて提出できるもの
receipt-salt = 記録の内容を示すための値
receipt-salt-note = 台帳には、この記録の要約だけが載っています。この値と記録を合わせて示せば、台帳の記録がこれであることを誰でも確かめられます。大切に保管してください。
readings-title = この記録を読んだ組織
readings-note = 個人の名前は示しません。行政機関が、進行中の立入検査や情報提供に関わって読んだものは、終わってから示します。
readings-none = まだほかの組織は読んでいません。
tip-about = どの組織についての情報ですか
tip-about-hint = 定めておくと、この情報提供を終えるまで、その組織には行政機関の閲覧の記録を示しません。
tip-about-none = 定めない
tip-about-go = 定める

review-title = 遵守状況報告の審査
review-note = 義務ごとに、法が求めること、開発者の説明、裏付けとなる記録を並べています。質問のある義務に印を付けると、審査の下書きになります。ここに表示される状態は助言であり、認定ではありません。
review-report = 報告
review-period = 対象の期間
review-asks = 法が求めること
review-account = 開発者の説明
review-evidence = 裏付け
review-evidence-none = 記録はありません。
review-on-record = （報告には挙げられていない記録）
review-ask = この義務について質問する
review-note-field = 確かめたこと、尋ねること
review-finding = この義務について認定の下書きを作る
review-silent = 報告に書かれていない義務
review-go = 審査の下書きを作る
review-go-note = 下書きはまだ誰にも送られません。次の画面で確かめ、署名してから提出します。

check-beside = 立入検査に当たった職員
check-beside-hint = 調書には、立ち会った職員がそれぞれの鍵で署名します。
review-read = 内容を読む
