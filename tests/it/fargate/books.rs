//! What must hold after every event of any scenario with Fargate.

use std::collections::BTreeMap;

use ecs_sim::model::{Cluster, FargateCapacity, Task};
use ecs_sim::record::RecordOptions;
use ecs_sim::scenario::Scenario;
use ecs_sim::simulation::{Observer, Record};
use ecs_sim::units::SimTime;
use proptest::prelude::*;

use super::SMALL;
use crate::harness::{run_watched, scenario};

/// Counts again what the cluster has counted.
struct Books<'a> {
    scenario: &'a Scenario,
    placed: u64,
}

impl Books<'_> {
    fn check(&self, at: SimTime, cluster: &Cluster) {
        let tasks = cluster.fargate();
        for capacity in FargateCapacity::ALL {
            let of_it = |task: &Task| task.fargate.is_some_and(|place| place.capacity == capacity);
            let live = cluster.live_tasks().map(|(_, task)| task);
            let live: Vec<&Task> = live.filter(|task| of_it(task)).collect();
            let cpu = |tasks: &[&Task]| -> u64 {
                tasks.iter().map(|task| u64::from(task.needs.cpu.0)).sum()
            };
            let to_run: Vec<&Task> = live
                .iter()
                .copied()
                .filter(|task| task.last_status.is_to_run())
                .collect();
            assert_eq!(tasks.cpu_in_use(capacity), cpu(&live));
            assert_eq!(tasks.cpu_to_run(capacity), cpu(&to_run));
            assert_eq!(usize::try_from(tasks.placed(capacity)), Ok(live.len()));
            let quota = self.scenario.fargate.settings.cpu_quota(capacity);
            assert!(
                quota.is_none_or(|quota| cpu(&live) <= quota),
                "over the quota"
            );
            let mut groups: BTreeMap<_, u32> = BTreeMap::new();
            for task in &to_run {
                let place = task.fargate.expect("it is on Fargate");
                *groups.entry((task.group, place)).or_default() += 1;
            }
            for ((group, place), count) in groups {
                assert_eq!(tasks.of_group(group, place), count);
            }
            if capacity == FargateCapacity::Spot {
                let available = self.scenario.fargate.settings.spot.available_at(at);
                assert!(
                    available.is_none_or(|most| cpu(&to_run) <= most),
                    "beyond what there is"
                );
            }
        }
        let placeless = |task: &Task| task.instance.is_none() && task.fargate.is_none();
        let mut live = cluster.live_tasks();
        assert!(live.all(|(_, task)| task.placed_at.is_none() == placeless(task)));
    }
}

impl Observer for Books<'_> {
    fn advance(&mut self, now: SimTime, _: SimTime, cluster: &Cluster) {
        self.check(now, cluster);
    }

    fn record(&mut self, _: SimTime, record: &Record<'_>, _: &Cluster) {
        self.placed += u64::from(matches!(record, Record::TaskPlacedOnFargate { .. }));
    }
}

fn strategies() -> impl Strategy<Value = String> {
    (0_u32..3, 0_u32..4, 1_u32..5).prop_map(|(base, on_demand, spot)| {
        format!(
            "capacityProviderStrategy: [{{capacityProvider: FARGATE, base: {base}, \
             weight: {on_demand}}}, {{capacityProvider: FARGATE_SPOT, weight: {spot}}}]"
        )
    })
}

fn scenarios() -> impl Strategy<Value = String> {
    let blocks = (
        strategies(),
        1_u32..12,
        prop::option::of(1_u32..4),
        prop::collection::vec((0_u32..170, 0_u32..6), 0..4),
        prop::bool::ANY,
        0_u64..1_000,
    );
    blocks.prop_map(|(strategy, desired, quota, steps, instant, seed)| {
        let quota = quota.map_or(String::new(), |quota| format!("vcpuQuota: {quota}, "));
        let mut times: Vec<u32> = steps.iter().map(|(at, _)| at + 1).collect();
        times.sort_unstable();
        times.dedup();
        let steps = times.iter().zip(&steps);
        let capacity: Vec<String> = std::iter::once("{at: 0s, vcpus: 3}".to_owned())
            .chain(steps.map(|(at, (_, vcpus))| format!("{{at: {at}m, vcpus: {vcpus}}}")))
            .collect();
        let when_full = if desired % 2 == 0 {
            "queue"
        } else {
            "backfill"
        };
        format!(
            "seed: {seed}\nduration: 3h\nlatencies: {{instant: {instant}}}\n{SMALL}\
             fargate: {{{quota}availabilityZones: [us-east-1a, us-east-1b], \
             spot: {{timeToInterruption: {{exponential: {{mean: 1h}}}}, \
             capacity: [{}]}}, taskRetirements: [{{at: 20m}}]}}\n\
             accountSettings: {{fargateTaskRetirementWaitPeriod: 0}}\n\
             services: [{{serviceName: web, taskDefinition: 'web:1', desiredCount: {desired}, \
             {strategy}}}]\n\
             deployments: [{{at: 1h, service: web, taskDefinition: 'web:2'}}, \
             {{at: 2h, service: web, desiredCount: 2}}]\n\
             tasks: [{{name: job, cpu: 512, memory: 1024, {strategy}, whenFull: {when_full}, \
             arrivals: {{poisson: {{perHour: 30}}}}, runtime: {{exponential: {{mean: 8m}}}}}}]\n\
             incidents: [{{at: 40m, duration: 15m, availabilityZoneLost: us-east-1b}}, \
             {{at: 70m, duration: 10m, fargateCapacityRefused: {{capacityProvider: FARGATE}}}}, \
             {{at: 80m, fargateSpotReclaim: {{share: 60%}}}}]",
            capacity.join(", ")
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn books_are_kept_quotas_hold_and_lines_add_up(text in scenarios()) {
        let scenario = scenario(&text);
        let mut books = Books { scenario: &scenario, placed: 0 };
        let ran = run_watched(&scenario, RecordOptions { tasks: true }, &mut books);
        let uses = &ran.run.fargate.uses;
        let tasks: u64 = uses.iter().map(|of| of.tasks).sum();
        prop_assert_eq!(tasks, books.placed);
        prop_assert_eq!(ran.summary.tasks.placed, books.placed);
        let costs = uses.iter().map(|of| of.cost).sum();
        prop_assert_eq!(ran.summary.cost.total_usd, costs);
        let rows = ran.tasks().iter().map(|row| ran.run.task_cost(row)).sum();
        prop_assert_eq!(ran.summary.cost.total_usd, rows);
        // Without rows the figures are the same.
        let bare = run_watched(&scenario, RecordOptions::default(), &mut ());
        prop_assert_eq!(&bare.summary, &ran.summary);
    }
}
