//! A stage with Auto Scaling groups, capacity providers and Spot pools, and a run on it.

use crate::cloud::auto_scaling::GroupConfiguration;
use crate::cloud::spot::{SpotPool, SpotPrice, SpotSupply};
use crate::control::managed_scaling::{
    GroupNeed, ManagedScaling, ManagedScalingAlarm, ManagedScalingDecision, ManagedScalingMinute,
    ManagedScalingReason, Reservation,
};
use crate::model::{
    Attributes, AutoScalingGroupId, CapacityProviderId, ContainerInstance, ContainerInstanceId,
    EndReason, InstanceSource, InstanceTypeId, PortTable, Profile, PurchaseOption, SpotPoolId,
    StoppedReason, TaskId, TaskStopCode, attributes,
};
use crate::record::{RecordOptions, Run};
use crate::scenario::{
    AutoScalingGroup, CapacityProvider, CapacityProviderKind, GroupType, Scenario,
};
use crate::simulation::{GroupCounts, Record};
use crate::units::{HourlyRate, Millis, SimTime};

use super::{Stage, needs, scenario, small, with_services};

/// Half an hour with the groups `asg`, of the capacity provider `cp`, and `solo`, without one, both
/// of small instances; and Spot pools of them in the zones `a` and `b`. No fixed fleet.
pub(crate) fn elastic_scenario() -> Scenario {
    let mut scenario = scenario(&[(small(), 1)], 1_800_000);
    let settings = scenario.container_instances[0].settings.clone();
    scenario.container_instances.clear();
    let group = |name: &str| AutoScalingGroup {
        name: name.to_owned(),
        configuration: GroupConfiguration {
            max_size: 10,
            ..GroupConfiguration::new(vec!["a".to_owned(), "b".to_owned()])
        },
        types: vec![GroupType {
            instance_type: InstanceTypeId(0),
            on_demand: HourlyRate(360_000_000),
            registered_memory: small().registered_memory,
        }],
        settings: settings.clone(),
        spot_instance_draining: false,
        root_volume_gib: None,
        public_ipv4: false,
        managed_instances: None,
    };
    scenario.auto_scaling_groups = vec![group("asg"), group("solo")];
    scenario.capacity_providers = vec![CapacityProvider {
        name: "cp".to_owned(),
        kind: CapacityProviderKind::AutoScalingGroup {
            group: AutoScalingGroupId(0),
            managed_scaling: Some(ManagedScaling::default()),
            managed_termination_protection: false,
            managed_draining: false,
        },
    }];
    scenario.spot_pools = ["a", "b"].map(pool).to_vec();
    scenario
}

fn pool(zone: &str) -> SpotPool {
    SpotPool {
        name: format!("small/{zone}"),
        instance_type: InstanceTypeId(0),
        availability_zone: zone.to_owned(),
        price: SpotPrice::Constant(HourlyRate(36_000_000)),
        supply: SpotSupply::Unlimited,
    }
}

impl Stage {
    /// An instance of a group registers that has been RUNNING since `launched`; of a Spot pool, or
    /// On-Demand in the zone `a`.
    pub(crate) fn launch(&mut self, group: u32, pool: Option<u32>, launched: u64) -> u32 {
        let registered = needs(1_000, 1_000, 0);
        let profile = self.cluster.intern_profile(profile(group, pool));
        let ports = PortTable::with_reserved(&[], &[]);
        let mut new = ContainerInstance::new(profile, true, self.now, registered, ports);
        new.launched_at = SimTime(launched);
        let instance = self.cluster.register(new);
        self.tell(&Record::InstanceRegistered { instance });
        instance.0
    }

    /// An instance of a group ends that was RUNNING since `launched` and never registered.
    pub(crate) fn end_unregistered(
        &mut self,
        group: u32,
        pool: Option<u32>,
        launched: u64,
        reason: EndReason,
    ) {
        let profile = self.cluster.intern_profile(profile(group, pool));
        self.tell(&Record::InstanceNotRegistered {
            profile,
            launched_at: SimTime(launched),
            ended: Some(reason),
        });
    }

