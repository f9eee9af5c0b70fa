//! How many instances would hold the tasks that wait (Developer Guide, managed scaling behavior).

use crate::units::Resources;

/// Tasks in PROVISIONING whose resource requirements are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProvisioningTasks {
    /// What each needs.
    pub needs: Resources,
    /// Whether no two of them can share an instance: `distinctInstance`, the one constraint that
    /// managed scaling knows, or a fixed host port, of which an instance has one.
    pub distinct_instance: bool,
    /// How many.
    pub count: u32,
}

/// What the instance types of a group register, each amount by itself: the smallest and the
/// largest of them need not be of one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InstanceTypes {
    smallest: Resources,
    largest: Resources,
    is_mixed: bool,
}

impl InstanceTypes {
    /// From what an instance of each type registers.
    ///
    /// # Panics
    /// Without types: a group has at least one.
    pub fn new(registered: &[Resources]) -> Self {
        let (first, others) = registered.split_first().expect("a group has a type");
        Self {
            smallest: others
                .iter()
                .fold(*first, |least, amount| least.min(amount)),
            largest: others.iter().fold(*first, |most, amount| most.max(amount)),
            is_mixed: !others.is_empty(),
        }
    }

    /// Whether there is more than one.
    pub fn is_mixed(&self) -> bool {
        self.is_mixed
    }
}

/// What the tasks that wait come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScaleOutEstimate {
    /// Tasks in PROVISIONING.
    pub tasks: u32,
    /// Those among them that are excluded, since the smallest type would not hold one.
    pub excluded: u32,
    /// Instances that the rest needs, before the steps: a lower bound, since each group of like
    /// tasks is packed on its own onto the largest type, and the largest result counts.
    pub instances: u32,
}

impl ScaleOutEstimate {
    /// Whether some task waits that more instances would help.
    pub fn has_any(&self) -> bool {
        self.excluded < self.tasks
    }
}

/// Steps 2 to 5 of the guide's scale-out: groups of like tasks that the smallest type does not hold
/// are excluded; each other group is packed onto empty instances of the largest type.
pub fn scale_out_estimate(groups: &[ProvisioningTasks], types: &InstanceTypes) -> ScaleOutEstimate {
    let mut estimate = ScaleOutEstimate::default();
    for group in groups {
        estimate.tasks += group.count;
        if !types.smallest.covers(&group.needs) {
            estimate.excluded += group.count;
            continue;
        }
        let per_instance = if group.distinct_instance {
            1
        } else {
            tasks_per_instance(&types.largest, &group.needs)
        };
        let instances = group.count.div_ceil(per_instance);
        estimate.instances = estimate.instances.max(instances);
    }
    estimate
}

/// How many like tasks an empty instance holds, at least 1 when it holds one. A task that needs
/// nothing finds room without end.
fn tasks_per_instance(registered: &Resources, needs: &Resources) -> u32 {
    let pairs = [
        (registered.cpu.0, needs.cpu.0),
        (registered.memory.0, needs.memory.0),
        (registered.gpus, needs.gpus),
        (registered.enis, needs.enis),
    ];
    let fits = pairs
        .iter()
        .filter_map(|(has, need)| has.checked_div(*need));
    fits.min().unwrap_or(u32::MAX)
}
