//! What is wrong with a scenario on Fargate, as its author reads it.

use super::SMALL;
use crate::harness::refusal;

fn refused(body: &str) -> String {
    let text = refusal(&format!("duration: 1h\n{body}"));
    let unwrapped: Vec<&str> = text.split_whitespace().collect();
    unwrapped.join(" ")
}

fn definition(more: &str) -> String {
    format!(
        "taskDefinitions: [{{family: web, networkMode: awsvpc, requiresCompatibilities: [FARGATE], \
         containerDefinitions: [{{name: app, image: a}}], {more}}}]\n"
    )
}

const ON_SPOT: &str = "capacityProviderStrategy: [{capacityProvider: FARGATE_SPOT, weight: 1}]";

#[test]
fn g116_g117_pairs_that_are_no_size() {
    for (cpu, memory, near) in [
        (
            256,
            4_096,
            "the nearest sizes: 512 CPU units and 4096 MiB; 256 CPU units and 2048 MiB. With 256 \
             CPU units: 512, 1024 or 2048 MiB",
        ),
        (
            8_192,
            18_432,
            "the nearest sizes: 8192 CPU units and 20480 MiB; 8192 CPU units and 16384 MiB. With \
             8192 CPU units: 16384 to 61440 MiB in steps of 4096",
        ),
    ] {
        let text = "No Fargate configuration exists for given values";
        let of_definition = format!(
            "{}tasks: [{{name: job, taskDefinition: web, launchType: FARGATE, \
             arrivals: {{at: 0s}}}}]",
            definition(&format!("cpu: {cpu}, memory: {memory}"))
        );
        let of_entry = format!(
            "tasks: [{{name: job, cpu: {cpu}, memory: {memory}, launchType: FARGATE, \
             arrivals: {{at: 0s}}}}]"
        );
        for body in [of_definition, of_entry] {
            let said = refused(&body);
            assert!(said.contains(text) && said.contains(near), "{said}");
        }
    }
    let right = format!(
        "duration: 1h\n{}tasks: [{{name: job, taskDefinition: web, launchType: FARGATE, \
         arrivals: {{at: 0s}}}}]",
        definition("cpu: 8192, memory: 20480")
    );
    crate::harness::run(&right);
}

#[test]
fn tasks_on_fargate_have_task_level_sizes_and_no_gpus() {
    let said = refused(&format!(
        "{}tasks: [{{name: job, taskDefinition: web, launchType: FARGATE, arrivals: {{at: 0s}}}}]",
        definition("memory: 512")
    ));
    assert!(said.contains("Fargate needs a task-level `cpu`"), "{said}");
    let said = refused(
        "tasks: [{name: job, cpu: 1024, memory: 2048, gpu: 1, launchType: FARGATE, \
         arrivals: {at: 0s}}]",
    );
    assert!(said.contains("tasks on Fargate with GPUs"), "{said}");
}

#[test]
fn fargate_spot_runs_no_windows() {
    let said = refused(&format!(
        "{}services: [{{serviceName: web, taskDefinition: web, desiredCount: 1, {ON_SPOT}}}]",
        definition(
            "cpu: 1024, memory: 2048, runtimePlatform: \
             {operatingSystemFamily: WINDOWS_SERVER_2022_CORE}"
        )
    ));
    assert!(said.contains("Windows tasks on FARGATE_SPOT"), "{said}");
}

#[test]
fn arm64_and_large_sizes_need_platform_version_1_4_0() {
    for (shape, what) in [
        (
            "cpu: 256, memory: 512, runtimePlatform: {cpuArchitecture: ARM64}",
            "ARM64",
        ),
        ("cpu: 8192, memory: 16384", "8192 CPU units"),
    ] {
        let body = |version: &str| {
            format!(
                "{}services: [{{serviceName: web, taskDefinition: web, desiredCount: 1, \
                 launchType: FARGATE, platformVersion: {version}}}]",
                definition(shape)
            )
        };
        let said = refused(&body("1.3.0"));
        let expected = format!("{what} on platform version 1.3.0");
        assert!(said.contains(&expected), "{said}");
        let said = refused(&body("9.9"));
        assert!(
            said.contains("`9.9` is no platform version of Linux"),
            "{said}"
        );
        crate::harness::run(&format!("duration: 1h\n{}", body("1.4.0")));
    }
}

