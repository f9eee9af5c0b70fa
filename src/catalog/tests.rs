//! The compiled-in tables hold together, and their figures are those of the sources.

use super::{Catalog, CatalogText, Hypervisor, InterruptionFrequency, SpotFigures};
use crate::model::CpuArchitecture;
use crate::units::{HourlyRate, MemoryMib};

#[test]
fn each_type_is_listed_once_and_in_order() {
    let catalog = Catalog::builtin();
    assert_eq!(catalog.entries().len(), 1_372);
    assert!(
        catalog
            .entries()
            .windows(2)
            .all(|pair| pair[0].compare(&pair[1]).is_lt())
    );
    let mut names: Vec<&str> = catalog.names().collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 1_372);
}

#[test]
fn each_region_prices_hundreds_of_types() {
    let catalog = Catalog::builtin();
    let cases = [
        ("ap-northeast-1", 785),
        ("ap-northeast-2", 516),
        ("ap-south-1", 580),
        ("ap-southeast-1", 660),
        ("ap-southeast-2", 685),
        ("ca-central-1", 531),
        ("eu-central-1", 794),
        ("eu-north-1", 523),
        ("eu-west-1", 789),
        ("eu-west-2", 533),
        ("eu-west-3", 428),
        ("sa-east-1", 519),
        ("us-east-1", 1_353),
        ("us-east-2", 796),
        ("us-west-1", 519),
        ("us-west-2", 861),
    ];
    assert!(catalog.regions().eq(cases.map(|(region, _)| region)));
    for (region, expected) in cases {
        let prices: Vec<HourlyRate> = catalog
            .names()
            .filter_map(|name| catalog.price(region, name))
            .collect();
        assert_eq!(prices.len(), expected, "{region}");
        assert!(prices.iter().all(|price| price.0 > 0), "{region}");
    }
}

#[test]
fn what_is_sold_nowhere_in_the_table_has_no_price() {
    let catalog = Catalog::builtin();
    let unpriced: Vec<&str> = catalog
        .names()
        .filter(|name| {
            catalog
                .regions()
                .all(|region| catalog.price(region, name).is_none())
        })
        .filter(|name| !name.starts_with("x8aedz."))
        .collect();
    assert_eq!(unpriced, ["hpc8a.96xlarge", "p5e.48xlarge", "trn2.3xlarge"]);
}

#[test]
fn every_table_has_its_date() {
    let catalog = Catalog::builtin();
    let is_date =
        |date: &str| date.len() == 10 && date.bytes().filter(u8::is_ascii_digit).count() == 8;
    assert!(is_date(catalog.types_date()));
    for region in catalog.regions() {
        let dates = catalog.price_dates(region);
        assert!(
            !dates.is_empty() && dates.iter().all(|date| is_date(date)),
            "{region}"
        );
    }
    assert!(catalog.price_dates("nowhere-1").is_empty());
}

#[test]
fn what_ecs_offers_is_within_what_the_type_has() {
    for entry in Catalog::builtin().entries() {
        assert!(
            entry.registered_memory < entry.nominal_memory,
            "{}",
            entry.name
        );
        assert!(entry.awsvpc_tasks >= 1, "{}", entry.name);
        assert!(
            entry.awsvpc_tasks_at_most() >= entry.awsvpc_tasks,
            "{}",
            entry.name
        );
        assert_eq!(entry.gpus > 0, entry.gpu_model.is_some(), "{}", entry.name);
        assert_eq!(
            entry.bare_metal,
            entry.hypervisor == Hypervisor::None,
            "{}",
            entry.name
        );
    }
}

#[test]
fn prices_are_exact() {
    let catalog = Catalog::builtin();
    let cases = [
        ("us-east-1", "m5.large", 96_000_000),
        ("us-east-1", "t3a.nano", 4_700_000),
        ("us-east-1", "m7i-flex.4xlarge", 766_080_000),
        ("us-east-1", "p3.16xlarge", 24_480_000_000),
        ("us-east-1", "p4d.24xlarge", 21_957_642_000),
        ("us-east-1", "p5.48xlarge", 55_040_000_000),
        ("us-east-1", "inf2.48xlarge", 12_981_270_000),
        ("ap-south-1", "c6a.large", 46_750_000),
        ("ap-northeast-1", "p5.48xlarge", 68_800_000_000),
        ("eu-central-1", "m4.large", 120_000_000),
        ("eu-west-1", "g5.48xlarge", 18_182_300_000),
        ("sa-east-1", "r4.large", 280_000_000),
        ("us-west-2", "trn1.32xlarge", 21_500_000_000),
    ];
    for (region, name, nano) in cases {
        assert_eq!(
            catalog.price(region, name),
            Some(HourlyRate(nano)),
            "{region} {name}"
        );
    }
    assert_eq!(catalog.price("nowhere-1", "m5.large"), None);
    assert_eq!(catalog.price("us-east-1", "m5.nano"), None);
}

