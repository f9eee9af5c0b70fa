//! `taskProtection`: UpdateTaskProtection over time.

use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::scenario::services::TaskProtection;
use crate::units::{Millis, id};

use super::Services;
use super::deployments::read_time;
use crate::model::ServiceId;
use crate::scenario::check::arrivals::Clock;

const KEYS: [&str; 5] = [
    "at",
    "service",
    "tasks",
    "protectionEnabled",
    "expiresInMinutes",
];
/// The default of UpdateTaskProtection, in minutes (G80).
const DEFAULT_MINUTES: u64 = 120;
/// The longest protection, in minutes: two days.
const MOST_MINUTES: u64 = 2_880;
const MOST_TASKS: u32 = 1_000_000;

/// Reads the entries, in order of time.
pub(in crate::scenario::check) fn read_protection(
    fields: &Fields<'_>,
    services: &Services,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Vec<TaskProtection> {
    let mut entries: Vec<TaskProtection> = read::items_of(fields, "taskProtection", diagnostics)
        .iter()
        .filter_map(|item| read_entry(item, services, clock, diagnostics))
        .collect();
    entries.sort_by_key(|entry| entry.at);
    entries
}

fn read_entry(
    node: &Node,
    services: &Services,
    clock: &Clock,
    diagnostics: &mut Diagnostics,
) -> Option<TaskProtection> {
    let example = "at: 1h, service: web, tasks: 2";
    let fields = read::fields_like(node, &KEYS, example, diagnostics)?;
    let at = read_time(&fields, "this call", clock, diagnostics);
    let service = fields
        .required("service", "web", diagnostics)
        .and_then(|node| services.find(node, diagnostics));
    let tasks = fields
        .required("tasks", "2", diagnostics)
        .and_then(|node| read::number_u32(node, 1..=MOST_TASKS, diagnostics));
    let enabled = fields
        .get("protectionEnabled")
        .map_or(Some(true), |node| read::boolean(node, diagnostics));
    let minutes = fields
        .get("expiresInMinutes")
        .map_or(Some(DEFAULT_MINUTES), |node| {
            read::number(node, 1..=MOST_MINUTES, diagnostics)
        });
    if let Some(place) = fields
        .key_place("expiresInMinutes")
        .filter(|_| enabled == Some(false))
    {
        diagnostics.warning(
            place,
            "`expiresInMinutes` of a protection that ends is ignored",
        );
    }
    Some(TaskProtection {
        at: at?,
        service: ServiceId(id(service?)),
        tasks: tasks?,
        enabled: enabled?,
        expires_in: Millis(minutes? * 60_000),
    })
}
