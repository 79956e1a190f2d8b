//! Intervals and tests for proportions, checked against published and computed reference values
//! (`data/vectors/stats_vectors.json`).

/// The 97.5 % quantile of the standard normal distribution: two-sided 95 % intervals.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// An interval for a proportion or for a difference of proportions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Lower end.
    pub lower: f64,
    /// Upper end.
    pub upper: f64,
}

/// Returns the Wilson score interval of `successes` in `trials`, 95 % two-sided, or nothing for no
/// trials.
///
/// E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 22
/// (1927): with p = k/n, centre (p + z²/2n) / (1 + z²/n) and half-width
/// z·√(p(1−p)/n + z²/4n²) / (1 + z²/n). Unlike the textbook ("Wald") interval it never shrinks to
/// a point when nothing, or everything, failed.
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 || successes > trials {
        return None;
    }
    let (k, n) = (count(successes), count(trials));
    let p = k / n;
    let z2 = Z_95 * Z_95;
    let denominator = 1.0 + z2 / n;
    let centre = (p + z2 / (2.0 * n)) / denominator;
    let half = Z_95 * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt() / denominator;
    // At the ends the two terms are equal in theory; in floating point they differ by one ulp.
    let lower = if successes == 0 { 0.0 } else { (centre - half).max(0.0) };
    let upper = if successes == trials { 1.0 } else { (centre + half).min(1.0) };
    Some(Interval { lower, upper })
}

/// Returns the two-sided p-value of the exact McNemar test: `only_first` and `only_second` are the
/// samples that only one of two runs got right.
///
/// Q. McNemar, Psychometrika 12 (1947), in its exact form: min(1, 2·P(X ≤ min(b, c))) with
/// X ~ Binomial(b + c, ½).
pub fn mcnemar_exact(only_first: u64, only_second: u64) -> f64 {
    let trials = only_first + only_second;
    let fewer = only_first.min(only_second);
    let n = count(trials);
    // ln C(n, i) − n·ln 2, carried from term to term: no factorial, no underflow of 2⁻ⁿ.
    let mut ln_term = -n * std::f64::consts::LN_2;
    let mut tail = ln_term.exp();
    for i in 0..fewer {
        ln_term += ((n - count(i)) / (count(i) + 1.0)).ln();
        tail += ln_term.exp();
    }
    (2.0 * tail).min(1.0)
}

/// How two runs over the same samples agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pairs {
    /// Correct in both runs.
    pub both: u64,
    /// Correct in the first run only.
    pub only_first: u64,
    /// Correct in the second run only.
    pub only_second: u64,
    /// Correct in neither.
    pub neither: u64,
}

impl Pairs {
    /// Returns the number of pairs.
    pub fn total(self) -> u64 {
        self.both + self.only_first + self.only_second + self.neither
    }

    /// Returns the second run's proportion less the first run's.
    pub fn difference(self) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| (count(self.only_second) - count(self.only_first)) / count(total))
    }

    /// Returns the standard error of the paired difference: sd(dᵢ)/√n with n − 1 in the variance
    /// (Miller 2024, arXiv:2411.00640, section on paired differences).
    pub fn standard_error(self) -> Option<f64> {
        let n = count(self.total());
        let mean = self.difference()?;
        let squares = count(self.only_first + self.only_second);
        (n > 1.0).then(|| ((squares - n * mean * mean) / (n - 1.0) / n).max(0.0).sqrt())
    }

    /// Returns a 95 % interval for the difference (second less first) that holds for small
    /// samples: Newcombe's "method 10", from the Wilson intervals of both runs and their
    /// correlation with a continuity correction.
    ///
    /// R. G. Newcombe, "Improved confidence intervals for the difference between binomial
    /// proportions based on paired data", Statistics in Medicine 17 (1998).
    pub fn interval(self) -> Option<Interval> {
        let total = self.total();
        let (second, first) = (self.both + self.only_second, self.both + self.only_first);
        let (p2, p1) = (wilson(second, total)?, wilson(first, total)?);
        let n = count(total);
        let (share2, share1) = (count(second) / n, count(first) / n);
        let phi = self.correlation();
        let width = |a: f64, b: f64| (a * a - 2.0 * phi * a * b + b * b).max(0.0).sqrt();
        let difference = share2 - share1;
        Some(Interval {
            lower: difference - width(share2 - p2.lower, p1.upper - share1),
            upper: difference + width(p2.upper - share2, share1 - p1.lower),
        })
    }

    fn correlation(self) -> f64 {
        let [both, one, other, neither] =
            [self.both, self.only_first, self.only_second, self.neither].map(count);
        let margins = (both + one) * (other + neither) * (both + other) * (one + neither);
        if margins <= 0.0 {
            return 0.0;
        }
        let product = both * neither - one * other;
        let corrected = if product > 0.0 { (product - count(self.total()) / 2.0).max(0.0) } else { product };
        corrected / margins.sqrt()
    }
}

