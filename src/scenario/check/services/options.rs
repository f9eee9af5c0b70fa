//! `serviceOptions`: quotas, and named choices where AWS publishes no rule.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::ServiceOptions;

/// What the checks and the run take from `serviceOptions`.
pub(in crate::scenario::check) struct Options {
    pub(in crate::scenario::check) options: ServiceOptions,
    /// Whether ECS's quotas are kept.
    pub(in crate::scenario::check) quotas: bool,
}

pub(in crate::scenario::check) fn read_options(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Options {
    const KEYS: [&str; 4] = [
        "quotas",
        "taskLaunchesPerMinute",
        "restartThrottle",
        "countStoppingTasks",
    ];
    let mut options = ServiceOptions::default();
    let Some(given) = fields
        .get("serviceOptions")
        .and_then(|node| read::fields_like(node, &KEYS, "quotas: false", diagnostics))
    else {
        return Options {
            options,
            quotas: true,
        };
    };
    let quotas = given
        .get("quotas")
        .and_then(|node| read::boolean(node, diagnostics))
        .unwrap_or(true);
    if !quotas {
        options.task_launches_per_minute = None;
    }
    if let Some(node) = given.get("taskLaunchesPerMinute") {
        let rate = read::number_u32(node, 1..=1_000_000, diagnostics);
        options.task_launches_per_minute = rate.or(options.task_launches_per_minute);
    }
    if let Some(node) = given.get("countStoppingTasks") {
        options.count_stopping_tasks = read::boolean(node, diagnostics).unwrap_or_default();
    }
    read_throttle(&given, &mut options, diagnostics);
    Options { options, quotas }
}

fn read_throttle(given: &Fields<'_>, options: &mut ServiceOptions, diagnostics: &mut Diagnostics) {
    let example = "first: 1s, longest: 27m";
    let Some(throttle) = given
        .get("restartThrottle")
        .and_then(|node| read::fields_like(node, &["first", "longest"], example, diagnostics))
    else {
        return;
    };
    let mut span = |key: &str| {
        let node = throttle.get(key)?;
        read::positive_duration(node, diagnostics)
    };
    let (first, longest) = (span("first"), span("longest"));
    options.throttle_first = first.unwrap_or(options.throttle_first);
    options.throttle_longest = longest.unwrap_or(options.throttle_longest);
    if options.throttle_longest < options.throttle_first {
        let node = throttle.get("longest").or_else(|| throttle.get("first"));
        let place = node.map_or(throttle.place, |node| node.place);
        let (first, longest) = (options.throttle_first, options.throttle_longest);
        diagnostics
            .error(
                place,
                format!("`longest` ({longest}) is below `first` ({first})"),
            )
            .label("the delay grows from `first` to `longest`");
    }
}
