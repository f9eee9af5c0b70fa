//! The fewest instances that any packing could have done with.
//!
//! For the demand that was really placed, with D_r the highest amount of resource r (CPU, memory,
//! GPUs) reserved at any time, C_r the most of r that an instance registers, of the fixed fleet or
//! of a type that an Auto Scaling group may launch, and B_r the highest number of tasks reserved at
//! a time that each need more than C_r / 2 (no two of which share an instance):
//!
//! lowerBound = max over r of max( ceil(D_r / C_r), B_r )
//!
//! It is a bound, not a promise: ports, constraints and the shapes of tasks may ask for more.
//! States that last count; what begins and ends within one instant does not.

use crate::scenario::Scenario;
use crate::units::Resources;

use super::per_resource::PerResource;

/// Follows the demand that the bound is made of.
#[derive(Debug)]
pub(super) struct LowerBound {
    largest: PerResource<u64>,
    big_tasks: PerResource<u64>,
    big_tasks_peak: PerResource<u64>,
    reserved_peak: PerResource<u64>,
}

impl LowerBound {
    /// The bound of a scenario in which nothing has happened yet.
    pub(super) fn of(scenario: &Scenario) -> Self {
        Self::new(largest(scenario))
    }

    /// `largest` is the most of each resource that an instance registers.
    fn new(largest: PerResource<u64>) -> Self {
        Self {
            largest,
            big_tasks: PerResource::all(0),
            big_tasks_peak: PerResource::all(0),
            reserved_peak: PerResource::all(0),
        }
    }

    fn big(&self, needs: &Resources) -> PerResource<u64> {
        PerResource::amounts(needs).with(self.largest, |need, most| u64::from(2 * need > most))
    }

    /// A task takes its place.
    #[inline]
    pub(super) fn reserve(&mut self, needs: &Resources) {
        self.big_tasks = self.big_tasks.plus(self.big(needs));
    }

    /// A task gives its place back.
    #[inline]
    pub(super) fn release(&mut self, needs: &Resources) {
        self.big_tasks = self.big_tasks.minus(self.big(needs));
    }

    /// The state lasts, with so much reserved in the cluster.
    #[inline]
    pub(super) fn hold(&mut self, reserved: PerResource<u64>) {
        self.reserved_peak = self.reserved_peak.with(reserved, u64::max);
        self.big_tasks_peak = self.big_tasks_peak.with(self.big_tasks, u64::max);
    }

    /// The bound; 0 when nothing was placed.
    pub(super) fn finish(&self) -> u64 {
        let by_amount = self.reserved_peak.with(self.largest, |peak, most| {
            if most == 0 { 0 } else { peak.div_ceil(most) }
        });
        let bounds = by_amount.with(self.big_tasks_peak, u64::max);
        bounds.values().into_iter().max().unwrap_or(0)
    }
}

/// The most of each resource that an instance registers, of the fixed fleet or of a group.
fn largest(scenario: &Scenario) -> PerResource<u64> {
    let fleet = scenario.container_instances.iter();
    let fleet = fleet.map(|entry| (entry.instance_type, entry.registered_memory));
    let groups = scenario.auto_scaling_groups.iter();
    let groups = groups.flat_map(|group| &group.types);
    let groups = groups.map(|of| (of.instance_type, of.registered_memory));
    fleet
        .chain(groups)
        .fold(PerResource::all(0), |most, (of, memory)| {
            let instance_type = &scenario.instance_types[of.index()];
            let here = PerResource::amounts(&Resources {
                cpu: instance_type.cpu,
                memory,
                gpus: instance_type.gpus,
                enis: 0,
            });
            most.with(here, u64::max)
        })
}

#[cfg(test)]
mod tests {
    use super::LowerBound;
    use crate::record::PerResource;
    use crate::units::{CpuUnits, MemoryMib, Resources};

    /// The bound for tasks that all run at once on instances of 2,048 CPU units and 8,000 MiB.
    fn bound(tasks: &[(u32, u32)]) -> u64 {
        let mut bound = LowerBound::new(PerResource {
            cpu: 2_048,
            memory: 8_000,
            gpu: 0,
        });
        let mut reserved = PerResource::all(0_u64);
        for (cpu, memory) in tasks {
            let needs = Resources {
                cpu: CpuUnits(*cpu),
                memory: MemoryMib(*memory),
                gpus: 0,
                enis: 0,
            };
            bound.reserve(&needs);
            reserved = reserved.plus(PerResource::amounts(&needs));
        }
        bound.hold(reserved);
        bound.finish()
    }

    #[test]
    fn the_bound_is_the_largest_of_its_parts() {
        assert_eq!(bound(&[]), 0);
        // CPU: 3 x 1,024 over 2,048 is 2. Half of the largest is not more than half.
        assert_eq!(bound(&[(1_024, 100); 3]), 2);
        // Three tasks of more than half the CPU: 3 although 3,087 CPU units would fit into 2.
        assert_eq!(bound(&[(1_025, 100); 3]), 3);
        // Memory: 5 x 3,500 over 8,000 is 3.
        assert_eq!(bound(&[(1, 3_500); 5]), 3);
        assert_eq!(bound(&[(0, 0); 9]), 0);
    }

    #[test]
    fn a_state_that_does_not_last_is_no_demand() {
        let mut bound = LowerBound::new(PerResource::all(10));
        let needs = Resources {
            cpu: CpuUnits(10),
            memory: MemoryMib(1),
            gpus: 0,
            enis: 0,
        };
        bound.reserve(&needs);
        bound.release(&needs);
        bound.hold(PerResource::all(0));
        assert_eq!(bound.finish(), 0);
    }
}
