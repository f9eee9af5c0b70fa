//! Capacity provider strategies: base and weights, and whose instances a task may use.

use crate::harness::{refusal, run};

/// Two groups of a provider each, with many instances; `web` uses them by this strategy.
fn two(strategy: &str, rest: &str) -> String {
    format!(
        "duration: 1h
latencies: {{instant: true}}
instanceTypes: [{{instanceType: own, cpu: 3 vCPU, memory: 3 GiB, onDemandUsdPerHour: 1}}]
autoScalingGroups:
  - {{autoScalingGroupName: a, launchTemplate: {{instanceType: own}}, minSize: 9, maxSize: 9}}
  - {{autoScalingGroupName: b, launchTemplate: {{instanceType: own}}, minSize: 9, maxSize: 9}}
cluster:
  name: c
  capacityProviders:
    - {{name: A, autoScalingGroupProvider: {{autoScalingGroupName: a}}}}
    - {{name: B, autoScalingGroupProvider: {{autoScalingGroupName: b}}}}
taskDefinitions:
  - family: web
    containerDefinitions: [{{name: app, image: 'web:1', cpu: 1024, memory: 512}}]
services:
  - {{serviceName: web, taskDefinition: web, {strategy}}}
{rest}"
    )
}

fn shares(text: &str) -> (usize, usize) {
    let ran = run(text);
    let providers = ran.task_column("capacity_provider");
    let statuses = ran.task_column("last_status");
    let of = |name: &str| {
        let rows = providers.iter().zip(&statuses);
        rows.filter(|(provider, status)| *provider == name && *status == "RUNNING")
            .count()
    };
    (of("A"), of("B"))
}

#[test]
fn weights_share_out_tasks() {
    // G81: 1 and 1, 10 tasks: 5 and 5. G82: 1 and 4: 2 and 8. G83: base 2, then 1 and 1, 6 tasks:
    // 4 and 2.
    for (a, b, desired, expected) in [
        ("weight: 1", "weight: 1", 10, (5, 5)),
        ("weight: 1", "weight: 4", 10, (2, 8)),
        ("base: 2, weight: 1", "weight: 1", 6, (4, 2)),
        ("weight: 0", "weight: 1", 6, (0, 6)),
        ("base: 2, weight: 0", "weight: 1", 6, (2, 4)),
    ] {
        let strategy = format!(
            "desiredCount: {desired}, capacityProviderStrategy: [{{capacityProvider: A, {a}}}, \
             {{capacityProvider: B, {b}}}]"
        );
        assert_eq!(shares(&two(&strategy, "")), expected, "{a} {b}");
    }
}

#[test]
fn scale_in_takes_from_the_provider_most_above_its_share() {
    let strategy = "desiredCount: 10, capacityProviderStrategy: [{capacityProvider: A, weight: 1}, \
                    {capacityProvider: B, weight: 4}]";
    let rest = "deployments: [{at: 10m, service: web, desiredCount: 5}]";
    assert_eq!(shares(&two(strategy, rest)), (1, 4));
}

#[test]
fn a_strategy_needs_a_weight_and_at_most_one_base() {
    // G84, G85.
    let strategy = |a: &str, b: &str| {
        format!(
            "desiredCount: 1, capacityProviderStrategy: [{{capacityProvider: A, {a}}}, \
             {{capacityProvider: B, {b}}}]"
        )
    };
    let zero = refusal(&two(&strategy("weight: 0", "weight: 0"), ""));
    assert!(zero.contains("weight"), "{zero}");
    let bases = refusal(&two(&strategy("base: 1, weight: 1", "base: 1"), ""));
    assert!(bases.contains("base"), "{bases}");
}

#[test]
fn there_is_no_fall_over_between_providers() {
    // RM#773: where one has no capacity its share stays unplaced.
    let strategy = "desiredCount: 4, capacityProviderStrategy: [{capacityProvider: A, weight: 1}, \
                    {capacityProvider: B, weight: 1}]";
    let rest = "incidents: [{at: 0s, onDemandCapacityRefused: {}}]";
    let text = two(strategy, rest).replace(
        "{autoScalingGroupName: b, launchTemplate: {instanceType: own}, minSize: 9",
        "{autoScalingGroupName: b, launchTemplate: {instanceType: own}, minSize: 0",
    );
    assert_eq!(shares(&text), (2, 0));
}

#[test]
fn base_and_weights_count_the_tasks_of_one_call() {
    let text = two(
        "desiredCount: 0, launchType: EC2",
        "tasks:
  - name: job
    taskDefinition: web
    count: 3
    arrivals: {every: 10m, from: 1m, until: 31m}
    capacityProviderStrategy: [{capacityProvider: A, base: 1, weight: 0}, {capacityProvider: B, weight: 1}]",
    );
    assert_eq!(shares(&text), (3, 6));
}

#[test]
fn tasks_of_a_launch_type_use_the_instances_of_providers_too() {
    let ran = run(&two("desiredCount: 3, launchType: EC2", ""));
    assert_eq!(ran.task_column("capacity_provider"), [""; 3]);
    assert_eq!(ran.summary.tasks.running, 3);
}
