//! The order in which commitments apply, and what is left over.

use proptest::prelude::*;

use super::{Applied, Covered, MONEY, SCALE, Usage, UsageTime, apply};
use crate::model::{
    Commitments, FargatePlatform, Meter, ReservedInstances, SavingsPlan, SavingsPlanType,
};
use crate::units::{HourlyRate, Millis, SimTime};

const HOUR: u64 = Millis::HOUR.0;
const CENT: u64 = 10_000_000;

fn cents(cents: u64) -> HourlyRate {
    HourlyRate(cents * CENT)
}

fn instance(name: &str) -> Meter {
    Meter::Instance(name.to_owned())
}

/// An instance of a type from one minute to another, at so many cents an hour.
fn usage(name: &str, (from, until): (u64, u64), on_demand: u64) -> Usage {
    let at = |minute: u64| SimTime(minute * Millis::MINUTE.0);
    Usage {
        meter: instance(name),
        availability_zone: "a".to_owned(),
        time: UsageTime::Span(at(from), at(until)),
        on_demand: cents(on_demand),
    }
}

fn reserved(name: &str, count: u32, zone: Option<&str>) -> ReservedInstances {
    ReservedInstances {
        name: name.to_owned(),
        instance_type: name.to_owned(),
        count,
        availability_zone: zone.map(str::to_owned),
        rate: cents(5),
    }
}

fn plan(plan_type: SavingsPlanType, commitment: u64, rates: &[(Meter, u64)]) -> SavingsPlan {
    let rates = rates.iter().cloned();
    SavingsPlan {
        name: plan_type.name().to_owned(),
        plan_type,
        commitment: cents(commitment),
        rates: rates.map(|(meter, rate)| (meter, cents(rate))).collect(),
    }
}

fn compute(commitment: u64, rates: &[(&str, u64)]) -> SavingsPlan {
    let rates: Vec<(Meter, u64)> = rates
        .iter()
        .map(|(name, rate)| (instance(name), *rate))
        .collect();
    plan(SavingsPlanType::Compute, commitment, &rates)
}

fn plans(list: Vec<SavingsPlan>) -> Commitments {
    Commitments {
        savings_plans: list,
        ..Commitments::default()
    }
}

/// What covers each usage: the commitment, and the minutes.
fn minutes(applied: &Applied) -> Vec<Vec<(usize, u128)>> {
    let of = |part: &Covered| (part.commitment, part.amount / 60_000);
    let each = applied.covered.iter();
    each.map(|parts| parts.iter().map(of).collect()).collect()
}

/// Cents of each hour: committed, used.
fn cents_of(applied: &Applied, commitment: usize) -> Vec<(u128, u128)> {
    let hours = applied.hours[commitment].iter();
    let cents = |money: u128| money / MONEY / u128::from(CENT);
    hours
        .map(|hour| (cents(hour.committed), cents(hour.used)))
        .collect()
}

#[test]
fn reserved_instances_come_first_then_the_family_then_all_then_on_demand() {
    let family = SavingsPlanType::Ec2Instance {
        family: "m5".to_owned(),
    };
    let commitments = Commitments {
        reserved_instances: vec![reserved("m5.large", 1, None)],
        // The order of the file does not matter between the two kinds.
        savings_plans: vec![
            compute(7, &[("m5.large", 7)]),
            plan(family, 6, &[(instance("m5.large"), 6)]),
        ],
    };
    let four: Vec<Usage> = (0..4).map(|_| usage("m5.large", (0, 60), 10)).collect();
    let applied = apply(&commitments, &four, Millis::HOUR);
    assert_eq!(
        minutes(&applied),
        [vec![(0, 60)], vec![(2, 60)], vec![(1, 60)], vec![]]
    );
    for (commitment, expected) in [(0, (5, 5)), (1, (7, 7)), (2, (6, 6))] {
        assert_eq!(cents_of(&applied, commitment), [expected]);
    }
}

