//! The same for many groups that place and stop in turn, as services do: whether a decision is made
//! in a forest that all groups share or in one of the group's own, it is the plain one.

use ecs_sim::placement::Placer;
use proptest::prelude::*;

use super::{Instance, Kind, Step, World, instance, price, resources};

/// Services: many groups, each of one of a few shapes, on a fleet that is small beside them.
/// Shapes have chains in which the group's own tasks matter.
fn services() -> impl Strategy<Value = Vec<Kind>> {
    let chain = prop_oneof![
        4 => Just(vec![1u8, 0]),
        2 => Just(vec![0]),
        1 => Just(vec![0, 1]),
        1 => Just(vec![4, 0]),
        1 => Just(vec![0, 3, 4]),
        1 => Just(vec![1, 4]),
        1 => Just(vec![2, 0, 9]),
        1 => Just(vec![1, 0, 9]),
    ];
    let shape = (
        chain,
        prop_oneof![6 => Just(Vec::new()), 1 => prop::collection::vec(0u8..3, 1..3)],
        prop::bool::weighted(0.25),
        prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0u8..9, 1..2)],
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
    );
    (prop::collection::vec(shape, 1..4), 2u8..40).prop_map(|(shapes, groups)| {
        let of_group = |group: u8| {
            let (chain, zones, distinct, member_of, random_ties, missing_last) =
                shapes[usize::from(group) % shapes.len()].clone();
            Kind {
                capacity: 2,
                group,
                chain,
                tcp: Vec::new(),
                dynamic: 0,
                required: 7,
                zones,
                distinct,
                member_of,
                random_ties,
                missing_last,
            }
        };
        (0..groups).map(of_group).collect()
    })
}

/// Three zones, the last of one instance, all with room for many small tasks.
fn roomy_instance() -> impl Strategy<Value = Instance> {
    (instance(), 4u32..40, 4u32..40, 0u8..2).prop_map(|(instance, cpu, memory, zone)| Instance {
        capacity: 2,
        amounts: [cpu, memory, instance.amounts[2], instance.amounts[3]],
        zone,
        ..instance
    })
}

fn service_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0usize..40, [0u32..3, 0u32..3, 0u32..1, 0u32..1])
            .prop_map(|(kind, needs)| Step::Place { kind, needs }),
        1 => (0usize..40, [0u32..30, 0u32..30, 0u32..2, 0u32..2])
            .prop_map(|(kind, needs)| Step::Place { kind, needs }),
        4 => (0usize..512).prop_map(|which| Step::Stop { which }),
        4 => (0usize..512).prop_map(|which| Step::FinishStop { which }),
        1 => roomy_instance().prop_map(Step::Register),
        1 => (0usize..64).prop_map(|which| Step::Deregister { which }),
        1 => (0usize..64, 0u8..40).prop_map(|(kind, group)| Step::Deploy { kind, group }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn the_index_answers_as_the_plain_implementation_for_many_groups_in_turn(
        mut instances in prop::collection::vec(roomy_instance(), 0..10),
        services in services(),
        steps in prop::collection::vec(service_step(), 1..250),
        price in price(),
    ) {
        for alone in instances.iter_mut().take(1) {
            alone.zone = 2;
        }
        let mut world = World::new(&instances, &services, Placer::with_price_of_change(price));
        for (decision, step) in steps.iter().enumerate() {
            world.step(step, u64::try_from(decision).unwrap());
        }
        let decisions = world.placer.decisions();
        match price {
            // An empty log owes nothing at any price.
            u64::MAX => prop_assert!(instances.is_empty() || decisions.own == 0),
            0 if services.len() < 4 => prop_assert!(decisions.own >= decisions.shared),
            _ => {}
        }
    }
}

/// Groups that spread over zones and instances, on instances of this shape.
fn in_turn(groups: u8, instances: usize, price: u64) -> World {
    let fleet: Vec<Instance> = (0..instances)
        .map(|number| Instance {
            capacity: 2,
            amounts: [1_000, 1_000, 0, 0],
            zone: u8::try_from(number % 3).expect("one of three"),
            rack: None,
            stack: None,
            connected: true,
        })
        .collect();
    let services: Vec<Kind> = (0..groups)
        .map(|group| Kind {
            capacity: 2,
            group,
            chain: vec![1, 0],
            tcp: Vec::new(),
            dynamic: 0,
            required: 7,
            zones: Vec::new(),
            distinct: group % 4 == 3,
            member_of: Vec::new(),
            random_ties: group % 4 == 2,
            missing_last: false,
        })
        .collect();
    World::new(&fleet, &services, Placer::with_price_of_change(price))
}

#[test]
fn groups_on_few_instances_decide_in_the_shared_forest_and_equal_the_plain_one() {
    let mut world = in_turn(60, 90, 8);
    let mut decision = 0;
    for _ in 0..4 {
        for kind in 0..60 {
            world.place_both_ways(kind, resources([1, 1, 0, 0]), decision);
            decision += 1;
        }
    }
    let decisions = world.placer.decisions();
    assert_eq!((decisions.shared, decisions.own), (240, 0));
}

#[test]
fn a_group_on_every_instance_earns_a_forest_of_its_own_and_equals_the_plain_one() {
    let mut world = in_turn(1, 60, 8);
    for decision in 0..240 {
        world.place_both_ways(0, resources([1, 1, 0, 0]), decision);
    }
    let decisions = world.placer.decisions();
    assert_eq!(decisions.shared + decisions.own, 240);
    assert!(
        decisions.shared >= 20 && decisions.own >= 100,
        "{decisions:?}"
    );
}

#[test]
fn more_groups_than_may_have_a_forest_of_their_own_equal_the_plain_one() {
    let mut world = in_turn(40, 12, 0);
    let mut decision = 0;
    for _ in 0..30 {
        for kind in 0..40 {
            world.place_both_ways(kind, resources([1, 1, 0, 0]), decision);
            decision += 1;
        }
    }
    let decisions = world.placer.decisions();
    // Of the forty, the first sixteen. The rest shares; those with distinctInstance are refused
    // from their thirteenth task on, and who is refused is not searched for again at once.
    assert!(
        decisions.own >= 200 && decisions.shared >= 200,
        "{decisions:?}"
    );
}
