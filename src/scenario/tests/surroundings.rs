//! Images, settings of agents, behaviors of tasks and file systems: right and wrong.

use std::num::NonZeroU64;

use super::{errors, loaded, warnings};
use crate::cloud::behavior::{Effect, Starts};
use crate::cloud::image_pull::{ImageAccess, PullBehavior};
use crate::kernel::Distribution;
use crate::model::{EntryId, TaskDefinitionId};
use crate::scenario::Scenario;
use crate::units::{Millis, SimTime};

const TOP: &str = "duration: 24h
containerInstances: [{instanceType: m5.large, count: 4}]
taskDefinitions:
  - {family: web, containerDefinitions: [{name: app, image: web:1, cpu: 64, memory: 128}]}
tasks: [{name: job, taskDefinition: web, arrivals: {at: 0s}}]
services: [{serviceName: web, taskDefinition: web, desiredCount: 1}]
";

fn scenario(rest: &str) -> Scenario {
    let text = format!("{TOP}{rest}\n");
    loaded(&text, &[])
        .unwrap_or_else(|error| panic!("{error}"))
        .scenario
}

fn of(rest: &str) -> Vec<String> {
    errors(&format!("{TOP}{rest}\n"))
}

#[test]
fn images_have_a_size_and_a_registry() {
    let read = scenario(
        "images: [{name: \"web:1\", size: 350 MB, access: executionRole, bandwidth: 10 MB}]",
    );
    let image = &read.images[0];
    assert_eq!(
        (image.name.as_str(), image.size_bytes),
        ("web:1", 350_000_000)
    );
    assert_eq!(
        (image.access, image.missing),
        (ImageAccess::ExecutionRole, false)
    );
    assert_eq!(image.bytes_per_second, NonZeroU64::new(10_000_000));
    let gone = &scenario("images: [{name: \"web:1\", missing: true}]").images[0];
    assert!(gone.missing);
    for (entry, expected) in [
        (
            "{name: \"web:1\"}",
            "the key `size` is missing | add `size: 350 MB`",
        ),
        (
            "{name: \"web:1\", size: 1, access: private}",
            "`private` is not a value of `access` | expected `public`, `executionRole` or \
             `instanceRole`",
        ),
        (
            "{name: \"web:1\", size: 1, bandwidth: 0}",
            "nothing can be pulled at this speed | expected bytes a second such as `50 MB`",
        ),
        (
            "{name: \"web:1\", size: 1}, {name: \"web:1\", size: 2}",
            "the image `web:1` is given twice",
        ),
    ] {
        assert_eq!(of(&format!("images: [{entry}]")), [expected], "{entry}");
    }
    let unused = warnings(&format!("{TOP}images: [{{name: \"web:2\", size: 1}}]"));
    assert_eq!(unused, ["no container uses the image `web:2`"]);
}

#[test]
fn agents_pull_as_their_settings_say() {
    let read = scenario(
        "agentSettings: {imagePullBehavior: prefer-cached, imagePullTimeout: 1h, \
         imageCleanupInterval: 10m, imageMinimumCleanupAge: 5m, imagesDeletedPerCycle: 9, \
         taskCleanupWaitDuration: 2h, containerStartTimeout: 4m, containerStopTimeout: 1m}\n\
         latencies: {imagePull: {bandwidth: 25 MB, overhead: 1s}}",
    );
    let pull = &read.image_pull;
    assert_eq!(
        (pull.behavior, pull.time_out),
        (PullBehavior::PreferCached, Millis::HOUR)
    );
    assert_eq!(
        (pull.bytes_per_second.get(), pull.overhead),
        (25_000_000, Millis::SECOND)
    );
    let cleanup = pull.cleanup.unwrap();
    assert_eq!(
        (cleanup.interval, cleanup.minimum_age),
        (Millis(600_000), Millis(300_000))
    );
    assert_eq!(
        (cleanup.images_per_cycle, pull.task_cleanup_wait),
        (9, Millis(7_200_000))
    );
    assert_eq!(read.agent_settings.start_timeout, Some(Millis(240_000)));
    assert_eq!(read.agent_settings.stop_timeout, Some(Millis::MINUTE));
    let off = scenario("agentSettings: {imageCleanupDisabled: true}");
    assert_eq!(off.image_pull.cleanup, None);
    let instant = scenario("latencies: {instant: true}").image_pull;
    assert_eq!(
        (instant.overhead, instant.bytes_per_second),
        (Millis::ZERO, NonZeroU64::MAX)
    );
    assert_eq!(
        of("latencies: {instant: true, imagePull: {overhead: 1s}}"),
        [
            "`imagePull` beside `instant: true` | instant makes all latencies zero: remove one of \
          them"
        ]
    );
    assert_eq!(
        of("agentSettings: {imagePullBehavior: never}"),
        [
            "`never` is not a value of `imagePullBehavior` | expected `default`, `always`, `once` or \
          `prefer-cached`"
        ]
    );
}

