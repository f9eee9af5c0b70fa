//! Tables, and that of zones and instance types.

use std::collections::BTreeMap;

use crate::cost::{Capacity, Groups, Summary};
use crate::units::NanoUsd;

use crate::report::words::{grouped, percent, plain};

/// The most rows of a group of rows, and the fewest, where the screen is short.
const ROWS: (usize, usize) = (7, 2);
/// The narrowest screen that has room for GPUs and for long names.
const WIDE: usize = 100;

/// The table, a line a row: zones, then instance types, each where there are several. Empty when
/// there is one of each. A narrow screen has no columns for GPUs. As many rows as `room` has lines
/// for are taken, where that is not too few.
pub(super) fn capacity(summary: &Summary, width: usize, room: usize) -> Vec<String> {
    let (utilization, cost) = (&summary.utilization, &summary.cost);
    let with_gpus = width >= WIDE && utilization.gpu.reserved_mean.is_some();
    let longest = if width >= WIDE && !with_gpus { 28 } else { 16 };
    let blocks = [
        (
            "zone",
            &utilization.by_availability_zone,
            &cost.by_availability_zone,
        ),
        (
            "instance type",
            &utilization.by_instance_type,
            &cost.by_instance_type,
        ),
    ];
    let blocks: Vec<_> = blocks
        .into_iter()
        .filter(|(_, groups, _)| groups.len() > 1)
        .collect();
    let (most, fewest) = ROWS;
    let each = (room / blocks.len().max(1)).saturating_sub(1);
    let each = each.clamp(fewest, most);
    let mut rows = Vec::new();
    for (title, groups, costs) in blocks {
        rows.push(header(title, with_gpus));
        let block = block(groups, costs, with_gpus, each);
        rows.extend(block.into_iter().map(|row| shortened(row, longest)));
    }
    aligned(&rows)
}

fn header(title: &str, with_gpus: bool) -> Vec<String> {
    let mut cells = vec![
        title,
        "instances",
        "CPU mean",
        "peak",
        "memory mean",
        "peak",
    ];
    if with_gpus {
        cells.extend(["GPU mean", "peak"]);
    }
    cells.push("cost");
    cells.into_iter().map(str::to_owned).collect()
}

fn block(
    groups: &Groups,
    costs: &BTreeMap<String, NanoUsd>,
    with_gpus: bool,
    most: usize,
) -> Vec<Vec<String>> {
    let shown = if groups.len() > most { most - 1 } else { most };
    let cost = |name: &String| costs.get(name).copied().unwrap_or(NanoUsd::ZERO);
    let mut rows: Vec<Vec<String>> = groups
        .iter()
        .take(shown)
        .map(|(name, group)| row(name, group, cost(name), with_gpus))
        .collect();
    let rest = groups.len() - rows.len();
    if rest > 0 {
        rows.push(vec![format!("and {rest} more")]);
    }
    rows
}

fn row(name: &str, group: &Capacity, cost: NanoUsd, with_gpus: bool) -> Vec<String> {
    let mut resources = vec![group.cpu, group.memory];
    if with_gpus {
        resources.push(group.gpu);
    }
    let shares = resources
        .into_iter()
        .flat_map(|of| [of.reserved_mean, of.reserved_peak])
        .map(|share| share.map_or_else(|| "-".to_owned(), percent));
    [plain(name), grouped(group.instances)]
        .into_iter()
        .chain(shares)
        .chain([format!("${}", cost.to_cents())])
        .collect()
}

/// The row with its name cut to `longest` characters.
pub(in crate::report) fn shortened(mut row: Vec<String>, longest: usize) -> Vec<String> {
    if let Some(name) = row
        .first_mut()
        .filter(|name| name.chars().count() > longest)
    {
        *name = name.chars().take(longest - 1).chain(['…']).collect();
    }
    row
}

/// Columns as wide as their widest cell, two blanks apart; the first to the left, others right.
pub(in crate::report) fn aligned(rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or(0))
        .map(width)
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells: Vec<String> = cells
            .map(|(column, (cell, width))| match column {
                0 => format!("{cell:<width$}"),
                _ => format!("{cell:>width$}"),
            })
            .collect();
        cells.join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
