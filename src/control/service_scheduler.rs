//! How many tasks of a REPLICA service start and stop now.
//!
//! The scheduler looks at the service whenever something about it has changed, counts its tasks,
//! and asks two questions (Developer Guide, "Rolling update" and "Service definition parameters"):
//! how many may stop, so that no fewer than the lower limit stay healthy, and how many may start,
//! so that no more than the upper limit are there. Tasks of an old revision and tasks on an
//! instance that drains are alike: they are *outgoing*.

use smallvec::SmallVec;

/// Tasks of one deployment that stay, or that go. Those that are being stopped are not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cohort {
    /// How many there should be: for outgoing ones, those that have not been let go yet.
    pub wanted: u32,
    /// Placed and not yet RUNNING.
    pub pending: u32,
    /// RUNNING and neither healthy nor unhealthy yet.
    pub unsettled: u32,
    /// RUNNING and healthy.
    pub healthy: u32,
    /// RUNNING and unhealthy, the grace period being over.
    pub unhealthy: u32,
    /// Whether those on their way are to be stopped at once: their instance drains.
    pub draining: bool,
}

impl Cohort {
    /// All of them.
    pub const fn live(&self) -> u32 {
        self.pending + self.unsettled + self.healthy + self.unhealthy
    }

    /// Those that are healthy or may become so.
    pub const fn good(&self) -> u32 {
        self.pending + self.unsettled + self.healthy
    }
}

/// What the scheduler sees of a REPLICA service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaView<'a> {
    /// `desiredCount`, and one more while a rebalancing has a task in excess.
    pub desired: u32,
    /// The fewest tasks that have to stay healthy.
    pub lower_limit: u32,
    /// The most tasks that may be there.
    pub upper_limit: u32,
    /// Tasks that are being stopped, where they count for the upper limit until they are STOPPED.
    pub stopping_counted: Option<u32>,
    /// Unhealthy tasks that are being stopped to make room for their replacement.
    pub unhealthy_stopping: u32,
    /// Tasks of the current revision that stay.
    pub current: Cohort,
    /// Whether the current revision may be started: its deployment has not failed.
    pub may_start: bool,
    /// Tasks of old revisions, oldest first, and those on instances that drain.
    pub outgoing: &'a [Cohort],
}

/// Which tasks of a cohort are stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Which {
    /// Unhealthy ones, drawn at random.
    Unhealthy,
    /// The same, of an old revision whose own replacements need the places.
    UnhealthyToReplace,
    /// Those that are not RUNNING yet.
    Pending,
    /// Those that are not healthy: unhealthy first, then pending, then unsettled ones.
    NotHealthy,
    /// Healthy ones, by the service's strategy.
    Healthy,
    /// All but unhealthy ones, by the service's strategy.
    Surplus,
}

/// Whose tasks: those of the current revision, or a place in the list of outgoing cohorts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Of the current revision.
    Current,
    /// Of an outgoing cohort.
    Outgoing(usize),
}

/// A decision: so many tasks stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StopTasks {
    /// Of which cohort.
    pub whose: Whose,
    /// Which of them.
    pub which: Which,
    /// How many, at least 1.
    pub count: u32,
}

/// A decision: so many tasks start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StartTasks {
    /// Of which cohort's revision.
    pub whose: Whose,
    /// How many, at least 1.
    pub count: u32,
}

/// What is to be done now, stops before starts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicaPlan {
    /// Tasks to stop.
    pub stops: SmallVec<[StopTasks; 4]>,
    /// Tasks to start, in this order, as far as there is room.
    pub starts: SmallVec<[StartTasks; 2]>,
    /// The limits allow nothing at all, nothing is on its way, and yet the service is not where it
    /// should be.
    pub stuck: bool,
}

impl ReplicaPlan {
    fn stop(&mut self, whose: Whose, which: Which, count: u32) {
        if count > 0 {
            self.stops.push(StopTasks {
                whose,
                which,
                count,
            });
        }
    }

    fn start(&mut self, whose: Whose, count: u32) {
        if count > 0 {
            self.starts.push(StartTasks { whose, count });
        }
    }

