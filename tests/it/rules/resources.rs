//! What instances register and what RunTask and StartTask compare.

use crate::harness::{instant, refusal};

/// `count` copies of a definition on a fleet, in one call each.
fn on(fleet: &str, definition: &str, count: u32) -> crate::harness::Ran {
    instant(&format!(
        "containerInstances: [{fleet}]\ntaskDefinitions: [{definition}]\n\
         tasks: [{{name: job, taskDefinition: d, arrivals: {{at: 0s, count: {count}}}}}]\n"
    ))
}

/// A definition `d` with one container.
fn definition(more: &str, container: &str) -> String {
    format!(
        "{{family: d, {more} \
         containerDefinitions: [{{name: c, image: i, memory: 64, {container}}}]}}"
    )
}

fn reasons(ran: &crate::harness::Ran) -> Vec<String> {
    ran.task_column("stopped_reason")
}

#[test]
fn a_linux_instance_registers_what_the_kernel_leaves() {
    // G1
    let ran = instant("containerInstances: [{instanceType: m4.large}]");
    let registered = ran.run.instances[0].facts.registered;
    assert_eq!((registered.cpu.0, registered.memory.0), (2_048, 7_985));
}

#[test]
fn reserved_memory_is_not_registered() {
    // G2
    let ran = instant("containerInstances: [{instanceType: m4.large, reservedMemory: 256}]");
    assert_eq!(ran.run.instances[0].facts.registered.memory.0, 7_729);
}

#[test]
fn a_windows_instance_registers_all_but_one_mib() {
    // G3
    let ran = instant(
        "containerInstances:
  - instanceType: m4.large
    operatingSystemFamily: WINDOWS_SERVER_2022_FULL
    onDemandUsdPerHour: 0.192",
    );
    assert_eq!(ran.run.instances[0].facts.registered.memory.0, 8_191);
}

#[test]
fn a_task_of_the_nominal_memory_does_not_fit() {
    // G4
    let task = "{family: d, memory: '8192', containerDefinitions: [{name: c, image: i}]}";
    let ran = on("{instanceType: m4.large, count: 3}", task, 1);
    assert_eq!(ran.places(), [None]);
    assert_eq!(reasons(&ran), ["RESOURCE:MEMORY"]);
    assert_eq!(ran.task_column("last_status"), ["NOT_PLACED"]);
}

#[test]
fn run_task_starts_what_fits_and_reports_the_rest_as_failures() {
    // G5: five of 1,024 CPU units on three instances of two vCPUs, one of them half full.
    let ran = instant(
        "containerInstances: [{instanceType: m5.large, count: 3}]
tasks:
  - {name: filler, cpu: 1024, memory: 64, arrivals: {at: 0s}}
  - {name: job, cpu: 1024, memory: 64, count: 10, arrivals: {at: 1m}}",
    );
    let job = &ran.summary.tasks.by_entry["job"];
    assert_eq!(
        (job.submitted, job.placed, job.not_placed, job.pending),
        (10, 5, 5, 0)
    );
    // One attempt a task: nothing is tried again.
    assert_eq!(ran.run.placement.attempts, 11);
    assert_eq!(ran.summary.placement.failures["RESOURCE:CPU"], 5);
}

#[test]
fn a_call_for_eleven_tasks_is_rejected() {
    // G6
    for (count, right) in [(1, true), (10, true), (11, false), (0, false)] {
        let text = format!(
            "duration: 1h\ncontainerInstances: [{{instanceType: m5.large}}]\n\
             tasks: [{{name: j, cpu: 1, memory: 4, count: {count}, arrivals: {{at: 0s}}}}]"
        );
        if right {
            let ran = crate::harness::run(&text);
            assert_eq!(ran.run.tasks.submitted, count);
        } else {
            assert!(
                refusal(&text).contains("from 1 to 10"),
                "{}",
                refusal(&text)
            );
        }
    }
}

#[test]
fn a_memory_reservation_is_what_is_deducted() {
    // G7
    let task = "{family: d, containerDefinitions: [{name: c, image: i, memory: 300, \
                memoryReservation: 128}]}";
    let ran = on("{instanceType: m5.large, registeredMemory: 300}", task, 3);
    assert_eq!(ran.task_column("memory"), ["128"; 3]);
    assert_eq!(ran.places(), [Some(0), Some(0), None]);
}

