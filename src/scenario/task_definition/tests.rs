//! Definitions that ECS takes, and one wrong definition for each rule.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Finding, RawTaskDefinition, UnknownKeys, check};
use crate::model::{
    ContainerCondition, ContainerDependency, CpuArchitecture, HealthCheck, LaunchType, NetworkMode,
    Ports, RequiredAttribute, RestartPolicy, TaskDefinition,
};
use crate::scenario::Severity;
use crate::units::{CpuUnits, MemoryMib, Millis, Resources};

macro_rules! fixture {
    ($name:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/fixtures/task-definitions/",
            $name,
            ".json"
        ))
    };
}

/// Reads a file both as JSON and as YAML, and checks it as a file from AWS.
fn from_file(text: &str) -> (TaskDefinition, Vec<Finding>) {
    let raw: RawTaskDefinition = serde_json::from_str(text).unwrap();
    let as_yaml: RawTaskDefinition = serde_yaml::from_str(text).unwrap();
    assert_eq!(raw, as_yaml);
    let (definition, findings) = check(&raw, 1, UnknownKeys::Warn);
    (
        definition.unwrap_or_else(|| panic!("{findings:?}")),
        findings,
    )
}

fn needs(cpu: u32, memory: u32, gpus: u32, enis: u32) -> Resources {
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus,
        enis,
    }
}

fn ports(tcp: &[u16], udp: &[u16], dynamic: u32) -> Ports {
    Ports {
        tcp: tcp.to_vec(),
        udp: udp.to_vec(),
        dynamic,
    }
}

fn required(definition: &TaskDefinition) -> Vec<String> {
    let said = |attribute: &RequiredAttribute| match &attribute.value {
        Some(value) => format!("{}={value}", attribute.name),
        None => attribute.name.clone(),
    };
    definition.required_attributes.iter().map(said).collect()
}

fn said(findings: &[Finding]) -> Vec<String> {
    findings
        .iter()
        .map(|finding| format!("{}: {}", finding.path, finding.message))
        .collect()
}

#[test]
fn a_bridge_definition_reserves_its_containers_sums() {
    let (definition, findings) = from_file(fixture!("bridge-web"));
    assert_eq!(said(&findings), Vec::<String>::new());
    assert_eq!(definition.name(), "web:1");
    // G7: the reservation of 128, not the limit of 300, is deducted.
    assert_eq!(definition.needs, needs(384, 640, 0, 0));
    // G12: TCP and UDP are apart; G10: a port that is not given is dynamic.
    assert_eq!(definition.ports, ports(&[8_443], &[53], 1));
    assert_eq!(definition.containers[1].stop_timeout, Some(Millis(45_000)));
    assert!(definition.containers[0].essential);
    assert_eq!(
        definition.placement_constraints[0].text(),
        "attribute:ecs.instance-type =~ m5.*"
    );
    assert_eq!(
        required(&definition),
        [
            "com.amazonaws.ecs.capability.ecr-auth",
            "com.amazonaws.ecs.capability.logging-driver.awslogs",
            "com.amazonaws.ecs.capability.task-iam-role",
            "ecs.capability.execution-role-awslogs",
            "ecs.capability.execution-role-ecr-pull",
            "ecs.cpu-architecture=x86_64",
            "ecs.os-type=linux",
        ]
    );
}

#[test]
fn task_level_sizes_are_reserved_in_every_spelling() {
    let (definition, findings) = from_file(fixture!("awsvpc-text-sizes"));
    assert_eq!(said(&findings), Vec::<String>::new());
    assert_eq!(definition.needs, needs(256, 512, 0, 1));
    // In `awsvpc` mode ports never conflict.
    assert_eq!(definition.ports, Ports::default());
    // G19
    assert!(required(&definition).contains(&"ecs.capability.task-eni".to_owned()));
}