    fn stopped(&self) -> u32 {
        self.stops.iter().map(|stop| stop.count).sum()
    }
}

/// Decides for a REPLICA service.
pub fn replica(view: &ReplicaView<'_>) -> ReplicaPlan {
    let mut plan = ReplicaPlan::default();
    let live: u32 = view.current.live() + outgoing(view, Cohort::live);
    let healthy = view.current.healthy + outgoing(view, |cohort| cohort.healthy);
    stop_outgoing(view, healthy, live, &mut plan);
    stop_current(view, &mut plan);
    let counted = match view.stopping_counted {
        Some(stopping) => live + stopping,
        None => live - plan.stopped(),
    };
    let mut room = view.upper_limit.saturating_sub(counted);
    let waits = replace_outgoing(view, &mut room, &mut plan);
    let current = &view.current;
    let missing = view.desired.saturating_sub(current.good());
    let starts = if view.may_start { missing.min(room) } else { 0 };
    plan.start(Whose::Current, starts);
    let unhealthy_waits = missing > 0 && room == 0 && current.unhealthy > 0 && view.may_start;
    if plan.stops.is_empty() && view.unhealthy_stopping == 0 {
        // The upper limit forbids a replacement: one unhealthy task gives its place up.
        if unhealthy_waits {
            plan.stop(Whose::Current, Which::Unhealthy, 1);
        } else if let Some(place) = waits {
            plan.stop(Whose::Outgoing(place), Which::UnhealthyToReplace, 1);
        }
    }
    let settled = live == healthy + unhealthy(view) && view.unhealthy_stopping == 0;
    plan.stuck = plan.stops.is_empty()
        && plan.starts.is_empty()
        && settled
        && view.may_start
        && missing > 0
        && !view.outgoing.is_empty();
    plan
}

fn outgoing(view: &ReplicaView<'_>, count: impl Fn(&Cohort) -> u32) -> u32 {
    view.outgoing.iter().map(count).sum()
}

fn unhealthy(view: &ReplicaView<'_>) -> u32 {
    view.current.unhealthy + outgoing(view, |cohort| cohort.unhealthy)
}

/// Old revisions give way: those that are not healthy as soon as the lower limit is met without
/// them, healthy ones as far as it stays met.
fn stop_outgoing(view: &ReplicaView<'_>, healthy: u32, live: u32, plan: &mut ReplicaPlan) {
    let mut spare = healthy.saturating_sub(view.lower_limit);
    let room = view
        .upper_limit
        .saturating_sub(live + view.stopping_counted.unwrap_or(0));
    let missing = view.desired.saturating_sub(view.current.good());
    // Below the lower limit an unhealthy task goes only where its place is needed.
    let mut needed = if view.may_start {
        missing.saturating_sub(room)
    } else {
        0
    };
    for (place, cohort) in view.outgoing.iter().enumerate() {
        let whose = Whose::Outgoing(place);
        if !view.may_start && !cohort.draining {
            // Nothing would take their place.
            continue;
        }
        if healthy >= view.lower_limit {
            plan.stop(whose, Which::NotHealthy, cohort.live() - cohort.healthy);
        } else {
            let given_up = cohort.unhealthy.min(needed);
            needed -= given_up;
            plan.stop(whose, Which::Unhealthy, given_up);
            if cohort.draining {
                plan.stop(whose, Which::Pending, cohort.pending);
            }
        }
        let let_go = cohort.healthy.min(spare);
        spare -= let_go;
        plan.stop(whose, Which::Healthy, let_go);
    }
}

/// Within the current revision: unhealthy tasks whose replacements are healthy, and what is there
/// beyond the desired count.
fn stop_current(view: &ReplicaView<'_>, plan: &mut ReplicaPlan) {
    let current = &view.current;
    let replaced = (current.healthy + current.unhealthy).saturating_sub(view.desired);
    plan.stop(
        Whose::Current,
        Which::Unhealthy,
        current.unhealthy.min(replaced),
    );
    let surplus = current.good().saturating_sub(view.desired);
    plan.stop(Whose::Current, Which::Surplus, surplus);
}

