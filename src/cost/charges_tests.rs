//! Typed lines of the bill, on hand-made runs.

use crate::model::{
    AutoScalingGroupId, Commitments, CrossZonePricing, EndReason, EntryId, FargateCapacity,
    FargatePlatform, FargateRates, InstanceSource, LoadBalancerPricing, LoadBalancerRates, Meter,
    PurchaseOption, ReservedInstances, SavingsPlan, SavingsPlanType,
};
use crate::record::testing::{Stage, scenario, serving, small};
use crate::record::{FargateKind, FargateUse, GroupRow, LoadBalancerRow, RecordOptions, Run};
use crate::simulation::GroupCounts;
use crate::units::{
    CpuUnits, HourlyRate, MemoryMib, Millis, NanoUsd, RateOverTime, SimTime, UnitPrice,
};

use super::{Bill, ChargeKind, Quantity, Summary, bill};

const HOUR: u64 = Millis::HOUR.0;
const MINUTE: u64 = Millis::MINUTE.0;
const CENT: u64 = 10_000_000;

/// So many instances at 36 cents an hour, for so many hours.
fn fleet(count: u32, hours: u64) -> Run {
    let options = RecordOptions { tasks: false };
    Stage::new(scenario(&[(small(), count)], hours * HOUR), options).end()
}

/// The same, as Spot Instances at another price.
fn spot(count: u32, hours: u64, price: &RateOverTime) -> Run {
    let mut run = fleet(count, hours);
    for row in &mut run.instances {
        row.facts.purchase_option = PurchaseOption::Spot;
        row.facts.price = price.clone();
    }
    run
}

fn end(run: &mut Run, instance: usize, minutes: u64, reason: EndReason) {
    let row = &mut run.instances[instance];
    row.terminated_at = Some(SimTime(minutes * MINUTE));
    row.end_reason = Some(reason);
}

/// The lines by kind: quantity and dollars.
fn lines(bill: &Bill) -> Vec<String> {
    let kinds = bill.by_kind().into_iter();
    let line = |(kind, charges): (ChargeKind, Vec<&super::Charge>)| {
        let quantities = charges.iter().map(|of| Quantity::from(of.quantity).0);
        let usd: NanoUsd = charges.iter().map(|of| of.billed).sum();
        let quantity = Quantity(quantities.sum());
        format!("{} {quantity} {}: {usd}", kind.name(), kind.unit())
    };
    kinds.map(line).collect()
}

fn assert_adds_up(bill: &Bill) {
    let sum = |of: fn(&super::Charge) -> NanoUsd| bill.charges.iter().map(of).sum::<NanoUsd>();
    assert_eq!(sum(|line| line.billed), bill.total);
    assert_eq!(
        bill.used + bill.idle + bill.other - bill.saved_by_commitments,
        bill.total
    );
    // What commitments cost is in the effective costs of what they cover, to the rounding of lines.
    let difference = sum(|line| line.effective) - bill.total;
    assert!(difference.0.abs() <= i128::try_from(bill.charges.len()).unwrap());
}

fn cents(cents: u64) -> HourlyRate {
    HourlyRate(cents * CENT)
}

#[test]
fn g109_g110_g111_who_ends_a_spot_instance_decides_what_is_billed() {
    for (name, minutes, reason, billed) in [
        ("G109", 50, EndReason::SpotInterruption, 0),
        ("G110", 90, EndReason::SpotInterruption, 90),
        ("G111", 20, EndReason::ScaleIn, 20),
        ("a replacement", 20, EndReason::CapacityRebalancing, 20),
    ] {
        let mut run = spot(1, 3, &RateOverTime::Constant(cents(12)));
        end(&mut run, 0, minutes, reason);
        let bill = bill(&run);
        // 12 cents an hour are 0.2 a minute.
        assert_eq!(bill.total, NanoUsd(billed * 2_000_000), "{name}");
        assert_eq!(
            bill.lines[0].billed,
            Millis(60_000 * u64::try_from(billed).unwrap())
        );
        // On-Demand it would have been 0.6 cents for each minute that it ran.
        let on_demand = i128::from(minutes) * 6_000_000;
        assert_eq!(
            bill.saved_by_spot,
            NanoUsd(on_demand) - bill.total,
            "{name}"
        );
        assert_adds_up(&bill);
    }
}

