//! How the load of one load balancer is parted: by path rules between services, by weights between
//! the two target groups of a blue/green deployment.

use std::collections::BTreeSet;

use super::SettingFault;
use crate::units::RequestRate;

/// A part of some traffic in tenths of a percent, 0 to 1,000: the grain of `canaryPercent`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TrafficShare(pub u32);

impl TrafficShare {
    /// All of it.
    pub const WHOLE: Self = Self(1_000);

    /// This part of a rate, rounded down, and the rest: together exactly the rate. More than the
    /// whole is the whole.
    pub fn split(self, rate: RequestRate) -> (RequestRate, RequestRate) {
        let share = u128::from(self.0.min(Self::WHOLE.0));
        let part = u128::from(rate.0) * share / u128::from(Self::WHOLE.0);
        let part = u64::try_from(part).expect("a part is not more than the whole");
        (RequestRate(part), RequestRate(rate.0 - part))
    }
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenerRule {
    /// The path pattern, such as `/api/*`.
    pub path: String,
    /// The name of the target group to which requests of this path go.
    pub target_group: String,
    /// Which part of the listener's requests have such a path.
    pub share: TrafficShare,
}

/// A listener whose requests are parted between target groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its name.
    pub name: String,
    /// Rules, in order of their priority.
    pub rules: Vec<ListenerRule>,
    /// The target group of all requests that no rule takes.
    pub default_target_group: String,
}

/// Rules a load balancer has by default, the default rule apart.
const MOST_RULES: usize = 100;
/// Characters of a path pattern.
const LONGEST_PATH: usize = 128;

impl Listener {
    /// Whatever a load balancer would refuse, and shares that are more than the whole.
    pub fn faults(&self) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        let mut refuse = |setting, message| faults.push(SettingFault { setting, message });
        let count = self.rules.len();
        if count > MOST_RULES {
            refuse("rules", format!("{count}; expected at most {MOST_RULES}"));
        }
        let mut paths = BTreeSet::new();
        for rule in &self.rules {
            let path = &rule.path;
            if !path.starts_with('/') || path.chars().count() > LONGEST_PATH {
                let expected = "a path that begins with `/`, of at most 128 characters";
                refuse("path", format!("`{path}`; expected {expected}"));
            }
            if !paths.insert(path) {
                refuse(
                    "path",
                    format!("`{path}` stands twice; expected each path once"),
                );
            }
        }
        let shares = self.rules.iter().map(|rule| u64::from(rule.share.0));
        let sum: u64 = shares.sum();
        if sum > u64::from(TrafficShare::WHOLE.0) {
            let (whole, tenth) = (sum / 10, sum % 10);
            let message = format!("the rules take {whole}.{tenth} %; expected at most 100 %");
            refuse("share", message);
        }
        faults
    }

    /// The rate of each rule, in their order, and what is left to the default target group. They
    /// sum to `rate` exactly; rules that take all of it leave nothing.
    pub fn split(&self, rate: RequestRate) -> (Vec<RequestRate>, RequestRate) {
        let (mut taken, mut before) = (TrafficShare(0), RequestRate::ZERO);
        let mut part = |rule: &ListenerRule| {
            taken = TrafficShare(taken.0.saturating_add(rule.share.0));
            let (up_to_here, _) = taken.split(rate);
            let part = RequestRate(up_to_here.0 - before.0);
            before = up_to_here;
            part
        };
        let rates = self.rules.iter().map(&mut part).collect();
        (rates, RequestRate(rate.0 - before.0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Listener, ListenerRule, TrafficShare};
    use crate::units::RequestRate;

    fn listener(rules: &[(&str, u32)]) -> Listener {
        let rule = |(path, share): &(&str, u32)| ListenerRule {
            path: (*path).to_owned(),
            target_group: "some".to_owned(),
            share: TrafficShare(*share),
        };
        Listener {
            name: "https".to_owned(),
            rules: rules.iter().map(rule).collect(),
            default_target_group: "web".to_owned(),
        }
    }

    #[test]
    fn rules_take_their_shares_and_the_default_the_rest() {
        let listener = listener(&[("/api/*", 333), ("/img/*", 5)]);
        let expected = (
            vec![RequestRate(33_300), RequestRate(500)],
            RequestRate(66_200),
        );
        assert_eq!(listener.split(RequestRate(100_000)), expected);
    }

    #[test]
    fn rules_that_a_load_balancer_refuses_are_refused() {
        let messages = |rules: &[(&str, u32)]| {
            let faults = listener(rules).faults();
            faults
                .into_iter()
                .map(|fault| fault.message)
                .collect::<Vec<_>>()
        };
        assert!(messages(&[("/a", 400), ("/b", 600)]).is_empty());
        assert_eq!(
            messages(&[("/a", 400), ("/b", 601)]),
            ["the rules take 100.1 %; expected at most 100 %"]
        );
        assert_eq!(
            messages(&[("a", 1), ("/b", 1), ("/b", 1)]),
            [
                "`a`; expected a path that begins with `/`, of at most 128 characters",
                "`/b` stands twice; expected each path once"
            ]
        );
        let many: Vec<String> = (0..101).map(|number| format!("/{number}")).collect();
        let many: Vec<(&str, u32)> = many.iter().map(|path| (path.as_str(), 1)).collect();
        assert_eq!(messages(&many), ["101; expected at most 100"]);
        assert!(messages(&many[..100]).is_empty());
    }

    #[test]
    fn weights_part_traffic_between_blue_and_green() {
        let rate = RequestRate(12_345);
        for (share, green) in [(0, 0), (1, 12), (50, 617), (100, 1_234), (1_000, 12_345)] {
            let (part, rest) = TrafficShare(share).split(rate);
            assert_eq!((part.0, rest.0), (green, 12_345 - green), "{share}");
        }
        assert_eq!(TrafficShare(2_000).split(rate), (rate, RequestRate::ZERO));
    }

    proptest! {
        #[test]
        fn parts_sum_to_the_whole(
            shares in prop::collection::vec(0_u32..400, 0..6), rate in 0..=RequestRate::MOST.0,
        ) {
            let rules: Vec<(&str, u32)> = shares.iter().map(|share| ("/", *share)).collect();
            let (parts, rest) = listener(&rules).split(RequestRate(rate));
            let sum: u64 = parts.iter().map(|part| part.0).sum();
            prop_assert_eq!(sum + rest.0, rate);
            if shares.iter().sum::<u32>() >= 1_000 {
                prop_assert_eq!(rest, RequestRate::ZERO);
            }
        }
    }
}