    /// An instance ends, and the tasks on it with it.
    pub(crate) fn end_instance(&mut self, instance: u32, tasks: &[TaskId], reason: EndReason) {
        let instance = ContainerInstanceId(instance);
        for task in tasks {
            let host = StoppedReason::HostTerminated(instance);
            self.stop_for(*task, TaskStopCode::TerminationNotice, host);
        }
        self.cluster.deregister(instance);
        self.tell(&Record::InstanceTerminated { instance, reason });
    }

    /// The agent of an instance is connected, or not.
    pub(crate) fn connect(&mut self, instance: u32, connected: bool) {
        let instance = ContainerInstanceId(instance);
        self.cluster.set_agent_connected(instance, connected);
        self.tell(&Record::InstanceChanged { instance });
    }

    /// The counts of a group: desired, pending, in service, terminating.
    pub(crate) fn group(&mut self, group: u32, counts: [u32; 4]) {
        let [desired, pending, in_service, terminating] = counts;
        let counts = GroupCounts {
            desired,
            pending,
            in_service,
            terminating,
            warmed: 0,
        };
        let group = AutoScalingGroupId(group);
        self.tell(&Record::GroupCounted { group, counts });
    }

    /// EC2 refuses what a group lacks: On-Demand and Spot Instances.
    pub(crate) fn refuse_launch(&mut self, group: u32, on_demand: u32, spot: u32) {
        let group = AutoScalingGroupId(group);
        self.tell(&Record::LaunchFailed {
            group,
            on_demand,
            spot,
        });
    }

    /// A rebalance recommendation for an instance of a pool.
    pub(crate) fn recommend(&mut self, pool: u32, instance: u32) {
        self.tell(&Record::RebalanceRecommended {
            pool: SpotPoolId(pool),
            instance: Some(ContainerInstanceId(instance)),
        });
    }

    /// An interruption notice of two minutes for an instance of a pool.
    pub(crate) fn notice(&mut self, pool: u32, instance: u32) {
        self.notice_to(pool, Some(ContainerInstanceId(instance)));
    }

    /// The same for one that has not registered.
    pub(crate) fn notice_unregistered(&mut self, pool: u32) {
        self.notice_to(pool, None);
    }

    fn notice_to(&mut self, pool: u32, instance: Option<ContainerInstanceId>) {
        let takes_back_at = self.now + Millis(120_000);
        self.tell(&Record::SpotInterruptionNotice {
            pool: SpotPoolId(pool),
            instance,
            takes_back_at,
        });
    }

    /// A minute of managed scaling of `cp` with so many needed of those running, and tasks that
    /// wait.
    pub(crate) fn scaling_minute(
        &mut self,
        [needed, running, waiting]: [u32; 3],
        decision: ManagedScalingDecision,
        reason: ManagedScalingReason,
    ) {
        let minute = ManagedScalingMinute {
            at: self.now,
            min_size: 0,
            max_size: 10,
            desired: running,
            running,
            pending: 0,
            provisioning_tasks: waiting,
            needed,
            target_capacity: 100,
            reservation: Reservation::of(needed, running),
            alarm: match needed.cmp(&running) {
                std::cmp::Ordering::Less => ManagedScalingAlarm::Low { datapoints: 15 },
                std::cmp::Ordering::Equal => ManagedScalingAlarm::Ok,
                std::cmp::Ordering::Greater => ManagedScalingAlarm::High,
            },
            wanted: needed,
            decision,
            reason,
        };
        self.tell(&Record::CapacityProviderMinute {
            provider: CapacityProviderId(0),
            minute: &minute,
        });
    }
}