#[test]
fn a_spot_price_is_integrated_over_the_life_of_the_instance() {
    // 12 cents for an hour, 30 for the next, 6 from then on; launched after half an hour.
    let steps = [(0, cents(12)), (HOUR, cents(30)), (2 * HOUR, cents(6))];
    let steps = steps.map(|(at, rate)| (SimTime(at), rate));
    let mut run = spot(1, 3, &RateOverTime::new(&steps));
    run.instances[0].facts.launched_at = SimTime(HOUR / 2);
    let bill = bill(&run);
    assert_eq!(bill.total, NanoUsd(i128::from(CENT) * (6 + 30 + 6)));
    assert_eq!(lines(&bill), ["ec2-spot 2.5 Hours: 0.420000000"]);
    assert_eq!(bill.lines[0].rate, cents(12));
    assert_eq!(bill.charges[0].unit_price, None);
    // 2.5 hours at 36 cents would have been 90.
    assert_eq!(bill.charges[0].list, NanoUsd(i128::from(CENT) * 90));
    assert_eq!(bill.saved_by_spot, NanoUsd(i128::from(CENT) * 48));
}

/// The first instances are of a group, with a volume of 30 GiB and an address each.
fn grouped(mut run: Run) -> Run {
    for row in &mut run.instances {
        row.facts.source = InstanceSource::Group {
            group: AutoScalingGroupId(0),
            instance_type: 0,
            pool: None,
        };
    }
    run.auto_scaling_groups = vec![GroupRow {
        name: "asg".to_owned(),
        root_volume_gib: Some(30),
        public_ipv4: true,
        ..GroupRow::default()
    }];
    run.pricing.gp3_gb_month = Some(UnitPrice(80_000_000));
    run.pricing.public_ipv4 = Some(HourlyRate(5_000_000));
    run
}

#[test]
fn g123_volumes_are_billed_by_the_month_of_730_hours_and_addresses_by_the_hour() {
    let bill = bill(&grouped(fleet(1, 730)));
    assert_eq!(
        lines(&bill),
        [
            "ec2-on-demand 730 Hours: 262.800000000",
            "root-volume 30 GB-Months: 2.400000000",
            "public-ipv4 730 Hours: 3.650000000",
        ]
    );
    assert_eq!(bill.other.to_string(), "6.050000000");
    assert_adds_up(&bill);
}

#[test]
fn the_free_hour_of_a_spot_instance_is_of_the_instance_alone() {
    let mut run = grouped(spot(1, 1, &RateOverTime::Constant(cents(12))));
    end(&mut run, 0, 50, EndReason::SpotInterruption);
    let bill = bill(&run);
    // 30 GB for 50 minutes of a month: 30 x 50 / 43,800; 50 minutes of an address.
    assert_eq!(
        lines(&bill),
        [
            "root-volume 0.034246575 GB-Months: 0.002739726",
            "public-ipv4 0.833333333 Hours: 0.004166667",
        ]
    );
    assert_adds_up(&bill);
}

