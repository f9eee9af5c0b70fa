//! Auto Scaling groups: sizes and limits, what they lack, what is On-Demand.

use ecs_sim::control::managed_scaling::ManagedScalingMinute;
use ecs_sim::model::{
    AutoScalingGroupId, Cluster, ContainerInstanceId, InstanceSource, PurchaseOption,
};
use ecs_sim::report::csv::auto_scaling_groups;
use ecs_sim::scenario::{AutoScalingGroup, Scenario};
use ecs_sim::simulation::GroupCounts;
use ecs_sim::units::{Millis, SimTime, id};

use crate::harness::{Ran, column};

/// A group from what is told of it.
#[derive(Debug, Default)]
struct Book {
    told: Option<GroupCounts>,
    /// When EC2 last had no capacity for what it lacks.
    failed_at: Option<SimTime>,
    /// Whether it ever lacked On-Demand Instances.
    lacked_on_demand: bool,
}

/// All groups.
#[derive(Debug)]
pub(super) struct Groups<'a> {
    scenario: &'a Scenario,
    books: Vec<Book>,
}

impl<'a> Groups<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        let books = scenario.auto_scaling_groups.iter().map(|_| Book::default());
        Self {
            scenario,
            books: books.collect(),
        }
    }

    pub(super) fn failed(&mut self, now: SimTime, group: AutoScalingGroupId, on_demand: u32) {
        let book = &mut self.books[group.index()];
        book.failed_at = Some(now);
        book.lacked_on_demand |= on_demand > 0;
    }

    /// A group is told of: within its limits, or no further beyond them than it was.
    pub(super) fn counted(&mut self, now: SimTime, group: AutoScalingGroupId, counts: GroupCounts) {
        let spec = &self.scenario.auto_scaling_groups[group.index()];
        let (min, max) = limits(spec, now);
        let desired = counts.desired;
        assert!(
            (min..=max).contains(&desired),
            "{desired} of {min} to {max}"
        );
        let told = self.books[group.index()].told.replace(counts);
        let before = told.map_or(0, |told| told.capacity());
        let most = most_instances(spec, max, desired, now);
        let capacity = counts.capacity();
        assert!(
            capacity <= most.max(before),
            "{}: {capacity} instances, at most {most} with a maximum of {max}",
            spec.name
        );
        let Some(pool) = spec.configuration.warm_pool else {
            assert_eq!(counts.warmed, 0, "no warm pool");
            return;
        };
        let prepared = pool.max_group_prepared_capacity.unwrap_or(max);
        let wanted = prepared.saturating_sub(desired).max(pool.min_size);
        assert!(
            counts.warmed <= wanted,
            "{} kept warm, {wanted} wanted",
            counts.warmed
        );
    }

    /// A group that has too few instances has just been refused them, and tries again.
    pub(super) fn check_instant(&self, now: SimTime, cluster: &Cluster) {
        let retry = self.scenario.capacity_options.launch_retry;
        for (group, book) in (0..).map(AutoScalingGroupId).zip(&self.books) {
            let Some(counts) = book.told else { continue };
            let spec = &self.scenario.auto_scaling_groups[group.index()];
            let refused = book.failed_at.is_some_and(|at| at + retry > now);
            assert!(
                counts.capacity() >= counts.desired || refused,
                "{} at {now:?}: {counts:?}",
                spec.name
            );
            if !is_refreshed(spec, now) {
                check_base(spec, book, counts, &members(group, cluster), cluster);
            }
        }
    }

    /// The rows of the files are what was told.
    pub(super) fn close(&self, ran: &Ran) {
        let mut text = Vec::new();
        auto_scaling_groups(&ran.run, &mut text).expect("memory takes all");
        let names = column(&text, "auto_scaling_group");
        let columns = ["desired", "pending", "in_service", "terminating", "warmed"];
        let columns = columns.map(|name| column(&text, name));
        for (place, (row, book)) in ran
            .run
            .auto_scaling_groups
            .iter()
            .zip(&self.books)
            .enumerate()
        {
            let last = names.iter().rposition(|name| *name == row.name);
            let last = last.map(|at| {
                columns
                    .each_ref()
                    .map(|of| of[at].parse().expect("a count"))
            });
            let told = book.told.map(|counts| {
                let GroupCounts {
                    desired,
                    pending,
                    in_service,
                    terminating,
                    warmed,
                } = counts;
                [desired, pending, in_service, terminating, warmed]
            });
            assert_eq!(last, told);
            let rows = ran.run.instances.iter().filter(|instance| {
                matches!(instance.facts.source,
                    InstanceSource::Group { group, .. } if group.index() == place)
            });
            let (mut launched, mut ended) = (0, 0);
            for instance in rows {
                launched += 1;
                ended += u64::from(instance.terminated_at.is_some());
            }
            assert_eq!(row.instances.launched, launched);
            assert_eq!(row.instances.terminated.values().sum::<u64>(), ended);
            let counts = book.told.unwrap_or_default();
            let alive = u64::from(counts.in_service + counts.terminating);
            let warm = u64::from(counts.warmed);
            assert!((alive..=alive + warm).contains(&(launched - ended)));
        }
    }
}

