//! Task definitions as users have them, RegisterTaskDefinition's JSON or its YAML in a scenario,
//! checked by ECS's own rules.
//!
//! Sources: ECS API reference, RegisterTaskDefinition and the types below it; ECS Developer Guide,
//! "Task definition parameters" and "Fargate task definition differences".

mod attributes;
mod containers;
mod lifecycle;
mod platform;
mod ports;
mod reader;
mod shape;
mod sizes;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::Value;

use crate::model::TaskDefinition;
use crate::placement::MAX_CONSTRAINTS;
use crate::placement::query::Expression;

pub use reader::Finding;
use reader::{Findings, Node, check_shape};

/// A task definition as it was written, in the shape of RegisterTaskDefinition, or of
/// DescribeTaskDefinition's answer (`{"taskDefinition": {...}}`). Nothing is checked yet, so that
/// [`check`] can report everything at once.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct RawTaskDefinition(pub Value);

/// What becomes of a key that the ECS API does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownKeys {
    /// An error: for definitions written into a scenario, where it is a slip of the pen.
    Refuse,
    /// A warning: for files that come from AWS, which adds keys to its API.
    Warn,
}

/// The longest family, and the longest name of a container, in characters.
const MAX_NAME: usize = 255;

/// The largest definition, in bytes of JSON (quota).
const MAX_BYTES: usize = 65_536;

/// Checks a definition and computes what its tasks need. All findings are reported at once; there
/// is a definition unless one of them is an error.
pub fn check(
    raw: &RawTaskDefinition,
    revision: u32,
    unknown_keys: UnknownKeys,
) -> (Option<TaskDefinition>, Vec<Finding>) {
    let mut findings = Findings::default();
    let whole = Node {
        value: &raw.0,
        path: String::new(),
    };
    let root = match whole.get("taskDefinition") {
        Some(wrapped) if raw.0.get("containerDefinitions").is_none() => wrapped,
        _ => whole,
    };
    check_shape(&root, shape::TASK_DEFINITION, unknown_keys, &mut findings);
    if !root.value.is_object() {
        if root.value.is_null() {
            findings.error(root.path, "expected a task definition, but found nothing");
        }
        return (None, findings.0);
    }
    let bytes = root.value.to_string().len();
    if bytes > MAX_BYTES {
        let message = format!("the definition has {bytes} bytes as JSON, ECS takes {MAX_BYTES}");
        findings.error(&root.path, message);
    }
    let definition = build(&root, revision, &mut findings);
    (definition.filter(|_| !findings.any_error()), findings.0)
}

/// Runs every check; `None` only when some amount could not be read.
fn build(root: &Node<'_>, revision: u32, findings: &mut Findings) -> Option<TaskDefinition> {
    let family = check_family(root, findings);
    let platform = platform::read(root, findings);
    let containers = containers::read(root, &platform, findings);
    let sizes = sizes::sizes(root, &platform, &containers, findings);
    let ports = ports::read(root, &platform, findings);
    let required_attributes = attributes::required(root, &platform);
    let placement_constraints = placement_constraints(root, &platform, findings);
    let sizes = sizes?;
    Some(TaskDefinition {
        family: family?.to_owned(),
        revision,
        requires_compatibilities: platform.requires_compatibilities,
        network_mode: platform.network_mode,
        containers,
        needs: sizes.needs,
        task_cpu: sizes.task_cpu,
        task_memory: sizes.task_memory,
        execution_role: root.get("executionRoleArn").is_some(),
        ephemeral_storage_gib: sizes::ephemeral_storage(root),
        efs_file_systems: lifecycle::efs_file_systems(root),
        ports,
        architecture: platform.architecture,
        operating_system_family: platform.operating_system_family.map(str::to_owned),
        required_attributes,
        placement_constraints,
    })
}

fn check_family<'a>(root: &Node<'a>, findings: &mut Findings) -> Option<&'a str> {
    if root.get("family").is_none() {
        findings.error(&root.path, "a task definition needs a `family`");
    }
    let family = root.text("family")?;
    check_name(family, &root.path_of("family"), findings);
    Some(family)
}

/// Families and containers are named alike: up to 255 letters, digits, `-` and `_`.
fn check_name(name: &str, path: &str, findings: &mut Findings) {
    let known = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(known) {
        findings.error_with_hint(
            path,
            format!("`{name}` cannot be a name"),
            format!("1 to {MAX_NAME} letters, digits, - and _"),
        );
    }
}

/// The definition's own constraints: `memberOf` only.
fn placement_constraints(
    root: &Node<'_>,
    platform: &platform::Platform<'_>,
    findings: &mut Findings,
) -> Vec<Expression> {
    let constraints = root.list("placementConstraints");
    let path = root.path_of("placementConstraints");
    if platform.fargate && !constraints.is_empty() {
        findings.error(&path, "Fargate takes no placement constraints");
    }
    if constraints.len() > MAX_CONSTRAINTS {
        let message = format!(
            "{} constraints, ECS takes {MAX_CONSTRAINTS}",
            constraints.len()
        );
        findings.error(&path, message);
    }
    constraints
        .iter()
        .filter_map(|constraint| member_of(constraint, findings))
        .collect()
}

fn member_of(constraint: &Node<'_>, findings: &mut Findings) -> Option<Expression> {
    if constraint.text("type") != Some("memberOf") {
        let hint = "distinctInstance belongs to the service, or to the entry of `tasks`";
        let message = "a task definition's constraints are of the type `memberOf`";
        findings.error_with_hint(constraint.path_of("type"), message, hint);
        return None;
    }
    let Some(text) = constraint.text("expression") else {
        findings.error(&constraint.path, "`memberOf` needs an `expression`");
        return None;
    };
    Expression::parse(text)
        .map_err(|error| {
            let path = constraint.path_of("expression");
            match &error.hint {
                Some(hint) => findings.error_with_hint(path, error.with_caret(text), hint),
                None => findings.error(path, error.with_caret(text)),
            }
        })
        .ok()
}
