//! Target groups of Elastic Load Balancing: settings with their defaults and ranges, states, and
//! which targets receive requests.
//!
//! Sources: the guides of Application and of Network Load Balancers, on health checks and
//! target group attributes.

use super::monitor::{Health, MonitorSettings};
use super::{SettingFault, check_count, check_seconds};
use crate::units::{Millis, SimTime};

/// Which load balancer a target group belongs to, as far as its defaults and checks differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Protocol {
    /// An Application Load Balancer: checks by HTTP.
    #[default]
    Http,
    /// A Network Load Balancer: checks by TCP.
    Tcp,
}

/// How a load balancer chooses a target. Among tasks that are alike each gives every target the
/// same share, so the choice is kept and checked, and does not change what the targets receive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// One after the other.
    #[default]
    RoundRobin,
    /// The one with the fewest requests under way.
    LeastOutstandingRequests,
    /// At random.
    WeightedRandom,
    /// By the flow's addresses: the only one of Network Load Balancers.
    FlowHash,
}

/// When the first check of a new target comes, which AWS does not publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CheckPhase {
    /// `registration`: at once.
    #[default]
    Registration,
    /// `interval`: after one interval.
    Interval,
}

/// How targets are checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HealthCheck {
    /// From check to check, 5 to 300 s.
    pub interval: Millis,
    /// After this a check has failed, 2 to 120 s and below `interval`.
    pub timeout: Millis,
    /// Passed checks in a row that make an unhealthy target healthy, 2 to 10. A new target needs
    /// one.
    pub healthy_threshold: u32,
    /// Failed checks in a row that make a target unhealthy, 2 to 10.
    pub unhealthy_threshold: u32,
    /// When the first check comes.
    pub phase: CheckPhase,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its name.
    pub name: String,
    /// Which load balancer it belongs to.
    pub protocol: Protocol,
    /// How targets are checked.
    pub health_check: HealthCheck,
    /// How long a target is draining, 0 to 3,600 s.
    pub deregistration_delay: Millis,
    /// How long a new target's share rises, 30 to 900 s; 0 is off.
    pub slow_start: Millis,
    /// How targets are chosen.
    pub algorithm: Algorithm,
    /// Zones enabled on the load balancer; empty is all.
    pub availability_zones: Vec<String>,
}

/// State of a target, in the terms of DescribeTargetHealth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TargetState {
    /// Registered, and no check has decided.
    Initial,
    /// Receives requests.
    Healthy,
    /// Receives none, unless all do.
    Unhealthy,
    /// Deregistered, its requests under way may end.
    Draining,
    /// Not registered, no longer registered, or in a zone that is not enabled.
    Unused,
}

impl TargetGroup {
    /// A group with the defaults of its protocol.
    pub fn new(name: impl Into<String>, protocol: Protocol) -> Self {
        let (timeout, algorithm) = match protocol {
            Protocol::Http => (5, Algorithm::RoundRobin),
            Protocol::Tcp => (10, Algorithm::FlowHash),
        };
        Self {
            name: name.into(),
            protocol,
            health_check: HealthCheck {
                interval: Millis(30_000),
                timeout: Millis(timeout * 1_000),
                healthy_threshold: 5,
                unhealthy_threshold: 2,
                phase: CheckPhase::default(),
            },
            deregistration_delay: Millis(300_000),
            slow_start: Millis::ZERO,
            algorithm,
            availability_zones: Vec::new(),
        }
    }

    /// Whatever AWS would refuse, by the names of the API.
    pub fn faults(&self) -> Vec<SettingFault> {
        let mut faults = Vec::new();
        let check = &self.health_check;
        check_seconds(
            "healthCheckIntervalSeconds",
            check.interval,
            5..=300,
            &mut faults,
        );
        check_seconds(
            "healthCheckTimeoutSeconds",
            check.timeout,
            2..=120,
            &mut faults,
        );
        check_count(
            "healthyThresholdCount",
            check.healthy_threshold,
            &(2..=10),
            &mut faults,
        );
        check_count(
            "unhealthyThresholdCount",
            check.unhealthy_threshold,
            &(2..=10),
            &mut faults,
        );
        let delay = self.deregistration_delay;
        check_seconds("deregistrationDelay", delay, 0..=3_600, &mut faults);
        if self.slow_start > Millis::ZERO {
            check_seconds("slowStart", self.slow_start, 30..=900, &mut faults);
        }
        let mut refuse = |setting, message: &str| {
            faults.push(SettingFault {
                setting,
                message: message.to_owned(),
            });
        };
        if check.timeout >= check.interval {
            refuse(
                "healthCheckTimeoutSeconds",
                "a check must end before the next begins; expected less than the interval",
            );
        }
        if self.algorithm == Algorithm::LeastOutstandingRequests && self.slow_start > Millis::ZERO {
            refuse(
                "slowStart",
                "not with least_outstanding_requests; expected 0 or another algorithm",
            );
        }
        let is_tcp = self.protocol == Protocol::Tcp;
        if is_tcp && self.slow_start > Millis::ZERO {
            refuse("slowStart", "a Network Load Balancer has none; expected 0");
        }
        if is_tcp != (self.algorithm == Algorithm::FlowHash) {
            refuse(
                "algorithm",
                "Network Load Balancers choose by flow hash, and they alone",
            );
        }
        if !is_tcp && self.availability_zones.len() == 1 {
            refuse(
                "availabilityZones",
                "one zone; an Application Load Balancer has at least two",
            );
        }
        faults
    }