#[test]
fn a_description_is_read_as_the_definition_it_describes() {
    let (definition, findings) = from_file(fixture!("described-fargate"));
    assert_eq!(
        said(&findings),
        [
            "taskDefinition.containerDefinitions[0].aKeyOfTomorrow: unknown key \
             `aKeyOfTomorrow` is ignored"
        ]
    );
    assert!(
        findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning)
    );
    assert_eq!(definition.requires_compatibilities, [LaunchType::Fargate]);
    // G8: the task-level size counts, whatever the containers say.
    assert_eq!(definition.needs, needs(1_024, 2_048, 0, 1));
    // G21
    assert_eq!(definition.architecture, CpuArchitecture::Arm64);
    assert!(required(&definition).contains(&"ecs.cpu-architecture=arm64".to_owned()));
    // The description's own revision is ignored.
    assert_eq!(definition.revision, 1);
}

#[test]
fn a_host_network_takes_container_ports_on_the_host() {
    let (definition, findings) = from_file(fixture!("host-network"));
    assert_eq!(said(&findings), Vec::<String>::new());
    assert_eq!(definition.network_mode, NetworkMode::Host);
    assert_eq!(definition.ports, ports(&[8_500], &[8_600], 0));
    assert_eq!(definition.needs, needs(128, 64, 0, 0));
    assert_eq!(
        required(&definition),
        [
            "com.amazonaws.ecs.capability.privileged-container",
            "ecs.cpu-architecture=x86_64",
            "ecs.os-type=linux",
        ]
    );
}

#[test]
fn gpus_of_all_containers_are_summed() {
    let (definition, _) = from_file(fixture!("gpu-training"));
    assert_eq!(definition.needs, needs(4_096, 17_408, 3, 0));
    assert!(!definition.containers[1].essential);
}

#[test]
fn sidecars_require_what_they_use() {
    let (definition, findings) = from_file(fixture!("sidecar-order"));
    assert_eq!(said(&findings), Vec::<String>::new());
    assert_eq!(definition.needs, needs(1_024, 2_048, 0, 0));
    assert_eq!(
        required(&definition),
        [
            "com.amazonaws.ecs.capability.logging-driver.awsfirelens",
            "ecs.capability.container-ordering",
            "ecs.capability.efs",
            "ecs.capability.env-files.s3",
            "ecs.capability.firelens.fluentbit",
            "ecs.cpu-architecture=x86_64",
            "ecs.os-type=linux",
        ]
    );
}

#[test]
fn what_bears_on_the_life_of_a_task_is_kept() {
    let (definition, _) = from_file(fixture!("sidecar-order"));
    let [router, migrate, app] = definition.containers.as_slice() else {
        panic!("{definition:?}");
    };
    let wait = |container, condition| ContainerDependency {
        container,
        condition,
    };
    assert_eq!(
        app.depends_on,
        [
            wait(0, ContainerCondition::Healthy),
            wait(1, ContainerCondition::Success),
        ]
    );
    let check = HealthCheck {
        interval: Millis(10_000),
        timeout: Millis(5_000),
        retries: 5,
        start_period: Millis::ZERO,
    };
    assert_eq!(router.health_check, Some(check));
    assert_eq!(
        (&migrate.health_check, &migrate.restart_policy),
        (&None, &None)
    );
    assert_eq!(app.start_timeout, Some(Millis(120_000)));
    assert_eq!((router.start_timeout, app.stop_timeout), (None, None));
    let policy = RestartPolicy {
        ignored_exit_codes: vec![0],
        restart_attempt_period: Millis(60_000),
    };
    assert_eq!(app.restart_policy, Some(policy));
    assert_eq!(definition.task_cpu, Some(CpuUnits(1_024)));
    assert_eq!(definition.task_memory, Some(MemoryMib(2_048)));
    assert_eq!(definition.efs_file_systems, ["fs-0123abcd"]);
    assert!(!definition.execution_role);

    let (bridge, _) = from_file(fixture!("bridge-web"));
    assert!(bridge.execution_role);
    assert_eq!((bridge.task_cpu, bridge.task_memory), (None, None));
}

