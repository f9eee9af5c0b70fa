//! The attributes that an instance must have for tasks of a definition (`requiresAttributes`).

use crate::model::attributes::{CPU_ARCHITECTURE, OS_FAMILY, OS_TYPE, TASK_ENI};
use crate::model::{NetworkMode, RequiredAttribute};

use super::platform::Platform;
use super::reader::Node;

/// Attributes with a value and capabilities without one, sorted by name, each once.
///
/// ECS takes X86_64 and LINUX when a definition does not say, so architecture and operating
/// system are always required.
pub(super) fn required(root: &Node<'_>, platform: &Platform<'_>) -> Vec<RequiredAttribute> {
    let mut required = vec![
        valued(CPU_ARCHITECTURE, platform.architecture.attribute_value()),
        valued(OS_TYPE, if platform.windows { "windows" } else { "linux" }),
    ];
    if platform.windows
        && let Some(family) = platform.operating_system_family
    {
        required.push(valued(OS_FAMILY, family));
    }
    let mut capabilities = Vec::new();
    if platform.network_mode == NetworkMode::Awsvpc {
        capabilities.push(TASK_ENI.to_owned());
    }
    if root.get("taskRoleArn").is_some() {
        capabilities.push("com.amazonaws.ecs.capability.task-iam-role".to_owned());
    }
    if root
        .list("volumes")
        .iter()
        .any(|volume| volume.get("efsVolumeConfiguration").is_some())
    {
        capabilities.push("ecs.capability.efs".to_owned());
    }
    let execution_role = root.get("executionRoleArn").is_some();
    for container in root.list("containerDefinitions") {
        of_container(&container, execution_role, &mut capabilities);
    }
    required.extend(
        capabilities
            .into_iter()
            .map(|name| RequiredAttribute { name, value: None }),
    );
    required.sort();
    required.dedup();
    required
}

fn valued(name: &str, value: &str) -> RequiredAttribute {
    RequiredAttribute {
        name: name.to_owned(),
        value: Some(value.to_owned()),
    }
}

/// The capabilities that one container requires.
fn of_container(container: &Node<'_>, execution_role: bool, capabilities: &mut Vec<String>) {
    let mut require = |name: &str| capabilities.push(name.to_owned());
    if container.flag("privileged") == Some(true) {
        require("com.amazonaws.ecs.capability.privileged-container");
    }
    if !container.list("dependsOn").is_empty() {
        require("ecs.capability.container-ordering");
    }
    if !container.list("environmentFiles").is_empty() {
        require("ecs.capability.env-files.s3");
    }
    if container.text("image").is_some_and(is_in_ecr) {
        require("com.amazonaws.ecs.capability.ecr-auth");
        if execution_role {
            require("ecs.capability.execution-role-ecr-pull");
        }
    }
    if let Some(kind) = container
        .get("firelensConfiguration")
        .and_then(|f| f.text("type"))
    {
        require(&format!("ecs.capability.firelens.{kind}"));
    }
    if let Some(driver) = container
        .get("logConfiguration")
        .and_then(|log| log.text("logDriver"))
    {
        require(&format!(
            "com.amazonaws.ecs.capability.logging-driver.{driver}"
        ));
        if driver == "awslogs" && execution_role {
            require("ecs.capability.execution-role-awslogs");
        }
    }
}

/// `<account>.dkr.ecr.<region>.amazonaws.com/...`
fn is_in_ecr(image: &str) -> bool {
    let registry = image.split('/').next().unwrap_or_default();
    registry.contains(".dkr.ecr.") && registry.contains(".amazonaws.com")
}
