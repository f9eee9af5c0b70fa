//! States between RUNNING and STOPPED as `tasks.csv` shows them at the end of a run.

use super::watch_text;

/// An `awsvpc` service that is scaled in by one after ten minutes, in a run of so many seconds.
fn last_status_after(seconds: u32) -> Vec<String> {
    let (ran, _) = watch_text(&format!(
        "duration: {seconds}s
latencies: {{start: 0s, stop: 20s, networkInterfaceDetach: 10s}}
instanceTypes: [{{instanceType: own, cpu: 4 vCPU, memory: 8 GiB, onDemandUsdPerHour: 1}}]
containerInstances: [{{instanceType: own}}]
taskDefinitions:
  - family: web
    networkMode: awsvpc
    containerDefinitions: [{{name: app, image: i, cpu: 256, memory: 512}}]
services: [{{serviceName: web, taskDefinition: web, desiredCount: 1}}]
deployments: [{{at: 10m, service: web, desiredCount: 0}}]"
    ));
    ran.task_column("last_status")
}

#[test]
fn an_awsvpc_task_is_deprovisioning_while_its_interface_is_given_back() {
    assert_eq!(last_status_after(600), ["RUNNING"]);
    assert_eq!(last_status_after(610), ["STOPPING"]);
    assert_eq!(last_status_after(625), ["DEPROVISIONING"]);
    assert_eq!(last_status_after(631), ["STOPPED"]);
}
