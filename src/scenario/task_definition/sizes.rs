//! What a task reserves: task-level sizes where given, else the sums over the containers.

use crate::cloud::fargate::FargateSize;
use crate::model::{ContainerDefinition, FargatePlatform, NetworkMode};
use crate::units::parse::{parse_cpu, parse_memory};
use crate::units::{CpuUnits, MemoryMib, Resources};

use super::platform::Platform;
use super::reader::{Findings, Node};

/// Task-level CPU on EC2: 0.125 to 192 vCPUs (API reference of RegisterTaskDefinition).
const TASK_CPU: std::ops::RangeInclusive<u32> = 128..=196_608;

/// What a task reserves, and which of it was given for the task as a whole.
pub(super) struct Sizes {
    pub(super) needs: Resources,
    pub(super) task_cpu: Option<CpuUnits>,
    pub(super) task_memory: Option<MemoryMib>,
}

/// Reads and checks the sizes; `None` when one of them cannot be read.
pub(super) fn sizes(
    root: &Node<'_>,
    platform: &Platform<'_>,
    containers: &[ContainerDefinition],
    findings: &mut Findings,
) -> Option<Sizes> {
    let mut cpu = read(root, "cpu", parse_cpu, findings);
    let mut memory = read(root, "memory", parse_memory, findings);
    if platform.fargate {
        check_fargate(root, platform, cpu, memory, findings);
    } else if platform.windows {
        // ECS ignores them for Windows containers on EC2.
        for key in ["cpu", "memory"] {
            if root.get(key).is_some() {
                let message = "task-level sizes are ignored for Windows containers";
                findings.warning(root.path_of(key), message);
            }
        }
        (cpu, memory) = (None, None);
    } else if let Some(CpuUnits(units)) = cpu
        && !TASK_CPU.contains(&units)
    {
        let message = format!(
            "task-level cpu is {units} CPU units, ECS takes {} to {}",
            TASK_CPU.start(),
            TASK_CPU.end()
        );
        findings.error(root.path_of("cpu"), message);
    }
    check_memory_is_given(
        root,
        memory.is_some() || root.get("memory").is_some() && !platform.windows,
        containers,
        findings,
    );
    let sums = Sums::of(root, containers, cpu, memory, findings);
    Some(Sizes {
        needs: Resources {
            cpu: cpu.or(sums.cpu)?,
            memory: memory.or(sums.memory)?,
            gpus: gpus(root, platform, findings)?,
            enis: u32::from(platform.network_mode == NetworkMode::Awsvpc),
        },
        task_cpu: cpu,
        task_memory: memory,
    })
}

/// `ephemeralStorage.sizeInGiB`; its range is checked with the containers.
pub(super) fn ephemeral_storage(root: &Node<'_>) -> Option<u32> {
    root.get("ephemeralStorage")?
        .size("sizeInGiB")?
        .parse()
        .ok()
}

/// A size under a key, with the error where it cannot be read.
pub(super) fn read<T>(
    node: &Node<'_>,
    key: &str,
    parse: fn(&str) -> Result<T, String>,
    findings: &mut Findings,
) -> Option<T> {
    let text = node.size(key)?;
    parse(&text)
        .map_err(|message| findings.error(node.path_of(key), message))
        .ok()
}

/// Without a task-level size every container needs a size of its own.
fn check_memory_is_given(
    root: &Node<'_>,
    task_level: bool,
    containers: &[ContainerDefinition],
    findings: &mut Findings,
) {
    for (node, container) in root.list("containerDefinitions").iter().zip(containers) {
        let given = ["memory", "memoryReservation"]
            .iter()
            .any(|key| node.get(key).is_some());
        if !task_level && !given {
            let name = &container.name;
            findings.error_with_hint(
                &node.path,
                format!("container `{name}` has neither `memory` nor `memoryReservation`"),
                "give one of them, or `memory` for the whole task",
            );
        }
    }
}

/// What the containers ask together; `None` where that is more than can be counted.
struct Sums {
    cpu: Option<CpuUnits>,
    memory: Option<MemoryMib>,
}