/// Where the lower limit cannot be met otherwise, a task of an old revision that was lost or is
/// unhealthy is replaced by one of its own revision. The cohort whose unhealthy tasks stand where
/// their replacements would.
fn replace_outgoing(
    view: &ReplicaView<'_>,
    room: &mut u32,
    plan: &mut ReplicaPlan,
) -> Option<usize> {
    let mut waits = None;
    let counted_on = view.current.healthy + outgoing(view, Cohort::good);
    let mut needed = view.lower_limit.saturating_sub(counted_on);
    for (place, cohort) in view.outgoing.iter().enumerate().rev() {
        if cohort.draining {
            continue;
        }
        let missing = cohort.wanted.saturating_sub(cohort.good()).min(needed);
        let starts = missing.min(*room);
        if missing > starts && cohort.unhealthy > 0 {
            waits = Some(place);
        }
        needed -= starts;
        *room -= starts;
        plan.start(Whose::Outgoing(place), starts);
    }
    waits
}

#[cfg(test)]
mod tests {
    use super::{Cohort, ReplicaPlan, ReplicaView, Which, Whose, replica};

    fn healthy(count: u32) -> Cohort {
        Cohort {
            wanted: count,
            healthy: count,
            ..Cohort::default()
        }
    }

    fn view(desired: u32, limits: (u32, u32), current: Cohort, outgoing: &[Cohort]) -> ReplicaPlan {
        replica(&ReplicaView {
            desired,
            lower_limit: limits.0,
            upper_limit: limits.1,
            stopping_counted: None,
            unhealthy_stopping: 0,
            current,
            may_start: true,
            outgoing,
        })
    }

    fn stops(plan: &ReplicaPlan) -> Vec<(Whose, Which, u32)> {
        let stops = plan.stops.iter();
        stops
            .map(|stop| (stop.whose, stop.which, stop.count))
            .collect()
    }

    fn starts(plan: &ReplicaPlan) -> u32 {
        plan.starts.iter().map(|start| start.count).sum()
    }

    #[test]
    fn a_deployment_may_stop_what_is_above_the_lower_limit() {
        // G54: desired 4 at 50 %: 2 may stop; G55: desired 2 at 75 %: none.
        let plan = view(4, (2, 8), Cohort::default(), &[healthy(4)]);
        assert_eq!(stops(&plan), [(Whose::Outgoing(0), Which::Healthy, 2)]);
        let plan = view(2, (2, 4), Cohort::default(), &[healthy(2)]);
        assert_eq!(stops(&plan), []);
    }

    #[test]
    fn a_deployment_may_start_what_is_below_the_upper_limit() {
        // G56: desired 4 at 200 %: 4 before any stop; G57: desired 3 at 125 %: none.
        let plan = view(4, (4, 8), Cohort::default(), &[healthy(4)]);
        assert_eq!((stops(&plan).len(), starts(&plan)), (0, 4));
        let plan = view(3, (3, 3), Cohort::default(), &[healthy(3)]);
        assert_eq!((starts(&plan), plan.stuck), (0, true));
    }

    #[test]
    fn a_deployment_at_100_and_100_is_stuck() {
        // G61, and G64 for an instance that drains.
        assert!(view(4, (4, 4), Cohort::default(), &[healthy(4)]).stuck);
        let draining = Cohort {
            draining: true,
            ..healthy(4)
        };
        assert!(view(4, (4, 4), Cohort::default(), &[draining]).stuck);
        assert!(!view(4, (4, 4), healthy(4), &[]).stuck);
    }

    #[test]
    fn pending_tasks_on_a_draining_instance_stop_at_once() {
        let draining = Cohort {
            draining: true,
            pending: 2,
            ..healthy(1)
        };
        let plan = view(3, (3, 3), Cohort::default(), &[draining]);
        assert_eq!(stops(&plan), [(Whose::Outgoing(0), Which::Pending, 2)]);
        assert_eq!(starts(&plan), 2);
    }

