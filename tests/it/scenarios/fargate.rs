//! What the comment headers of the scenarios about Fargate claim.

use super::{Finished, as_written, with_sets};

impl Finished {
    /// The cost of a purchase option in cents.
    fn cents(&self, purchase_option: &str) -> String {
        let costs = &self.summary.cost.by_purchase_option;
        costs[purchase_option].to_cents()
    }

    /// The shortest and the longest time from placement to RUNNING of a service's tasks, in
    /// seconds.
    fn start_times(&self, service: &str) -> (u64, u64) {
        let rows = self.rows_of(service).into_iter();
        let spans = rows.filter_map(|row| {
            let started = row.started_at.get()?;
            Some((started.since(row.placed_at.get()?).0 + 500) / 1_000)
        });
        let spans: Vec<u64> = spans.collect();
        let least = spans.iter().min().expect("a task that started");
        (*least, *spans.iter().max().expect("the same"))
    }
}

#[test]
fn instances_cost_more_idle_and_less_full_and_start_tasks_sooner() {
    let name = "fargate-against-ec2.yaml";
    let all = as_written(name);
    assert_eq!(all.cents("on-demand"), "6.91");
    assert_eq!(all.cents("fargate"), "2.47");
    let by_service = &all.summary.cost.by_service;
    assert_eq!(by_service["on-ec2"].to_cents(), "2.07");
    assert_eq!(all.start_times("on-ec2"), (4, 17));
    assert_eq!(all.start_times("on-fargate"), (29, 73));
    assert!(all.says("on-ec2 2 2 4.2 99.6 %") && all.says("on-fargate 2 2 4.2 99.3 %"));
    assert!(all.says("between 2 and 8 tasks"));
    let full = [
        "services.*.desiredCount=12",
        "services.*.scaling.minCapacity=12",
    ];
    let full = with_sets(name, &full);
    assert_eq!(full.cents("on-demand"), "6.91");
    assert_eq!(full.cents("fargate"), "7.11");
    let larger = with_sets(name, &["taskDefinitions.web.memory=2GB"]);
    assert_eq!(larger.cents("on-demand"), "6.91");
    assert_eq!(larger.cents("fargate"), "2.91");
    let lazy = with_sets(name, &["fargate.imagePull.lazyLoading=10%"]);
    assert_eq!(lazy.start_times("on-fargate"), (22, 66));
}

#[test]
fn spot_shares_are_cheap_and_stay_empty_while_there_is_no_capacity() {
    let name = "fargate-spot.yaml";
    let all = as_written(name);
    assert_eq!(all.summary.cost.total_usd.to_cents(), "2.98");
    let fargate = all.summary.fargate.as_ref().expect("tasks on Fargate");
    assert_eq!(fargate.by_capacity_provider["FARGATE"].tasks, 3);
    let stopped = all.column("stopped_ms").into_iter();
    let codes = all.column("stop_code");
    let at_noon = stopped.filter(|(task, at)| {
        let hour = 12 * 3_600_000;
        let at: u64 = at.parse().unwrap_or(0);
        codes[task] == "SpotInterruption" && (hour..hour + 120_000).contains(&at)
    });
    assert_eq!(at_noon.count(), 5);
    assert!(all.says("web fell from 10 to 5 running tasks, as many as desired after 1 h 1 min"));
    assert!(all.says("99.9 % 23 8"));
    let list = with_sets(name, &["services.web.capacityProviderStrategy.1.weight=0"]);
    assert_eq!(list.summary.cost.total_usd.to_cents(), "5.92");
    assert_eq!(list.summary.tasks.interrupted, 0);
    let base = with_sets(name, &["services.web.capacityProviderStrategy.0.base=6"]);
    assert_eq!(base.summary.cost.total_usd.to_cents(), "4.66");
    assert!(base.says("web fell from 10 to 7 running tasks"));
    let whole = "services.web.deploymentConfiguration.minimumHealthyPercent=100";
    let whole = with_sets(name, &[whole]);
    assert!(whole.says("unavailable for 1 h 6 min"));
}
