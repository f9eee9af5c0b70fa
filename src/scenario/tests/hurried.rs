//! What people type in a hurry, and whether the answer says what is wrong, where and how to mend
//! it: the decisive parts of each message.

use super::{loaded, messages, without_trailing_blanks};

const FLEET: &str = "duration: 1h\ncontainerInstances: [{instanceType: m5.large, count: 2}]\n";

/// A scenario with one entry of `tasks` that has more keys.
fn task(more: &str) -> String {
    format!("{FLEET}tasks: [{{name: x, cpu: 256, memory: 512, {more}}}]\n")
}

/// A scenario with one entry of `containerInstances` that has more keys.
fn fleet(more: &str) -> String {
    format!("duration: 1h\ncontainerInstances: [{{instanceType: m5.large, {more}}}]\n")
}

fn check(rows: &[(String, &[&str])]) {
    for (text, parts) in rows {
        let shown = messages(text);
        for part in *parts {
            assert!(
                shown.contains(part),
                "no `{part}` in:\n{shown}\nof:\n{text}"
            );
        }
    }
}

fn warnings(text: &str, sets: &[&str]) -> String {
    let loaded = loaded(text, sets).expect("a scenario that can run");
    without_trailing_blanks(&loaded.warnings.render(false))
}

#[test]
fn slips_of_yaml_have_advice() {
    let yaml = |text: &str| format!("duration: 1h\n{text}\n");
    check(&[
        (
            yaml("containerInstances:\n\t- instanceType: m5.large"),
            &["this is not YAML", ":3:2", "replace the tab"],
        ),
        (
            yaml("region us-east-1\nseed: 1"),
            &[":2:1", "a key is followed by a colon"],
        ),
        (yaml("name: my: run"), &[":2:9", "needs quotes"]),
        (
            yaml("containerInstances:\n  - instanceType: m5.large\n   count: 2"),
            &[":4:4", "begins in the column behind its `- `"],
        ),
        (yaml("name: @x"), &[":2:7", "needs quotes"]),
        (yaml("name: *x"), &[":2:7", "an alias needs an anchor"]),
        (
            yaml("name: \"x\nseed: 1"),
            &["is the closing quote missing?"],
        ),
        (
            yaml("subnets: [{subnetId: a]"),
            &["close `[` with `]` and `{` with `}`"],
        ),
    ]);
}

#[test]
fn the_wrong_kind_of_value_is_answered_with_the_right_form() {
    let poisson = |rate: &str| task(&format!("arrivals: {{poisson: {rate}}}"));
    let strategy = |text: &str| task(&format!("arrivals: {{at: 0s}}, placementStrategy: {text}"));
    check(&[
        (
            "- duration: 1h\n".to_owned(),
            &["found a list", "a scenario has keys such as"],
        ),
        (
            "duration: 1h\ncontainerInstances:\n  instanceType: m5.large\n".to_owned(),
            &[
                "expected a list, found a mapping",
                "with `- ` before each element",
            ],
        ),
        (
            "duration: 1h\ncontainerInstances: [m5.large]\n".to_owned(),
            &["for instance `{instanceType: m5.large}`"],
        ),
        (poisson("60"), &["for instance `{perHour: 60}`"]),
        (poisson("many"), &["for instance `{perHour: 60}`"]),
        (
            poisson("{perHour: sixty}"),
            &["`sixty` is not a number", "expected a number above 0"],
        ),
        (poisson("{perHour: inf}"), &["`inf` is not a number"]),
        (poisson("{perHour: 0}"), &["`0` is out of range"]),
        (
            task("arrivals: 10"),
            &["for instance `{at: 0s, count: 10}`"],
        ),
        (
            task("arrivals: {at: 0s}, runtime: {lognormal: 5m}"),
            &["for instance `{median: 10m, sigma: 0.5}`"],
        ),
        (
            task("trace: jobs.csv"),
            &["for instance `{file: jobs.csv}`"],
        ),
        (strategy("binpack"), &["a list is written `[a, b]`"]),
        (
            strategy("[binpack-cpu]"),
            &["for instance `{type: binpack, field: cpu}`"],
        ),
        (
            strategy("[{type: spread-az}]"),
            &["written `{type: spread, field: attribute:ecs.availability-zone}`"],
        ),
        (
            strategy("[{type: spread, field: availabilityZone}]"),
            &["the zone is `attribute:ecs.availability-zone`"],
        ),
        (
            task("arrivals: {at: 0s}, placementConstraints: [distinctInstance]"),
            &["for instance `{type: distinctInstance}`"],
        ),
        (
            format!("{FLEET}latencies: 5s\n"),
            &["for instance `{start: 5s, stop: 1s}`"],
        ),
    ]);
}

