//! Deployments that shift traffic: blue/green, linear, canary (Developer Guide, "Blue/green
//! deployments" and the pages beside it). The green revision gets all its tasks while the blue one
//! keeps its own; traffic moves in steps; the blue tasks stop last.

use crate::cloud::Protocol;
use crate::control::service_scheduler::{
    ReplicaPlan, ReplicaView, StopTasks, Which, Whose, replica,
};
use crate::control::{DeploymentStrategy, FailureCause, LifecycleStage, RolloutState};
use crate::model::ServiceId;
use crate::simulation::{Event, Observer, Simulation};
use crate::units::{Millis, index};

use super::evaluate::{Line, Standing};

/// All production traffic, in tenths of a percent.
const ALL_TRAFFIC: u32 = 1_000;
/// No stage takes longer.
const LONGEST_STAGE: Millis = Millis::DAY;
/// What a Network Load Balancer adds to each shift of traffic.
const NETWORK_LOAD_BALANCER_WAIT: Millis = Millis(600_000);

/// A deployment that shifts traffic, on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shift {
    /// Place of the deployment that has the traffic so far.
    pub(super) blue: usize,
    stage: LifecycleStage,
    /// Counts the waits of all deployments of the service: the end of an older one means nothing.
    wait: u32,
    /// Whether a hook of this stage answers FAILED when the wait is over.
    fails: bool,
}