/// Returns `part` over `whole`, or nothing where there is no whole.
pub fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

/// Writes a proportion as statements do: a decimal string with four digits after the point.
pub fn decimal(value: f64) -> String {
    let text = format!("{value:.4}");
    // "-0.0000" is no number that a person should meet.
    if text == "-0.0000" { "0.0000".to_owned() } else { text }
}

#[expect(clippy::cast_precision_loss, reason = "a suite holds at most 100,000 samples, far below 2^53")]
fn count(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../../data/vectors/stats_vectors.json")).unwrap()
    }

    fn size(value: &Value) -> u64 {
        value.as_u64().unwrap()
    }

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() <= 1e-9 * b.abs().max(1e-3)
    }

    #[test]
    fn wilson_intervals_agree_with_statsmodels() {
        let vectors = vectors();
        let mut checked = 0;
        for row in vectors["proportion_ci"].as_array().unwrap() {
            if row["alpha"].as_f64() != Some(0.05) {
                continue;
            }
            let found = wilson(size(&row["k"]), size(&row["n"])).unwrap();
            assert!(close(found.lower, row["wilson"][0].as_f64().unwrap()), "{row}");
            assert!(close(found.upper, row["wilson"][1].as_f64().unwrap()), "{row}");
            checked += 1;
        }
        assert!(checked >= 5, "{checked}");
    }

    #[test]
    fn paired_values_agree_with_scipy() {
        for row in vectors()["paired"].as_array().unwrap() {
            let mut pairs = Pairs::default();
            for (a, b) in row["a"].as_array().unwrap().iter().zip(row["b"].as_array().unwrap()) {
                match (a.as_u64() == Some(1), b.as_u64() == Some(1)) {
                    (true, true) => pairs.both += 1,
                    (true, false) => pairs.only_first += 1,
                    (false, true) => pairs.only_second += 1,
                    (false, false) => pairs.neither += 1,
                }
            }
            // The vectors take the first less the second.
            assert!(close(-pairs.difference().unwrap(), row["mean_diff"].as_f64().unwrap()));
            assert!(close(pairs.standard_error().unwrap(), row["se_paired"].as_f64().unwrap()));
            let p = mcnemar_exact(pairs.only_first, pairs.only_second);
            assert!(close(p, row["mcnemar_exact_p"].as_f64().unwrap()));
        }
    }

    #[test]
    fn the_paired_interval_agrees_with_newcombes_own_example() {
        // Newcombe 1998, Table II: 36 both, 12 and 2 discordant, 0 neither: 0.0569 to 0.3404.
        let pairs = Pairs { both: 36, only_first: 2, only_second: 12, neither: 0 };
        let interval = pairs.interval().unwrap();
        assert_eq!((decimal(interval.lower), decimal(interval.upper)), ("0.0569".into(), "0.3404".into()));
    }

    #[test]
    fn no_sample_gives_no_interval() {
        assert_eq!(wilson(0, 0), None);
        assert_eq!(Pairs::default().interval(), None);
    }

    #[test]
    fn thousands_of_discordant_pairs_do_not_underflow() {
        assert!((mcnemar_exact(4000, 4000) - 1.0).abs() < 1e-9);
        assert!(mcnemar_exact(0, 4000) == 0.0);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_proportion(n in 1_u64..2000, k in 0_u64..2000) {
            let k = k.min(n);
            let interval = wilson(k, n).unwrap();
            let p = count(k) / count(n);
            prop_assert!(0.0 <= interval.lower && interval.lower <= p + 1e-12);
            prop_assert!(p - 1e-12 <= interval.upper && interval.upper <= 1.0);
        }

        #[test]
        fn exchanging_the_runs_mirrors_the_interval(a in 0_u64..40, b in 0_u64..40, c in 0_u64..40, d in 1_u64..40) {
            let pairs = Pairs { both: a, only_first: b, only_second: c, neither: d };
            let mirrored = Pairs { only_first: c, only_second: b, ..pairs };
            let (x, y) = (pairs.interval().unwrap(), mirrored.interval().unwrap());
            prop_assert!((x.lower + y.upper).abs() < 1e-9 && (x.upper + y.lower).abs() < 1e-9);
        }
    }
}
