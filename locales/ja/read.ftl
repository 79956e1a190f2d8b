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
