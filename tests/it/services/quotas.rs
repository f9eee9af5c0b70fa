//! ECS's quotas of services, and what a scenario cannot ask for.

use super::ONE_TASK_AN_INSTANCE;
use crate::harness::{refusal, scenario};

fn service(keys: &str, rest: &str) -> String {
    format!(
        "duration: 1h
{ONE_TASK_AN_INSTANCE}
containerInstances: [{{instanceType: own}}]
services: [{{serviceName: web, taskDefinition: 'web:1', {keys}}}]
{rest}"
    )
}

#[test]
fn a_service_has_at_most_5000_tasks_and_1000_with_cloud_map() {
    let registry = "serviceRegistries: [{registryArn: srv-1}]";
    for (keys, most) in [("", 5_000), (registry, 1_000)] {
        let of = |count: u32| service(&format!("desiredCount: {count}, {keys}"), "");
        assert_eq!(scenario(&of(most)).services[0].desired_count, most);
        let refused = refusal(&of(most + 1));
        let expected = format!("`{}` tasks are beyond the quota", most + 1);
        assert!(refused.contains(&expected), "{refused}");
        assert!(refused.contains(&format!(" is {most}")), "{refused}");
    }
}

#[test]
fn an_update_keeps_to_the_quota_too() {
    let registry = "desiredCount: 1, serviceRegistries: [{registryArn: srv-1}]";
    let update = "deployments: [{at: 10m, service: web, desiredCount: 1001}]";
    let refused = refusal(&service(registry, update));
    assert!(
        refused.contains("`1001` tasks are beyond the quota"),
        "{refused}"
    );
}

#[test]
fn a_service_has_at_most_five_target_groups() {
    let text = |count: u32| {
        let names = |of: &dyn Fn(u32) -> String| {
            let each: Vec<String> = (0..count).map(of).collect();
            each.join(", ")
        };
        let groups = names(&|place| format!("{{targetGroupName: g{place}}}"));
        service(
            &format!("desiredCount: 1, loadBalancers: [{groups}]"),
            &format!("targetGroups: [{groups}]"),
        )
    };
    assert_eq!(scenario(&text(5)).services[0].target_groups.len(), 5);
    assert!(
        refusal(&text(6)).contains("6 target groups"),
        "{}",
        refusal(&text(6))
    );
}

#[test]
fn fargate_takes_no_placement_strategy() {
    // G36.
    let keys = "desiredCount: 1, launchType: FARGATE, placementStrategy: [{type: random}]";
    let refused = refusal(&service(keys, ""));
    assert!(
        refused.contains("`placementStrategy` of tasks on Fargate"),
        "{refused}"
    );
}
