//! The table at the end of a run.

use std::fmt::{self, Write as _};
use std::time::Duration;

/// How a step ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Everything held.
    Ok,
    /// Something did not hold, or a tool failed.
    Failed(String),
    /// What the step needs is missing and cannot be installed here.
    Skipped(String),
}

/// One line of the summary.
pub(crate) struct Line {
    /// The step's name.
    pub(crate) name: &'static str,
    /// How it ended.
    pub(crate) outcome: Outcome,
    /// How long it took.
    pub(crate) took: Duration,
}

/// What a whole run showed.
pub(crate) struct Summary {
    /// One line a step, in their order.
    pub(crate) lines: Vec<Line>,
    /// Whether a skipped step counts as a failed one (`CI=true`).
    pub(crate) strict: bool,
}

impl Summary {
    /// Whether the run may be called good.
    pub(crate) fn is_good(&self) -> bool {
        self.lines.iter().all(|line| match line.outcome {
            Outcome::Ok => true,
            Outcome::Failed(_) => false,
            Outcome::Skipped(_) => !self.strict,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut counts = [0; 3];
        for line in &self.lines {
            let (word, why, kind) = match &line.outcome {
                Outcome::Ok => ("ok", "", 0),
                Outcome::Failed(why) => ("FAILED", why.as_str(), 1),
                Outcome::Skipped(why) => ("skipped", why.as_str(), 2),
            };
            counts[kind] += 1;
            let seconds = line.took.as_secs_f64();
            let mut row = String::new();
            write!(row, "{:<10} {word:<8} {seconds:>7.1} s  {why}", line.name)?;
            writeln!(f, "{}", row.trim_end())?;
        }
        let [ok, failed, skipped] = counts;
        let total: f64 = self.lines.iter().map(|line| line.took.as_secs_f64()).sum();
        write!(f, "{ok} ok, {failed} failed, {skipped} skipped in {total:.0} s")?;
        if self.strict && skipped > 0 {
            write!(f, " (CI=true: nothing may be skipped)")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn summary(outcomes: Vec<Outcome>, strict: bool) -> Summary {
        let lines = outcomes
            .into_iter()
            .map(|outcome| Line { name: "unit", outcome, took: Duration::from_millis(1_250) })
            .collect();
        Summary { lines, strict }
    }

    #[test]
    fn a_skipped_step_fails_the_run_only_in_continuous_integration() {
        let skipped = || vec![Outcome::Ok, Outcome::Skipped("no Chromium".into())];
        assert!(summary(skipped(), false).is_good());
        assert!(!summary(skipped(), true).is_good());
    }

    #[test]
    fn a_failed_step_always_fails_the_run() {
        let failed = vec![Outcome::Failed("broken".into())];
        assert!(!summary(failed, false).is_good());
    }

    #[test]
    fn every_step_has_a_line_with_its_reason() {
        let outcomes =
            vec![Outcome::Ok, Outcome::Failed("broken".into()), Outcome::Skipped("no Chromium".into())];
        assert_eq!(
            summary(outcomes, true).to_string(),
            "unit       ok           1.2 s\n\
             unit       FAILED       1.2 s  broken\n\
             unit       skipped      1.2 s  no Chromium\n\
             1 ok, 1 failed, 1 skipped in 4 s (CI=true: nothing may be skipped)"
        );
    }
}
