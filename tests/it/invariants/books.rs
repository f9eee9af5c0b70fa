//! The cluster's books against its tasks': resources, ports, groups.

use std::collections::{BTreeMap, BTreeSet};

use ecs_sim::model::{Cluster, ContainerInstance, GroupId, PortTable, Task, TaskStatus};
use ecs_sim::scenario::Scenario;
use ecs_sim::units::Resources;

/// What an instance must hold, summed up from its tasks.
#[derive(Debug, Clone, Default)]
struct Sum {
    used: Resources,
    groups: BTreeMap<GroupId, u32>,
    tcp: BTreeSet<u16>,
    udp: BTreeSet<u16>,
}

/// Checks conservation.
pub(super) struct Books<'a> {
    scenario: &'a Scenario,
    /// The port tables of instances that host nothing.
    empty_ports: Vec<PortTable>,
}

impl<'a> Books<'a> {
    pub(super) fn new(scenario: &'a Scenario) -> Self {
        Self {
            scenario,
            empty_ports: Vec::new(),
        }
    }

    fn ports(&self, task: &Task) -> (Vec<u16>, Vec<u16>, usize) {
        let definition = task
            .definition
            .map(|id| &self.scenario.task_definitions[id.index()]);
        definition.map_or_else(Default::default, |known| {
            let ports = &known.ports;
            let dynamic = usize::try_from(ports.dynamic).expect("few ports");
            (ports.tcp.clone(), ports.udp.clone(), dynamic)
        })
    }

    pub(super) fn audit(&mut self, cluster: &Cluster) {
        let count = cluster.instances().len();
        // Instances register empty.
        for instance in &cluster.instances()[self.empty_ports.len()..] {
            self.empty_ports.push(instance.ports.clone());
        }
        let mut sums = vec![Sum::default(); count];
        for (_, task) in cluster.live_tasks() {
            let waits = task.last_status == TaskStatus::Provisioning;
            let is_nowhere = task.instance.is_none() && task.fargate.is_none();
            assert_eq!(is_nowhere, waits, "task {}", task.serial);
            assert_eq!(task.stop.is_none(), waits || task.last_status.is_to_run());
            if let Some(on) = task.instance {
                self.add(&mut sums[on.index()], task);
            }
        }
        for (at, (instance, sum)) in cluster.instances().iter().zip(&sums).enumerate() {
            check_instance(at, instance, sum);
            let idle = sum.used == Resources::default();
            if idle && sum.tcp.is_empty() && sum.udp.is_empty() {
                let empty = &self.empty_ports[at];
                assert_eq!(&instance.ports, empty, "ports of an empty instance {at}");
            }
        }
        assert_eq!(cluster.live_tasks().count(), cluster.live_task_count());
    }

    fn add(&self, sum: &mut Sum, task: &Task) {
        sum.used = sum.used.plus(&task.needs);
        if task.last_status.is_to_run() {
            *sum.groups.entry(task.group).or_default() += 1;
        }
        let (tcp, udp, dynamic) = self.ports(task);
        assert_eq!(
            task.dynamic_ports.len(),
            dynamic,
            "one dynamic port a mapping"
        );
        for port in tcp.iter().chain(&task.dynamic_ports) {
            assert!(sum.tcp.insert(*port), "TCP {port} twice");
        }
        for port in udp {
            assert!(sum.udp.insert(port), "UDP {port} twice");
        }
    }
}

fn check_instance(at: usize, instance: &ContainerInstance, sum: &Sum) {
    let all = &instance.registered;
    assert!(
        all.covers(&sum.used),
        "instance {at} is over-allocated: {:?} of {all:?}",
        sum.used
    );
    let mut left = all.minus(&sum.used);
    if all.enis == Resources::UNLIMITED_ENIS {
        left.enis = instance.remaining.enis;
    }
    assert_eq!(instance.remaining, left, "instance {at}");
    let running: u32 = sum.groups.values().sum();
    assert_eq!(instance.running_tasks_count, running, "instance {at}");
    let known: BTreeMap<GroupId, u32> = instance
        .groups()
        .map(|id| (id, instance.tasks_of_group(id)))
        .collect();
    assert_eq!(known, sum.groups, "instance {at}");
}
