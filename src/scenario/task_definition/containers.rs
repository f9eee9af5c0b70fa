//! Container definitions: names, memory, the order they start in, and ranges of their settings.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use crate::model::{ContainerDefinition, NetworkMode};
use crate::units::MemoryMib;
use crate::units::parse::{parse_cpu, parse_memory};

use super::check_name;
use super::lifecycle;
use super::platform::Platform;
use super::reader::{Findings, Node};
use super::sizes::read as read_size;

/// The most containers of a definition (quota).
const MAX_CONTAINERS: usize = 10;
/// The least memory that ECS lets a container have.
const LEAST_MEMORY: MemoryMib = MemoryMib(4);
/// The least that Docker 20.10 and later run a container with.
const LEAST_MEMORY_TODAY: MemoryMib = MemoryMib(6);
/// Start and stop timeouts on Fargate, in seconds.
const FARGATE_TIMEOUT: RangeInclusive<u64> = 2..=120;
/// A timeout of a year says that somebody meant milliseconds.
const LONGEST_TIMEOUT: u64 = 31_536_000;
/// Exit codes that a restart policy may ignore.
const MAX_IGNORED_EXIT_CODES: usize = 50;

/// Reads and checks all containers.
pub(super) fn read(
    root: &Node<'_>,
    platform: &Platform<'_>,
    findings: &mut Findings,
) -> Vec<ContainerDefinition> {
    let nodes = root.list("containerDefinitions");
    let path = root.path_of("containerDefinitions");
    if nodes.is_empty() {
        findings.error(&path, "a task definition needs a container");
    }
    if nodes.len() > MAX_CONTAINERS {
        let message = format!("{} containers, ECS takes {MAX_CONTAINERS}", nodes.len());
        findings.error(&path, message);
    }
    if !nodes.is_empty()
        && nodes
            .iter()
            .all(|node| node.flag("essential") == Some(false))
    {
        findings.error(&path, "at least one container must be essential");
    }
    check_names(&nodes, findings);
    check_dependencies(&nodes, findings);
    check_volumes(root, &nodes, findings);
    if let Some(storage) = root.get("ephemeralStorage") {
        check_range(&storage, "sizeInGiB", 21..=200, "GiB", findings);
    }
    nodes
        .iter()
        .map(|node| read_container(node, &nodes, platform, findings))
        .collect()
}

