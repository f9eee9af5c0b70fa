//! What was refused, and what had to wait for it.

use crate::cost::{RefusedShapeSummary, Summary};

use crate::report::words::{amounts, bound, count, grouped, plain, regrouped};

/// The most shapes that the text names.
const SHAPES: usize = 3;
/// The most reasons that the text counts.
const REASONS: usize = 5;

/// The reasons with their counts, then the shapes that were refused most; empty when nothing was.
pub(super) fn sentences(summary: &Summary) -> Vec<String> {
    let placement = &summary.placement;
    if placement.failures.is_empty() {
        return Vec::new();
    }
    let mut failures: Vec<(&String, &u64)> = placement.failures.iter().collect();
    failures.sort_by_key(|(_, refused)| std::cmp::Reverse(**refused));
    let mut reasons: Vec<String> = failures
        .iter()
        .take(REASONS)
        .map(|(name, refused)| bound(&format!("{} {}", reason(name), grouped(**refused))))
        .collect();
    let unnamed = u64::try_from(failures.len() - reasons.len()).unwrap_or(u64::MAX);
    if unnamed > 0 {
        reasons.push(count(unnamed, "more reason", "more reasons"));
    }
    let head = match summary.tasks.not_placed {
        0 => "Refused attempts by reason".to_owned(),
        1 => "1 task was refused; refused attempts by reason".to_owned(),
        tasks => format!(
            "{} were refused; refused attempts by reason",
            bound(&format!("{} tasks", grouped(tasks)))
        ),
    };
    let shapes = placement.refused_shapes.iter().take(SHAPES);
    let named = u64::try_from(shapes.len()).unwrap_or(u64::MAX);
    let more = placement.refused_shape_count.saturating_sub(named);
    let more = (more > 0).then(|| {
        let kinds = count(more, "more kind of task", "more kinds of task");
        format!("- and {kinds}.")
    });
    std::iter::once(format!("{head}: {}.", reasons.join(", ")))
        .chain(shapes.map(shape))
        .chain(more)
        .collect()
}

/// ECS's own wording without its full stop.
fn reason(name: &str) -> &str {
    name.trim_end_matches('.')
}

fn shape(shape: &RefusedShapeSummary) -> String {
    let tasks = count(shape.tasks, "task", "tasks");
    let needs = amounts(shape.cpu, shape.memory, shape.gpu);
    let waited = shape.tasks.saturating_sub(shape.not_placed);
    let what = match (shape.not_placed, waited) {
        (0, _) => " had to wait".to_owned(),
        (1, 0) => " was refused".to_owned(),
        (_, 0) => " were refused".to_owned(),
        (refused, waited) => format!(
            ": {} refused, {} had to wait",
            grouped(refused),
            grouped(waited)
        ),
    };
    let why = closest(shape).unwrap_or_else(|| {
        let reasons = shape.reasons.iter().map(|name| bound(reason(name)));
        let reasons: Vec<String> = reasons.collect();
        if reasons.is_empty() {
            String::new()
        } else {
            [": ", &reasons.join(", ")].concat()
        }
    });
    format!("- {}: {tasks} of {needs}{what}{why}.", plain(&shape.entry))
}

/// What the closest instance lacked, where amounts alone decided.
fn closest(shape: &RefusedShapeSummary) -> Option<String> {
    let instance = shape.closest_instance.as_ref()?;
    let lacked = regrouped(shape.lacked.as_ref()?);
    let kind = shape.closest_instance_type.as_ref();
    let zone = shape.closest_availability_zone.as_ref();
    let place = match (kind, zone) {
        (Some(kind), Some(zone)) => format!(" ({} in {})", plain(kind), plain(zone)),
        _ => String::new(),
    };
    let lacking = if shape.tasks == 1 {
        "lacked"
    } else {
        "first lacked"
    };
    Some(format!(
        "; the closest, {instance}{place}, {lacking} {lacked}"
    ))
}
