//! Which task of a service stops when there are more than wanted (API reference of UpdateService;
//! Developer Guide, "Amazon ECS task placement strategies").

use crate::model::TaskId;
use crate::placement::{BinpackField, SpreadField, StrategySpec};

/// A task that may stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stoppable<'a> {
    /// Which task.
    pub task: TaskId,
    /// Where it runs, as a number that orders instances.
    pub instance: u32,
    /// The attributes of its instance.
    pub attributes: &'a crate::model::Attributes,
    /// CPU units that its instance will have free without it.
    pub cpu_afterwards: u32,
    /// MiB that its instance will have free without it.
    pub memory_afterwards: u32,
}

/// Narrows the tasks down to those that may stop first under a chain of strategies: each decides
/// among what the earlier left equal. An empty chain is the default of services: the zone with the
/// most tasks, inside it the instance with the most. What is left is drawn from at random.
///
/// `all` are the tasks that are counted, which may be more than those that may stop.
pub fn narrow<'a>(
    chain: &[StrategySpec],
    all: &[Stoppable<'a>],
    mut may_stop: Vec<Stoppable<'a>>,
) -> Vec<Stoppable<'a>> {
    let zone = SpreadField::Attribute(crate::model::attributes::AVAILABILITY_ZONE.to_owned());
    let default = [
        StrategySpec::Spread(zone),
        StrategySpec::Spread(SpreadField::InstanceId),
    ];
    for strategy in if chain.is_empty() { &default } else { chain } {
        match strategy {
            StrategySpec::Spread(SpreadField::Attribute(name)) => {
                let value = |task: &Stoppable<'a>| task.attributes.get(name);
                keep_fullest(all, &mut may_stop, value);
            }
            StrategySpec::Spread(SpreadField::InstanceId) => {
                keep_fullest(all, &mut may_stop, |task| task.instance);
            }
            StrategySpec::Binpack(BinpackField::Cpu) => {
                keep_most(&mut may_stop, |task| task.cpu_afterwards);
            }
            StrategySpec::Binpack(BinpackField::Memory) => {
                keep_most(&mut may_stop, |task| task.memory_afterwards);
            }
            // A strategy that is not ECS's says nothing of stopping.
            StrategySpec::Random | StrategySpec::Named(_) => break,
        }
    }
    may_stop
}

/// Keeps the tasks of the groups that hold the most of all tasks.
fn keep_fullest<'a, K: Ord>(
    all: &[Stoppable<'a>],
    may_stop: &mut Vec<Stoppable<'a>>,
    group: impl Fn(&Stoppable<'a>) -> K,
) {
    let mut keys: Vec<K> = all.iter().map(&group).collect();
    keys.sort_unstable();
    let size = |key: &K| {
        let from = keys.partition_point(|other| other < key);
        let to = keys.partition_point(|other| other <= key);
        to - from
    };
    keep_most(may_stop, |task| size(&group(task)));
}

fn keep_most<'a, N: Ord>(may_stop: &mut Vec<Stoppable<'a>>, measure: impl Fn(&Stoppable<'a>) -> N) {
    let Some(most) = may_stop.iter().map(&measure).max() else {
        return;
    };
    may_stop.retain(|task| measure(task) == most);
}

#[cfg(test)]
mod tests {
    use super::{Stoppable, narrow};
    use crate::model::{Attributes, TaskId, attributes};
    use crate::placement::{BinpackField, SpreadField, StrategySpec};

    fn in_zone(zone: &str) -> Attributes {
        [(attributes::AVAILABILITY_ZONE, zone)]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Task n on each (instance, zone, MiB free afterwards).
    fn chosen(chain: &[StrategySpec], tasks: &[(u32, &str, u32)]) -> Vec<u32> {
        let zones: Vec<Attributes> = tasks.iter().map(|(_, zone, _)| in_zone(zone)).collect();
        let all: Vec<Stoppable<'_>> = (0..)
            .zip(tasks.iter().zip(&zones))
            .map(|(number, ((instance, _, memory), attributes))| Stoppable {
                task: TaskId(number),
                instance: *instance,
                attributes,
                cpu_afterwards: 0,
                memory_afterwards: *memory,
            })
            .collect();
        let narrowed = narrow(chain, &all, all.clone());
        narrowed.iter().map(|task| task.task.0).collect()
    }

    #[test]
    fn the_default_takes_from_the_fullest_zone_and_there_from_the_fullest_instance() {
        let tasks = [
            (0, "a", 0),
            (1, "a", 0),
            (1, "a", 0),
            (2, "b", 0),
            (2, "b", 0),
        ];
        assert_eq!(chosen(&[], &tasks), [1, 2]);
    }

    #[test]
    fn spread_takes_from_the_fullest_zone() {
        // G33: zones 3 and 2.
        let zone = SpreadField::Attribute(attributes::AVAILABILITY_ZONE.to_owned());
        let tasks = [
            (0, "a", 0),
            (1, "b", 0),
            (2, "a", 0),
            (1, "b", 0),
            (2, "a", 0),
        ];
        assert_eq!(chosen(&[StrategySpec::Spread(zone)], &tasks), [0, 2, 4]);
        let instance = StrategySpec::Spread(SpreadField::InstanceId);
        assert_eq!(chosen(&[instance], &tasks), [1, 2, 3, 4]);
    }

    #[test]
    fn binpack_stops_where_the_most_will_be_free() {
        // G32: A would have 900 free, B 400.
        let chain = [StrategySpec::Binpack(BinpackField::Memory)];
        let tasks = [(0, "a", 900), (1, "b", 400), (0, "a", 900)];
        assert_eq!(chosen(&chain, &tasks), [0, 2]);
    }

    #[test]
    fn random_leaves_every_task() {
        let tasks = [(0, "a", 900), (1, "b", 400)];
        assert_eq!(chosen(&[StrategySpec::Random], &tasks), [0, 1]);
    }
}