#[test]
fn what_stands_stopped_in_a_warm_pool_has_its_volume_billed() {
    let mut run = grouped(fleet(1, 73));
    end(&mut run, 0, 10, EndReason::WarmPool);
    let counts = |warmed| GroupCounts {
        desired: 0,
        pending: 0,
        in_service: 0,
        terminating: 0,
        warmed,
    };
    run.auto_scaling_groups[0].counts = vec![
        (SimTime(0), counts(1)),
        (SimTime(36 * HOUR), counts(3)),
        (SimTime(37 * HOUR), counts(0)),
    ];
    for (stops, expected) in [(true, Some("1.602739726")), (false, None)] {
        run.auto_scaling_groups[0].stops_warm_instances = stops;
        let bill = bill(&run);
        let volumes = bill.by_kind().remove(&ChargeKind::RootVolume);
        // 30 GB x (36 + 3) hours of 730. The preparation is among them, not counted twice.
        let quantity = volumes.map(|list| Quantity::from(list[0].quantity).to_string());
        assert_eq!(quantity.as_deref(), expected);
    }
}

#[test]
fn external_instances_are_billed_by_ecs_anywhere() {
    let mut run = fleet(2, 10);
    run.pricing.ecs_anywhere = Some(HourlyRate(10_250_000));
    for (row, own) in run.instances.iter_mut().zip([0, CENT]) {
        let rate = HourlyRate(10_250_000 + own);
        row.facts.purchase_option = PurchaseOption::External;
        (row.facts.on_demand, row.facts.price) = (rate, RateOverTime::Constant(rate));
    }
    let bill = bill(&run);
    // The second server costs a cent an hour of its own.
    assert_eq!(
        lines(&bill),
        [
            "ecs-anywhere 20 Hours: 0.205000000",
            "own-server 10 Hours: 0.100000000",
        ]
    );
    assert_eq!(bill.by_purchase_option["external"], bill.total);
    assert_adds_up(&bill);
}

#[test]
fn load_balancers_are_billed_by_begun_hours_and_by_the_units_of_each_hour() {
    let mut run = fleet(0, 2);
    run.duration = Millis(2 * HOUR + 1);
    let row = |name: &str, is_network, per_hour: [u64; 3]| LoadBalancerRow {
        name: name.to_owned(),
        is_network,
        requests: per_hour
            .map(|requests| u128::from(requests) * 1_000_000)
            .to_vec(),
    };
    run.load_balancers = vec![
        // 90,000 new connections an hour are one LCU; 2,880,000 are one NLCU.
        row("alb", false, [90_000, 0, 45_000]),
        row("nlb", true, [2_880_000, 0, 0]),
    ];
    assert_eq!(bill(&run).total, NanoUsd::ZERO);
    let rates = |unit| LoadBalancerRates {
        hour: HourlyRate(22_500_000),
        capacity_unit_hour: HourlyRate(unit),
    };
    run.pricing.load_balancers = Some(LoadBalancerPricing {
        application: rates(8_000_000),
        network: rates(6_000_000),
        connections_per_request: 1_000_000,
        ..LoadBalancerPricing::default()
    });
    let bill = bill(&run);
    assert_eq!(
        lines(&bill),
        [
            // 2 x 3 hours; 1.5 x 0.008 + 1 x 0.006.
            "load-balancer 6 Hours: 0.135000000",
            "load-balancer-capacity-units 2.5 LCU-Hours: 0.018000000",
        ]
    );
    assert_adds_up(&bill);
}

#[test]
fn traffic_between_zones_is_billed_at_both_ends() {
    let mut run = serving(|_| (), RecordOptions { tasks: false });
    run.pricing.cross_zone_traffic = Some(CrossZonePricing {
        gb: UnitPrice(10_000_000),
        bytes_per_request: 1_000_000,
    });
    let bill = bill(&run);
    // 600 requests of 1 MB are 0.6 GB, out of one zone and into another.
    assert!(lines(&bill).contains(&"cross-zone-traffic 1.2 GB: 0.012000000".to_owned()));
    assert_adds_up(&bill);
}