#[test]
fn what_a_definition_leaves_out_has_the_default_of_the_api() {
    let changes = json!({
        "/containerDefinitions/0/healthCheck": {"command": ["CMD", "true"]},
        "/containerDefinitions/0/restartPolicy": {"enabled": true, "ignoredExitCodes": [9, 0, 300]},
        "/containerDefinitions/1/restartPolicy": {"enabled": false},
        "/volumes": [{"name": "unused", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}],
    });
    let (definition, _) = check(&changed(right(), &changes), 1, UnknownKeys::Refuse);
    let definition = definition.unwrap();
    let check = HealthCheck {
        interval: Millis(30_000),
        timeout: Millis(5_000),
        retries: 3,
        start_period: Millis::ZERO,
    };
    assert_eq!(definition.containers[0].health_check, Some(check));
    let policy = RestartPolicy {
        ignored_exit_codes: vec![0, 9],
        restart_attempt_period: Millis(300_000),
    };
    assert_eq!(definition.containers[0].restart_policy, Some(policy));
    assert_eq!(definition.containers[1].restart_policy, None);
    // A volume that no container mounts is not waited for.
    assert_eq!(definition.efs_file_systems, Vec::<String>::new());
}

#[test]
fn windows_containers_ignore_task_level_sizes() {
    let (definition, findings) = from_file(fixture!("windows-site"));
    assert!(definition.is_windows());
    assert_eq!((definition.task_cpu, definition.task_memory), (None, None));
    let ignored = "task-level sizes are ignored for Windows containers";
    assert_eq!(
        said(&findings),
        [format!("cpu: {ignored}"), format!("memory: {ignored}")]
    );
    assert_eq!(definition.needs, needs(1_024, 1_536, 0, 0));
    assert_eq!(definition.network_mode, NetworkMode::Default);
    assert_eq!(definition.ports, ports(&[8_080], &[], 0));
    assert_eq!(
        required(&definition),
        [
            "ecs.cpu-architecture=x86_64",
            "ecs.os-family=WINDOWS_SERVER_2022_CORE",
            "ecs.os-type=windows",
        ]
    );
}

#[test]
fn a_template_and_a_range_of_ports_are_taken() {
    let (definition, findings) = from_file(fixture!("templated-external"));
    assert_eq!(said(&findings), Vec::<String>::new());
    assert_eq!(definition.requires_compatibilities, [LaunchType::External]);
    assert_eq!(definition.ports, ports(&[], &[], 10));
}

/// A definition that is right, for changing one thing in it.
fn right() -> Value {
    json!({
        "family": "web",
        "containerDefinitions": [
            {"name": "app", "image": "app:1", "cpu": 256, "memory": 512},
            {"name": "side", "image": "side:1", "memory": 64, "essential": false},
        ],
    })
}

/// The definition with values put (or, where `null`, taken away) at JSON pointers.
fn changed(mut definition: Value, changes: &Value) -> RawTaskDefinition {
    for (pointer, value) in changes.as_object().unwrap() {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = definition.pointer_mut(parent).unwrap();
        parent
            .as_object_mut()
            .unwrap()
            .insert(key.to_owned(), value.clone());
    }
    RawTaskDefinition(definition)
}

/// Rows of `wrong.yaml` that start from the same changes.
#[derive(Deserialize)]
struct Group {
    base: Map<String, Value>,
    rows: Vec<Row>,
}

/// Changes, and the finding that they bring.
#[derive(Deserialize)]
struct Row {
    change: Map<String, Value>,
    path: String,
    error: Option<String>,
    warning: Option<String>,
}