/// G14, G15: c5.large takes 2 `awsvpc` tasks without trunking and 10 with it.
#[test]
fn awsvpc_limits_with_and_without_trunking() {
    let catalog = Catalog::builtin();
    let cases = [
        ("c5.large", 2, Some(10)),
        ("g5.48xlarge", 6, Some(120)),
        ("m6g.medium", 1, Some(4)),
        ("m7i-flex.large", 2, Some(4)),
        ("t3.large", 2, None),
        ("g4dn.12xlarge", 7, None),
        ("r5.8xlarge", 7, None),
    ];
    for (name, plain, trunking) in cases {
        let entry = catalog.instance_type(name).unwrap();
        let limits = (entry.awsvpc_tasks, entry.awsvpc_tasks_trunking);
        assert_eq!(limits, (plain, trunking), "{name}");
    }
}

#[test]
fn only_gpus_count_as_gpus() {
    let catalog = Catalog::builtin();
    let devices = |name: &str| {
        let entry = catalog.instance_type(name).unwrap();
        (entry.gpus, entry.neuron_devices)
    };
    assert_eq!(devices("p3.16xlarge"), (8, 0));
    assert_eq!(devices("p4d.24xlarge"), (8, 0));
    assert_eq!(devices("dl1.24xlarge"), (0, 0), "Gaudi cards");
    assert_eq!(devices("dl2q.24xlarge"), (0, 0), "Qualcomm cards");
    assert_eq!(devices("g6f.large"), (0, 0), "a part of a GPU");
    assert_eq!(devices("trn1.32xlarge"), (0, 16));
    assert_eq!(devices("g4dn.16xlarge"), (1, 0));
    assert_eq!(devices("inf2.48xlarge"), (0, 12));
    assert_eq!(devices("m5.large"), (0, 0));
}

#[test]
fn a_type_is_resolved_with_its_memory_and_price() {
    let catalog = Catalog::builtin();
    let resolved = catalog.resolve("m6g.large", "us-east-1").unwrap();
    assert_eq!(resolved.architecture, CpuArchitecture::Arm64);
    assert_eq!(resolved.cpu.0, 2_048);
    assert_eq!(resolved.nominal_memory, MemoryMib(8_192));
    assert_eq!(resolved.registered_memory, MemoryMib(7_680));
    assert_eq!(resolved.awsvpc_tasks, Some(2));
    assert_eq!(resolved.awsvpc_tasks_trunking, Some(10));
    assert_eq!(resolved.on_demand, Some(HourlyRate(77_000_000)));
    assert_eq!(
        catalog.resolve("m6g.large", "nowhere-1").unwrap().on_demand,
        None
    );
    assert_eq!(catalog.resolve("m6g.larg", "us-east-1"), None);
    assert_eq!(catalog.nearest_name("m6g.larg"), Some("m6g.large"));
    assert_eq!(catalog.nearest_name("completely-else"), None);
}

const HEADER: &str = "instance_type,vcpus,memory_mib,architecture,gpus,gpu_model,neuron_devices,\
                      awsvpc_tasks,awsvpc_tasks_trunking,hypervisor,burstable,bare_metal\n";

/// A catalog of the given rows; the other texts are those of a type `a.b` in two regions.
fn small(types: &str, prices: &str) -> Result<Catalog, String> {
    small_with_spot(types, prices, "instance_type\n")
}

fn small_with_spot(types: &str, prices: &str, spot: &str) -> Result<Catalog, String> {
    let types = format!("{HEADER}{types}");
    Catalog::from_text(CatalogText {
        instance_types: &types,
        prices,
        spot,
        registered_memory: "instance_type,registered_memory_mib,quality\n",
        fargate: "region,platform,capacity,vcpu,memory_gb,license_vcpu,storage_gb,quality\n",
        snapshots: "table,region,date\non-demand-linux,r-2,2026-02-01\n\
                    on-demand-linux,r-2,2025-01-01\n",
    })
    .map_err(|error| error.to_string())
}

