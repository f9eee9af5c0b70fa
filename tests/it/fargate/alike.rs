//! A service does on Fargate what it does on container instances, when both have room.

use crate::harness::Ran;
use crate::services::{Seen, watch_text};

/// The same service on both, with one zone and room for all.
fn on_both(body: &str) -> [(Ran, Seen); 2] {
    ["FARGATE", "EC2"].map(|launch_type| {
        watch_text(&format!(
            "duration: 4h\nlatencies: {{instant: true}}\n\
             fargate: {{launchRate: none}}\n\
             instanceTypes: [{{instanceType: huge, cpu: 192 vCPU, memory: 768 GiB, \
             onDemandUsdPerHour: 1}}]\n\
             containerInstances: [{{instanceType: huge, availabilityZones: [us-east-1a]}}]\n\
             taskDefinitions:\n\
             \x20 - &web\n\
             \x20   family: web\n\
             \x20   cpu: 512\n\
             \x20   memory: 1024\n\
             \x20   networkMode: awsvpc\n\
             \x20   requiresCompatibilities: [FARGATE, EC2]\n\
             \x20   containerDefinitions: [{{name: app, image: 'web:1', portMappings: \
             [{{containerPort: 80}}]}}]\n\
             \x20 - {{<<: *web, containerDefinitions: [{{name: app, image: 'web:2', \
             portMappings: [{{containerPort: 80}}]}}]}}\n\
             {}",
            body.replace("LAUNCH_TYPE", launch_type)
        ))
    })
}

fn assert_alike(body: &str) -> Seen {
    let [(fargate, on_fargate), (instances, on_instances)] = on_both(body);
    assert_eq!(on_fargate.counts, on_instances.counts);
    assert_eq!(on_fargate.events, on_instances.events);
    assert_eq!(on_fargate.changes, on_instances.changes);
    assert_eq!(on_fargate.minutes, on_instances.minutes);
    for column in [
        "task_id",
        "placed_ms",
        "started_ms",
        "stopped_ms",
        "stop_code",
    ] {
        assert_eq!(
            fargate.task_column(column),
            instances.task_column(column),
            "{column}"
        );
    }
    assert!(fargate.summary.fargate.is_some() && instances.summary.fargate.is_none());
    on_fargate
}

#[test]
fn rolling_deployments_protection_and_crashes() {
    let seen = assert_alike(
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 6, \
         launchType: LAUNCH_TYPE, deploymentConfiguration: {minimumHealthyPercent: 50, \
         maximumPercent: 150, deploymentCircuitBreaker: {enable: true, rollback: true}}}]\n\
         deployments: [{at: 1h, service: web, taskDefinition: 'web:2'}, \
         {at: 2h, service: web, desiredCount: 3}]\n\
         taskProtection: [{at: 90m, service: web, tasks: 4}]\n\
         taskBehaviors: [{taskDefinition: 'web:2', exit: {after: 20m, exitCode: 1}}]",
    );
    assert!(seen.moves.len() > 20);
}

#[test]
fn load_balancers_health_checks_and_target_tracking() {
    let seen = assert_alike(
        "targetGroups: [{targetGroupName: web, healthCheckIntervalSeconds: 10}]\n\
         loadBalancers: [{loadBalancerName: front, defaultTargetGroupName: web, \
         load: {curve: {base: 50, peak: 600, peakAt: 2h, sharpness: 1}}}]\n\
         services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 2, \
         launchType: LAUNCH_TYPE, healthCheckGracePeriodSeconds: 30, \
         loadBalancers: [{targetGroupName: web, containerName: app, containerPort: 80}], \
         load: {request: {cpuTime: 5ms, extraTime: 20ms}}, \
         scaling: {minCapacity: 2, maxCapacity: 20, policies: [{policyName: cpu, \
         policyType: TargetTrackingScaling, targetTrackingScalingPolicyConfiguration: \
         {targetValue: 50, predefinedMetricSpecification: \
         {predefinedMetricType: ECSServiceAverageCPUUtilization}}}]}}]",
    );
    assert!(seen.desired().len() > 3, "{:?}", seen.desired());
    assert!(seen.minutes.iter().all(|(_, minute)| minute.offered > 0));
}

#[test]
fn blue_green_deployments() {
    let seen = assert_alike(
        "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 4, \
         launchType: LAUNCH_TYPE, deploymentConfiguration: {strategy: BLUE_GREEN, \
         bakeTimeInMinutes: 10}}]\n\
         deployments: [{at: 1h, service: web, taskDefinition: 'web:2'}]",
    );
    assert_eq!(seen.moved("web", true).len(), 8);
}