fn check_group(name: &str) {
    let groups: BTreeMap<String, Group> = serde_yaml::from_str(include_str!("wrong.yaml")).unwrap();
    let group = &groups[name];
    for row in &group.rows {
        let mut changes = group.base.clone();
        changes.extend(row.change.clone());
        let raw = changed(right(), &Value::Object(changes));
        let (severity, message) = match (&row.error, &row.warning) {
            (Some(error), _) => (Severity::Error, error),
            (None, warning) => (Severity::Warning, warning.as_ref().unwrap()),
        };
        let (definition, findings) = check(&raw, 1, UnknownKeys::Refuse);
        let found: Vec<(&str, &str)> = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .map(|finding| (finding.path.as_str(), finding.message.as_str()))
            .collect();
        assert_eq!(
            found,
            [(row.path.as_str(), message.as_str())],
            "{:?}",
            row.change
        );
        assert_eq!(
            definition.is_none(),
            severity == Severity::Error,
            "{:?}",
            row.change
        );
    }
}

#[test]
fn the_definition_that_is_changed_is_right() {
    let (definition, findings) = check(&RawTaskDefinition(right()), 3, UnknownKeys::Refuse);
    assert_eq!(findings, []);
    assert_eq!(definition.unwrap().name(), "web:3");
}

#[test]
fn a_wrong_definition_as_a_whole_has_its_message() {
    check_group("wholes");
}

#[test]
fn a_wrong_size_has_its_message() {
    check_group("sizes");
}

#[test]
fn a_wrong_port_mapping_has_its_message() {
    check_group("ports");
}

#[test]
fn a_wrong_container_setting_has_its_message() {
    check_group("containers");
}

#[test]
fn a_wrong_constraint_has_its_message() {
    check_group("constraints");
}

#[test]
fn what_fargate_does_not_support_has_its_message() {
    check_group("fargate");
}

#[test]
fn what_may_not_be_meant_is_a_warning() {
    check_group("warnings");
}

#[test]
fn lists_have_their_limits() {
    let container = |n: u32| json!({"name": format!("c{n}"), "image": "i", "memory": 8});
    let constraint = json!({"type": "memberOf", "expression": "attribute:a exists"});
    let restart = json!({"enabled": true, "ignoredExitCodes": (0..51).collect::<Vec<u32>>()});
    let ranges: Vec<Value> = (1..=101)
        .map(|n| json!({"containerPortRange": format!("{n}-{n}")}))
        .collect();
    for (pointer, value, path, message) in [
        (
            "/containerDefinitions",
            (0..11).map(container).collect(),
            "containerDefinitions",
            "11 containers, ECS takes 10",
        ),
        (
            "/placementConstraints",
            json!(vec![constraint; 11]),
            "placementConstraints",
            "11 constraints, ECS takes 10",
        ),
        (
            "/containerDefinitions/0/restartPolicy",
            restart,
            "containerDefinitions[0].restartPolicy.ignoredExitCodes",
            "51 exit codes, ECS takes 50",
        ),
        (
            "/containerDefinitions/0/portMappings",
            json!(ranges),
            "containerDefinitions[0].portMappings",
            "101 port ranges, ECS takes 100",
        ),
    ] {
        let (_, findings) = check(
            &changed(right(), &json!({pointer: value})),
            1,
            UnknownKeys::Warn,
        );
        assert_eq!(said(&findings), [format!("{path}: {message}")]);
    }
}

#[test]
fn a_definition_has_at_most_64_kib() {
    let of_length = |length: usize| {
        let bare = right().to_string().len() + r#""command":[""],"#.len();
        changed(
            right(),
            &json!({"/containerDefinitions/0/command": ["x".repeat(length - bare)]}),
        )
    };
    assert_eq!(of_length(65_536).0.to_string().len(), 65_536);
    assert_eq!(check(&of_length(65_536), 1, UnknownKeys::Refuse).1, []);
    let (definition, findings) = check(&of_length(65_537), 1, UnknownKeys::Refuse);
    assert_eq!(definition, None);
    assert_eq!(
        said(&findings),
        [": the definition has 65537 bytes as JSON, ECS takes 65536"]
    );
}