    #[test]
    fn an_unhealthy_task_is_replaced_before_it_is_stopped() {
        let mut current = healthy(3);
        current.unhealthy = 1;
        let plan = view(4, (4, 8), current, &[]);
        assert_eq!((stops(&plan).len(), starts(&plan)), (0, 1));
        // The replacement is on its way, then healthy.
        current.pending = 1;
        assert_eq!(view(4, (4, 8), current, &[]), ReplicaPlan::default());
        (current.pending, current.healthy) = (0, 4);
        let plan = view(4, (4, 8), current, &[]);
        assert_eq!(stops(&plan), [(Whose::Current, Which::Unhealthy, 1)]);
        // The replacement is unhealthy too: one of both may go.
        (current.healthy, current.unhealthy) = (3, 2);
        let plan = view(4, (4, 8), current, &[]);
        assert_eq!(stops(&plan), [(Whose::Current, Which::Unhealthy, 1)]);
        assert_eq!(starts(&plan), 1);
    }

    #[test]
    fn where_the_upper_limit_forbids_a_replacement_one_unhealthy_task_stops_first() {
        let mut current = healthy(2);
        current.unhealthy = 2;
        let plan = view(4, (2, 4), current, &[]);
        assert_eq!(stops(&plan), [(Whose::Current, Which::Unhealthy, 1)]);
        assert_eq!(starts(&plan), 0);
    }

    #[test]
    fn what_is_beyond_the_desired_count_stops() {
        let plan = view(2, (2, 4), healthy(6), &[]);
        assert_eq!(stops(&plan), [(Whose::Current, Which::Surplus, 4)]);
        let starting = Cohort {
            pending: 6,
            ..Cohort::default()
        };
        let plan = view(2, (2, 4), starting, &[]);
        assert_eq!(stops(&plan), [(Whose::Current, Which::Surplus, 4)]);
    }

    #[test]
    fn a_lost_task_of_an_old_revision_is_replaced_by_its_own_where_the_limit_needs_it() {
        let old = Cohort {
            wanted: 4,
            ..healthy(3)
        };
        let failing = Cohort {
            pending: 4,
            ..Cohort::default()
        };
        let plan = view(4, (4, 8), failing, &[old]);
        assert_eq!(plan.starts.len(), 1);
        assert_eq!(plan.starts[0].whose, Whose::Outgoing(0));
        // Enough is healthy without it.
        assert_eq!(starts(&view(4, (2, 8), failing, &[old])), 0);
    }

    #[test]
    fn tasks_that_stop_may_count_for_the_upper_limit_until_they_are_stopped() {
        let started = |stopping_counted, old| {
            starts(&replica(&ReplicaView {
                desired: 4,
                lower_limit: 2,
                upper_limit: 4,
                stopping_counted,
                unhealthy_stopping: 0,
                current: Cohort::default(),
                may_start: true,
                outgoing: &[healthy(old)],
            }))
        };
        // Two stop, and their places are free at once, or when they are STOPPED.
        assert_eq!(started(None, 4), 2);
        assert_eq!(started(Some(0), 4), 0);
        assert_eq!(started(Some(2), 2), 0);
        assert_eq!(started(Some(0), 2), 2);
    }

    #[test]
    fn a_failed_deployment_stops_no_old_task() {
        let mut old = healthy(3);
        old.unhealthy = 1;
        let plan = replica(&ReplicaView {
            desired: 4,
            lower_limit: 2,
            upper_limit: 8,
            stopping_counted: None,
            unhealthy_stopping: 0,
            current: Cohort::default(),
            may_start: false,
            outgoing: &[old],
        });
        assert_eq!(stops(&plan), []);
    }

    #[test]
    fn a_failed_deployment_starts_nothing() {
        let plan = replica(&ReplicaView {
            desired: 4,
            lower_limit: 4,
            upper_limit: 8,
            stopping_counted: None,
            unhealthy_stopping: 0,
            current: Cohort::default(),
            may_start: false,
            outgoing: &[healthy(4)],
        });
        assert_eq!(plan, ReplicaPlan::default());
    }
}