    /// For a [`Monitor`](super::Monitor) that begins when a target is registered.
    pub fn monitor_settings(&self) -> MonitorSettings {
        let check = &self.health_check;
        MonitorSettings {
            interval: check.interval,
            timeout: check.timeout,
            first_check_after: match check.phase {
                CheckPhase::Registration => Millis::ZERO,
                CheckPhase::Interval => check.interval,
            },
            is_serial: false,
            passes_to_recover: check.healthy_threshold,
            failures: check.unhealthy_threshold,
            start_period: Millis::ZERO,
        }
    }

    /// Whether targets of a zone are used.
    pub fn serves_zone(&self, zone: &str) -> bool {
        let zones = &self.availability_zones;
        zones.is_empty() || zones.iter().any(|enabled| enabled == zone)
    }

    /// The state of a target.
    pub fn state(
        &self,
        health: Health,
        zone: &str,
        deregistered: Option<SimTime>,
        now: SimTime,
    ) -> TargetState {
        match deregistered {
            Some(at) if now < self.unused_at(at) => TargetState::Draining,
            Some(_) => TargetState::Unused,
            None if !self.serves_zone(zone) => TargetState::Unused,
            None => match health {
                Health::Initial => TargetState::Initial,
                Health::Healthy => TargetState::Healthy,
                Health::Unhealthy => TargetState::Unhealthy,
            },
        }
    }

    /// When a target that is deregistered at a point is no longer draining. ECS sends a task its
    /// stop signal then.
    pub fn unused_at(&self, deregistered: SimTime) -> SimTime {
        deregistered.saturating_add(self.deregistration_delay)
    }

    /// The mean weight of a target over a span, in thousandths of a full share: it rises linearly
    /// from 0 over `slow_start`, from when the target became healthy.
    ///
    /// # Panics
    /// When the span begins before the target is healthy or ends before it begins.
    pub fn weight(&self, healthy_since: SimTime, from: SimTime, to: SimTime) -> u64 {
        let ramp = self.slow_start.0;
        let (begin, end) = (from.since(healthy_since).0, to.since(healthy_since).0);
        assert!(begin <= end, "a span ends after it begins");
        if begin >= ramp {
            return 1_000;
        }
        if begin == end {
            return scaled(u128::from(begin), u128::from(ramp));
        }
        let risen = u128::from(end.min(ramp) - begin);
        let twice_height = u128::from(begin) + u128::from(end.min(ramp));
        let full = u128::from(end.saturating_sub(ramp));
        // Twice the area under the rising part and that under the full one, over twice the whole.
        let ramp = u128::from(ramp);
        scaled(
            risen * twice_height + 2 * full * ramp,
            2 * ramp * u128::from(end - begin),
        )
    }

    /// Whether a target that became healthy at a point is still given less than a full share.
    pub fn is_ramping(&self, healthy_since: SimTime, now: SimTime) -> bool {
        now < healthy_since.saturating_add(self.slow_start)
    }
}

/// A part of a whole in thousandths, rounded half up.
fn scaled(part: u128, whole: u128) -> u64 {
    let thousandths = (part * 1_000 + whole / 2) / whole;
    u64::try_from(thousandths).unwrap_or(1_000).min(1_000)
}

/// How many targets receive requests: the healthy ones; all unhealthy ones when every target is
/// unhealthy (fail open). A target in `initial` waits for its first check, and as long as one does,
/// not all are unhealthy.
pub fn receiving_targets(initial: u32, healthy: u32, unhealthy: u32) -> u32 {
    if healthy == 0 && initial == 0 {
        unhealthy
    } else {
        healthy
    }
}

#[cfg(test)]
mod tests;