#[test]
fn fargate_takes_its_own_sizes() {
    for (cpu, memory) in [
        (256, 512),
        (512, 4_096),
        (4_096, 30_720),
        (16_384, 122_880),
        (32_768, 249_856),
    ] {
        let changes = json!({
            "/requiresCompatibilities": ["EC2", "FARGATE"],
            "/networkMode": "awsvpc",
            "/cpu": cpu,
            "/memory": memory,
            "/containerDefinitions/0/memory": 256,
        });
        let (_, findings) = check(&changed(right(), &changes), 1, UnknownKeys::Refuse);
        assert_eq!(findings, [], "{cpu} {memory}");
    }
}

#[test]
fn containers_that_wait_for_each_other_are_all_named() {
    let wait = |name: &str| json!([{"containerName": name, "condition": "START"}]);
    let raw = changed(
        right(),
        &json!({
            "/containerDefinitions/0/dependsOn": wait("side"),
            "/containerDefinitions/1/dependsOn": wait("app"),
        }),
    );
    let (definition, findings) = check(&raw, 1, UnknownKeys::Refuse);
    assert_eq!(definition, None);
    assert_eq!(
        said(&findings),
        [
            "containerDefinitions[0].dependsOn: container `app` waits for itself",
            "containerDefinitions[1].dependsOn: container `side` waits for itself",
        ]
    );
}

#[test]
fn all_faults_are_reported_at_once_with_suggestions() {
    let raw = changed(
        right(),
        &json!({
            "/famly": "x",
            "/family": null,
            "/cpu": "fast",
            "/containerDefinitions/1/name": "app",
        }),
    );
    let (definition, findings) = check(&raw, 1, UnknownKeys::Refuse);
    assert_eq!(definition, None);
    assert_eq!(findings.len(), 4, "{findings:?}");
    assert_eq!(findings[0].hint.as_deref(), Some("did you mean `family`?"));
}

#[test]
fn what_is_no_definition_at_all_is_refused() {
    for value in [
        json!(null),
        json!(5),
        json!([]),
        json!({"taskDefinition": "web:1"}),
        json!({}),
    ] {
        let (definition, findings) = check(&RawTaskDefinition(value.clone()), 1, UnknownKeys::Warn);
        assert_eq!(definition, None, "{value}");
        assert!(
            findings.iter().any(|f| f.severity == Severity::Error),
            "{value}"
        );
    }
}

proptest! {
    /// Whatever stands at whatever place: findings, never a panic.
    #[test]
    fn no_value_at_any_place_breaks_the_check(
        place in 0..PLACES.len(),
        value in prop::sample::select(vec![
            json!(null), json!(true), json!(0), json!(-1), json!(1.5), json!(u64::MAX), json!(""),
            json!("ALL"), json!("1-65535"), json!("65535"), json!([]), json!([null]), json!([[]]),
            json!({}), json!([{}]), json!([{"": {}}]), json!("99999999999999999999 GB"),
        ]),
        mode in prop::sample::select(vec!["bridge", "host", "awsvpc", "none", "default", "?"]),
    ) {
        let changes = json!({"/networkMode": mode, PLACES[place]: value});
        for unknown_keys in [UnknownKeys::Refuse, UnknownKeys::Warn] {
            let (definition, findings) = check(&changed(right(), &changes), 1, unknown_keys);
            let wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
            prop_assert_eq!(definition.is_none(), wrong);
        }
    }
}

/// Places of all kinds of values.
const PLACES: [&str; 16] = [
    "/containerDefinitions",
    "/cpu",
    "/memory",
    "/family",
    "/placementConstraints",
    "/requiresCompatibilities",
    "/runtimePlatform",
    "/volumes",
    "/containerDefinitions/0/cpu",
    "/containerDefinitions/0/memory",
    "/containerDefinitions/0/name",
    "/containerDefinitions/0/portMappings",
    "/containerDefinitions/0/dependsOn",
    "/containerDefinitions/0/resourceRequirements",
    "/containerDefinitions/0/healthCheck",
    "/containerDefinitions/0/stopTimeout",
];