#[test]
fn behaviors_strike_the_tasks_that_they_name() {
    let read = scenario(
        "taskBehaviors:
  - {taskDefinition: \"web:1\", container: app, exit: {after: 10s, exitCode: 3}}
  - {service: web, every: 10, first: 2, last: 50, from: 1h, until: 2h, outOfMemory: {after: 5m}}
  - {tasks: job, failToStart: {}}
  - {ignoreSigterm: true}
  - {unhealthy: {after: {exponential: {mean: 1h}}}}
  - {slowReadiness: {after: 2m}}
",
    );
    let [exit, memory, start, stop, unhealthy, slow] = read.task_behaviors.as_slice() else {
        panic!("six behaviors")
    };
    assert_eq!(exit.definition, Some(TaskDefinitionId(0)));
    assert_eq!(
        (exit.container.as_deref(), &exit.starts),
        (Some("app"), &Starts::ALL)
    );
    let after = |seconds: u64| Distribution::Fixed(Millis(seconds * 1_000));
    let expected = Effect::Exit {
        after: after(10),
        exit_code: 3,
    };
    assert_eq!(exit.effect, expected);
    // Services are numbered after the entries of `tasks`.
    assert_eq!(
        (memory.entry, start.entry),
        (Some(EntryId(1)), Some(EntryId(0)))
    );
    let starts = Starts {
        every: NonZeroU64::new(10).unwrap(),
        first: 2,
        last: Some(50),
        from: SimTime(3_600_000),
        until: Some(SimTime(7_200_000)),
    };
    assert_eq!(memory.starts, starts);
    assert_eq!(memory.effect, Effect::OutOfMemory { after: after(300) });
    assert_eq!(start.effect, Effect::FailToStart { after: after(0) });
    assert_eq!(stop.effect, Effect::IgnoreSigterm);
    assert!(matches!(unhealthy.effect, Effect::Unhealthy { .. }));
    assert_eq!(slow.effect, Effect::SlowReadiness { after: after(120) });
}

#[test]
fn a_behavior_has_one_effect_and_names_what_there_is() {
    for (entry, expected) in [
        (
            "service: web",
            "a behavior without an effect | expected one of `failToStart`, `exit`, `outOfMemory`, \
             `unhealthy`, `slowReadiness`, `ignoreSigterm`",
        ),
        (
            "exit: {}, unhealthy: {}",
            "a behavior with several effects: `exit`, `unhealthy` | expected one of \
             `failToStart`, `exit`, `outOfMemory`, `unhealthy`, `slowReadiness`, `ignoreSigterm`",
        ),
        (
            "service: wbe, exit: {}",
            "unknown service `wbe` | not in `services` | did you mean `web`?",
        ),
        (
            "tasks: jib, exit: {}",
            "unknown entry `jib` | not in `tasks` | did you mean `job`?",
        ),
        (
            "service: web, tasks: job, exit: {}",
            "`tasks` beside `service` | an entry strikes tasks of one of them: remove the other",
        ),
        (
            "container: ap, exit: {}",
            "unknown container `ap` | not in `containerDefinitions` | did you mean `app`?",
        ),
        (
            "exit: {exitCode: 256}",
            "`256` is too large | expected a whole number from 0 to 255",
        ),
        (
            "exit: {}, every: 0",
            "`0` is too small | expected a whole number, 1 or more",
        ),
        (
            "exit: {}, from: 2h, until: 1h",
            "`until` is not after `from` | expected more than 2h",
        ),
        (
            "exit: {}, first: 5, last: 3",
            "`last` is below `first` | expected at least 5",
        ),
        (
            "ignoreSigterm: false",
            "a behavior that does nothing | set `ignoreSigterm: true`, or remove the entry",
        ),
    ] {
        assert_eq!(
            of(&format!("taskBehaviors: [{{{entry}}}]")),
            [expected],
            "{entry}"
        );
    }
}

#[test]
fn file_systems_have_mount_targets_in_zones() {
    let text = "duration: 1h
containerInstances: [{instanceType: m5.large}]
taskDefinitions:
  - family: web
    volumes: [{name: data, efsVolumeConfiguration: {fileSystemId: fs-1}}]
    containerDefinitions:
      - name: app
        image: web
        memory: 128
        mountPoints: [{sourceVolume: data, containerPath: /data}]
tasks: [{taskDefinition: web, arrivals: {at: 0s}}]
fileSystems: [{fileSystemId: fs-1, mountTargets: [us-east-1a]}]
";
    let read = loaded(text, &[]).unwrap();
    assert!(read.warnings.is_empty(), "{}", read.warnings.render(false));
    let system = &read.scenario.file_systems[0];
    assert_eq!(system.id, "fs-1");
    assert_eq!(system.mount_target_zones, ["us-east-1a"]);
    assert_eq!(
        of("fileSystems: [{fileSystemId: fs-1}]"),
        ["the key `mountTargets` is missing | add `mountTargets: [us-east-1a]`"]
    );
    let unused = warnings(&format!(
        "{TOP}fileSystems: [{{fileSystemId: fs-2, mountTargets: []}}]"
    ));
    assert_eq!(unused, ["no task definition mounts `fs-2`"]);
}
