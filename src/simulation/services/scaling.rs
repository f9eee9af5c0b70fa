//! Service auto scaling and deployment alarms, minute by minute.

use smallvec::SmallVec;

use crate::cloud::ServiceMinute;
use crate::control::alarm::{Alarm, AlarmState};
use crate::control::metric::MetricValue;
use crate::control::service_auto_scaling::{Capacity, ScalingActivity, ServiceMetrics};
use crate::control::{Deployment, FailureCause, RolloutState};
use crate::model::ServiceId;
use crate::scenario::{AlarmSource, ServiceMetric};
use crate::simulation::{Event, Observer, Record, Simulation};
use crate::units::{Millis, SimTime, id, index};

impl Simulation<'_> {
    /// A minute is over: metrics are published, load changes, alarms and policies are evaluated.
    pub(in crate::simulation) fn minute(&mut self, observer: &mut impl Observer) {
        for service in (0..id(self.services.list.len())).map(ServiceId) {
            let metrics = self.publish_minute(service, observer);
            self.evaluate_alarms(service, metrics.as_ref());
            self.consult_alarms(service, observer);
            self.scale(service, metrics.as_ref(), observer);
        }
        self.load_changes();
        self.schedule_minute();
    }

    /// The run ends: the minute that ends with it, or the part of one, is published too.
    pub(in crate::simulation) fn publish_last_minute(&mut self, observer: &mut impl Observer) {
        for service in (0..id(self.services.list.len())).map(ServiceId) {
            self.publish_minute(service, observer);
        }
    }

    /// The next minute is looked at, where anything looks at minutes.
    pub(in crate::simulation) fn schedule_minute(&mut self) {
        let looks = |state: &super::ServiceState| state.load.is_some() || state.scaling.is_some();
        if self.services.list.iter().any(looks) || !self.services.alarms.is_empty() {
            self.schedule(self.now.saturating_add(Millis::MINUTE), Event::Minute);
        }
    }

    fn scale(
        &mut self,
        service: ServiceId,
        minute: Option<&ServiceMinute>,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let capacity = self.capacity(service);
        let spec = &self.scenario.services[service.index()];
        let state = self.service_mut(service);
        if !state.created {
            return;
        }
        let in_progress = state.primary().rollout_state == RolloutState::InProgress;
        let Some(scaling) = &mut state.scaling else {
            return;
        };
        let customized: SmallVec<[Option<MetricValue>; 4]> =
            spec.scaling.as_ref().map_or_else(SmallVec::new, |scaling| {
                let customized = scaling.customized.iter();
                customized
                    .map(|metric| minute.and_then(|minute| datapoint(*metric, minute)))
                    .collect()
            });
        let predefined = |metric| minute.and_then(|minute| datapoint(metric, minute));
        let metrics = ServiceMetrics {
            cpu_utilization: predefined(ServiceMetric::CpuUtilization),
            memory_utilization: predefined(ServiceMetric::MemoryUtilization),
            request_count_per_target: predefined(ServiceMetric::RequestCountPerTarget),
            customized: &customized,
        };
        let activity = scaling.minute(now, capacity, &metrics, in_progress);
        if let Some(activity) = activity {
            self.apply_activity(service, &activity, observer);
        }
    }

    /// A scheduled action of a service is due.
    pub(in crate::simulation) fn scheduled_action(
        &mut self,
        service: ServiceId,
        action: u32,
        observer: &mut impl Observer,
    ) {
        let now = self.now;
        let capacity = self.capacity(service);
        let state = self.service_mut(service);
        let scaling = state.scaling.as_mut().filter(|_| state.created);
        let activity =
            scaling.and_then(|scaling| scaling.scheduled_action(now, index(action), capacity));
        if let Some(activity) = activity {
            self.apply_activity(service, &activity, observer);
        }
        self.schedule_action(service, action, Some(now));
    }

    /// Puts the next time of a scheduled action into the queue.
    pub(in crate::simulation) fn schedule_action(
        &mut self,
        service: ServiceId,
        action: u32,
        after: Option<SimTime>,
    ) {
        let Some(scaling) = &self.scenario.services[service.index()].scaling else {
            return;
        };
        let schedule = &scaling.schedules[index(action)];
        if let Some(at) = schedule.next_after(self.scenario.start, after) {
            self.schedule(at, Event::ScheduledAction(service, action));
        }
    }

    fn apply_activity(
        &mut self,
        service: ServiceId,
        activity: &ScalingActivity,
        observer: &mut impl Observer,
    ) {
        let record = Record::ServiceScaled { service, activity };
        observer.record(self.now, &record, &self.cluster);
        self.set_desired_count(service, activity.desired_capacity, observer);
    }

    fn capacity(&self, service: ServiceId) -> Capacity {
        let state = self.service(service);
        let running = state.tasks.iter().filter(|task| {
            let row = self.cluster.task(**task);
            row.last_status.is_running()
        });
        Capacity {
            desired: state.desired,
            running: id(running.count()),
        }
    }

    /// Brings the alarms up to date that watch a metric of the service.
    fn evaluate_alarms(&mut self, service: ServiceId, minute: Option<&ServiceMinute>) {
        for (alarm, entry) in self.services.alarms.iter_mut().zip(&self.scenario.alarms) {
            let AlarmSource::Metric {
                service: watched,
                metric,
                ..
            } = &entry.source
            else {
                continue;
            };
            if let (true, Some(alarm)) = (*watched == service, alarm) {
                alarm.evaluate(minute.and_then(|minute| datapoint(*metric, minute)));
            }
        }
    }

    /// Whether an alarm stands at ALARM.
    pub(super) fn is_in_alarm(&self, alarm: u32) -> bool {
        let state = match &self.scenario.alarms[index(alarm)].source {
            AlarmSource::Metric { .. } => self.services.alarms[index(alarm)]
                .as_ref()
                .map(Alarm::state),
            AlarmSource::Script(states) => {
                let past = states.iter().rev().find(|(at, _)| *at <= self.now);
                past.map(|(_, state)| *state)
            }
        };
        state == Some(AlarmState::Alarm)
    }

    /// Whether a deployment in progress is failed by one of its alarms. An alarm that stood at
    /// ALARM when the deployment began is ignored for it.
    fn consult_alarms(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let state = self.service(service);
        let is_open = |deployment: &Deployment| {
            deployment.rollout_state == RolloutState::InProgress
                && deployment.succeeded_early_at.is_none()
        };
        if !state.created || !is_open(state.primary()) {
            return;
        }
        let Some(alarms) = &state.configuration.alarms else {
            return;
        };
        let fired = alarms
            .alarms
            .iter()
            .copied()
            .find(|alarm| self.is_in_alarm(*alarm) && !state.ignored_alarms.contains(alarm));
        let rollback = alarms.rollback;
        if let Some(alarm) = fired {
            let cause = FailureCause::Alarm { alarm };
            self.fail_deployment(service, cause, rollback, observer);
        }
    }
}

/// A metric's value of a minute, in thousandths of its unit.
fn datapoint(metric: ServiceMetric, minute: &ServiceMinute) -> Option<MetricValue> {
    // Requests come in millionths, times in microseconds.
    let value = match metric {
        ServiceMetric::CpuUtilization => minute.cpu_utilization?,
        ServiceMetric::MemoryUtilization => minute.memory_utilization?,
        ServiceMetric::RequestCountPerTarget => minute.requests_per_target? / 1_000,
        ServiceMetric::RequestCount => minute.offered / 1_000,
        ServiceMetric::TargetResponseTime => minute.latency_mean_us? / 1_000,
        ServiceMetric::HttpCodeElb5xxCount => minute.lost / 1_000,
        ServiceMetric::RunningTaskCount => minute.running_tasks,
        ServiceMetric::HealthyHostCount => minute.receiving_targets,
    };
    i64::try_from(value).ok().map(MetricValue)
}