#[test]
fn reserved_instances_cover_any_instance_of_their_type_for_as_long_as_they_last() {
    // One for the hour: two of 45 minutes each use up 60.
    let commitments = Commitments {
        reserved_instances: vec![reserved("m5.large", 1, None)],
        ..Commitments::default()
    };
    let usages = [
        usage("m5.large", (0, 45), 10),
        usage("c5.large", (0, 60), 10),
        usage("m5.large", (15, 60), 10),
    ];
    let applied = apply(&commitments, &usages, Millis::HOUR);
    assert_eq!(minutes(&applied), [vec![(0, 45)], vec![], vec![(0, 15)]]);
}

#[test]
fn reserved_instances_of_a_zone_apply_there_alone_and_first() {
    let mut elsewhere = usage("m5.large", (0, 60), 10);
    elsewhere.availability_zone = "b".to_owned();
    let usages = [elsewhere, usage("m5.large", (0, 60), 10)];
    let commitments = |list: Vec<ReservedInstances>| Commitments {
        reserved_instances: list,
        ..Commitments::default()
    };
    let zonal = reserved("m5.large", 2, Some("a"));
    let applied = apply(&commitments(vec![zonal]), &usages, Millis::HOUR);
    assert_eq!(minutes(&applied), [vec![], vec![(0, 60)]]);
    // One is left over: paid for, and not used.
    assert_eq!(cents_of(&applied, 0), [(10, 5)]);
    let regional = reserved("m5.large", 1, None);
    let zonal = reserved("m5.large", 1, Some("a"));
    let applied = apply(&commitments(vec![regional, zonal]), &usages, Millis::HOUR);
    assert_eq!(minutes(&applied), [vec![(0, 60)], vec![(1, 60)]]);
}

#[test]
fn a_plan_covers_first_what_it_saves_most_on() {
    // 6 of 10 cents are 40 % saved, 4 of 5 are 20 %, 12 of 20 are 40 % again but at a higher rate.
    let usages = [
        usage("a", (0, 60), 5),
        usage("b", (0, 60), 20),
        usage("c", (0, 60), 10),
    ];
    let rates = [("a", 4), ("b", 12), ("c", 6)];
    for (commitment, expected) in [
        (6, [vec![], vec![], vec![(0, 60)]]),
        (12, [vec![], vec![(0, 30)], vec![(0, 60)]]),
        (20, [vec![(0, 30)], vec![(0, 60)], vec![(0, 60)]]),
        (22, [vec![(0, 60)], vec![(0, 60)], vec![(0, 60)]]),
    ] {
        let applied = apply(
            &plans(vec![compute(commitment, &rates)]),
            &usages,
            Millis::HOUR,
        );
        assert_eq!(minutes(&applied), expected, "{commitment} cents");
    }
}

#[test]
fn usage_without_a_rate_stays_on_demand_and_what_an_hour_leaves_is_lost() {
    // Nothing in the first hour, two instances in the second, half an hour of one in the last
    // half hour.
    let usages = [
        usage("a", (60, 120), 10),
        usage("a", (60, 150), 10),
        usage("z", (0, 150), 10),
    ];
    let commitments = plans(vec![compute(5, &[("a", 5)])]);
    let applied = apply(&commitments, &usages, Millis(150 * 60_000));
    assert_eq!(minutes(&applied), [vec![(0, 60)], vec![(0, 30)], vec![]]);
    // The last half hour is committed to by half: 2.5 cents.
    assert_eq!(cents_of(&applied, 0), [(5, 0), (5, 5), (2, 2)]);
    let last = applied.hours[0][2];
    assert_eq!(last.committed, last.used);
    assert_eq!(last.committed * 2, applied.hours[0][0].committed);
    // 10, 30, 10 cents an hour, the last for half of one.
    let cent = MONEY * u128::from(CENT);
    assert_eq!(applied.on_demand, [10 * cent, 30 * cent, 10 * cent]);
}