/// Fargate tasks of 1 vCPU and 2 GB that are billed for so long together.
fn fargate(run: &mut Run, capacity: FargateCapacity, by_hour: &[u128], cost: i128) {
    run.fargate.uses.push(FargateUse {
        kind: FargateKind {
            entry: EntryId(0),
            capacity,
            availability_zone: "a".to_owned(),
            platform: FargatePlatform::LinuxX86,
            cpu: CpuUnits(1_024),
            memory: MemoryMib(2_048),
            storage_gib: 30,
        },
        tasks: 1,
        interrupted: 0,
        billed_millis: by_hour.iter().sum(),
        billed_by_hour: by_hour.to_vec(),
        rates: FargateRates {
            vcpu: HourlyRate(40_480_000),
            memory_gb: HourlyRate(4_445_000),
            license_vcpu: HourlyRate(0),
            storage_gb: Some(HourlyRate(111_000)),
        },
        cost: NanoUsd(cost),
    });
}

#[test]
fn g119_fargate_tasks_have_a_line_for_each_resource() {
    // 5 tasks for 10 minutes on each of 30 days: 25 hours.
    let mut run = fleet(0, 30 * 24);
    let day = [u128::from(50 * MINUTE)];
    let by_hour: Vec<u128> = (0..30)
        .flat_map(|_| day.into_iter().chain([0; 23]))
        .collect();
    // 10 GB beyond the free 20 for 25 hours, at 0.000111: 0.02775. A nano-dollar of roundings.
    fargate(&mut run, FargateCapacity::OnDemand, &by_hour, 1_262_000_001);
    let bill = bill(&run);
    assert_eq!(
        lines(&bill),
        [
            "fargate-vcpu 25 vCPU-Hours: 1.012000000",
            "fargate-memory 50 GB-Hours: 0.222250001",
            "fargate-ephemeral-storage 250 GB-Hours: 0.027750000",
        ]
    );
    assert_eq!(bill.by_purchase_option["fargate"], bill.total);
    assert_eq!(bill.by_capacity_provider["FARGATE"], bill.total);
    assert_eq!((bill.used, bill.idle), (bill.total, NanoUsd::ZERO));
    assert_adds_up(&bill);
}

fn commitments() -> Commitments {
    Commitments {
        reserved_instances: vec![ReservedInstances {
            name: "base".to_owned(),
            instance_type: "small".to_owned(),
            count: 1,
            availability_zone: None,
            rate: cents(20),
        }],
        savings_plans: vec![SavingsPlan {
            name: "plan".to_owned(),
            plan_type: SavingsPlanType::Compute,
            commitment: cents(40),
            rates: vec![
                (Meter::Instance("small".to_owned()), cents(24)),
                (
                    Meter::FargateVcpu(FargatePlatform::LinuxX86),
                    HourlyRate(30_000_000),
                ),
                (
                    Meter::FargateMemory(FargatePlatform::LinuxX86),
                    HourlyRate(3_000_000),
                ),
            ],
        }],
    }
}

#[test]
fn commitments_pay_for_what_they_cover_and_the_rest_is_on_demand() {
    let mut run = fleet(3, 2);
    run.pricing.commitments = commitments();
    let bill = bill(&run);
    // One reserved; 40 cents pay for 5/3 of an instance at 24; 1/3 stays at 36 cents.
    assert_eq!(
        lines(&bill),
        [
            "ec2-on-demand 0.666666667 Hours: 0.240000000",
            "ec2-covered 5.333333333 Hours: 0.000000000",
            "reserved-instances 2 Hours: 0.400000000",
            "savings-plan 2 Hours: 0.800000000",
        ]
    );
    assert_eq!(bill.total.to_string(), "1.440000000");
    // Their own prices come to 3 x 2 x 0.36 = 2.16.
    assert_eq!(bill.saved_by_commitments.to_string(), "0.720000000");
    assert_eq!(bill.by_instance_type["small"].to_string(), "2.160000000");
    let options: Vec<String> = bill
        .by_purchase_option
        .iter()
        .map(|(name, usd)| format!("{name} {usd}"))
        .collect();
    assert_eq!(
        options,
        [
            "on-demand 0.240000000",
            "reserved 0.400000000",
            "savings-plan 0.800000000"
        ]
    );
    assert_adds_up(&bill);
}

