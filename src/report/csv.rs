//! `tasks.csv`, `instances.csv`, `timeseries.csv`, `services.csv`, `service_events.csv`, and more
//! in the modules below: RFC 4180 with a header, line feeds, empty fields for what there is not.

mod capacity;

use std::io::{self, Write};

use csv::{Terminator, Writer, WriterBuilder};

use crate::cost::Bill;
use crate::record::{LoadSample, Run, Sample, ServiceRow, ServiceSample, TaskOutcome, TaskRow};
use crate::units::{Millis, NanoUsd, SimTime};

pub use capacity::{
    GROUP_COLUMNS, MANAGED_SCALING_COLUMNS, SPOT_POOL_COLUMNS, auto_scaling_groups,
    managed_scaling, spot_pools,
};

/// The columns of `tasks.csv`.
pub const TASK_COLUMNS: [&str; 19] = [
    "task_id",
    "group",
    "service",
    "task_definition",
    "capacity_provider",
    "instance_id",
    "availability_zone",
    "submitted_ms",
    "placed_ms",
    "started_ms",
    "stopped_ms",
    "last_status",
    "stop_code",
    "stopped_reason",
    "cpu",
    "memory",
    "gpu",
    "cost_usd",
    "name",
];

/// The columns of `instances.csv`.
pub const INSTANCE_COLUMNS: [&str; 13] = [
    "instance_id",
    "instance_type",
    "availability_zone",
    "purchase_option",
    "capacity_provider",
    "launched_ms",
    "registered_ms",
    "terminated_ms",
    "end_reason",
    "cpu_seconds_reserved",
    "memory_mib_seconds_reserved",
    "tasks_run",
    "cost_usd",
];

/// The columns of `timeseries.csv`.
pub const TIMESERIES_COLUMNS: [&str; 16] = [
    "time_ms",
    "instances",
    "registered_cpu",
    "reserved_cpu",
    "registered_memory",
    "reserved_memory",
    "registered_gpu",
    "reserved_gpu",
    "tasks_pending",
    "tasks_running",
    "cost_usd",
    "instances_used",
    "tasks_succeeded",
    "tasks_not_placed",
    "wait_longest_ms",
    "wait_mean_ms",
];

/// The columns of `services.csv`.
pub const SERVICE_COLUMNS: [&str; 15] = [
    "time_ms",
    "service",
    "desired",
    "lower_limit",
    "pending",
    "running",
    "healthy",
    "stopping",
    "requests",
    "requests_served",
    "requests_lost",
    "cpu_percent",
    "memory_percent",
    "latency_mean_ms",
    "latency_p99_ms",
];

/// The columns of `service_events.csv`.
pub const SERVICE_EVENT_COLUMNS: [&str; 5] =
    ["time_ms", "service", "event_name", "severity", "message"];

/// Writes a row a task, in the order of submission; the header alone when the run kept no rows.
pub fn tasks(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(TASK_COLUMNS)?;
    for row in run.task_rows.iter().flatten() {
        file.write_record(task(run, row))?;
    }
    file.flush()
}

/// `<entry or service>/<n>`; a retry has the number of its attempt behind it: `job/7:2`.
fn task_id(run: &Run, row: &TaskRow) -> String {
    let (entry, number) = (run.entry_name(row.entry), row.number);
    match row.attempt {
        1 => format!("{entry}/{number}"),
        attempt => format!("{entry}/{number}:{attempt}"),
    }
}

fn task(run: &Run, row: &TaskRow) -> [String; 19] {
    let fargate = run.fargate_task(row);
    let fargate = fargate.map(|task| task.place.capacity.name());
    let (stop_code, reason) = match row.outcome {
        TaskOutcome::NotPlaced(reasons) => (String::new(), reasons.to_string()),
        TaskOutcome::Alive(_) => (String::new(), String::new()),
        TaskOutcome::Stopped(stop) => (stop.code.name().to_owned(), run.stopped_reason(&stop)),
    };
    let moment = |at: crate::record::Moment| text(at.get().map(|at| at.0));
    [
        task_id(run, row),
        run.group_name(row.group).to_owned(),
        text(run.service_of(row.entry).map(|service| &service.name)),
        text(row.definition.map(|id| run.definition_name(id))),
        text(run.provider_of(row).or(fargate)),
        text(row.instance),
        text(run.zone_of(row)),
        row.submitted_at.0.to_string(),
        moment(row.placed_at),
        moment(row.started_at),
        moment(row.stopped_at),
        row.outcome.last_status().to_owned(),
        stop_code,
        reason,
        row.needs.cpu.0.to_string(),
        row.needs.memory.0.to_string(),
        row.needs.gpus.to_string(),
        run.task_cost(row).to_string(),
        text(row.name.as_deref()),
    ]
}

/// The columns of `fargate.csv`.
pub const FARGATE_COLUMNS: [&str; 12] = [
    "name",
    "service",
    "capacity_provider",
    "availability_zone",
    "platform",
    "cpu",
    "memory",
    "storage_gib",
    "tasks",
    "interrupted",
    "billed_seconds",
    "cost_usd",
];

/// Writes a row for each entry or service, capacity provider, zone and size of Fargate tasks.
pub fn fargate(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(FARGATE_COLUMNS)?;
    for of in &run.fargate.uses {
        let kind = &of.kind;
        file.write_record([
            run.entry_name(kind.entry).to_owned(),
            text(run.service_of(kind.entry).map(|service| &service.name)),
            kind.capacity.name().to_owned(),
            kind.availability_zone.clone(),
            kind.platform.name().to_owned(),
            kind.cpu.0.to_string(),
            kind.memory.0.to_string(),
            kind.storage_gib.to_string(),
            of.tasks.to_string(),
            of.interrupted.to_string(),
            seconds(of.billed_millis),
            of.cost.to_string(),
        ])?;
    }
    file.flush()
}

