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
column-about = 何について
search-instead = 「{ $typed }」は見つからないので、似た名前の「{ $read }」で探しました。
search-wrong-kind = その種類の記録はないため、種類では絞り込んでいません。
search-wrong-organisation = その名前の組織はないため、組織では絞り込んでいません。
search-wrong-law = その法律は採択されていないため、法律では絞り込んでいません。
search-wrong-status = 状態の指定が読めないため、状態では絞り込んでいません。
search-wrong-day = 日付が読めません。2026-11-24のように書いてください。
