//! `validate`, `init`, `catalog`, `completions`, `--help`.

use std::fs;

use serde_json::Value;

use super::{COMMANDS, Place};

#[test]
fn validate_says_what_a_right_scenario_holds() {
    let place = Place::new();
    let ended = place.run(&["validate", "s.yaml"]).ok();
    let found = "s is valid: 2 container instances, 1 task definition, 2 tasks entries.\n";
    assert_eq!(ended.out(), found);
    assert_eq!(place.run(&["validate", "s.yaml", "--quiet"]).ok().out(), "");
    let services = "duration: 2h
containerInstances: [{instanceType: m5.large}]
taskDefinitions: [{family: web, containerDefinitions: [{name: app, image: web, memory: 64}]}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 2}]
deployments: [{at: 1h, service: web, forceNewDeployment: true}]
";
    place.write("services.yaml", services);
    let found = "services is valid: 1 container instance, 1 task definition, 0 tasks entries, 1 \
                 service, 1 deployment.\n";
    assert_eq!(place.run(&["validate", "services.yaml"]).ok().out(), found);
}

#[test]
fn init_writes_a_template_once() {
    let place = Place::new();
    let listed = place.run(&["init", "--list"]).ok();
    assert!(listed.out().lines().count() >= 6, "{}", listed.out());
    place.run(&["init", "batch", "--output", "new.yaml"]).ok();
    let printed = place.run(&["init", "batch"]).ok();
    assert_eq!(fs::read(place.path("new.yaml")).unwrap(), printed.0.stdout);
    place.write("new.yaml", "mine");
    let again = ["init", "zones", "--output", "new.yaml"];
    place.run(&again).refused(&["new.yaml", "--force"]);
    assert_eq!(fs::read(place.path("new.yaml")).unwrap(), b"mine");
    place.run(&[&again[..], &["--force"]].concat()).ok();
    assert_ne!(fs::read(place.path("new.yaml")).unwrap(), b"mine");
    place
        .run(&["init", "quikstart"])
        .refused(&["quikstart", "`quickstart`"]);
    place
        .run(&["init", "batch", "--output", "no/such/dir.yaml"])
        .refused(&["no/such/dir.yaml"]);
}

#[test]
fn the_catalog_is_filtered() {
    let place = Place::new();
    let table = place.run(&["catalog", "m5.large"]).ok();
    assert!(
        table.out().contains("m5.large") && table.out().contains("0.096"),
        "{}",
        table.out()
    );
    let csv = place
        .run(&["catalog", "m5", "vcpu<=4", "--format", "csv"])
        .ok();
    let types = crate::harness::column(csv.out().as_bytes(), "instance_type");
    assert_eq!(types, ["m5.large", "m5.xlarge"]);
    let json = place
        .run(&["catalog", "gpu>0 arch=arm64", "--format", "json"])
        .ok();
    serde_json::from_str::<Value>(json.out()).unwrap();
    let dearer = place
        .run(&["catalog", "m5.large", "--region", "eu-west-1"])
        .ok();
    assert_ne!(dearer.out(), table.out());
}

#[test]
fn the_catalog_has_the_prices_of_fargate() {
    let place = Place::new();
    let table = place.run(&["catalog", "--fargate"]).ok();
    for part in ["FARGATE_SPOT", "Windows", "0.04048", "us-east-1"] {
        assert!(table.out().contains(part), "{}", table.out());
    }
    let json = [
        "catalog",
        "--fargate",
        "--region",
        "eu-west-1",
        "--format",
        "json",
    ];
    let document: Value = serde_json::from_str(place.run(&json).ok().out()).unwrap();
    assert_eq!(document["fargate"][0]["usdPerVcpuHour"], 0.040_48);
    let csv = place.run(&["catalog", "--fargate", "--format", "csv"]).ok();
    let providers = crate::harness::column(csv.out().as_bytes(), "capacity_provider");
    assert!(
        providers.contains(&"FARGATE_SPOT".to_owned()),
        "{providers:?}"
    );
}

#[test]
fn completions_for_the_common_shells() {
    let place = Place::new();
    for (shell, mark) in [
        ("bash", "complete -F"),
        ("zsh", "#compdef"),
        ("fish", "complete -c"),
    ] {
        let ended = place.run(&["completions", shell]).ok();
        assert!(ended.out().contains(mark), "{shell}");
        assert!(
            COMMANDS.iter().all(|command| ended.out().contains(command)),
            "{shell}"
        );
    }
}

#[test]
fn the_help_of_every_command_has_examples() {
    let place = Place::new();
    let top = place.run(&["--help"]).ok();
    assert!(top.out().contains("Examples:") && top.out().contains("Exit status"));
    for command in COMMANDS {
        assert!(top.out().contains(command), "{command}");
        let ended = place.run(&[command, "--help"]).ok();
        assert!(
            ended.out().contains("Examples:"),
            "{command}: {}",
            ended.out()
        );
        assert!(
            ended.out().contains(&format!("ecs-sim {command}")),
            "{command}"
        );
        assert_eq!(ended.err(), "");
    }
    let version = place.run(&["--version"]).ok();
    assert_eq!(
        version.out(),
        format!("ecs-sim {}\n", env!("CARGO_PKG_VERSION"))
    );
}
