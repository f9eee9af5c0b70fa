//! How many runs show how much: tails of the binomial law, in integers, so that every machine
//! decides alike. What is rounded is rounded to the safe side.

use crate::scenario::PlanShare as Share;

/// 1 in the numbers of this file.
const ONE: u128 = 1_000_000_000_000_000_000;
/// Below this probability a record counts as no mere stroke of bad luck: 5 %.
const IMPLAUSIBLE: u128 = ONE / 20;
/// The most failed runs with which a choice can be confirmed.
pub const MOST_FAILURES: u64 = 3;
/// Which part of the risk of a trial is taken with so many failures: 1 over this number.
const PARTS: [u128; 4] = [2, 4, 8, 8];

/// The proof of one choice on fresh seeds: whether all checks hold in at least a share of all runs.
///
/// It passes after [`Trial::runs`]`(f)` runs of which no more than f have failed. That number is
/// the smallest at which a choice that holds in just the share would come so far with no more than
/// a part of the risk (the exact binomial bound of Clopper and Pearson): 1/2 of it for no failure,
/// 1/4 for one, 1/8 for two and for three. The risk of attempt k, from 1, is 1 / (k (k + 1)) of
/// `1 - confidence`. All these parts add up to 1: so whatever is tried and however often it is
/// looked at, a choice that does not hold often enough passes with no more than the whole risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trial {
    holds_in: Share,
    runs: [u64; 4],
}

/// What can be said in the course of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is shown.
    Passed,
    /// It will not be shown.
    Failed,
    /// So many runs in all are needed, if no more fail.
    Open(u64),
}

impl Trial {
    /// The trial of attempt k, from 1.
    pub fn new(holds_in: Share, confidence: Share, attempt: u64) -> Self {
        let attempt = u128::from(attempt.max(1));
        let whole = ONE - part(ONE, confidence);
        let risk = whole / attempt.saturating_mul(attempt.saturating_add(1));
        let mut law = Law::new(holds_in);
        let runs = PARTS.iter().enumerate().map(|(failures, part)| {
            // Each number is larger than the one before, so that the law is gone through once.
            while law.at_most(failures) > risk / part {
                law.another_run();
            }
            law.runs
        });
        let runs: Vec<u64> = runs.collect();
        Self {
            holds_in,
            runs: runs.try_into().expect("a number for each part"),
        }
    }

    /// After how many runs it passes with so many failures.
    pub fn runs(&self, failures: u64) -> Option<u64> {
        let failures = usize::try_from(failures).ok()?;
        self.runs.get(failures).copied()
    }

    /// What can be said after so many runs.
    pub fn verdict(&self, runs: u64, failures: u64) -> Verdict {
        match self.runs(failures) {
            Some(needed) if runs >= needed => Verdict::Passed,
            Some(needed) if is_plausible(self.holds_in, runs, failures) => Verdict::Open(needed),
            _ => Verdict::Failed,
        }
    }
}

/// Whether a choice with so many failed runs may still be one that holds in a share of all runs:
/// whether at least so many failures would come about in more than one of twenty such records.
pub fn is_plausible(holds_in: Share, runs: u64, failures: u64) -> bool {
    let Some(fewer) = failures.checked_sub(1) else {
        return true;
    };
    let fewer = usize::try_from(fewer).unwrap_or(usize::MAX);
    let mut law = Law {
        probabilities: vec![0; fewer.saturating_add(1)],
        ..Law::new(holds_in)
    };
    law.probabilities[0] = ONE;
    for _ in 0..runs {
        law.another_run();
    }
    ONE.saturating_sub(law.at_most(fewer)) > IMPLAUSIBLE
}

/// How likely it is that so many runs fail, each of them counted from 0 to a few.
struct Law {
    holds_in: Share,
    runs: u64,
    probabilities: Vec<u128>,
}

impl Law {
    /// That of no run.
    fn new(holds_in: Share) -> Self {
        let mut probabilities = vec![0; PARTS.len()];
        probabilities[0] = ONE;
        Self {
            holds_in,
            runs: 0,
            probabilities,
        }
    }

    fn another_run(&mut self) {
        let fails_in = self.holds_in.rest();
        self.runs += 1;
        for failures in (0..self.probabilities.len()).rev() {
            let before = match failures.checked_sub(1) {
                Some(fewer) => part(self.probabilities[fewer], fails_in),
                None => 0,
            };
            let held = part(self.probabilities[failures], self.holds_in);
            self.probabilities[failures] = before + held;
        }
    }

    fn at_most(&self, failures: usize) -> u128 {
        self.probabilities
            .iter()
            .take(failures.saturating_add(1))
            .sum()
    }
}