fn read_container(
    node: &Node<'_>,
    nodes: &[Node<'_>],
    platform: &Platform<'_>,
    findings: &mut Findings,
) -> ContainerDefinition {
    if node.text("image").is_none_or(str::is_empty) {
        findings.warning(
            &node.path,
            "the container has no `image`: ECS would refuse it",
        );
    }
    check_timings(node, platform, findings);
    check_links(node, platform, findings);
    let memory = read_size(node, "memory", parse_memory, findings);
    let memory_reservation = read_size(node, "memoryReservation", parse_memory, findings);
    check_memory(node, memory, memory_reservation, findings);
    let cpu = read_size(node, "cpu", parse_cpu, findings).unwrap_or_default();
    ContainerDefinition {
        name: node.text("name").unwrap_or_default().to_owned(),
        image: node.text("image").unwrap_or_default().to_owned(),
        cpu,
        memory,
        memory_reservation,
        essential: node.flag("essential").unwrap_or(true),
        depends_on: lifecycle::depends_on(node, nodes),
        health_check: lifecycle::health_check(node),
        start_timeout: lifecycle::seconds(node, "startTimeout"),
        stop_timeout: lifecycle::seconds(node, "stopTimeout"),
        restart_policy: lifecycle::restart_policy(node),
    }
}

fn check_names(nodes: &[Node<'_>], findings: &mut Findings) {
    let mut names = BTreeSet::new();
    for node in nodes {
        if node.get("name").is_none() {
            findings.error(&node.path, "a container needs a `name`");
        }
        let Some(name) = node.text("name") else {
            continue;
        };
        check_name(name, &node.path_of("name"), findings);
        if !names.insert(name) {
            findings.error(
                node.path_of("name"),
                format!("two containers are named `{name}`"),
            );
        }
    }
}

fn check_memory(
    node: &Node<'_>,
    memory: Option<MemoryMib>,
    reservation: Option<MemoryMib>,
    findings: &mut Findings,
) {
    for (key, amount) in [("memory", memory), ("memoryReservation", reservation)] {
        let Some(amount) = amount else { continue };
        let path = node.path_of(key);
        if amount < LEAST_MEMORY {
            let message = format!("{amount} are too little: a container needs {LEAST_MEMORY}");
            findings.error(path, message);
        } else if amount < LEAST_MEMORY_TODAY {
            let message = format!(
                "Docker 20.10 and later run no container with less than {LEAST_MEMORY_TODAY}"
            );
            findings.warning(path, message);
        }
    }
    let Some((memory, reservation)) = memory.zip(reservation) else {
        return;
    };
    if memory < reservation {
        let message = format!(
            "the hard limit `memory` ({memory}) is less than `memoryReservation` ({reservation})"
        );
        findings.error(node.path_of("memory"), message);
    } else if memory == reservation {
        // The reference wants more, the service takes as much.
        let message = "`memory` should be greater than `memoryReservation`, or stand alone";
        findings.warning(node.path_of("memory"), message);
    }
}

fn check_timings(node: &Node<'_>, platform: &Platform<'_>, findings: &mut Findings) {
    for key in ["startTimeout", "stopTimeout"] {
        let range = if platform.fargate {
            FARGATE_TIMEOUT
        } else {
            0..=LONGEST_TIMEOUT
        };
        check_range(node, key, range, "seconds", findings);
    }
    if let Some(check) = node.get("healthCheck") {
        if check.list("command").is_empty() {
            findings.error(&check.path, "a health check needs a `command`");
        }
        for (key, range, unit) in [
            ("interval", 5..=300, "seconds"),
            ("timeout", 2..=60, "seconds"),
            ("retries", 1..=10, "retries"),
            ("startPeriod", 0..=300, "seconds"),
        ] {
            check_range(&check, key, range, unit, findings);
        }
    }
    if let Some(policy) = node.get("restartPolicy") {
        if policy.get("enabled").is_none() {
            findings.error(&policy.path, "a restart policy needs `enabled`");
        }
        check_range(
            &policy,
            "restartAttemptPeriod",
            60..=1_800,
            "seconds",
            findings,
        );
        let codes = policy.list("ignoredExitCodes").len();
        if codes > MAX_IGNORED_EXIT_CODES {
            let message = format!("{codes} exit codes, ECS takes {MAX_IGNORED_EXIT_CODES}");
            findings.error(policy.path_of("ignoredExitCodes"), message);
        }
    }
}

fn check_range(
    node: &Node<'_>,
    key: &str,
    range: RangeInclusive<u64>,
    unit: &str,
    findings: &mut Findings,
) {
    if let Some(number) = node.whole(key)
        && !range.contains(&number)
    {
        let (least, most) = (range.start(), range.end());
        let message = format!("`{key}` is {number}, ECS takes {least} to {most} {unit}");
        findings.error(node.path_of(key), message);
    }
}

fn check_links(node: &Node<'_>, platform: &Platform<'_>, findings: &mut Findings) {
    let bridge = matches!(
        platform.network_mode,
        NetworkMode::Bridge | NetworkMode::Default
    );
    if !bridge && !platform.fargate && !node.list("links").is_empty() {
        findings.error(
            node.path_of("links"),
            "links need the network mode `bridge`",
        );
    }
}

fn check_volumes(root: &Node<'_>, nodes: &[Node<'_>], findings: &mut Findings) {
    let volumes = root.list("volumes");
    let known: BTreeSet<&str> = volumes
        .iter()
        .filter_map(|volume| volume.text("name"))
        .collect();
    for mount in nodes.iter().flat_map(|node| node.list("mountPoints")) {
        if let Some(volume) = mount.text("sourceVolume")
            && !known.contains(volume)
        {
            let message = format!("no volume is named `{volume}`");
            findings.error(mount.path_of("sourceVolume"), message);
        }
    }
}

fn check_dependencies(nodes: &[Node<'_>], findings: &mut Findings) {
    let by_name = |name: &str| {
        nodes
            .iter()
            .position(|node| node.text("name") == Some(name))
    };
    let mut edges: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (from, node) in nodes.iter().enumerate() {
        for dependency in node.list("dependsOn") {
            for key in ["containerName", "condition"] {
                if dependency.get(key).is_none() {
                    findings.error(&dependency.path, format!("a dependency needs a `{key}`"));
                }
            }
            let Some(name) = dependency.text("containerName") else {
                continue;
            };
            let Some(to) = by_name(name) else {
                let message = format!("no container is named `{name}`");
                findings.error(dependency.path_of("containerName"), message);
                continue;
            };
            edges[from].push(to);
            check_condition(&dependency, &nodes[to], findings);
        }
    }
    for (place, node) in nodes.iter().enumerate() {
        if reaches(&edges, place) {
            let name = node.text("name").unwrap_or_default();
            let message = format!("container `{name}` waits for itself");
            findings.error(node.path_of("dependsOn"), message);
        }
    }
}

fn check_condition(dependency: &Node<'_>, on: &Node<'_>, findings: &mut Findings) {
    let name = on.text("name").unwrap_or_default();
    let message = match dependency.text("condition") {
        Some(condition @ ("COMPLETE" | "SUCCESS")) if on.flag("essential") != Some(false) => {
            format!(
                "{condition} waits for the end of `{name}`, which ends the task: it is essential"
            )
        }
        Some("HEALTHY") if on.get("healthCheck").is_none() => {
            format!("HEALTHY waits for a health check that `{name}` does not have")
        }
        _ => return,
    };
    findings.error(dependency.path_of("condition"), message);
}

/// Whether a container is among those that it waits for.
fn reaches(edges: &[Vec<usize>], start: usize) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = edges[start].clone();
    while let Some(place) = open.pop() {
        if place == start {
            return true;
        }
        if seen.insert(place) {
            open.extend(&edges[place]);
        }
    }
    false
}
