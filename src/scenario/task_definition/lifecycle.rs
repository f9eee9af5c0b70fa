//! What bears on the life of a task: the order of its containers, their checks and restarts, its
//! file systems. The checks of these settings are in `containers`; defaults are applied here.

use std::collections::BTreeSet;

use crate::model::{ContainerCondition, ContainerDependency, HealthCheck, RestartPolicy};
use crate::units::Millis;

use super::reader::Node;

/// Seconds under a key.
pub(super) fn seconds(node: &Node<'_>, key: &str) -> Option<Millis> {
    let seconds = node.whole(key)?;
    Some(Millis(seconds.saturating_mul(Millis::SECOND.0)))
}

/// `dependsOn`, with the containers by their places.
pub(super) fn depends_on(node: &Node<'_>, nodes: &[Node<'_>]) -> Vec<ContainerDependency> {
    let read = |dependency: &Node<'_>| {
        let name = dependency.text("containerName")?;
        Some(ContainerDependency {
            container: nodes.iter().position(|on| on.text("name") == Some(name))?,
            condition: match dependency.text("condition")? {
                "START" => ContainerCondition::Start,
                "COMPLETE" => ContainerCondition::Complete,
                "SUCCESS" => ContainerCondition::Success,
                "HEALTHY" => ContainerCondition::Healthy,
                _ => return None,
            },
        })
    };
    node.list("dependsOn").iter().filter_map(read).collect()
}

/// `healthCheck`, with the API's defaults for what is not given.
pub(super) fn health_check(node: &Node<'_>) -> Option<HealthCheck> {
    let check = node.get("healthCheck")?;
    let retries = check.whole("retries").unwrap_or(3);
    Some(HealthCheck {
        interval: seconds(&check, "interval").unwrap_or(Millis(30_000)),
        timeout: seconds(&check, "timeout").unwrap_or(Millis(5_000)),
        retries: u32::try_from(retries).unwrap_or(u32::MAX),
        start_period: seconds(&check, "startPeriod").unwrap_or_default(),
    })
}

/// `restartPolicy` when it is enabled. Exit codes that no container ends with are left out.
pub(super) fn restart_policy(node: &Node<'_>) -> Option<RestartPolicy> {
    let policy = node.get("restartPolicy")?;
    if policy.flag("enabled") != Some(true) {
        return None;
    }
    let codes = policy.value.get("ignoredExitCodes");
    let codes: BTreeSet<u8> = codes
        .and_then(|codes| codes.as_array())
        .into_iter()
        .flatten()
        .filter_map(|code| u8::try_from(code.as_u64()?).ok())
        .collect();
    Some(RestartPolicy {
        ignored_exit_codes: codes.into_iter().collect(),
        restart_attempt_period: seconds(&policy, "restartAttemptPeriod").unwrap_or(Millis(300_000)),
    })
}

/// The EFS file systems of those volumes that some container mounts.
pub(super) fn efs_file_systems(root: &Node<'_>) -> Vec<String> {
    let containers = root.list("containerDefinitions");
    let mounts: Vec<Node<'_>> = containers
        .iter()
        .flat_map(|container| container.list("mountPoints"))
        .collect();
    let mounted: BTreeSet<&str> = mounts
        .iter()
        .filter_map(|mount| mount.text("sourceVolume"))
        .collect();
    let ids: BTreeSet<String> = root
        .list("volumes")
        .iter()
        .filter(|volume| {
            volume
                .text("name")
                .is_some_and(|name| mounted.contains(name))
        })
        .filter_map(|volume| volume.get("efsVolumeConfiguration"))
        .filter_map(|efs| efs.text("fileSystemId"))
        .map(str::to_owned)
        .collect();
    ids.into_iter().collect()
}