#[test]
fn a_wrong_value_is_answered_with_the_right_ones() {
    let start = |text: &str| format!("{FLEET}start: {text}\n");
    let schedule = |text: &str| task(&format!("arrivals: {{schedule: '{text}'}}"));
    check(&[
        (
            task("arrivals: {at: 0s}, whenFull: wait"),
            &[
                "`wait` is not a value of `whenFull`",
                "expected `fail`, `queue` or `backfill`",
            ],
        ),
        (
            task("arrivals: {at: 0s}, whenFull: Queue"),
            &["did you mean `queue`?"],
        ),
        (
            fleet("agentConnected: no"),
            &["`no` is not `true` or `false`", "did you mean `false`?"],
        ),
        (fleet("count: \"six\""), &["`six` is not a whole number"]),
        (
            start("2026-01-05T00:00:00"),
            &["did you mean `2026-01-05T00:00:00Z`?"],
        ),
        (
            start("2026-01-05"),
            &["did you mean `2026-01-05T00:00:00Z`?"],
        ),
        (
            "duration: 1 hour\n".to_owned(),
            &["unknown unit `hour`", "the units are ms, s, m, h and d"],
        ),
        (
            format!("{FLEET}region: us-east1\n"),
            &["did you mean `us-east-1`?"],
        ),
        (
            schedule("cron(0 2 * * *)"),
            &[
                "has 6 fields, here are 5",
                "for instance `cron(0 2 * * ? *)`",
            ],
        ),
        (schedule("0 2 * * *"), &["for instance `cron(0 2 * * ? *)`"]),
        (
            format!("{FLEET}taskDefinitions: [{{family: w, containers: []}}]\n"),
            &["unknown key `containers`", "containerDefinitions"],
        ),
    ]);
    let zones = messages(&fleet("availabilityZones: us-east-1a"));
    assert!(!zones.contains("no zone is named"), "{zones}");
    let zone = messages(&fleet("availabilityZone: a"));
    assert!(
        zone.contains("expected a name such as `us-east-1a`"),
        "{zone}"
    );
}

#[test]
fn what_follows_from_a_reported_mistake_is_not_reported_again() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.lrage}]
subnets: [{subnetId: subnet-1, availabilityZon: us-east-1a}]
taskDefinitions:
  - {family: w, networkMode: awsvpc, memory: 1 GB, containerDefinitions: [{name: a, image: a}]}
tasks:
  - {cpu: 1, memory: 1, arrivals: {at: 0s},
     startTask: {containerInstances: [i-00000000000000000]}}
  - taskDefinition: w
    arrivals: {at: 0s}
    networkConfiguration: {awsvpcConfiguration: {subnets: [subnet-1]}}
";
    let shown = messages(text);
    assert_eq!(shown.matches("error: ").count(), 3, "{shown}");
    assert!(shown.contains("did you mean `m5.large`?"), "{shown}");
    assert!(
        shown.contains("did you mean `availabilityZone`?"),
        "{shown}"
    );
    assert!(
        shown.contains("the key `availabilityZone` is missing"),
        "{shown}"
    );
    assert!(!shown.contains("warning: "), "{shown}");
    // A subnet that nobody wrote is still reported.
    let shown = messages(&text.replace("[subnet-1]", "[subnet-x]"));
    assert!(shown.contains("unknown subnet `subnet-x`"), "{shown}");
}

#[test]
fn tasks_that_no_instance_can_hold_are_warned_of() {
    let of = |needs: &str| {
        let entry = format!("{FLEET}tasks: [{{name: x, {needs}, arrivals: {{at: 0s}}}}]\n");
        warnings(&entry, &[])
    };
    let title = "warning: no instance of the fleet can ever hold tasks of `x`";
    for (needs, why) in [
        (
            "cpu: 1, memory: 9000",
            "they need 9000 MiB, the largest registers 7680 MiB",
        ),
        ("cpu: 2049, memory: 1", "the largest registers 2048"),
        (
            "cpu: 1, memory: 1, gpu: 1",
            "they need a GPU, and no instance has any",
        ),
    ] {
        let shown = of(needs);
        assert!(shown.starts_with(title) && shown.contains(why), "{shown}");
    }
    assert_eq!(of("cpu: 2048, memory: 7680"), "");
    // Each amount fits somewhere, but not both on one instance.
    let mixed = "duration: 1h
containerInstances: [{instanceType: c5.xlarge}, {instanceType: r5.large}]
tasks: [{name: x, cpu: 4096, memory: 12000, arrivals: {at: 0s}}]
";
    let shown = warnings(mixed, &[]);
    assert!(shown.contains("together"), "{shown}");
}