/// Writes a row an instance, in the order of registration.
pub fn instances(run: &Run, bill: &Bill, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(INSTANCE_COLUMNS)?;
    for (row, line) in run.instances.iter().zip(&bill.lines) {
        let facts = &row.facts;
        file.write_record([
            facts.id.to_string(),
            facts.instance_type.clone(),
            facts.availability_zone.clone(),
            facts.purchase_option.name().to_owned(),
            facts.capacity_provider.clone(),
            facts.launched_at.0.to_string(),
            facts
                .registered_at
                .map_or(String::new(), |at| at.0.to_string()),
            text(row.terminated_at.map(|at| at.0)),
            row.end_reason_name().to_owned(),
            seconds(row.reserved_millis.cpu),
            seconds(row.reserved_millis.memory),
            row.tasks_run.to_string(),
            line.cost.to_string(),
        ])?;
    }
    file.flush()
}

/// Writes a row a sample, in order of time.
pub fn timeseries(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(TIMESERIES_COLUMNS)?;
    for row in &run.timeseries {
        file.write_record(sample(row))?;
    }
    file.flush()
}

fn sample(row: &Sample) -> [String; 16] {
    let Millis(longest) = row.wait_longest;
    let cost: NanoUsd = row.cost;
    [
        row.at.0.to_string(),
        row.instances.to_string(),
        row.registered.cpu.to_string(),
        row.reserved.cpu.to_string(),
        row.registered.memory.to_string(),
        row.reserved.memory.to_string(),
        row.registered.gpu.to_string(),
        row.reserved.gpu.to_string(),
        row.tasks_pending.to_string(),
        row.tasks_running.to_string(),
        cost.to_string(),
        row.instances_used.to_string(),
        row.tasks_succeeded.to_string(),
        row.tasks_not_placed.to_string(),
        longest.to_string(),
        text(row.wait_mean.map(|wait| wait.0)),
    ]
}

/// Writes a row a service and sample, by time, then in the order of the scenario; the header alone
/// when the run kept no rows.
pub fn services(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(SERVICE_COLUMNS)?;
    let samples = run.services.iter().map(|service| &service.samples);
    for (service, row) in by_time(run, samples, |row| row.at) {
        file.write_record(service_sample(service, row))?;
    }
    file.flush()
}

fn service_sample(service: &ServiceRow, row: &ServiceSample) -> [String; 15] {
    let (counts, load) = (&row.counts, row.load.as_deref());
    let requests = |of: fn(&LoadSample) -> u64| {
        text(load.map(|load| decimal(u128::from(of(load)), 1_000_000)))
    };
    let metric = |of: fn(&LoadSample) -> Option<u32>| {
        text(
            load.and_then(of)
                .map(|value| decimal(u128::from(value), 1_000)),
        )
    };
    [
        row.at.0.to_string(),
        service.name.clone(),
        counts.desired.to_string(),
        counts.lower_limit.to_string(),
        counts.pending.to_string(),
        counts.running.to_string(),
        counts.healthy.to_string(),
        counts.stopping.to_string(),
        requests(|load| load.offered),
        requests(|load| load.served),
        requests(|load| load.lost),
        metric(|load| load.cpu),
        metric(|load| load.memory),
        metric(|load| load.latency),
        metric(|load| load.latency_p99),
    ]
}

/// Writes a row an event of a service, by time, then in the order of the scenario. When the run
/// kept no rows these are the latest of each service.
pub fn service_events(run: &Run, to: impl Write) -> io::Result<()> {
    let mut file = writer(to);
    file.write_record(SERVICE_EVENT_COLUMNS)?;
    let events = run.services.iter().map(|service| &service.events);
    for (service, row) in by_time(run, events, |row| row.at) {
        file.write_record([
            row.at.0.to_string(),
            service.name.clone(),
            row.event.event_name().to_owned(),
            row.event.severity().name().to_owned(),
            run.event_message(service, row),
        ])?;
    }
    file.flush()
}

/// The rows of all services by time, then by service; those of one service stay in their order.
fn by_time<'a, T>(
    run: &'a Run,
    rows: impl Iterator<Item = &'a Vec<T>>,
    at: impl Fn(&T) -> SimTime,
) -> Vec<(&'a ServiceRow, &'a T)> {
    let each = run.services.iter().zip(rows);
    let mut all: Vec<_> = each
        .flat_map(|(service, rows)| rows.iter().map(move |row| (service, row)))
        .collect();
    all.sort_by_key(|(_, row)| at(row));
    all
}

pub(super) fn writer<W: Write>(to: W) -> Writer<W> {
    WriterBuilder::new()
        .terminator(Terminator::Any(b'\n'))
        .from_writer(to)
}

pub(super) fn text<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(String::new, |value| value.to_string())
}

/// Unit-milliseconds as exact unit-seconds: `12`, `12.5`, `0.001`.
fn seconds(millis: u128) -> String {
    decimal(millis, 1_000)
}

/// So many parts of a unit, exactly: `12`, `12.5`, `0.001`. `parts` of them, a power of ten, make
/// a unit.
fn decimal(number: u128, parts: u128) -> String {
    let (whole, rest) = (number / parts, number % parts);
    if rest == 0 {
        return whole.to_string();
    }
    // The leading 1 keeps the zeros behind the point.
    let digits = (parts + rest).to_string();
    let digits = digits.get(1..).unwrap_or_default();
    format!("{whole}.{}", digits.trim_end_matches('0'))
}
