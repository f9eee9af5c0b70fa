//! How many runs show how much: tails of the binomial law, in integers, so that every machine
//! decides alike. What is rounded is rounded to the safe side.

use crate::scenario::Share;

/// 1 in the numbers of this file.
const ONE: u128 = 1_000_000_000_000_000_000;
/// Below this probability a record counts as no mere stroke of bad luck: 5 %.
const IMPLAUSIBLE: u128 = ONE / 20;

/// How many fresh runs, all of which must hold, show that a choice holds in at least a share of
/// all runs: the smallest n with `holds_in`^n at most the risk of this attempt (the success-run
/// theorem; it is the exact binomial bound of Clopper and Pearson for n successes of n).
///
/// Attempt k, from 1, may err with 1 / (k (k + 1)) of the whole risk, `1 - confidence`. These
/// parts add up to 1: so the risk of the whole search, in which one choice after another may be
/// tried until one passes, is no larger than that of a single trial.
pub fn runs_needed(holds_in: Share, confidence: Share, attempt: u64) -> u64 {
    let attempt = u128::from(attempt.max(1));
    let risk = ONE - part(ONE, confidence);
    let risk = risk / attempt.saturating_mul(attempt.saturating_add(1));
    let mut runs = 1;
    let mut tail = part(ONE, holds_in);
    while tail > risk {
        let next = part(tail, holds_in);
        if next == tail {
            // Finer than the numbers of this file.
            return u64::MAX;
        }
        tail = next;
        runs += 1;
    }
    runs
}

/// Whether a choice with so many failed runs may still be one that holds in a share of all runs:
/// whether at least so many failures would come about in more than one of twenty such records.
pub fn is_plausible(holds_in: Share, runs: usize, failures: usize) -> bool {
    if failures == 0 {
        return true;
    }
    let fails_in = holds_in.rest();
    // Failures 0 to `runs` and their probabilities, one more run at a time.
    let mut law = vec![ONE];
    for _ in 0..runs {
        let mut next = vec![0; law.len() + 1];
        for (count, probability) in law.iter().enumerate() {
            next[count] += part(*probability, holds_in);
            next[count + 1] += part(*probability, fails_in);
        }
        law = next;
    }
    law.iter().skip(failures).sum::<u128>() > IMPLAUSIBLE
}

/// A share of an amount, rounded up.
fn part(amount: u128, share: Share) -> u128 {
    (amount * u128::from(share.millionths())).div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::{is_plausible, runs_needed};
    use crate::scenario::Share;

    fn percent(percent: u32) -> Share {
        Share::of_millionths(percent * 10_000).unwrap()
    }

    #[test]
    fn the_runs_are_those_of_the_success_run_theorem() {
        // n = ln(risk) / ln(share), rounded up; the risk is 5 % / (k (k + 1)).
        let needed = |holds_in, attempt| runs_needed(percent(holds_in), percent(95), attempt);
        assert_eq!(needed(90, 1), 36); // ln 0.025 / ln 0.9 = 35.01
        assert_eq!(needed(90, 2), 46); // ln 0.008333 / ln 0.9 = 45.4
        assert_eq!(needed(90, 3), 53); // ln 0.0041667 / ln 0.9 = 52.02
        assert_eq!(needed(95, 1), 72); // 71.9
        assert_eq!(needed(50, 1), 6); // 5.3
        // 0.5^5 is 1 / 32; half of 1 / 16 is just that.
        let exact = Share::of_millionths(937_500).unwrap();
        assert_eq!(runs_needed(percent(50), exact, 1), 5);
        let finest = Share::of_millionths(999_999).unwrap();
        assert_eq!(runs_needed(percent(1), finest, 1), 4);
    }

    #[test]
    fn every_further_attempt_needs_no_fewer_runs() {
        let mut last = 0;
        for attempt in 1..200 {
            let runs = runs_needed(percent(90), percent(95), attempt);
            assert!(runs >= last, "attempt {attempt}");
            last = runs;
        }
        assert!(last < 200, "they grow slowly: {last}");
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
