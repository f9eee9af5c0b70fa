//! The load of services: which requests come to which tasks, and what the tasks make of them.
//!
//! Requests are no events. Whenever the tasks of a service change, what was served since the last
//! change is added up; at the end of each minute the sums become metrics.

use smallvec::{SmallVec, smallvec};

use crate::cloud::{RequestCost, ServiceMeter, ServiceMinute, ServiceProfile, Targets, TaskSize};
use crate::kernel::{Stream, Streams};
use crate::model::{ServiceId, TaskDefinition, TaskId};
use crate::scenario::{Scenario, Service};
use crate::simulation::{Observer, Record, Simulation};
use crate::units::{Millis, RequestRate, SimTime, index};
use crate::workload::TraceError;
use crate::workload::load::{LoadSeries, LoadSpec};

use super::Check;

/// RUNNING tasks by the place of their deployment: seldom more than two.
type Revisions = SmallVec<[(usize, Targets); 2]>;

/// The load of a service as it is.
#[derive(Debug)]
pub(super) struct ServiceLoad {
    cost: RequestCost,
    /// The service's own series.
    series: Option<LoadSeries>,
    /// Listeners whose requests reach it, each with the place of the rule that sends them, or none
    /// for the default.
    listeners: Vec<(usize, Option<usize>)>,
    rate: RequestRate,
    meter: ServiceMeter,
    /// Up to when the meter has been told.
    told_until: SimTime,
    published_at: SimTime,
    /// Who serves since then, where that is known.
    targets: Option<Revisions>,
    noise: Stream,
}

impl ServiceLoad {
    /// The load of a service, if it has any.
    pub(super) fn of(
        service: &Service,
        scenario: &Scenario,
        streams: &Streams,
    ) -> Result<Option<Box<Self>>, TraceError> {
        let series = service.load.as_ref().map(|spec| series(spec, scenario));
        let mut listeners = Vec::new();
        let own = |name: &String| {
            let mut groups = service.target_groups.iter();
            groups.any(|group| scenario.target_groups[index(group.0)].name == *name)
        };
        for (place, balancer) in scenario.load_balancers.iter().enumerate() {
            let listener = &balancer.listener;
            for (rule, of) in listener.rules.iter().enumerate() {
                if own(&of.target_group) {
                    listeners.push((place, Some(rule)));
                }
            }
            if own(&listener.default_target_group) {
                listeners.push((place, None));
            }
        }
        if series.is_none() && listeners.is_empty() && service.scaling.is_none() {
            return Ok(None);
        }
        Ok(Some(Box::new(Self {
            cost: service.request_cost.clone(),
            series: series.transpose()?,
            listeners,
            rate: RequestRate::ZERO,
            meter: ServiceMeter::new(),
            told_until: SimTime::ZERO,
            published_at: SimTime::ZERO,
            targets: None,
            noise: streams.open("load", &service.name),
        })))
    }
}

/// The series of each load balancer, in the order of the scenario.
pub(super) fn listener_series(scenario: &Scenario) -> Result<Vec<LoadSeries>, TraceError> {
    let balancers = scenario.load_balancers.iter();
    balancers
        .map(|balancer| series(&balancer.load, scenario))
        .collect()
}

fn series(spec: &LoadSpec, scenario: &Scenario) -> Result<LoadSeries, TraceError> {
    let minutes = scenario.duration.0.div_ceil(Millis::MINUTE.0);
    LoadSeries::new(spec, scenario.start, minutes, scenario.load_factor)
}

