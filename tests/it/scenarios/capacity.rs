//! What the comment headers of the scenarios about capacity claim.

use super::{Finished, as_written, with_sets, with_strategy};

const MINUTE: u64 = 60_000;

impl Finished {
    /// Each change of the desired capacity by a provider: the minute, from and to.
    fn changes(&self, provider: &str) -> Vec<(u64, u32, u32)> {
        let scaling = self.summary.capacity_providers[provider]
            .managed_scaling
            .as_ref();
        let changes = scaling.expect("managed scaling").changes.iter();
        changes
            .map(|change| (change.time_ms / MINUTE, change.from, change.to))
            .collect()
    }

    fn total(&self) -> i128 {
        self.summary.cost.total_usd.0
    }
}

#[test]
fn cluster_auto_scaling_goes_from_none_to_four_and_back() {
    let ran = as_written("cluster-auto-scaling.yaml");
    assert_eq!(
        ran.changes("cp"),
        [
            (5, 0, 2),
            (11, 2, 3),
            (30, 3, 4),
            (69, 4, 3),
            (70, 3, 2),
            (135, 2, 1),
            (136, 1, 0)
        ]
    );
    assert_eq!(ran.summary.tasks.succeeded, 10);
    let warm = with_sets(
        "cluster-auto-scaling.yaml",
        &["autoScalingGroups.asg.minSize=3"],
    );
    assert_eq!(
        warm.summary.placement.waited, 1,
        "the tenth task alone waits"
    );
    assert!(warm.total() > ran.total());
    let slow = with_sets(
        "cluster-auto-scaling.yaml",
        &["latencies.instanceLaunch=6m"],
    );
    assert_eq!(
        slow.changes("cp")[..3],
        [(5, 0, 2), (16, 2, 3), (30, 3, 4)],
        "in service at 11, warm at 16"
    );
}

#[test]
fn a_lower_target_capacity_spares_waiting_and_costs_more() {
    let path =
        "cluster.capacityProviders.cp.autoScalingGroupProvider.managedScaling.targetCapacity";
    let full = as_written("target-capacity.yaml");
    let reserve = with_sets("target-capacity.yaml", &[&format!("{path}=70")]);
    let waited = |ran: &Finished| ran.summary.placement.waited;
    assert!(
        waited(&reserve) * 3 < waited(&full),
        "{} of {}",
        waited(&reserve),
        waited(&full)
    );
    assert!(reserve.total() > full.total());
}

#[test]
fn binpack_lets_a_group_shrink_and_spread_does_not() {
    let packed = as_written("provider-strategies.yaml");
    let spread = with_strategy("provider-strategies.yaml", "spread-instance");
    let mean = |ran: &Finished| ran.summary.instances.mean.expect("there were some");
    assert!(
        mean(&spread) > 1.2 * mean(&packed),
        "{} {}",
        mean(&spread),
        mean(&packed)
    );
    assert!(spread.total() > packed.total());
    let ended = |ran: &Finished| {
        let group = &ran.summary.capacity_providers["cp"].group;
        group.instances_terminated["scale-in"]
    };
    assert_eq!((ended(&packed), ended(&spread)), (17, 6));
}

#[test]
fn a_mixed_group_keeps_its_base_and_its_tasks() {
    let ran = as_written("mixed-instances.yaml");
    let spot = ran.summary.spot.as_ref().expect("it launches Spot");
    assert!(spot.all.interruptions > 0);
    let pools = spot.pools.iter();
    let used = pools.filter(|pool| pool.counts.launched > 0);
    assert_eq!((used.count(), spot.pools.len()), (3, 6));
    assert_eq!(spot.all.tasks_interrupted, 0, "draining moves them in time");
    let on_demand = ran.run.instances.iter();
    let on_demand = on_demand.filter(|row| row.facts.purchase_option.name() == "on-demand");
    // 2, and a quarter of the other 10 rounded up.
    assert_eq!(on_demand.count(), 5);
}

#[test]
fn a_storm_hits_one_pool_in_nine_less_than_the_only_one() {
    let ran = as_written("spot-storm.yaml");
    let availability = |name: &str| ran.summary.services[name].availability.expect("it ran");
    assert!(availability("spread-out") > 0.99);
    assert!(availability("concentrated") < 0.9);
    let storm = &ran.summary.incidents[0];
    assert_eq!(storm.services["concentrated"].running.lowest, 8);
}

#[test]
fn a_group_outlives_a_lost_zone() {
    let ran = as_written("lost-zone.yaml");
    let zone = &ran.summary.incidents[0];
    let back = zone.services["web"]
        .recovered_after_ms
        .expect("it came back");
    assert!(back < 5 * MINUTE, "{back}");
    let alive = ran
        .run
        .instances
        .iter()
        .filter(|row| row.terminated_at.is_none());
    let in_zone = alive.filter(|row| row.facts.availability_zone == "us-east-1a");
    assert_eq!(in_zone.count(), 3, "balanced again");
    assert_eq!(ran.summary.tasks.interrupted, 6);
}

#[test]
fn retries_finish_what_interruptions_took() {
    let ran = as_written("batch-on-spot.yaml");
    let tasks = &ran.summary.tasks;
    assert!(tasks.interrupted > 0);
    let spot = ran.summary.spot.as_ref().expect("it launches Spot");
    assert!(spot.all.work_lost_ms > 0);
    let alone = with_sets(
        "batch-on-spot.yaml",
        &["tasks.job.retryStrategy.attempts=1"],
    );
    assert_eq!(
        tasks.submitted,
        alone.summary.tasks.submitted + tasks.interrupted,
        "each is submitted again"
    );
    let csv = String::from_utf8(ran.tasks_csv).expect("CSV is text");
    assert!(
        csv.contains(":2,family:job"),
        "the attempt stands in the id"
    );
}

#[test]
fn no_task_strays_from_its_launch_type() {
    let ran = as_written("ecs-anywhere.yaml");
    let rows = ran.run.task_rows.as_deref().expect("rows were kept");
    for row in rows {
        let option = row
            .instance
            .map(|on| ran.run.instances[on.index()].facts.purchase_option.name());
        let expected = match ran.run.entry_name(row.entry) {
            "crunch" => Some("external"),
            "web" => Some("on-demand"),
            _ => None,
        };
        assert_eq!(option, expected);
    }
    assert!(ran.summary.fargate.is_some());
    let cloud = [
        "tasks.crunch.launchType=EC2",
        "containerInstances.cloud.instanceType=m5.4xlarge",
        "containerInstances.cloud.count=3",
    ];
    let cloud = with_sets("ecs-anywhere.yaml", &cloud);
    assert_eq!(cloud.summary.tasks.not_placed, 0);
    assert!(cloud.total() > ran.total());
}

#[test]
fn a_savings_plan_pays_up_to_a_point() {
    let path = "commitments.savingsPlans.plan.commitment";
    let none = with_sets("savings-plan.yaml", &["commitments=null"]).total();
    let some = as_written("savings-plan.yaml").total();
    let much = with_sets("savings-plan.yaml", &[&format!("{path}=1.20")]).total();
    assert!(some < none && much > none, "{none} {some} {much}");
}