#[test]
fn what_is_not_used_of_a_commitment_is_lost() {
    let mut run = fleet(0, 4);
    run.pricing.commitments = commitments();
    // An hour of 4 vCPUs and 8 GB: 12 + 2.4 cents of 40.
    fargate(
        &mut run,
        FargateCapacity::OnDemand,
        &[0, 4 * u128::from(HOUR), 0, 0],
        0,
    );
    run.fargate.uses[0].kind.storage_gib = 20;
    run.fargate.uses[0].cost = NanoUsd(197_480_000);
    let bill = bill(&run);
    assert_eq!(
        lines(&bill),
        [
            "reserved-instances 4 Hours: 0.800000000",
            "savings-plan 4 Hours: 1.600000000",
            // 4 hours of the one; (160 - 14.4) / 40 of the other.
            "unused-commitment 7.64 Hours: 0.000000000",
            "fargate-covered-vcpu 4 vCPU-Hours: 0.000000000",
            "fargate-covered-memory 8 GB-Hours: 0.000000000",
        ]
    );
    assert_eq!(bill.total.to_string(), "2.400000000");
    assert_eq!(bill.saved_by_commitments.to_string(), "-2.202520000");
    assert_adds_up(&bill);
    let cost = Summary::new(&run, &bill).cost;
    let summary = cost.commitments.unwrap();
    assert_eq!(summary.coverage, Some(1.0));
    let plan = &summary.by_name["plan"];
    assert_eq!(plan.commitment_type, "Compute");
    assert_eq!(plan.used_usd.to_string(), "0.144000000");
    assert_eq!(
        (plan.utilization, plan.utilization_min),
        (Some(0.09), Some(0.0))
    );
    let base = &summary.by_name["base"];
    assert_eq!((base.utilization, base.coverage), (Some(0.0), Some(0.0)));
}

#[test]
fn fargate_spot_and_spot_instances_are_not_covered() {
    let mut run = spot(1, 1, &RateOverTime::Constant(cents(12)));
    run.pricing.commitments = commitments();
    fargate(
        &mut run,
        FargateCapacity::Spot,
        &[u128::from(HOUR)],
        50_480_000,
    );
    let bill = bill(&run);
    assert!(
        bill.by_kind()
            .keys()
            .all(|kind| kind.name() != "ec2-covered")
    );
    assert_eq!(bill.applied.on_demand, [0]);
    assert_eq!(
        bill.by_purchase_option["fargate-spot"].to_string(),
        "0.050480000"
    );
    assert_adds_up(&bill);
}

#[test]
fn a_plain_bill_has_no_keys_beyond_the_plain_ones() {
    let run = fleet(2, 1);
    let value = serde_json::to_value(Summary::new(&run, &bill(&run))).unwrap();
    let cost = value["cost"].as_object().unwrap();
    for key in [
        "otherUsd",
        "savingsAgainstOnDemandUsd",
        "lines",
        "commitments",
    ] {
        assert!(!cost.contains_key(key), "{key}");
    }
}

#[test]
fn lines_are_told_by_kind_where_there_are_several() {
    let run = grouped(spot(1, 10, &RateOverTime::Constant(cents(12))));
    let value = serde_json::to_value(Summary::new(&run, &bill(&run)).cost).unwrap();
    let at = |path: &str| value.pointer(path).unwrap().to_string();
    assert_eq!(at("/lines/ec2-spot/quantity"), "10");
    assert_eq!(at("/lines/ec2-spot/unit"), "\"Hours\"");
    assert_eq!(at("/lines/ec2-spot/usd"), "1.2");
    assert_eq!(at("/lines/root-volume/quantity"), "0.410958904");
    assert_eq!(at("/savingsAgainstOnDemandUsd"), "2.4");
    assert_eq!(at("/otherUsd"), "0.082876712");
}
