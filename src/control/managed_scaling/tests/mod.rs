//! Rules of managed scaling, by the examples of AWS's guide and blog.

mod estimate;
mod minutes;
mod properties;
mod reasons;

use super::{
    GroupView, InstanceTypes, ManagedScaling, ManagedScalingController, ManagedScalingDecision,
    ManagedScalingMinute, ManagedScalingOptions, ProvisioningTasks,
};
use crate::units::{CpuUnits, MemoryMib, Millis, Resources, SimTime};

pub(super) fn amounts(cpu: u32, memory: u32) -> Resources {
    Resources {
        cpu: CpuUnits(cpu),
        memory: MemoryMib(memory),
        gpus: 0,
        enis: Resources::UNLIMITED_ENIS,
    }
}

pub(super) fn waiting(count: u32, cpu: u32, memory: u32) -> ProvisioningTasks {
    ProvisioningTasks {
        needs: Resources {
            enis: 0,
            ..amounts(cpu, memory)
        },
        distinct_instance: false,
        count,
    }
}

/// A group of one type that registers 3,072 CPU units and 3,072 MiB: three slots of 1,024, driven
/// minute by minute.
pub(super) struct Group {
    pub controller: ManagedScalingController,
    pub now: SimTime,
    pub min_size: u32,
    pub max_size: u32,
    pub desired: u32,
    pub running: u32,
    pub hosting: u32,
    pub launching: u32,
    pub latest_launch: Option<SimTime>,
    pub waiting: Vec<ProvisioningTasks>,
}

pub(super) const OPTIONS: ManagedScalingOptions = ManagedScalingOptions {
    scale_in_after_scale_out: Millis(15 * 60_000),
    minimum_step_for_mixed_groups: false,
};

impl Group {
    /// So many instances run, as many as are desired; so many of them host a task.
    pub(super) fn new(configuration: ManagedScaling, hosting: u32, running: u32) -> Self {
        let types = InstanceTypes::new(&[amounts(3_072, 3_072)]);
        Self {
            controller: ManagedScalingController::new(configuration, OPTIONS, types, 1),
            now: SimTime::ZERO,
            min_size: 0,
            max_size: 100,
            desired: running,
            running,
            hosting,
            launching: 0,
            latest_launch: None,
            waiting: Vec::new(),
        }
    }

    pub(super) fn with_target(target_capacity: u32, hosting: u32, running: u32) -> Self {
        let configuration = ManagedScaling {
            target_capacity,
            ..ManagedScaling::default()
        };
        Self::new(configuration, hosting, running)
    }

    /// So many tasks of a slot wait.
    pub(super) fn with_waiting(mut self, tasks: u32) -> Self {
        self.waiting = vec![waiting(tasks, 1_024, 1_024)];
        self
    }

    /// The next minute; its decision is carried out, instances come and go at once.
    pub(super) fn minute(&mut self) -> ManagedScalingMinute {
        self.now = self.now.saturating_add(Millis::MINUTE);
        let minute = self.controller.minute(&GroupView {
            now: self.now,
            min_size: self.min_size,
            max_size: self.max_size,
            desired: self.desired,
            running: self.running,
            pending: self.desired.saturating_sub(self.running),
            hosting: self.hosting,
            launching: self.launching,
            latest_launch: self.latest_launch,
            provisioning: &self.waiting,
        });
        if let Some(to) = minute.decision.to() {
            if to > self.running {
                self.latest_launch = Some(self.now);
            }
            self.desired = to;
            self.running = to;
            self.hosting = self.hosting.min(to);
        }
        minute
    }

    /// The next minutes, the last of them.
    pub(super) fn minutes(&mut self, count: u32) -> ManagedScalingMinute {
        let mut last = self.minute();
        for _ in 1..count {
            last = self.minute();
        }
        last
    }

    /// Minutes until the desired capacity changes, and the change. At most an hour.
    pub(super) fn next_change(&mut self) -> Option<(u32, ManagedScalingDecision)> {
        (1..=60).find_map(|minute| {
            let decision = self.minute().decision;
            decision.to().map(|_| (minute, decision))
        })
    }
}