/// A share of an amount, rounded up.
fn part(amount: u128, share: Share) -> u128 {
    (amount * u128::from(share.millionths())).div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{Trial, Verdict, is_plausible};
    use crate::scenario::PlanShare as Share;

    fn percent(percent: u32) -> Share {
        Share::of_millionths(percent * 10_000).unwrap()
    }

    fn needed(holds_in: u32, confidence: u32, attempt: u64) -> [u64; 4] {
        let trial = Trial::new(percent(holds_in), percent(confidence), attempt);
        [0, 1, 2, 3].map(|failures| trial.runs(failures).unwrap())
    }

    #[test]
    fn with_no_failure_the_runs_are_those_of_the_success_run_theorem() {
        // n = ln(risk) / ln(share), rounded up; the risk is 2.5 % / (k (k + 1)).
        assert_eq!(needed(90, 95, 1)[0], 42); // ln 0.0125 / ln 0.9 = 41.6
        assert_eq!(needed(90, 95, 2)[0], 53); // ln 0.0041667 / ln 0.9 = 52.02
        assert_eq!(needed(95, 95, 1)[0], 86); // 85.4
        assert_eq!(needed(50, 95, 1)[0], 7); // 6.3
        // 0.5^5 is 1 / 32, and 12.5 % / 4 is just that.
        let exact = Share::of_millionths(875_000).unwrap();
        assert_eq!(Trial::new(percent(50), exact, 1).runs(0), Some(5));
    }

    #[test]
    fn with_failures_the_runs_are_those_of_the_binomial_law() {
        for (holds_in, confidence, attempt) in [(90, 95, 1), (90, 95, 4), (95, 99, 1), (50, 80, 2)]
        {
            let attempts = f64::from(attempt * (attempt + 1_u32));
            let risk = (1.0 - f64::from(confidence) / 100.0) / attempts;
            let share = f64::from(holds_in) / 100.0;
            let runs = needed(holds_in, confidence, u64::from(attempt));
            for (failures, (runs, part)) in runs.into_iter().zip([2.0, 4.0, 8.0, 8.0]).enumerate() {
                let tail = |runs: u64| {
                    let mut sum = 0.0;
                    let mut ways = 1.0;
                    for failed in 0..=u32::try_from(failures).unwrap() {
                        let held = i32::try_from(runs).unwrap() - i32::try_from(failed).unwrap();
                        sum += ways
                            * (1.0 - share).powi(failed.try_into().unwrap())
                            * share.powi(held);
                        ways *= f64::from(held) / f64::from(failed + 1);
                    }
                    sum
                };
                assert!(
                    tail(runs) <= risk / part && tail(runs - 1) > risk / part,
                    "{failures}"
                );
            }
        }
    }

    #[test]
    fn every_failure_and_every_attempt_needs_more_runs() {
        let mut last = [0; 4];
        for attempt in 1..100 {
            let runs = needed(90, 95, attempt);
            assert!(runs.is_sorted_by(|fewer, more| fewer < more), "{runs:?}");
            assert!(
                runs.iter().zip(last).all(|(now, before)| *now >= before),
                "{attempt}"
            );
            last = runs;
        }
        assert!(last[3] < 400, "they grow slowly: {last:?}");
    }

    #[test]
    fn a_trial_passes_fails_or_goes_on() {
        let trial = Trial::new(percent(90), percent(95), 1);
        let [none, one, ..] = needed(90, 95, 1);
        assert_eq!(trial.verdict(0, 0), Verdict::Open(none));
        assert_eq!(trial.verdict(none - 1, 0), Verdict::Open(none));
        assert_eq!(trial.verdict(none, 0), Verdict::Passed);
        assert_eq!(trial.verdict(none, 1), Verdict::Open(one));
        assert_eq!(trial.verdict(one, 1), Verdict::Passed);
        assert_eq!(trial.verdict(2, 2), Verdict::Failed); // no bad luck explains it
        assert_eq!(trial.verdict(1_000, 4), Verdict::Failed);
    }

    #[test]
    fn a_record_is_given_up_once_bad_luck_does_not_explain_it() {
        let plausible = |runs, failures| is_plausible(percent(90), runs, failures);
        assert!(plausible(1, 0) && plausible(8, 0));
        assert!(plausible(1, 1)); // 10 %
        assert!(!plausible(2, 2)); // 1 %
        assert!(plausible(2, 1)); // 19 %
        assert!(!plausible(3, 2)); // 2.8 %
        assert!(plausible(4, 2)); // 5.23 %
        assert!(!plausible(4, 3)); // 0.37 %
        assert!(plausible(8, 2)); // 18.7 %
        assert!(!plausible(8, 3)); // 3.8 %
        assert!(!is_plausible(percent(99), 1, 1)); // 1 %
        assert!(is_plausible(percent(50), 4, 4)); // 6.25 %
        assert!(!is_plausible(percent(50), 5, 5)); // 3.1 %
    }
}