/// What managed scaling asks for is within the limits.
pub(super) fn check_minute(minute: &ManagedScalingMinute) {
    if let Some(to) = minute.decision.to() {
        assert!((minute.min_size..=minute.max_size).contains(&to), "{to}");
    }
}

/// `minSize` and `maxSize` after the scheduled actions until now.
fn limits(spec: &AutoScalingGroup, now: SimTime) -> (u32, u32) {
    let configuration = &spec.configuration;
    let mut limits = (configuration.min_size, configuration.max_size);
    let actions = configuration.scheduled_actions.iter();
    for action in actions.filter(|action| action.at <= now) {
        limits.0 = action.min_size.unwrap_or(limits.0);
        limits.1 = action.max_size.unwrap_or(limits.1).max(limits.0);
    }
    limits
}

/// The most instances that count toward the desired capacity: `maxSize`; where the group rebalances
/// a tenth of it more, or one; where it is refreshed what that may have beyond.
fn most_instances(spec: &AutoScalingGroup, max: u32, desired: u32, now: SimTime) -> u32 {
    let configuration = &spec.configuration;
    let several_zones = configuration.availability_zones.len() > 1;
    let rebalances = several_zones || configuration.capacity_rebalance;
    let beyond = if rebalances { (max / 10).max(1) } else { 0 };
    let refreshes = configuration.instance_refreshes.iter();
    let refreshes = refreshes
        .filter(|refresh| refresh.at <= now && refresh.max_healthy_percentage > 100)
        .map(|refresh| (desired * refresh.max_healthy_percentage / 100).max(desired + 1));
    refreshes.max().unwrap_or(0).max(max + beyond)
}

/// The registered instances of a group.
fn members(group: AutoScalingGroupId, cluster: &Cluster) -> Vec<ContainerInstanceId> {
    let registered = cluster.registered().iter().copied();
    registered
        .filter(|on| {
            let source = cluster.profile(*on).source;
            matches!(source, InstanceSource::Group { group: of, .. } if of == group)
        })
        .collect()
}

/// Whether a refresh of a group may be under way: it ends instances whatever their purchase option,
/// and the right ones follow.
fn is_refreshed(spec: &AutoScalingGroup, now: SimTime) -> bool {
    let mut refreshes = spec.configuration.instance_refreshes.iter();
    refreshes.any(|refresh| (refresh.at..refresh.at + Millis::HOUR).contains(&now))
}

/// `onDemandBaseCapacity` comes first, where EC2 never lacked On-Demand Instances and scale-in was
/// free to choose. Looked at while no instance is on its way.
fn check_base(
    spec: &AutoScalingGroup,
    book: &Book,
    counts: GroupCounts,
    members: &[ContainerInstanceId],
    cluster: &Cluster,
) {
    let configuration = &spec.configuration;
    let is_free = !configuration.new_instances_protected_from_scale_in && !book.lacked_on_demand;
    let settled =
        counts.pending == 0 && counts.in_service + counts.terminating == id(members.len());
    if !is_free || !settled {
        return;
    }
    let on_demand = |on: &&ContainerInstanceId| {
        cluster.profile(**on).purchase_option == PurchaseOption::OnDemand
    };
    let on_demand = id(members.iter().filter(on_demand).count());
    let base = configuration.distribution.on_demand_base_capacity;
    assert!(
        on_demand >= base.min(counts.in_service),
        "{}: {on_demand} On-Demand of a base of {base}, {counts:?}",
        spec.name
    );
}