#[test]
fn tasks_that_never_arrive_are_marked_where_that_is_said() {
    let text = task("arrivals: {at: 0s}");
    let shown = warnings(&text, &["tasks.x.arrivals.at=5h"]);
    let expected = "warning: these tasks never arrive
 --> --set 'tasks.x.arrivals.at=5h':1:21
  |
1 | tasks.x.arrivals.at=5h
  |                     ^^ the run ends at 1h
  |
  = help: let them come earlier, or make `duration` longer";
    assert_eq!(shown, expected);
    let every = task("arrivals: {every: 1m, from: 3h}");
    assert!(
        warnings(&every, &[]).contains("s.yaml:3:70"),
        "{}",
        warnings(&every, &[])
    );
}

#[test]
fn sizes_of_containers_take_suffixes() {
    let text = "
duration: 1h
containerInstances: [{instanceType: m5.large}]
taskDefinitions:
  - family: w
    containerDefinitions:
      - {name: a, image: a, cpu: 1 vCPU, memory: 2 GB, memoryReservation: 1 GB}
      - {name: b, image: b, cpu: \"0.25 vCPU\", memory: 0.5 GB}
tasks: [{taskDefinition: w, arrivals: {at: 0s}}]
";
    let loaded = loaded(text, &[]).unwrap();
    let needs = loaded.scenario.task_definitions[0].needs;
    assert_eq!((needs.cpu.0, needs.memory.0), (1_280, 1_536));
    let shown = messages(&text.replace("1 vCPU", "1 GB"));
    assert!(shown.contains("`1 GB` is not an amount of CPU"), "{shown}");
}

#[test]
fn entries_of_the_fleet_may_have_names_of_their_own() {
    let text = "duration: 1h
containerInstances:
  - {name: blue, instanceType: m5.large, count: 1}
  - {name: green, instanceType: m5.large, count: 1}
";
    let set = loaded(text, &["containerInstances.green.count=7"]).unwrap();
    let counts: Vec<u32> = set
        .scenario
        .container_instances
        .iter()
        .map(|entry| entry.count)
        .collect();
    assert_eq!(counts, [1, 7]);
    let shown = messages(&text.replace("green", "blue"));
    assert!(
        shown.contains("the name `blue` is given twice in `containerInstances`"),
        "{shown}"
    );
}

#[test]
fn top_level_keys_that_begin_with_x_hold_anchors() {
    let text = "duration: 1h
x-fleet: &fleet {instanceType: m5.large, count: 3}
containerInstances:
  - <<: *fleet
";
    let scenario = loaded(text, &[]).unwrap().scenario;
    assert_eq!(scenario.container_instances[0].count, 3);
    let nested = messages(&fleet("x-note: 1"));
    assert!(nested.contains("unknown key `x-note`"), "{nested}");
    assert!(messages("duration: 1h\nxfleet: 1\n").contains("unknown key `xfleet`"));
}

/// A scenario with one service that has more keys.
fn service(more: &str) -> String {
    format!(
        "{FLEET}taskDefinitions: [{{family: web, containerDefinitions: [{{name: app, image: a, \
         cpu: 64, memory: 128}}]}}]\ntargetGroups: [{{targetGroupName: web}}]\nservices: \
         [{{serviceName: web, taskDefinition: web, desiredCount: 2, {more}}}]\n"
    )
}

#[test]
fn a_load_balancer_names_a_container_of_the_task_definition() {
    let balanced =
        |more: &str| service(&format!("loadBalancers: [{{targetGroupName: web{more}}}]"));
    check(&[
        (
            balanced(", containerName: ap, containerPort: 80"),
            &["unknown container `ap`", "did you mean `app`?"],
        ),
        (
            balanced(", containerName: nginx, containerPort: 80"),
            &["unknown container `nginx`", "there are `app`"],
        ),
    ]);
    for right in ["", ", containerName: app"] {
        assert_eq!(messages(&balanced(right)), "no error", "{right}");
    }
}

#[test]
fn a_load_with_a_mistake_is_not_called_missing_besides() {
    let scaling = "scaling: {minCapacity: 1, maxCapacity: 4, policies: [{policyName: cpu, \
                   targetTrackingScalingPolicyConfiguration: {targetValue: 60, \
                   predefinedMetricSpecification: {predefinedMetricType: \
                   ECSServiceAverageCPUUtilization}}}]}";
    let balanced = "loadBalancers: [{targetGroupName: web}]";
    let missed = "no requests come to it";
    for load in [
        "requestsPerSecond: -1",
        "csv: {file: none.csv}",
        "steps: []",
    ] {
        let shown = messages(&service(&format!(
            "{balanced}, load: {{{load}}}, {scaling}"
        )));
        assert!(shown.contains("error"), "{load}:\n{shown}");
        assert!(!shown.contains(missed), "{load}:\n{shown}");
    }
    let shown = warnings(&service(&format!("{balanced}, load: {{}}, {scaling}")), &[]);
    assert!(shown.contains(missed), "{shown}");
}