fn profile(group: u32, pool: Option<u32>) -> Profile {
    let zone = if pool == Some(1) { "b" } else { "a" };
    let zone = (attributes::AVAILABILITY_ZONE.to_owned(), zone.to_owned());
    let of_fleet = Profile::of_fleet(
        0,
        InstanceTypeId(0),
        Attributes::from([zone]),
        String::new(),
    );
    Profile {
        source: InstanceSource::Group {
            group: AutoScalingGroupId(group),
            instance_type: 0,
            pool: pool.map(SpotPoolId),
        },
        purchase_option: match pool {
            Some(_) => PurchaseOption::Spot,
            None => PurchaseOption::OnDemand,
        },
        capacity_provider: (group == 0).then_some(CapacityProviderId(0)),
        ..of_fleet
    }
}

/// A run on `elastic_scenario` in half an hour. `cp` launches three instances from 60 s on, one of
/// them On-Demand; at 300 s the Spot pool `a` gives notice to instance 1 with two tasks of 500 CPU
/// units, one a service's, and takes it back at 420 s; EC2 refuses its replacement until 600 s; two
/// instances go by scale-in at 1,200 s. `solo` has an instance that never registers.
pub(crate) fn elastic(change: impl Fn(&mut Scenario), options: RecordOptions) -> Run {
    let mut scenario = with_services(elastic_scenario());
    scenario.incidents.clear();
    change(&mut scenario);
    let mut stage = Stage::new(scenario, options);
    stage.group(0, [0, 0, 0, 0]);
    stage.group(1, [1, 1, 0, 0]);
    let waits = ManagedScalingReason::TasksWaitForEmptyGroup { tasks: 3 };
    let out = ManagedScalingDecision::ScaleOut { to: 3 };
    stage.at(60_000).scaling_minute([3, 0, 3], out, waits);
    stage.group(0, [3, 3, 0, 0]);
    stage.at(75_000).group(0, [3, 0, 3, 0]);
    stage.group(1, [1, 0, 1, 0]);
    stage
        .at(90_000)
        .end_unregistered(1, None, 75_000, EndReason::ScaleIn);
    stage.group(1, [0, 0, 0, 0]);
    let at_target = ManagedScalingReason::AtTarget(need(3, 3));
    stage.at(120_000);
    stage.scaling_minute([3, 3, 0], ManagedScalingDecision::None, at_target);
    stage.at(165_000);
    let [_, spot_a, spot_b] = [None, Some(0), Some(1)].map(|pool| stage.launch(0, pool, 75_000));
    let batch = stage.run(1, needs(500, 100, 0), spot_a);
    let shop = stage.run(2, needs(500, 100, 0), spot_a);
    stage.at(300_000).recommend(0, spot_a);
    stage.notice(0, spot_a);
    stage.at(420_000);
    stage.end_instance(spot_a, &[batch, shop], EndReason::SpotInterruption);
    stage.refuse_launch(0, 0, 1);
    stage.group(0, [3, 0, 2, 0]);
    stage.at(480_000).refuse_launch(0, 0, 1);
    let at_max = ManagedScalingReason::WarmingUp {
        launched_ago: Millis(60_000),
        warmup: Millis(300_000),
    };
    stage.scaling_minute([3, 2, 1], ManagedScalingDecision::HeldBack, at_max);
    stage.at(600_000).group(0, [3, 1, 2, 0]);
    stage.at(615_000).group(0, [3, 0, 3, 0]);
    stage.at(705_000).launch(0, Some(0), 615_000);
    let low = ManagedScalingReason::Low {
        datapoints: 15,
        need: need(0, 3),
        is_limited: true,
    };
    let scale_in = ManagedScalingDecision::ScaleIn { to: 1 };
    stage.at(1_200_000).scaling_minute([0, 3, 0], scale_in, low);
    stage.group(0, [1, 0, 1, 2]);
    stage.at(1_230_000);
    stage.end_instance(0, &[], EndReason::ScaleIn);
    stage.end_instance(spot_b, &[], EndReason::ScaleIn);
    stage.group(0, [1, 0, 1, 0]);
    stage.end()
}

fn need(needed: u32, running: u32) -> GroupNeed {
    GroupNeed {
        needed,
        running,
        target: 100,
    }
}