#[test]
fn the_task_size_counts_not_the_containers() {
    // G8
    let task = "{family: d, memory: '2048', containerDefinitions: [\
                {name: a, image: i, memory: 512}, {name: b, image: i, memory: 512}]}";
    let ran = on("{instanceType: m5.large, registeredMemory: 4096}", task, 3);
    assert_eq!(ran.task_column("memory"), ["2048"; 3]);
    assert_eq!(ran.per_instance(), [2]);
}

#[test]
fn a_static_host_port_is_taken_once_an_instance() {
    // G9
    let task = definition("", "portMappings: [{containerPort: 80, hostPort: 80}]");
    let ran = on("{instanceType: m5.large}", &task, 2);
    assert_eq!(ran.places(), [Some(0), None]);
    assert_eq!(reasons(&ran), ["", "RESOURCE:PORTS"]);
    let two = on("{instanceType: m5.large, count: 2}", &task, 3);
    assert_eq!(two.per_instance(), [1, 1]);
}

#[test]
fn dynamic_host_ports_never_meet() {
    // G10
    let task = definition("", "portMappings: [{containerPort: 80, hostPort: 0}]");
    let ran = on("{instanceType: m5.large}", &task, 5);
    assert_eq!(ran.per_instance(), [5]);
}

#[test]
fn reserved_host_ports_are_never_had() {
    // G11, and 8080 beside them, which ECS leaves free.
    for (port, placed) in [
        (22, 0),
        (2_375, 0),
        (2_376, 0),
        (51_678, 0),
        (51_679, 0),
        (8_080, 1),
    ] {
        let mapping = format!("portMappings: [{{containerPort: 80, hostPort: {port}}}]");
        let ran = on("{instanceType: m5.large}", &definition("", &mapping), 1);
        assert_eq!(ran.run.tasks.placed, placed, "port {port}");
    }
    let own = "{instanceType: m5.large, reservedPorts: [8080]}";
    let task = definition("", "portMappings: [{containerPort: 80, hostPort: 8080}]");
    assert_eq!(reasons(&on(own, &task, 1)), ["RESOURCE:PORTS"]);
}

#[test]
fn tcp_and_udp_ports_are_separate_sets() {
    // G12
    let ran = instant(
        "containerInstances: [{instanceType: m5.large}]
taskDefinitions:
  - {family: t, containerDefinitions: [{name: c, image: i, memory: 64,
      portMappings: [{containerPort: 53, hostPort: 53}]}]}
  - {family: u, containerDefinitions: [{name: c, image: i, memory: 64,
      portMappings: [{containerPort: 53, hostPort: 53, protocol: udp}]}]}
tasks:
  - {name: tcp, taskDefinition: t, arrivals: {at: 0s}}
  - {name: udp, taskDefinition: u, arrivals: {at: 0s}}
  - {name: again, taskDefinition: u, arrivals: {at: 0s}}",
    );
    assert_eq!(ran.places(), [Some(0), Some(0), None]);
}

#[test]
fn in_host_mode_the_container_port_is_the_host_port() {
    // G13
    let task = definition(
        "networkMode: host,",
        "portMappings: [{containerPort: 9000}]",
    );
    let ran = on("{instanceType: m5.large}", &task, 2);
    assert_eq!(reasons(&ran), ["", "RESOURCE:PORTS"]);
}

#[test]
fn awsvpc_tasks_take_an_interface_each() {
    // G14, G15
    let task = definition("networkMode: awsvpc,", "cpu: 128");
    let plain = on("{instanceType: c5.large}", &task, 3);
    assert_eq!(plain.places(), [Some(0), Some(0), None]);
    assert_eq!(reasons(&plain)[2], "RESOURCE:ENI");
    let trunk = instant(&format!(
        "accountSettings: {{awsvpcTrunking: enabled}}
containerInstances: [{{instanceType: c5.large}}]
taskDefinitions: [{task}]
tasks: [{{name: job, taskDefinition: d, arrivals: {{at: 0s, count: 12}}}}]"
    ));
    assert_eq!(trunk.per_instance(), [10]);
    assert_eq!(reasons(&trunk)[10], "RESOURCE:ENI");
}

