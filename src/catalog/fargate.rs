//! Fargate's prices.

use serde::Deserialize;

use crate::model::{FargateCapacity, FargatePlatform, FargateRates};
use crate::units::HourlyRate;

use super::decimal::parse_nano;
use super::read::{CatalogError, bad, rows};

const FILE: &str = "fargate-prices.csv";

/// Fargate's prices of a region, platform and capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FargateEntry {
    pub(super) region: String,
    pub(super) platform: FargatePlatform,
    pub(super) capacity: FargateCapacity,
    pub(super) rates: FargateRates,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    region: String,
    platform: Platform,
    capacity: Capacity,
    vcpu: String,
    memory_gb: String,
    license_vcpu: Option<String>,
    storage_gb: Option<String>,
    #[serde(rename = "quality")]
    _quality: Quality,
}

#[derive(Deserialize)]
enum Platform {
    #[serde(rename = "linux-x86_64")]
    LinuxX86,
    #[serde(rename = "linux-arm64")]
    LinuxArm,
    #[serde(rename = "windows-x86_64")]
    Windows,
}

#[derive(Deserialize)]
enum Capacity {
    #[serde(rename = "FARGATE")]
    OnDemand,
    #[serde(rename = "FARGATE_SPOT")]
    Spot,
}

/// How far a price can be trusted: for readers of the file.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Quality {
    Confirmed,
    SingleSource,
    Derived,
}

/// Reads the file and checks that no price is given twice.
pub(super) fn read(text: &str) -> Result<Vec<FargateEntry>, CatalogError> {
    let mut entries: Vec<FargateEntry> = Vec::new();
    for row in rows::<Row>(FILE, text)? {
        let entry = entry(row)?;
        let known = |other: &FargateEntry| {
            (&other.region, other.platform, other.capacity)
                == (&entry.region, entry.platform, entry.capacity)
        };
        if entries.iter().any(known) {
            return Err(bad(FILE, &entry.region, "priced twice"));
        }
        entries.push(entry);
    }
    Ok(entries)
}

fn entry(row: Row) -> Result<FargateEntry, CatalogError> {
    let price = |text: &str| {
        let nano = parse_nano(text).ok_or_else(|| bad(FILE, &row.region, "not a price"))?;
        Ok(HourlyRate(nano))
    };
    let optional = |text: &Option<String>| text.as_deref().map(price).transpose();
    let rates = FargateRates {
        vcpu: price(&row.vcpu)?,
        memory_gb: price(&row.memory_gb)?,
        license_vcpu: optional(&row.license_vcpu)?.unwrap_or_default(),
        storage_gb: optional(&row.storage_gb)?,
    };
    Ok(FargateEntry {
        platform: match row.platform {
            Platform::LinuxX86 => FargatePlatform::LinuxX86,
            Platform::LinuxArm => FargatePlatform::LinuxArm,
            Platform::Windows => FargatePlatform::Windows,
        },
        capacity: match row.capacity {
            Capacity::OnDemand => FargateCapacity::OnDemand,
            Capacity::Spot => FargateCapacity::Spot,
        },
        rates,
        region: row.region,
    })
}

/// The rates of tasks in a region.
pub(super) fn rates(
    entries: &[FargateEntry],
    region: &str,
    platform: FargatePlatform,
    capacity: FargateCapacity,
) -> Option<FargateRates> {
    let mut entries = entries.iter();
    let found = entries.find(|entry| {
        (entry.region.as_str(), entry.platform, entry.capacity) == (region, platform, capacity)
    });
    found.map(|entry| entry.rates)
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::catalog::Catalog;
    use crate::model::{FargateCapacity, FargatePlatform};
    use crate::units::HourlyRate;

    #[test]
    fn the_prices_are_those_of_the_sources() {
        use FargateCapacity::{OnDemand, Spot};
        use FargatePlatform::{LinuxArm, LinuxX86, Windows};
        let catalog = Catalog::builtin();
        let said = |region, platform, capacity| {
            let rates = catalog.fargate(region, platform, capacity)?;
            Some((rates.vcpu.0, rates.memory_gb.0))
        };
        for (region, platform, capacity, expected) in [
            (
                "us-east-1",
                LinuxX86,
                OnDemand,
                Some((40_480_000, 4_445_000)),
            ),
            ("us-east-1", LinuxX86, Spot, Some((13_340_580, 1_464_890))),
            (
                "us-east-1",
                LinuxArm,
                OnDemand,
                Some((32_380_000, 3_560_000)),
            ),
            (
                "us-east-1",
                Windows,
                OnDemand,
                Some((46_552_000, 5_111_700)),
            ),
            (
                "sa-east-1",
                LinuxX86,
                OnDemand,
                Some((69_600_000, 7_600_000)),
            ),
            ("eu-west-1", LinuxX86, Spot, None),
            ("eu-west-3", LinuxX86, OnDemand, None),
            ("us-east-1", Windows, Spot, None),
        ] {
            assert_eq!(
                said(region, platform, capacity),
                expected,
                "{region} {platform:?}"
            );
        }
        let windows = catalog.fargate("us-east-2", Windows, OnDemand).unwrap();
        assert_eq!(windows.license_vcpu, HourlyRate(46_000_000));
        assert_eq!(windows.storage_gb, Some(HourlyRate(111_000)));
    }

    #[test]
    fn every_region_with_prices_has_linux_and_a_date() {
        let catalog = Catalog::builtin();
        let regions: Vec<&str> = catalog.fargate_regions().collect();
        assert_eq!(regions.len(), 14);
        for region in regions {
            for platform in [FargatePlatform::LinuxX86, FargatePlatform::LinuxArm] {
                let rates = catalog.fargate(region, platform, FargateCapacity::OnDemand);
                assert!(rates.is_some_and(|rates| rates.vcpu.0 > 0), "{region}");
            }
            assert!(!catalog.fargate_dates(region).is_empty(), "{region}");
        }
    }

    #[test]
    fn a_faulty_row_is_refused() {
        let header = "region,platform,capacity,vcpu,memory_gb,license_vcpu,storage_gb,quality\n";
        let with = |row: &str| read(&format!("{header}{row}")).map_err(|error| error.to_string());
        let twice = "a-1,linux-arm64,FARGATE,1,1,,,derived\n".repeat(2);
        assert_eq!(
            with(&twice).unwrap_err(),
            "fargate-prices.csv: a-1: priced twice"
        );
        let wrong = with("a-1,linux-arm64,FARGATE,1,x,,,derived\n");
        assert_eq!(wrong.unwrap_err(), "fargate-prices.csv: a-1: not a price");
        assert!(with("a-1,macos,FARGATE,1,1,,,derived\n").is_err());
    }
}
