//! The health check of a container, as Docker makes it.

use super::monitor::MonitorSettings;
use super::{SettingFault, check_count, check_seconds};
use crate::units::Millis;

/// `healthCheck` of a container definition. A passed check makes the container HEALTHY at once,
/// also within `startPeriod`; failures within it do not count until a check has passed; `retries`
/// failures in a row make it UNHEALTHY, and one passed check makes it HEALTHY again. The first
/// check comes one interval after the start, each other one interval after the end of the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContainerHealthCheck {
    /// From the end of a check to the next, 5 to 300 s.
    pub interval: Millis,
    /// After this a check has failed, 2 to 60 s.
    pub timeout: Millis,
    /// Failures in a row that make a container UNHEALTHY, 1 to 10.
    pub retries: u32,
    /// Failures within it do not count, 0 to 300 s; 0 is off.
    pub start_period: Millis,
}

impl Default for ContainerHealthCheck {
    /// 30 s, 5 s, 3 retries, no start period: RegisterTaskDefinition's.
    fn default() -> Self {
        Self {
            interval: Millis(30_000),
            timeout: Millis(5_000),
            retries: 3,
            start_period: Millis::ZERO,
        }
    }
}

impl ContainerHealthCheck {
    /// Whatever is outside of the ranges of RegisterTaskDefinition.
    pub fn faults(&self) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        check_seconds("interval", self.interval, 5..=300, &mut faults);
        check_seconds("timeout", self.timeout, 2..=60, &mut faults);
        check_count("retries", self.retries, &(1..=10), &mut faults);
        check_seconds("startPeriod", self.start_period, 0..=300, &mut faults);
        faults
    }

    /// For a [`Monitor`](super::Monitor) that begins when the container starts.
    pub fn monitor_settings(&self) -> MonitorSettings {
        MonitorSettings {
            interval: self.interval,
            timeout: self.timeout,
            first_check_after: self.interval,
            is_serial: true,
            passes_to_recover: 1,
            failures: self.retries,
            start_period: self.start_period,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ContainerHealthCheck;
    use crate::cloud::{Answer, Health, Monitor};
    use crate::units::{Millis, SimTime};

    fn seconds(seconds: u64) -> SimTime {
        SimTime(seconds * 1_000)
    }

    fn monitor(start_period: u64, answer: Answer) -> Monitor {
        let check = ContainerHealthCheck {
            start_period: Millis(start_period * 1_000),
            ..ContainerHealthCheck::default()
        };
        Monitor::new(check.monitor_settings(), SimTime::ZERO, answer)
    }

    #[test]
    fn container_checks_have_the_defaults_and_ranges_of_the_api() {
        let check = ContainerHealthCheck::default();
        assert_eq!(
            (check.interval, check.timeout),
            (Millis(30_000), Millis(5_000))
        );
        assert_eq!((check.retries, check.start_period), (3, Millis::ZERO));
        assert!(check.faults().is_empty());
        let faults = |interval, timeout, retries, start_period| {
            let check = ContainerHealthCheck {
                interval: Millis(interval),
                timeout: Millis(timeout),
                retries,
                start_period: Millis(start_period),
            };
            let faults = check.faults();
            faults.iter().map(|fault| fault.setting).collect::<Vec<_>>()
        };
        assert!(faults(5_000, 2_000, 1, 0).is_empty());
        assert!(faults(300_000, 60_000, 10, 300_000).is_empty());
        let all = ["interval", "timeout", "retries", "startPeriod"];
        assert_eq!(faults(4_000, 1_000, 0, 300_001), all);
        assert_eq!(faults(301_000, 61_000, 11, 301_000), all);
    }

    #[test]
    fn retries_in_a_row_make_a_container_unhealthy() {
        let refused = monitor(0, Answer::Fails);
        assert_eq!(
            refused.next_change(),
            Some((seconds(90), Health::Unhealthy))
        );
        // Each check lasts its timeout: at 30, 65 and 100 s, the last until 105.
        let silent = monitor(0, Answer::TimesOut);
        assert_eq!(
            silent.next_change(),
            Some((seconds(105), Health::Unhealthy))
        );
    }

    #[test]
    fn a_success_within_the_start_period_makes_a_container_healthy_at_once() {
        let mut slow = monitor(120, Answer::Fails);
        slow.set_answer(seconds(50), Answer::Passes);
        assert_eq!(slow.take_change(), Some((seconds(60), Health::Healthy)));
        // From then on failures count, although the start period is not over.
        slow.set_answer(seconds(61), Answer::Fails);
        assert_eq!(slow.next_change(), Some((seconds(150), Health::Unhealthy)));
    }

    #[test]
    fn failures_within_the_start_period_do_not_count() {
        // The check at 120 s is the first that counts.
        let failing = monitor(120, Answer::Fails);
        assert_eq!(
            failing.next_change(),
            Some((seconds(180), Health::Unhealthy))
        );
        let later = monitor(121, Answer::Fails);
        assert_eq!(later.next_change(), Some((seconds(210), Health::Unhealthy)));
    }

    #[test]
    fn one_success_makes_an_unhealthy_container_healthy() {
        let mut back = monitor(0, Answer::Fails);
        assert_eq!(back.take_change(), Some((seconds(90), Health::Unhealthy)));
        back.set_answer(seconds(100), Answer::Passes);
        assert_eq!(back.take_change(), Some((seconds(120), Health::Healthy)));
    }
}
