//! `instanceRefreshes` and `scheduledActions` of a group: what is done to it over time.
//!
//! Sources: API reference of StartInstanceRefresh and of PutScheduledUpdateGroupAction.

use crate::cloud::auto_scaling::{InstanceRefresh, ScheduledAction};
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, SimTime};
use crate::workload::Schedule;

use crate::scenario::check::arrivals::{Clock, read_schedule_text};
use crate::scenario::check::seconds::read_seconds;
use crate::scenario::check::services::read_time;

use super::MOST_INSTANCES;
use super::recurrence::as_schedule;

/// Seconds that a new instance may be waited for.
const WARMUP: std::ops::RangeInclusive<u64> = 0..=86_400;
/// The most times that a schedule of a group is written out.
const MOST_TIMES: usize = 100_000;

/// The refreshes, by time.
pub(super) fn read_refreshes(
    group: &Fields<'_>,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Vec<InstanceRefresh> {
    let mut refreshes: Vec<InstanceRefresh> =
        read::items_of(group, "instanceRefreshes", diagnostics)
            .iter()
            .filter_map(|item| read_refresh(item, clock, diagnostics))
            .collect();
    refreshes.sort_by_key(|refresh| refresh.at);
    refreshes
}

fn read_refresh(
    node: &Node,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<InstanceRefresh> {
    const PREFERENCES: [&str; 3] = [
        "minHealthyPercentage",
        "maxHealthyPercentage",
        "instanceWarmup",
    ];
    let fields = read::fields_like(node, &["at", "preferences"], "at: 1h", diagnostics)?;
    let at = read_time(&fields, "this instance refresh", clock, diagnostics);
    let preferences = fields.get("preferences").and_then(|node| {
        read::fields_like(node, &PREFERENCES, "minHealthyPercentage: 90", diagnostics)
    });
    let mut refresh = InstanceRefresh {
        at: at?,
        min_healthy_percentage: 90,
        max_healthy_percentage: 100,
        instance_warmup: Millis::ZERO,
    };
    let Some(preferences) = preferences else {
        return Some(refresh);
    };
    if let Some(node) = preferences.get("minHealthyPercentage") {
        refresh.min_healthy_percentage = read::number_u32(node, 0..=100, diagnostics)?;
    }
    if let Some(node) = preferences.get("maxHealthyPercentage") {
        refresh.max_healthy_percentage = read::number_u32(node, 100..=200, diagnostics)?;
        if preferences.get("minHealthyPercentage").is_none() {
            diagnostics
                .error(
                    node.place,
                    "`maxHealthyPercentage` without `minHealthyPercentage`",
                )
                .help("StartInstanceRefresh takes both or neither");
        }
    }
    if let Some(node) = preferences.get("instanceWarmup") {
        refresh.instance_warmup = read_seconds(node, WARMUP, diagnostics)?;
    }
    let (least, most) = (
        refresh.min_healthy_percentage,
        refresh.max_healthy_percentage,
    );
    if most - least > 100 {
        diagnostics
            .error(
                preferences.place,
                format!("{least} to {most} percent are more than 100 apart"),
            )
            .label("expected a difference of at most 100");
    }
    Some(refresh)
}

/// The scheduled actions, by time; one that recurs is written out for the run.
pub(super) fn read_actions(
    group: &Fields<'_>,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Vec<ScheduledAction> {
    let mut actions: Vec<ScheduledAction> = Vec::new();
    for item in read::items_of(group, "scheduledActions", diagnostics) {
        actions.extend(read_action(item, clock, diagnostics).into_iter().flatten());
    }
    actions.sort_by_key(|action| action.at);
    actions
}

fn read_action(
    node: &Node,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<ScheduledAction>> {
    const KEYS: [&str; 7] = [
        "scheduledActionName",
        "at",
        "schedule",
        "recurrence",
        "minSize",
        "maxSize",
        "desiredCapacity",
    ];
    let example = "at: 8h, desiredCapacity: 10";
    let refused = ["startTime", "endTime", "timeZone"];
    let known = [&KEYS[..], &refused].concat();
    let fields = read::fields_like(node, &known, example, diagnostics)?;
    for key in refused {
        if let Some(place) = fields.key_place(key) {
            diagnostics
                .error(
                    place,
                    format!("`{key}` of a scheduled action is not simulated"),
                )
                .help("`at: 8h` is a time of the run; `recurrence` and `schedule` are in UTC");
        }
    }
    if let Some(node) = fields.get("scheduledActionName") {
        read::name(node, "the name of a scheduled action", diagnostics);
    }
    let times = read_times(&fields, clock, diagnostics);
    let mut size = |key: &str, least: u32| match fields.get(key) {
        Some(node) => read::number_u32(node, least..=MOST_INSTANCES, diagnostics).map(Some),
        None => Some(None),
    };
    let sizes = (
        size("minSize", 0),
        size("maxSize", 1),
        size("desiredCapacity", 0),
    );
    let (Some(min_size), Some(max_size), Some(desired_capacity)) = sizes else {
        return None;
    };
    if min_size.is_none() && max_size.is_none() && desired_capacity.is_none() {
        diagnostics
            .error(fields.place, "a scheduled action that changes nothing")
            .help("add `minSize`, `maxSize` or `desiredCapacity`");
    }
    if let (Some(min), Some(max)) = (min_size, max_size)
        && min > max
    {
        let place = fields
            .get("minSize")
            .map_or(fields.place, |node| node.place);
        let title = format!("`minSize` ({min}) is above `maxSize` ({max})");
        diagnostics
            .error(place, title)
            .help("lower the one or raise the other");
    }
    let action = |at: SimTime| ScheduledAction {
        at,
        min_size,
        max_size,
        desired_capacity,
    };
    Some(times?.into_iter().map(action).collect())
}

/// When an action happens within the run: once, or by a schedule.
fn read_times(
    fields: &Fields<'_>,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<SimTime>> {
    const WHEN: [&str; 3] = ["at", "schedule", "recurrence"];
    let given: Vec<&str> = WHEN
        .into_iter()
        .filter(|key| fields.get(key).is_some())
        .collect();
    if let [first, second, ..] = given.as_slice() {
        let place = fields.key_place(second).unwrap_or(fields.place);
        diagnostics
            .error(place, format!("`{second}` beside `{first}`"))
            .help("`at` is once, `schedule` and `recurrence` are again and again: remove one");
    }
    let (node, schedule) = if let Some(node) = fields.get("schedule") {
        (node, read_schedule_text(node, diagnostics)?)
    } else if let Some(node) = fields.get("recurrence") {
        (node, read_recurrence(node, diagnostics)?)
    } else {
        let at = read_time(fields, "this scheduled action", clock, diagnostics)?;
        return Some(vec![at]);
    };
    let end = SimTime(clock.duration?.0);
    let first = schedule.next_after(clock.start, None);
    let times: Vec<SimTime> =
        std::iter::successors(first, |last| schedule.next_after(clock.start, Some(*last)))
            .take_while(|at| *at < end)
            .take(MOST_TIMES + 1)
            .collect();
    if times.len() > MOST_TIMES {
        diagnostics
            .error(node.place, "a schedule with too many times in the run")
            .label(format!("expected at most {MOST_TIMES}"));
        return None;
    }
    if times.is_empty() {
        diagnostics.warning(node.place, "this scheduled action never happens");
    }
    Some(times)
}

fn read_recurrence(node: &Node, diagnostics: &mut Diagnostics) -> Option<Schedule> {
    let expected = "cron with five fields such as `0 9 * * 1-5`";
    let text = read::text(node, expected, diagnostics)?;
    let schedule = as_schedule(text).and_then(|schedule| {
        Schedule::parse(&schedule).map_err(|error| format!("is no recurrence: {}", error.message))
    });
    match schedule {
        Ok(schedule) => Some(schedule),
        Err(reason) => {
            diagnostics
                .error(node.place, format!("`{text}` {reason}"))
                .label(format!("expected {expected}"));
            None
        }
    }
}
