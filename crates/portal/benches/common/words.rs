//! Texts for the benchmarks, the same each time.

use evidence::Texts;

/// Words of which texts are made: as many as a year's filings would have.
pub(crate) const JA: [&str; 24] = [
    "安全性",
    "検証",
    "東京都",
    "京都",
    "一般目的",
    "重み",
    "保護",
    "脆弱性",
    "報告",
    "制度",
    "生成物",
    "表示",
    "訓練",
    "計算量",
    "利用者",
    "影響",
    "評価",
    "外部",
    "機関",
    "是正",
    "要請",
    "体制",
    "責任者",
    "見直し",
];
const EN: [&str; 24] = [
    "safety",
    "verification",
    "frontier",
    "weights",
    "protection",
    "vulnerability",
    "report",
    "programme",
    "marking",
    "training",
    "compute",
    "users",
    "impact",
    "evaluation",
    "external",
    "institute",
    "remedy",
    "request",
    "structure",
    "responsible",
    "review",
    "general",
    "purpose",
    "threshold",
];

/// Numbers that look like chance and are the same each time.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// Returns a number below `most`.
    pub(crate) fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % most
    }

    /// Returns a text of thirty words in both languages.
    pub(crate) fn texts(&mut self) -> Texts {
        let mut words = |from: &[&str], between: &str| {
            let words: Vec<String> =
                (0..30).map(|_| format!("{}{}", from[self.below(from.len())], self.below(200))).collect();
            words.join(between)
        };
        Texts::both(words(&JA, "の"), words(&EN, " "))
    }
}