#[test]
fn a_price_that_is_not_known_is_asked_for() {
    let service = "services: [{serviceName: web, taskDefinition: 'web:1', desiredCount: 1, ";
    let said = refused(&format!(
        "region: eu-north-1\n{SMALL}{service}launchType: FARGATE}}]"
    ));
    assert!(
        said.contains("the price of Fargate for Linux/X86_64 in eu-north-1 is not known")
            && said.contains("add `fargate: {rates: [{vcpuUsdPerHour: 0.04,"),
        "{said}"
    );
    let said = refused(&format!("region: eu-west-1\n{SMALL}{service}{ON_SPOT}}}]"));
    assert!(
        said.contains("the price of Fargate Spot for Linux/X86_64 in eu-west-1 is not known")
            && said.contains("add `fargate: {spotSavingsPercent: 70}`"),
        "{said}"
    );
    let said = refused(&format!(
        "region: eu-west-1\n{}services: [{{serviceName: web, taskDefinition: web, \
         desiredCount: 1, launchType: FARGATE}}]",
        definition("cpu: 256, memory: 512, ephemeralStorage: {sizeInGiB: 50}")
    ));
    assert!(
        said.contains("the price of Fargate's ephemeral storage in eu-west-1 is not known"),
        "{said}"
    );
}

#[test]
fn the_block_is_read_with_care() {
    let on_fargate = "tasks: [{name: job, taskDefinition: 'web:1', launchType: FARGATE, \
                      arrivals: {at: 0s}}]\n";
    for (block, expected) in [
        ("vcpuQuotas: 6", "unknown key `vcpuQuotas` "),
        ("vcpuQuota: 0", "`0` is too small"),
        (
            "vcpuQuota: {FARGATE_SPOTS: 6}",
            "unknown key `FARGATE_SPOTS` ",
        ),
        ("launchRate: {burst: 0}", "`0` is too small"),
        ("provisioning: fast", "`fast` "),
        ("spot: {capacity: [{at: 1m, vcpus: 1}]}", "is not at `0s`"),
        (
            "spot: {capacity: [{at: 0s, vcpus: 1}, {at: 0s, vcpus: 2}]}",
            "a step that does not come after the one before it",
        ),
        ("spotSavingsPercent: 101", "`101` is too large"),
        (
            "imagePull: {lazyLoading: 120%}",
            "`120%` is more than the whole",
        ),
        (
            "rates: [{vcpuUsdPerHour: 0.04}]",
            "the key `memoryGbUsdPerHour` is missing",
        ),
        (
            "rates: [{vcpuUsdPerHour: 1, memoryGbUsdPerHour: 1}, \
             {vcpuUsdPerHour: 1, memoryGbUsdPerHour: 1}]",
            "rates that are given twice",
        ),
        (
            "rates: [{platform: BeOS}]",
            "`BeOS` is not a value of `platform`",
        ),
        ("taskRetirements: [{}]", "the key `at` is missing"),
    ] {
        let said = refused(&format!("{SMALL}{on_fargate}fargate: {{{block}}}"));
        assert!(said.contains(expected), "{block}: {said}");
    }
    let said = refused(&format!(
        "latencies: {{instant: true}}\n{SMALL}{on_fargate}fargate: {{provisioning: 5s}}"
    ));
    assert!(
        said.contains("`provisioning` beside `latencies: {instant: true}`"),
        "{said}"
    );
    let said = refused("accountSettings: {fargateTaskRetirementWaitPeriod: 3}");
    assert!(said.contains("expected `0`, `7` or `14`"), "{said}");
}

#[test]
fn what_has_no_effect_or_never_runs_is_warned_of() {
    let warnings = |text: &str| {
        let options = ecs_sim::scenario::LoadOptions::default();
        let base = std::path::Path::new("");
        let loaded = ecs_sim::scenario::load_text(text, "inline.yaml", base, &options);
        loaded.expect("a right scenario").warnings.render(false)
    };
    let said = warnings(
        "duration: 1h\ncontainerInstances: [{instanceType: m5.large}]\nfargate: {vcpuQuota: 6}",
    );
    assert!(said.contains("no tasks run on Fargate"), "{said}");
    let said = warnings(&format!(
        "duration: 1h\n{}fargate: {{vcpuQuota: 6}}\nservices: [{{serviceName: web, \
         taskDefinition: web, desiredCount: 1, launchType: FARGATE}}]",
        definition("cpu: 8192, memory: 16384")
    ));
    assert!(
        said.contains("no task of `web` can ever run on FARGATE"),
        "{said}"
    );
}