impl Sums {
    /// Sums up and holds the sums against the task-level sizes.
    fn of(
        root: &Node<'_>,
        containers: &[ContainerDefinition],
        task_cpu: Option<CpuUnits>,
        task_memory: Option<MemoryMib>,
        findings: &mut Findings,
    ) -> Self {
        let cpu: u64 = containers
            .iter()
            .map(|container| u64::from(container.cpu.0))
            .sum();
        let either = |first: Option<MemoryMib>, second: Option<MemoryMib>| {
            u64::from(first.or(second).unwrap_or_default().0)
        };
        let reserved: u64 = containers
            .iter()
            .map(|c| either(c.memory_reservation, c.memory))
            .sum();
        let limits: u64 = containers
            .iter()
            .map(|c| either(c.memory, c.memory_reservation))
            .sum();
        if let Some(CpuUnits(task)) = task_cpu
            && cpu > u64::from(task)
        {
            let message =
                format!("the containers' cpu adds up to {cpu} CPU units, the task has {task}");
            findings.error(root.path_of("cpu"), message);
        }
        if let Some(MemoryMib(task)) = task_memory
            && limits > u64::from(task)
        {
            let message =
                format!("the containers' memory adds up to {limits} MiB, the task has {task}");
            findings.error(root.path_of("memory"), message);
        }
        let mut count = |amount: u64| {
            let counted = u32::try_from(amount).ok();
            if counted.is_none() {
                let message = format!("the containers ask for {amount} units, more than fit");
                findings.error(root.path_of("containerDefinitions"), message);
            }
            counted
        };
        Self {
            cpu: count(cpu).map(CpuUnits),
            memory: count(reserved).map(MemoryMib),
        }
    }
}

/// Fargate knows certain pairs only (Developer Guide, "Task CPU and memory").
fn check_fargate(
    root: &Node<'_>,
    platform: &Platform<'_>,
    cpu: Option<CpuUnits>,
    memory: Option<MemoryMib>,
    findings: &mut Findings,
) {
    for key in ["cpu", "memory"] {
        if root.get(key).is_none() {
            findings.error(&root.path, format!("Fargate needs a task-level `{key}`"));
        }
    }
    let (Some(cpu), Some(memory)) = (cpu, memory) else {
        return;
    };
    let target = if platform.windows {
        FargatePlatform::Windows
    } else {
        FargatePlatform::LinuxX86
    };
    if FargateSize::exactly(target, cpu, memory).is_some() {
        return;
    }
    let windows = if platform.windows { " for Windows" } else { "" };
    let message = format!(
        "No Fargate configuration exists for given values: {} CPU units and {} MiB{windows}",
        cpu.0, memory.0
    );
    let hint = FargateSize::advice(target, cpu, memory);
    let key = if FargateSize::has_cpu(target, cpu) {
        "memory"
    } else {
        "cpu"
    };
    findings.error_with_hint(root.path_of(key), message, hint);
}

/// GPUs of all containers; `None` when a number cannot be read.
fn gpus(root: &Node<'_>, platform: &Platform<'_>, findings: &mut Findings) -> Option<u32> {
    let mut sum = Some(0_u32);
    for container in root.list("containerDefinitions") {
        for requirement in container.list("resourceRequirements") {
            match requirement.text("type") {
                Some("GPU") => {
                    let gpus = gpus_of(&requirement, platform, findings);
                    sum = sum.zip(gpus).map(|(sum, gpus)| sum.saturating_add(gpus));
                }
                Some(other) => {
                    let message = format!("the requirement of a `{other}` is ignored here");
                    findings.warning(&requirement.path, message);
                }
                None if requirement.get("type").is_none() => {
                    findings.error(&requirement.path, "a resource requirement needs a `type`");
                }
                None => {}
            }
        }
    }
    sum
}

fn gpus_of(
    requirement: &Node<'_>,
    platform: &Platform<'_>,
    findings: &mut Findings,
) -> Option<u32> {
    if platform.fargate || platform.windows {
        let place = if platform.fargate {
            "Fargate"
        } else {
            "Windows"
        };
        findings.error(&requirement.path, format!("there are no GPUs on {place}"));
    }
    let value = requirement.size("value").unwrap_or_default();
    let digits = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let gpus = digits
        .then(|| value.parse().ok())
        .flatten()
        .filter(|gpus| (1..=1_024).contains(gpus));
    if gpus.is_none() {
        let message = format!("`{value}` is not a number of GPUs");
        let hint = "a whole number, for example: \"1\"";
        findings.error_with_hint(requirement.path_of("value"), message, hint);
    }
    gpus
}