const TYPE: &str = "a.b,1,1024,arm64,0,,0,1,,nitro,false,false\n";

#[test]
fn a_region_may_lack_a_price_and_have_several_dates() {
    let metal = "a.metal,2,4096,x86_64,0,,0,1,,,false,true\n";
    let prices = "instance_type,r-1,r-2\na.b,,0.5\n";
    let catalog = small(&format!("{metal}{TYPE}"), prices).unwrap();
    assert_eq!(catalog.price("r-1", "a.b"), None);
    assert_eq!(catalog.price("r-2", "a.b"), Some(HourlyRate(500_000_000)));
    assert_eq!(catalog.price("r-2", "a.metal"), None);
    assert_eq!(catalog.price_dates("r-2"), ["2025-01-01", "2026-02-01"]);
    assert_eq!(catalog.names().collect::<Vec<_>>(), ["a.b", "a.metal"]);
    assert_eq!(
        catalog.instance_type("a.metal").unwrap().hypervisor,
        Hypervisor::None
    );
}

#[test]
fn files_that_do_not_belong_together_are_errors() {
    let good = "instance_type,r-2\na.b,1\n";
    let cases = [
        (
            TYPE.repeat(2),
            good,
            "instance-types.csv: a.b: listed twice",
        ),
        (
            TYPE.replace(",1,1024", ",0,1024"),
            good,
            "instance-types.csv: a.b: vCPUs out of range",
        ),
        (
            TYPE.replace("1024", "0"),
            good,
            "a.b: registered memory out of range",
        ),
        (TYPE.replace("arm64", "arm"), good, "unknown variant `arm`"),
        (
            TYPE.to_owned(),
            "instance_type,r-2\na.c,1\n",
            "a.c: no such instance type",
        ),
        (
            TYPE.to_owned(),
            "instance_type,r-2\na.b,1\na.b,1\n",
            "a.b: listed twice",
        ),
        (
            TYPE.to_owned(),
            "instance_type,r-2\na.b,1e3\n",
            "on-demand-linux.csv: a.b: not a figure",
        ),
        (
            TYPE.to_owned(),
            "instance_type,r-2,r-2\na.b,1,1\n",
            "r-2: a region listed twice",
        ),
        (
            TYPE.to_owned(),
            "instance_type,r-1\na.b,1\n",
            "snapshots.csv: r-2: no such region",
        ),
    ];
    for (types, prices, expected) in cases {
        let error = small(&types, prices).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
    for (spot, expected) in [
        (
            "instance_type,r-1\na.b,67:<5\n",
            "spot.csv: r-1: no such region",
        ),
        ("instance_type,r-2\na.b,67\n", "spot.csv: a.b: not a figure"),
        (
            "instance_type,r-2\na.c,67:<5\n",
            "spot.csv: a.c: no such instance type",
        ),
        (
            "instance_type,r-2\na.b,1:<5\na.b,1:<5\n",
            "spot.csv: a.b: listed twice",
        ),
    ] {
        let error = small_with_spot(TYPE, good, spot).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn spot_figures_are_those_of_the_advisor() {
    let catalog = Catalog::builtin();
    assert_eq!(catalog.spot_date(), "2025-06-28");
    for (region, name, savings_percent, interruptions) in [
        (
            "us-east-1",
            "m5.large",
            66,
            InterruptionFrequency::From15To20,
        ),
        ("us-east-1", "c5.large", 59, InterruptionFrequency::Below5),
        (
            "eu-west-1",
            "g4dn.xlarge",
            54,
            InterruptionFrequency::From5To10,
        ),
        (
            "us-west-2",
            "m6g.large",
            62,
            InterruptionFrequency::From10To15,
        ),
        (
            "ap-south-1",
            "r5.large",
            55,
            InterruptionFrequency::From5To10,
        ),
    ] {
        let figures = SpotFigures {
            savings_percent,
            interruptions,
        };
        assert_eq!(catalog.spot(region, name), Some(figures), "{region} {name}");
    }
    assert_eq!(catalog.spot("us-east-1", "m5.nano"), None);
    assert_eq!(catalog.spot("nowhere-1", "m5.large"), None);
    let count = |region: &str| {
        let names = catalog.names();
        names
            .filter(|name| catalog.spot(region, name).is_some())
            .count()
    };
    assert!(catalog.regions().all(|region| count(region) > 400));
    assert_eq!(count("us-east-1"), 891);
}