impl Simulation<'_> {
    /// The current deployment shifts traffic from the one before.
    pub(super) fn begin_shift(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let state = self.service_mut(service);
        let green = state.primary;
        // What is rolled back to is what has the traffic; of an earlier shift that was broken off,
        // the revision with the most of it.
        let traffic = |place: &usize| (state.deployments[*place].traffic, *place);
        let blue = (0..green).max_by_key(traffic).unwrap_or(green - 1);
        for (place, deployment) in state.deployments.iter_mut().enumerate() {
            deployment.traffic = if place == blue { ALL_TRAFFIC } else { 0 };
        }
        state.shift = Some(Shift {
            blue,
            stage: LifecycleStage::ReconcileService,
            wait: 0,
            fails: false,
        });
        self.enter_stage(service, LifecycleStage::ReconcileService, observer);
    }

    fn shift(&mut self, service: ServiceId) -> &mut Shift {
        let shift = self.service_mut(service).shift.as_mut();
        shift.expect("traffic is being shifted")
    }

    fn enter_stage(
        &mut self,
        service: ServiceId,
        stage: LifecycleStage,
        observer: &mut impl Observer,
    ) {
        let state = self.service(service);
        let primary = state.primary;
        let hooks = &state.configuration.lifecycle_hooks;
        let here = hooks.iter().filter(|hook| hook.stages.contains(&stage));
        let mut wait = Millis::ZERO;
        let mut fails = false;
        for hook in here {
            if !fails {
                wait += hook.duration;
                fails = !hook.succeeds;
            }
        }
        let shift = self.shift(service);
        shift.stage = stage;
        shift.fails = fails;
        self.service_mut(service).deployments[primary].stage = Some(stage);
        match stage {
            LifecycleStage::TestTrafficShift => wait += self.network_load_balancer_wait(service),
            LifecycleStage::ProductionTrafficShift => {
                wait += self.next_step(service);
                wait += self.network_load_balancer_wait(service);
            }
            LifecycleStage::BakeTime => {
                wait += self
                    .service(service)
                    .configuration
                    .bake_time
                    .unwrap_or_default();
            }
            _ => {}
        }
        self.tell_deployment(service, primary, observer);
        match stage {
            LifecycleStage::ScaleUp => {
                // It is over when the green tasks are healthy, or fails when they never are.
                self.wait_in_stage(service, LONGEST_STAGE);
                self.service_changed(service);
            }
            LifecycleStage::CleanUp => {
                self.meter_service(service);
                self.service_mut(service).shift = None;
                self.service_changed(service);
            }
            _ => self.wait_in_stage(service, wait),
        }
    }

    fn wait_in_stage(&mut self, service: ServiceId, wait: Millis) {
        let state = self.service_mut(service);
        state.shift_waits += 1;
        let number = state.shift_waits;
        self.shift(service).wait = number;
        let at = self.now.saturating_add(wait);
        self.schedule(at, Event::StageEnds(service, number));
    }

    /// Shifts the next part of the traffic, and says how long it bakes.
    fn next_step(&mut self, service: ServiceId) -> Millis {
        self.meter_service(service);
        let state = self.service_mut(service);
        let primary = state.primary;
        let green = &mut state.deployments[primary];
        let (step, bake) = match green.strategy {
            DeploymentStrategy::Rolling | DeploymentStrategy::BlueGreen => {
                (ALL_TRAFFIC, Millis::ZERO)
            }
            DeploymentStrategy::Linear {
                step,
                step_bake_time,
            } => (step, step_bake_time),
            DeploymentStrategy::Canary {
                canary,
                canary_bake_time,
            } if green.traffic == 0 => (canary, canary_bake_time),
            DeploymentStrategy::Canary { .. } => (ALL_TRAFFIC, Millis::ZERO),
        };
        green.traffic = green.traffic.saturating_add(step).min(ALL_TRAFFIC);
        let (traffic, blue) = (green.traffic, state.shift.as_ref().map(|shift| shift.blue));
        if let Some(blue) = blue {
            state.deployments[blue].traffic = ALL_TRAFFIC - traffic;
        }
        self.services.changed.insert(service);
        // The last step is followed by the bake time of the deployment, not of the step.
        if traffic == ALL_TRAFFIC {
            Millis::ZERO
        } else {
            bake
        }
    }

    /// What each shift takes longer behind a Network Load Balancer.
    fn network_load_balancer_wait(&self, service: ServiceId) -> Millis {
        let mut groups = self.service_spec(service).target_groups.iter();
        let is_network = groups
            .any(|group| self.scenario.target_groups[index(group.0)].protocol == Protocol::Tcp);
        if is_network {
            NETWORK_LOAD_BALANCER_WAIT
        } else {
            Millis::ZERO
        }
    }

    /// A wait of a stage is over.
    pub(in crate::simulation) fn stage_ends(
        &mut self,
        service: ServiceId,
        wait: u32,
        observer: &mut impl Observer,
    ) {
        let state = self.service(service);
        let traffic = state.primary().traffic;
        let goes_on = state.primary().rollout_state != RolloutState::Failed;
        let shift = state.shift.as_ref().filter(|shift| shift.wait == wait);
        let Some(shift) = shift.filter(|_| goes_on) else {
            return;
        };
        let cause = if shift.stage == LifecycleStage::ScaleUp {
            Some(FailureCause::StageTimedOut)
        } else {
            shift.fails.then_some(FailureCause::LifecycleHook)
        };
        if let Some(cause) = cause {
            self.fail_deployment(service, cause, true, observer);
            return;
        }
        let stage = shift.stage;
        let again = stage == LifecycleStage::ProductionTrafficShift && traffic < ALL_TRAFFIC;
        let next = if again { stage } else { after(stage) };
        self.enter_stage(service, next, observer);
    }

    /// Both revisions are kept at their full number; others go.
    pub(super) fn evaluate_shift(&mut self, service: ServiceId, observer: &mut impl Observer) {
        let standing = self.standing(service);
        let state = self.service(service);
        let Some(shift) = state.shift.clone() else {
            return;
        };
        let scaled_up = shift.stage >= LifecycleStage::ScaleUp;
        let desired = state.desired;
        let green_view = if scaled_up { desired } else { 0 };
        let key = |line: &Line| (line.deployment, line.cohort.draining);
        for outgoing in standing.outgoing.iter().map(key) {
            // What was done to the lines before is seen.
            let standing = self.standing(service);
            let place = standing.outgoing.iter().map(key);
            let Some(place) = place.into_iter().position(|other| other == outgoing) else {
                continue;
            };
            let whose = Whose::Outgoing(place);
            if outgoing == (shift.blue, false) {
                self.keep(service, &standing, whose, desired, observer);
            } else {
                self.drop_line(service, &standing, whose, observer);
            }
        }
        let standing = self.standing(service);
        self.keep(service, &standing, Whose::Current, green_view, observer);
        let healthy = self.standing(service).current.cohort.healthy;
        let goes_on = self.service(service).primary().rollout_state != RolloutState::Failed;
        if goes_on && shift.stage == LifecycleStage::ScaleUp && healthy >= desired {
            self.enter_stage(service, after(LifecycleStage::ScaleUp), observer);
        }
    }

    /// Keeps one revision at a number of tasks, by itself.
    fn keep(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        whose: Whose,
        desired: u32,
        observer: &mut impl Observer,
    ) {
        let state = self.service(service);
        let configuration = &state.configuration;
        let has_failed = state.primary().rollout_state == RolloutState::Failed;
        let mut plan = replica(&ReplicaView {
            desired,
            lower_limit: configuration.lower_limit(desired),
            upper_limit: configuration.upper_limit(desired).max(desired),
            stopping_counted: None,
            unhealthy_stopping: standing.unhealthy_stopping,
            current: standing.line(whose).cohort,
            may_start: whose != Whose::Current || !has_failed,
            outgoing: &[],
        });
        plan.stops.iter_mut().for_each(|stop| stop.whose = whose);
        plan.starts.iter_mut().for_each(|start| start.whose = whose);
        self.carry_out(service, standing, &plan, observer);
    }

    /// Stops the tasks of a revision that has neither the traffic nor will get it, and those on
    /// instances that drain: healthy ones as far as the lower limit stays met without them, by the
    /// green tasks where they are green, else by all others.
    fn drop_line(
        &mut self,
        service: ServiceId,
        standing: &Standing,
        whose: Whose,
        observer: &mut impl Observer,
    ) {
        let line = standing.line(whose);
        let (state, cohort) = (self.service(service), line.cohort);
        let is_green = |line: &Line| line.deployment == state.primary;
        let lines = std::iter::once(&standing.current).chain(&standing.outgoing);
        let alike = lines.filter(|other| is_green(other) == is_green(line));
        let healthy: u32 = alike.map(|other| other.cohort.healthy).sum();
        let lower = state.configuration.lower_limit(state.desired);
        let spare = healthy.saturating_sub(lower);
        let mut plan = ReplicaPlan::default();
        for (which, count) in [
            (Which::NotHealthy, cohort.live() - cohort.healthy),
            (Which::Healthy, cohort.healthy.min(spare)),
        ] {
            if count > 0 {
                plan.stops.push(StopTasks {
                    whose,
                    which,
                    count,
                });
            }
        }
        self.carry_out(service, standing, &plan, observer);
    }
}

/// The stage that follows.
fn after(stage: LifecycleStage) -> LifecycleStage {
    let place = LifecycleStage::ALL.iter().position(|known| *known == stage);
    let next = place.and_then(|place| LifecycleStage::ALL.get(place + 1));
    next.copied().unwrap_or(LifecycleStage::CleanUp)
}