const START_TASK: &str = "
subnets: [{subnetId: subnet-a, availabilityZone: us-east-1a}]
containerInstances:
  - {instanceType: m5.large, count: 2, availabilityZones: [us-east-1a, us-east-1b]}
  - {instanceType: m5.large, agentConnected: false}
taskDefinitions:
  - {family: d, networkMode: awsvpc, containerDefinitions: [{name: c, image: i, memory: 64}]}
tasks:
  - name: job
    taskDefinition: d
    arrivals: {at: 0s}
    networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-a]}}
    startTask: {containerInstances: [";

#[test]
fn start_task_checks_the_instance_that_is_named() {
    // G16, G17 (MISSING), G18
    for (instance, place, reason) in [
        (0, Some(0), ""),
        (1, None, "LOCATION"),
        (2, None, "AGENT"),
        (3, None, "MISSING"),
    ] {
        let ran = instant(&format!("{START_TASK}i-{instance:017x}]}}\n"));
        assert_eq!(ran.places(), [place], "instance {instance}");
        assert_eq!(reasons(&ran), [reason], "instance {instance}");
    }
    let three = format!("{START_TASK}i-{:017x}, i-{:017x}, web-1]}}\n", 1, 0);
    let ran = instant(&three);
    assert_eq!(ran.places(), [None, Some(0), None]);
    assert_eq!(reasons(&ran), ["LOCATION", "", "MISSING"]);
}

#[test]
fn run_task_skips_an_instance_whose_agent_is_disconnected() {
    // G18
    let task = definition("", "cpu: 1");
    let ran = on("{instanceType: m5.large, agentConnected: false}", &task, 1);
    assert_eq!(reasons(&ran), ["AGENT"]);
}

#[test]
fn awsvpc_needs_the_capability() {
    // G19
    let task = definition("networkMode: awsvpc,", "cpu: 1");
    let without = "{instanceType: m5.large, withoutAttributes: [ecs.capability.task-eni]}";
    let ran = on(without, &task, 1);
    assert_eq!(reasons(&ran), ["ATTRIBUTE"]);
    let both = format!("{without}, {{instanceType: m5.large}}");
    assert_eq!(on(&both, &task, 1).places(), [Some(1)]);
}

#[test]
fn a_container_without_cpu_deducts_none() {
    // G20
    let task = definition("", "cpu: 0");
    let ran = on("{instanceType: m5.large, registeredMemory: 640}", &task, 11);
    assert_eq!(ran.per_instance(), [10]);
    assert_eq!(ran.task_column("cpu"), ["0"; 11]);
    assert_eq!(reasons(&ran)[10], "RESOURCE:MEMORY");
}

#[test]
fn an_arm64_definition_needs_an_arm64_instance() {
    // G21
    let task = definition(
        "runtimePlatform: {cpuArchitecture: ARM64, operatingSystemFamily: LINUX},",
        "cpu: 1",
    );
    let ran = on("{instanceType: m5.large}", &task, 1);
    assert_eq!(reasons(&ran), ["ATTRIBUTE"]);
    let both = "{instanceType: m5.large}, {instanceType: m6g.large}";
    assert_eq!(on(both, &task, 1).places(), [Some(1)]);
}

#[test]
fn gpus_are_whole() {
    // G22
    let task = definition("", "resourceRequirements: [{type: GPU, value: '3'}]");
    let ran = on("{instanceType: p3.16xlarge}", &task, 3);
    assert_eq!(ran.places(), [Some(0), Some(0), None]);
    assert_eq!(reasons(&ran)[2], "RESOURCE:GPU");
}

#[test]
fn reservation_is_what_tasks_reserve_of_what_is_registered() {
    // G25
    let ran = instant(
        "containerInstances:
  - {instanceType: c4.4xlarge, registeredMemory: 30158}
  - {instanceType: c4.large, registeredMemory: 3768}
tasks: [{name: ten, cpu: 1024, memory: 2048, count: 10, arrivals: {at: 0s}}]",
    );
    let all = &ran.summary.utilization;
    assert_eq!(ran.run.tasks.placed, 10);
    // 10,240 of 18,432 and 20,480 of 33,926.
    assert_eq!(all.cpu.reserved_mean, Some(0.555_556));
    assert_eq!(all.memory.reserved_mean, Some(0.603_667));
    assert_eq!(all.cpu.reserved_peak, all.cpu.reserved_mean);
}