#[test]
fn compute_plans_cover_fargate() {
    let platform = FargatePlatform::LinuxArm;
    // 2 vCPUs for an hour at 4 cents; the plan pays 3 cents for one and a half.
    let vcpu = Usage {
        meter: Meter::FargateVcpu(platform),
        availability_zone: "a".to_owned(),
        time: UsageTime::Hourly(vec![2_048 * u128::from(HOUR)]),
        on_demand: cents(4),
    };
    let rates = [(Meter::FargateVcpu(platform), 2)];
    let commitments = plans(vec![plan(SavingsPlanType::Compute, 3, &rates)]);
    let applied = apply(&commitments, &[vcpu], Millis::HOUR);
    assert_eq!(applied.covered[0][0].amount, 1_536 * u128::from(HOUR));
    assert_eq!(cents_of(&applied, 0), [(3, 3)]);
    assert_eq!(applied.on_demand, [8 * MONEY * u128::from(CENT)]);
}

#[test]
fn what_is_billed_beyond_the_end_falls_into_the_last_hour() {
    let usages = [usage("a", (59, 60), 10), usage("a", (59, 61), 10)];
    let commitments = plans(vec![compute(100, &[("a", 5)])]);
    let applied = apply(&commitments, &usages, Millis::HOUR);
    assert_eq!(minutes(&applied), [vec![(0, 1)], vec![(0, 2)]]);
}

prop_compose! {
    fn some_usage()(
        name in prop::sample::select(vec!["a", "b", "c"]),
        zone in prop::sample::select(vec!["x", "y"]),
        from in 0_u64..400,
        minutes in 0_u64..300,
        on_demand in 1_u64..50,
    ) -> Usage {
        let usage = usage(name, (from, from + minutes), on_demand);
        Usage { availability_zone: zone.to_owned(), ..usage }
    }
}

prop_compose! {
    fn some_commitments()(
        reserved_types in prop::collection::vec(prop::sample::select(vec!["a", "b"]), 0..3),
        zonal in any::<bool>(),
        commitments in prop::collection::vec((any::<bool>(), 1_u64..200, 1_u64..40), 0..3),
    ) -> Commitments {
        let zone = zonal.then_some("x");
        let of_plan = |(is_family, commitment, rate): (bool, u64, u64)| {
            let rates = [(instance("a"), rate), (instance("b"), rate / 2 + 1)];
            let family = SavingsPlanType::Ec2Instance { family: "a".to_owned() };
            let kind = if is_family { family } else { SavingsPlanType::Compute };
            plan(kind, commitment, &rates)
        };
        Commitments {
            reserved_instances: reserved_types.iter().map(|name| reserved(name, 1, zone)).collect(),
            savings_plans: commitments.into_iter().map(of_plan).collect(),
        }
    }
}

proptest! {
    #[test]
    fn nothing_is_covered_twice_and_no_hour_spends_more_than_it_has(
        usages in prop::collection::vec(some_usage(), 0..12),
        commitments in some_commitments(),
        duration in 1_u64..500,
    ) {
        let duration = Millis(duration * 60_000);
        let applied = apply(&commitments, &usages, duration);
        for (usage, parts) in usages.iter().zip(&applied.covered) {
            let UsageTime::Span(from, until) = &usage.time else { unreachable!() };
            let covered: u128 = parts.iter().map(|part| part.amount).sum();
            prop_assert!(covered <= u128::from(until.since(*from).0));
        }
        for (place, hours) in applied.hours.iter().enumerate() {
            prop_assert_eq!(hours.len(), applied.on_demand.len());
            let parts = applied.covered.iter().flatten();
            let of_this = parts.filter(|part| part.commitment == place);
            let used: u128 = of_this
                .map(|part| part.amount * u128::from(part.rate.0) * SCALE)
                .sum();
            prop_assert_eq!(hours.iter().map(|hour| hour.used).sum::<u128>(), used);
            prop_assert!(hours.iter().all(|hour| hour.used <= hour.committed));
        }
        for (hour, on_demand) in applied.on_demand.iter().enumerate() {
            let covered: u128 = applied.hours.iter().map(|hours| hours[hour].covered).sum();
            prop_assert!(covered <= *on_demand);
        }
        // A part of a run is committed to by that part.
        for (plan, hours) in commitments.savings_plans.iter().zip(
            applied.hours.iter().skip(commitments.reserved_instances.len()),
        ) {
            let committed: u128 = hours.iter().map(|hour| hour.committed).sum();
            let expected = u128::from(plan.commitment.0) * u128::from(duration.0) * SCALE;
            prop_assert_eq!(committed, expected);
        }
    }
}