impl Simulation<'_> {
    /// Sets the request rates of the minute that begins now, and draws its noise.
    pub(in crate::simulation) fn load_changes(&mut self) {
        let minute = self.now.0 / Millis::MINUTE.0;
        let scenario = self.scenario;
        let split: Vec<(Vec<RequestRate>, RequestRate)> = scenario
            .load_balancers
            .iter()
            .zip(&self.services.listener_series)
            .map(|(balancer, series)| balancer.listener.split(series.rate(minute)))
            .collect();
        for state in &mut self.services.list {
            let Some(load) = &mut state.load else {
                continue;
            };
            let own = load.series.as_ref().map(|series| series.rate(minute));
            let shared = load.listeners.iter().map(|(listener, rule)| {
                let (rules, default) = &split[*listener];
                rule.map_or(*default, |rule| rules[rule])
            });
            let rate: u64 = shared.chain(own).map(|rate| rate.0).sum();
            load.rate = RequestRate(rate.min(RequestRate::MOST.0));
            load.meter.draw_noise(&load.cost, &mut load.noise);
        }
    }

    /// The tasks or the traffic of a service are about to change: what was served so far is added
    /// up, and who serves is looked at anew.
    pub(in crate::simulation) fn meter_service(&mut self, service: ServiceId) {
        self.meter_up_to_now(service);
        if let Some(load) = &mut self.service_mut(service).load {
            load.targets = None;
        }
    }

    fn meter_up_to_now(&mut self, service: ServiceId) {
        let now = self.now;
        let created = self.service(service).created;
        let Some(mut load) = self.service_mut(service).load.take() else {
            return;
        };
        if !created {
            // Requests to a service that is not there are nobody's.
            load.told_until = now;
        }
        let span = now.since(load.told_until);
        if span > Millis::ZERO {
            let revisions = load.targets.take();
            let revisions = revisions.unwrap_or_else(|| self.targets(service, load.told_until));
            let rates = self.split_rate(service, load.rate, &revisions);
            for ((deployment, targets), rate) in revisions.iter().zip(rates) {
                let profile = self.profile(service, *deployment, &load.cost);
                load.meter.advance(span, &profile, rate, targets);
            }
            load.told_until = now;
            // The weights of targets in slow start change from one span to the next.
            let ramping = revisions.iter().any(|(_, targets)| targets.ramping > 0);
            load.targets = Some(revisions).filter(|_| !ramping);
        }
        self.service_mut(service).load = Some(load);
    }

    /// A task is about to change, and with it what its service serves.
    pub(in crate::simulation) fn meter_owner(&mut self, task: TaskId) {
        let service = self.services.task(task).map(|owned| owned.service);
        if let Some(service) = service {
            self.meter_service(service);
        }
    }

    /// A minute of a service is over: its metrics.
    pub(super) fn publish_minute(
        &mut self,
        service: ServiceId,
        observer: &mut impl Observer,
    ) -> Option<ServiceMinute> {
        self.meter_up_to_now(service);
        let now = self.now;
        let created = self.service(service).created;
        let load = self.service_mut(service).load.as_mut()?;
        let span = now.since(load.published_at);
        load.published_at = now;
        let metrics = load.meter.publish(span);
        if created && span > Millis::ZERO {
            let record = Record::ServiceMinute {
                service,
                metrics: &metrics,
            };
            observer.record(self.now, &record, &self.cluster);
        }
        Some(metrics)
    }

    /// The RUNNING tasks of each deployment that has any, and of the current one in any case, by
    /// what becomes of the requests that come to them.
    fn targets(&self, service: ServiceId, from: SimTime) -> Revisions {
        let state = self.service(service);
        let spec = self.service_spec(service);
        let slow_start = spec
            .target_groups
            .first()
            .map(|group| &self.scenario.target_groups[index(group.0)]);
        let mut revisions: Revisions = smallvec![(state.primary, Targets::default())];
        let mut waiting = 0;
        let mut healthy = 0;
        for pass in [Check::Healthy, Check::Unhealthy] {
            // All unhealthy: the requests go to all of them.
            if pass == Check::Unhealthy && (healthy > 0 || waiting > 0) {
                break;
            }
            for task in &state.tasks {
                let row = self.cluster.task(*task);
                if !row.last_status.is_running() {
                    continue;
                }
                let owned = self.services.owned(*task);
                let known = revisions
                    .iter()
                    .position(|(deployment, _)| *deployment == owned.deployment);
                let place = known.unwrap_or_else(|| {
                    revisions.push((owned.deployment, Targets::default()));
                    revisions.len() - 1
                });
                let targets = &mut revisions[place].1;
                let check = owned.health.targets;
                if pass == Check::Healthy {
                    targets.running += 1;
                    waiting += u32::from(check == Check::Unknown);
                }
                let receives = match check {
                    Check::None => pass == Check::Healthy,
                    check => check == pass,
                };
                if !receives {
                    continue;
                }
                healthy += u32::from(pass == Check::Healthy);
                let since = owned.health.targets_since;
                let ramp = slow_start.filter(|group| group.is_ramping(since, from.max(since)));
                if owned.health.silent {
                    targets.silent += 1;
                } else if let (Some(group), Check::Healthy) = (ramp, check) {
                    targets.ramping += 1;
                    targets.ramping_weight += group.weight(since, from.max(since), self.now);
                } else {
                    targets.full += 1;
                }
            }
        }
        revisions
    }

    /// The part of the requests that goes to each revision: by its traffic where traffic is being
    /// shifted, else by its targets.
    fn split_rate(
        &self,
        service: ServiceId,
        rate: RequestRate,
        revisions: &[(usize, Targets)],
    ) -> SmallVec<[RequestRate; 2]> {
        let state = self.service(service);
        let weight = |(deployment, targets): &(usize, Targets)| {
            if state.shift.is_some() {
                u64::from(state.deployments[*deployment].traffic)
            } else {
                u64::from(targets.full + targets.silent) * 1_000 + targets.ramping_weight
            }
        };
        let whole: u64 = revisions.iter().map(weight).sum();
        let mut left = rate.0;
        let mut rates: SmallVec<[RequestRate; 2]> = revisions
            .iter()
            .map(|revision| {
                let part = u128::from(rate.0) * u128::from(weight(revision));
                let part = u64::try_from(part / u128::from(whole.max(1))).unwrap_or(u64::MAX);
                left -= part;
                RequestRate(part)
            })
            .collect();
        // What is cut off in rounding, and all of it where nobody receives any.
        let heaviest = (0..revisions.len())
            .rev()
            .max_by_key(|place| weight(&revisions[*place]));
        if let Some(heaviest) = heaviest {
            rates[heaviest].0 += left;
        }
        rates
    }

    fn profile(&self, service: ServiceId, deployment: usize, cost: &RequestCost) -> ServiceProfile {
        let definition = self.service(service).deployments[deployment].task_definition;
        let definition: &TaskDefinition = &self.scenario.task_definitions[definition.index()];
        let needs = self.service_needs(service, deployment);
        ServiceProfile {
            cost: cost.clone(),
            size: TaskSize {
                cpu: needs.cpu,
                is_cpu_limit: definition.task_cpu.is_some() || self.is_on_fargate(service),
                memory: needs.memory,
            },
        }
    }
}
