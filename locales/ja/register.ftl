# 台帳の一覧と組織

register-title = 台帳
register-lead = 登録された組織とモデル、法律が求める義務、すべての公開の記録を探せます。
register-nothing = 「{ $q }」に合うものはありません
register-nothing-hint = 短い言葉や、ローマ字の短い名前（例：wakaba）でも探せます。
register-order = 組織、モデル、義務は登録の古い順、記録は新しい順に並べています。
filter-label = 種類で絞り込む
filter-all = すべて
filter-organisation = 組織
filter-model = モデル
filter-duty = 義務

column-name = 名前
column-role = 役割
column-country = 国
column-models = モデル
column-model = モデル
column-developer = 開発者
column-versions = 版
column-law = 法律
column-duty = 義務
column-article = 条文
column-due = 期限
column-status = 状態
column-state = 状態
column-who = 誰の義務か
column-holder = 署名者
column-basis = 根拠
column-period = 期間
column-entry = 記録
column-key = 鍵（要約値）
column-custody = 鍵の保管
column-since = いつから

organisation-roles = 役割
organisation-registry = 公的な登録番号
organisation-representative = 国内の代表
organisation-identity = この台帳での識別子
organisation-identity-note = 登録した記録の要約値です
organisation-duties = この組織の義務
organisation-grants = 与えられた役割
organisation-keys = 鍵
organisation-keys-note = 個人名は載せません。署名者は役職と仮名で示します。
organisation-said = この組織が記録したこと（新しい順）
whole-organisation = 組織として
