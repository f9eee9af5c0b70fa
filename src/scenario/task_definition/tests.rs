//! Definitions that ECS takes, and one wrong definition for each rule.

use serde_json::{Value, json};

use super::{Finding, RawTaskDefinition, UnknownKeys, check};
use crate::scenario::Severity;
use crate::model::{CpuArchitecture, NetworkMode, Ports, RequiredAttribute, TaskDefinition};
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

const NOT_ON_EC2: &str = "the definition does not ask for EC2, but its tasks are placed on EC2 \
     instances here";

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
                .to_owned(),
            format!("taskDefinition.requiresCompatibilities: {NOT_ON_EC2}"),
        ]
    );
    assert!(
        findings
            .iter()
            .all(|finding| finding.severity == Severity::Warning)
    );
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
fn windows_containers_ignore_task_level_sizes() {
    let (definition, findings) = from_file(fixture!("windows-site"));
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
    assert_eq!(
        said(&findings),
        [format!("requiresCompatibilities: {NOT_ON_EC2}")]
    );
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

/// Changes, and the error that they bring: its path and message.
type Row = (Value, &'static str, &'static str);

fn check_rows(severity: Severity, rows: Vec<Row>) {
    for (changes, path, message) in rows {
        let raw = changed(right(), &changes);
        let (definition, findings) = check(&raw, 1, UnknownKeys::Refuse);
        let found: Vec<(&str, &str)> = findings
            .iter()
            .filter(|finding| finding.severity == severity)
            .map(|finding| (finding.path.as_str(), finding.message.as_str()))
            .collect();
        assert!(found.contains(&(path, message)), "{changes}: {findings:?}");
        assert_eq!(found.len(), 1, "{changes}: {findings:?}");
        assert_eq!(
            definition.is_none(),
            severity == Severity::Error,
            "{changes}"
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
fn each_wrong_definition_as_a_whole_has_its_message() {
    let eleven: Vec<Value> = (0..11)
        .map(|n| json!({"name": format!("c{n}"), "image": "i", "memory": 8}))
        .collect();
    check_rows(
        Severity::Error,
        vec![
            (
                json!({"/family": null}),
                "",
                "a task definition needs a `family`",
            ),
            (
                json!({"/family": "my web"}),
                "family",
                "`my web` cannot be a name",
            ),
            (
                json!({"/family": 7}),
                "family",
                "expected text, but found the number 7",
            ),
            (json!({"/familly": "x"}), "familly", "unknown key `familly`"),
            (
                json!({"/containerDefinitions/0/memmory": 5}),
                "containerDefinitions[0].memmory",
                "unknown key `memmory`",
            ),
            (
                json!({"/containerDefinitions": []}),
                "containerDefinitions",
                "a task definition needs a container",
            ),
            (
                json!({"/containerDefinitions": eleven}),
                "containerDefinitions",
                "11 containers, ECS takes 10",
            ),
            (
                json!({"/containerDefinitions/0/essential": false}),
                "containerDefinitions",
                "at least one container must be essential",
            ),
            (
                json!({"/containerDefinitions/1/name": "app"}),
                "containerDefinitions[1].name",
                "two containers are named `app`",
            ),
            (
                json!({"/containerDefinitions/1/name": null}),
                "containerDefinitions[1]",
                "a container needs a `name`",
            ),
            (
                json!({"/networkMode": "bridged"}),
                "networkMode",
                "`bridged` is not a value that ECS knows",
            ),
            (
                json!({"/networkMode": "default"}),
                "networkMode",
                "the network mode `default` is for Windows containers",
            ),
            (
                json!({"/networkMode": "host", "/runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_FULL"}}),
                "networkMode",
                "Windows containers have no network mode `host`",
            ),
            (
                json!({"/runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_FULL", "cpuArchitecture": "ARM64"}}),
                "runtimePlatform.cpuArchitecture",
                "Windows containers run on X86_64 only",
            ),
            (
                json!({"/runtimePlatform": {"cpuArchitecture": "arm64"}}),
                "runtimePlatform.cpuArchitecture",
                "`arm64` is not a value that ECS knows",
            ),
            (
                json!({"/requiresCompatibilities": ["EC3"]}),
                "requiresCompatibilities[0]",
                "`EC3` is not a value that ECS knows",
            ),
            (
                json!({"/ephemeralStorage": {"sizeInGiB": 20}}),
                "ephemeralStorage.sizeInGiB",
                "`sizeInGiB` is 20, ECS takes 21 to 200 GiB",
            ),
        ],
    );
}

#[test]
fn each_wrong_size_has_its_message() {
    let first = "/containerDefinitions/0";
    check_rows(
        Severity::Error,
        vec![
            (
                json!({format!("{first}/memory"): null}),
                "containerDefinitions[0]",
                "container `app` has neither `memory` nor `memoryReservation`",
            ),
            (
                json!({format!("{first}/memoryReservation"): 600}),
                "containerDefinitions[0].memory",
                "the hard limit `memory` (512 MiB) is less than `memoryReservation` (600 MiB)",
            ),
            (
                json!({format!("{first}/memory"): 3}),
                "containerDefinitions[0].memory",
                "3 MiB are too little: a container needs 4 MiB",
            ),
            (
                json!({format!("{first}/cpu"): "1 vCPU"}),
                "containerDefinitions[0].cpu",
                "expected a whole number, but found the text `1 vCPU`",
            ),
            (
                json!({format!("{first}/cpu"): -1}),
                "containerDefinitions[0].cpu",
                "expected a whole number, but found the number -1",
            ),
            (
                json!({format!("{first}/cpu"): 4_294_967_296_u64}),
                "containerDefinitions[0].cpu",
                "4294967296 CPU units are more than fit",
            ),
            (
                json!({format!("{first}/cpu"): 4_294_967_295_u64, "/containerDefinitions/1/cpu": 1}),
                "containerDefinitions",
                "the containers ask for 4294967296 units, more than fit",
            ),
            (
                json!({"/memory": "512"}),
                "memory",
                "the containers' memory adds up to 576 MiB, the task has 512",
            ),
            (
                json!({"/cpu": 128}),
                "cpu",
                "the containers' cpu adds up to 256 CPU units, the task has 128",
            ),
            (
                json!({"/cpu": "256 vCPU"}),
                "cpu",
                "task-level cpu is 262144 CPU units, ECS takes 128 to 196608",
            ),
            (
                json!({"/cpu": 0.5}),
                "cpu",
                "`0.5` is not a whole number of units of CPU; write 256 (CPU units) or 0.25 vCPU",
            ),
            (
                json!({"/memory": "much"}),
                "memory",
                "`much` is not an amount of memory; write 512 (MiB) or 0.5 GB",
            ),
            (
                json!({format!("{first}/resourceRequirements"): [{"type": "GPU", "value": "ALL"}]}),
                "containerDefinitions[0].resourceRequirements[0].value",
                "`ALL` is not a number of GPUs",
            ),
            (
                json!({format!("{first}/resourceRequirements"): [{"value": "1"}]}),
                "containerDefinitions[0].resourceRequirements[0]",
                "a resource requirement needs a `type`",
            ),
            (
                json!({
                    format!("{first}/resourceRequirements"): [{"type": "GPU", "value": "1"}],
                    "/runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_FULL"},
                }),
                "containerDefinitions[0].resourceRequirements[0]",
                "there are no GPUs on Windows",
            ),
        ],
    );
}

/// Changes that give the first container a port mapping.
fn mapped(mode: &str, mappings: &Value) -> Value {
    json!({"/networkMode": mode, "/containerDefinitions/0/portMappings": mappings})
}

#[test]
fn each_wrong_port_mapping_has_its_message() {
    let first = "containerDefinitions[0].portMappings[0]";
    let range = "containerDefinitions[0].portMappings[0].containerPortRange";
    let host = "containerDefinitions[0].portMappings[0].hostPort";
    check_rows(
        Severity::Error,
        vec![
            (
                mapped("none", &json!([{"containerPort": 80}])),
                "containerDefinitions[0].portMappings",
                "in the network mode `none` no port can be mapped",
            ),
            (
                mapped("bridge", &json!([{"hostPort": 80}])),
                first,
                "a port mapping needs a `containerPort`",
            ),
            (
                mapped(
                    "bridge",
                    &json!([{"containerPort": 80, "hostPort": 70_000}]),
                ),
                host,
                "port 70000 is not between 0 and 65535",
            ),
            (
                mapped("host", &json!([{"containerPort": 80, "hostPort": 8080}])),
                host,
                "in the network mode `host` a host port equals its container port",
            ),
            (
                mapped("awsvpc", &json!([{"containerPort": 80, "hostPort": 8080}])),
                host,
                "in the network mode `awsvpc` a host port equals its container port",
            ),
            (
                mapped(
                    "bridge",
                    &json!([{"containerPort": 80, "hostPort": 8080}, {"containerPort": 81, "hostPort": 8080}]),
                ),
                "containerDefinitions[0].portMappings[1].hostPort",
                "host port 8080/TCP is mapped twice",
            ),
            (
                mapped(
                    "bridge",
                    &json!([{"containerPort": 80, "containerPortRange": "80-90"}]),
                ),
                range,
                "`containerPort` and `containerPortRange` exclude each other",
            ),
            (
                mapped("bridge", &json!([{"containerPortRange": "90-80"}])),
                range,
                "`90-80` is not a range of ports",
            ),
            (
                mapped("bridge", &json!([{"containerPortRange": "0-5"}])),
                range,
                "`0-5` is not a range of ports",
            ),
            (
                mapped("host", &json!([{"containerPortRange": "80-90"}])),
                range,
                "port ranges need the network mode `bridge` or `awsvpc`",
            ),
            (
                mapped(
                    "bridge",
                    &json!([{"containerPortRange": "80-90", "hostPort": 80}]),
                ),
                host,
                "the host ports of a `containerPortRange` are assigned by the agent",
            ),
            (
                json!({"/networkMode": "awsvpc", "/containerDefinitions/0/links": ["side"]}),
                "containerDefinitions[0].links",
                "links need the network mode `bridge`",
            ),
        ],
    );
}

#[test]
fn what_may_not_be_meant_is_a_warning() {
    check_rows(
        Severity::Warning,
        vec![
            // G11
            (
                mapped("bridge", &json!([{"containerPort": 22, "hostPort": 22}])),
                "containerDefinitions[0].portMappings[0].hostPort",
                "host port 22 is reserved on Linux instances: never placed there",
            ),
            (
                mapped("host", &json!([{"containerPort": 51_678}])),
                "containerDefinitions[0].portMappings[0].containerPort",
                "host port 51678 is reserved on Linux instances: never placed there",
            ),
            (
                mapped(
                    "bridge",
                    &json!([{"containerPort": 80, "protocol": "sctp"}]),
                ),
                "containerDefinitions[0].portMappings[0].protocol",
                "unknown protocol `sctp` counts as `tcp`",
            ),
            (
                json!({"/containerDefinitions/0/image": null}),
                "containerDefinitions[0]",
                "the container has no `image`: ECS would refuse it",
            ),
            (
                json!({"/containerDefinitions/0/memory": 4}),
                "containerDefinitions[0].memory",
                "Docker 20.10 and later run no container with less than 6 MiB",
            ),
            (
                json!({"/containerDefinitions/0/memoryReservation": 512}),
                "containerDefinitions[0].memory",
                "`memory` should be greater than `memoryReservation`, or stand alone",
            ),
            (
                json!({"/containerDefinitions/0/resourceRequirements": [{"type": "NeuronDevice", "value": "ALL"}]}),
                "containerDefinitions[0].resourceRequirements[0]",
                "the requirement of a `NeuronDevice` is ignored here",
            ),
            (
                json!({"/requiresCompatibilities": ["EXTERNAL"]}),
                "requiresCompatibilities",
                NOT_ON_EC2,
            ),
        ],
    );
}

#[test]
fn each_wrong_container_setting_has_its_message() {
    let depends = |dependency: Value| json!({"/containerDefinitions/0/dependsOn": [dependency]});
    let on = "containerDefinitions[0].dependsOn[0]";
    let condition = "containerDefinitions[0].dependsOn[0].condition";
    let check = |key: &str, value: u32| json!({"/containerDefinitions/0/healthCheck": {"command": ["CMD", "true"], key: value}});
    let restart = |policy: Value| json!({"/containerDefinitions/0/restartPolicy": policy});
    let codes: Vec<u32> = (0..51).collect();
    check_rows(
        Severity::Error,
        vec![
            (
                depends(json!({"containerName": "db", "condition": "START"})),
                "containerDefinitions[0].dependsOn[0].containerName",
                "no container is named `db`",
            ),
            (
                depends(json!({"containerName": "side"})),
                on,
                "a dependency needs a `condition`",
            ),
            (
                depends(json!({"containerName": "side", "condition": "STARTED"})),
                condition,
                "`STARTED` is not a value that ECS knows",
            ),
            (
                depends(json!({"containerName": "side", "condition": "HEALTHY"})),
                condition,
                "HEALTHY waits for a health check that `side` does not have",
            ),
            (
                json!({"/containerDefinitions/1/dependsOn": [{"containerName": "app", "condition": "SUCCESS"}]}),
                "containerDefinitions[1].dependsOn[0].condition",
                "SUCCESS waits for the end of `app`, which ends the task: it is essential",
            ),
            (
                depends(json!({"containerName": "app", "condition": "START"})),
                "containerDefinitions[0].dependsOn",
                "container `app` waits for itself",
            ),
            (
                json!({"/containerDefinitions/0/stopTimeout": -5}),
                "containerDefinitions[0].stopTimeout",
                "expected a whole number, but found the number -5",
            ),
            (
                json!({"/containerDefinitions/0/healthCheck": {}}),
                "containerDefinitions[0].healthCheck",
                "a health check needs a `command`",
            ),
            (
                check("interval", 4),
                "containerDefinitions[0].healthCheck.interval",
                "`interval` is 4, ECS takes 5 to 300 seconds",
            ),
            (
                check("timeout", 61),
                "containerDefinitions[0].healthCheck.timeout",
                "`timeout` is 61, ECS takes 2 to 60 seconds",
            ),
            (
                check("retries", 0),
                "containerDefinitions[0].healthCheck.retries",
                "`retries` is 0, ECS takes 1 to 10 retries",
            ),
            (
                check("startPeriod", 301),
                "containerDefinitions[0].healthCheck.startPeriod",
                "`startPeriod` is 301, ECS takes 0 to 300 seconds",
            ),
            (
                restart(json!({})),
                "containerDefinitions[0].restartPolicy",
                "a restart policy needs `enabled`",
            ),
            (
                restart(json!({"enabled": true, "restartAttemptPeriod": 59})),
                "containerDefinitions[0].restartPolicy.restartAttemptPeriod",
                "`restartAttemptPeriod` is 59, ECS takes 60 to 1800 seconds",
            ),
            (
                restart(json!({"enabled": true, "ignoredExitCodes": codes})),
                "containerDefinitions[0].restartPolicy.ignoredExitCodes",
                "51 exit codes, ECS takes 50",
            ),
            (
                json!({"/containerDefinitions/0/mountPoints": [{"sourceVolume": "data"}]}),
                "containerDefinitions[0].mountPoints[0].sourceVolume",
                "no volume is named `data`",
            ),
            (
                json!({"/containerDefinitions/0/logConfiguration": {"logDriver": "awslog"}}),
                "containerDefinitions[0].logConfiguration.logDriver",
                "`awslog` is not a value that ECS knows",
            ),
        ],
    );
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
fn each_wrong_constraint_has_its_message() {
    let constraint = |constraint: Value| json!({"/placementConstraints": [constraint]});
    let many: Vec<Value> = (0..11)
        .map(|_| json!({"type": "memberOf", "expression": "attribute:a exists"}))
        .collect();
    check_rows(
        Severity::Error,
        vec![
            (
                constraint(json!({"type": "distinctInstance"})),
                "placementConstraints[0].type",
                "a task definition's constraints are of the type `memberOf`",
            ),
            (
                constraint(json!({"type": "memberOf"})),
                "placementConstraints[0]",
                "`memberOf` needs an `expression`",
            ),
            (
                constraint(json!({"type": "memberOf", "expression": "attribute:é = b"})),
                "placementConstraints[0].expression",
                "expected an operator after `attribute:é`, but found `=`\n  attribute:é = b\n              ^",
            ),
            (
                json!({"/placementConstraints": many}),
                "placementConstraints",
                "11 constraints, ECS takes 10",
            ),
        ],
    );
}

#[test]
fn fargate_takes_no_more_than_it_supports() {
    let fargate = |changes: Value| {
        let mut all = json!({
            "/requiresCompatibilities": ["EC2", "FARGATE"],
            "/networkMode": "awsvpc",
            "/cpu": "1024",
            "/memory": "2048",
        });
        all.as_object_mut()
            .unwrap()
            .extend(changes.as_object().unwrap().clone());
        all
    };
    let container = "/containerDefinitions/0";
    check_rows(
        Severity::Error,
        vec![
            (
                fargate(json!({"/networkMode": null})),
                "networkMode",
                "Fargate needs `awsvpc`",
            ),
            (
                fargate(json!({"/cpu": null})),
                "",
                "Fargate needs a task-level `cpu`",
            ),
            (
                fargate(json!({"/memory": null})),
                "",
                "Fargate needs a task-level `memory`",
            ),
            (
                fargate(json!({"/cpu": 300})),
                "cpu",
                "Fargate has no tasks with 300 CPU units",
            ),
            (
                fargate(json!({"/memory": "2.5 GB"})),
                "memory",
                "Fargate has no tasks with 1024 CPU units and 2560 MiB",
            ),
            (
                fargate(json!({"/memory": "9 GB"})),
                "memory",
                "Fargate has no tasks with 1024 CPU units and 9216 MiB",
            ),
            (
                fargate(json!({"/cpu": "32 vCPU", "/memory": "64 GB"})),
                "memory",
                "Fargate has no tasks with 32768 CPU units and 65536 MiB",
            ),
            (
                fargate(
                    json!({"/cpu": 512, "/runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_FULL"}}),
                ),
                "cpu",
                "Windows tasks on Fargate have 1024, 2048 or 4096 CPU units",
            ),
            (
                fargate(
                    json!({"/placementConstraints": [{"type": "memberOf", "expression": "attribute:a exists"}]}),
                ),
                "placementConstraints",
                "Fargate takes no placement constraints",
            ),
            (
                fargate(json!({"/ipcMode": "task"})),
                "ipcMode",
                "Fargate does not support `ipcMode`",
            ),
            (
                fargate(json!({format!("{container}/privileged"): true})),
                "containerDefinitions[0].privileged",
                "Fargate does not support `privileged`",
            ),
            (
                fargate(json!({format!("{container}/links"): ["side"]})),
                "containerDefinitions[0].links",
                "Fargate does not support `links`",
            ),
            (
                fargate(json!({format!("{container}/linuxParameters"): {"maxSwap": 0}})),
                "containerDefinitions[0].linuxParameters.maxSwap",
                "Fargate does not support `maxSwap`",
            ),
            (
                fargate(json!({format!("{container}/logConfiguration"): {"logDriver": "syslog"}})),
                "containerDefinitions[0].logConfiguration.logDriver",
                "Fargate does not support `syslog`",
            ),
            (
                fargate(json!({format!("{container}/stopTimeout"): 121})),
                "containerDefinitions[0].stopTimeout",
                "`stopTimeout` is 121, ECS takes 2 to 120 seconds",
            ),
            (
                fargate(
                    json!({format!("{container}/resourceRequirements"): [{"type": "GPU", "value": "1"}]}),
                ),
                "containerDefinitions[0].resourceRequirements[0]",
                "there are no GPUs on Fargate",
            ),
        ],
    );
    for (cpu, memory) in [
        (256, 512),
        (512, 4_096),
        (4_096, 30_720),
        (16_384, 122_880),
        (32_768, 249_856),
    ] {
        let raw = changed(
            right(),
            &fargate(
                json!({"/cpu": cpu, "/memory": memory, "/containerDefinitions/0/memory": 256}),
            ),
        );
        assert_eq!(check(&raw, 1, UnknownKeys::Refuse).1, [], "{cpu} {memory}");
    }
}

#[test]
fn all_faults_are_reported_at_once_with_suggestions() {
    let raw = changed(
        right(),
        &json!({"/famly": "x", "/family": null, "/cpu": "fast", "/containerDefinitions/1/name": "app"}),
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
