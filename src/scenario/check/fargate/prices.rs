//! Prices of Fargate: the scenario's own, else the catalog's.

use crate::catalog::Catalog;
use crate::model::{FargateCapacity, FargatePlatform, FargateRates};
use crate::scenario::FargatePrices;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::HourlyRate;

use super::uses::{Use, Uses};

/// Hundredths of a percent of all.
const WHOLE: u64 = 10_000;

pub(super) struct PricesReader<'a> {
    pub(super) region: &'a str,
    /// The block.
    pub(super) fields: &'a Fields<'a>,
}

/// What the scenario says of prices.
struct Own {
    rates: FargatePrices,
    /// In hundredths of a percent.
    spot_savings: Option<u64>,
    storage_gb: Option<HourlyRate>,
}

impl PricesReader<'_> {
    /// The prices of all that runs on Fargate; reports those that nobody knows.
    pub(super) fn read(&self, uses: &Uses<'_>, diagnostics: &mut Diagnostics) -> FargatePrices {
        let own = self.read_own(diagnostics);
        let mut prices = FargatePrices::default();
        if uses.list.is_empty() {
            return prices;
        }
        let catalog = Catalog::builtin();
        let mut unknown: Vec<(FargateCapacity, FargatePlatform)> = Vec::new();
        for of in &uses.list {
            let platform = of.platform();
            for capacity in of.capacities.iter().copied() {
                let Some(rates) = self.resolve(&own, &catalog, capacity, platform) else {
                    if !unknown.contains(&(capacity, platform)) {
                        self.report(of, capacity, diagnostics);
                        unknown.push((capacity, platform));
                    }
                    continue;
                };
                if of.asks_for_storage() && rates.storage_gb.is_none() {
                    self.report_storage(of, diagnostics);
                }
                prices.set(capacity, platform, rates);
            }
        }
        prices
    }

    fn resolve(
        &self,
        own: &Own,
        catalog: &Catalog,
        capacity: FargateCapacity,
        platform: FargatePlatform,
    ) -> Option<FargateRates> {
        let known = |capacity| {
            let listed = || catalog.fargate(self.region, platform, capacity);
            own.rates.of(capacity, platform).or_else(listed)
        };
        let given = own.rates.of(capacity, platform);
        let saved = own
            .spot_savings
            .filter(|_| capacity == FargateCapacity::Spot && given.is_none());
        let rates = match saved {
            Some(savings) => less(known(FargateCapacity::OnDemand)?, savings),
            None => known(capacity)?,
        };
        // Ephemeral storage costs the same everywhere in a region.
        let of_region = catalog.fargate(
            self.region,
            FargatePlatform::LinuxX86,
            FargateCapacity::OnDemand,
        );
        let of_region = of_region.and_then(|rates| rates.storage_gb);
        Some(FargateRates {
            storage_gb: own.storage_gb.or(rates.storage_gb).or(of_region),
            ..rates
        })
    }

    fn report(&self, of: &Use<'_>, capacity: FargateCapacity, diagnostics: &mut Diagnostics) {
        let platform = of.platform().name();
        let (what, help) = match capacity {
            FargateCapacity::OnDemand => (
                "Fargate",
                "add `fargate: {rates: [{vcpuUsdPerHour: 0.04, memoryGbUsdPerHour: 0.004}]}`",
            ),
            FargateCapacity::Spot => (
                "Fargate Spot",
                "add `fargate: {spotSavingsPercent: 70}`, or `rates` with `capacityProvider: \
                 FARGATE_SPOT`",
            ),
        };
        diagnostics
            .error(
                of.place(),
                format!(
                    "the price of {what} for {platform} in {} is not known",
                    self.region
                ),
            )
            .label(format!("{} run there", of.what()))
            .help(help);
    }

    fn report_storage(&self, of: &Use<'_>, diagnostics: &mut Diagnostics) {
        diagnostics
            .error(
                of.place(),
                format!(
                    "the price of Fargate's ephemeral storage in {} is not known",
                    self.region
                ),
            )
            .label(format!("{} ask for more than 20 GiB", of.what()))
            .help("add `fargate: {storageGbUsdPerHour: 0.000111}`");
    }

    fn read_own(&self, diagnostics: &mut Diagnostics) -> Own {
        let mut rates = FargatePrices::default();
        for item in read::items_of(self.fields, "rates", diagnostics) {
            if let Some((capacity, platform, read)) = read_rates(item, diagnostics) {
                if rates.of(capacity, platform).is_some() {
                    diagnostics
                        .error(item.place, "rates that are given twice")
                        .label(format!("{} for {}", capacity.name(), platform.name()));
                }
                rates.set(capacity, platform, read);
            }
        }
        let savings = self.fields.get("spotSavingsPercent").and_then(|node| {
            let expected = "a percentage from 0 to 100 such as `70` or `67.5`";
            read::decimal(node, WHOLE / 100, 0..=WHOLE, expected, diagnostics)
        });
        let storage = self.fields.get("storageGbUsdPerHour");
        Own {
            rates,
            spot_savings: savings,
            storage_gb: storage.and_then(|node| read::rate(node, diagnostics)),
        }
    }
}

fn read_rates(
    node: &Node,
    diagnostics: &mut Diagnostics,
) -> Option<(FargateCapacity, FargatePlatform, FargateRates)> {
    let keys = [
        "capacityProvider",
        "platform",
        "vcpuUsdPerHour",
        "memoryGbUsdPerHour",
        "licenseUsdPerVcpuHour",
    ];
    let example = "vcpuUsdPerHour: 0.04048, memoryGbUsdPerHour: 0.004445";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let capacity = match fields.get("capacityProvider") {
        None => FargateCapacity::OnDemand,
        Some(node) => {
            let choices = FargateCapacity::ALL.map(|capacity| (capacity.name(), capacity));
            read::one_of(node, "capacityProvider", &choices, diagnostics)?
        }
    };
    let platform = match fields.get("platform") {
        None => FargatePlatform::LinuxX86,
        Some(node) => {
            let choices = FargatePlatform::ALL.map(|platform| (platform.name(), platform));
            read::one_of(node, "platform", &choices, diagnostics)?
        }
    };
    let mut needed = |key: &str, example: &str| {
        let node = fields.required(key, example, diagnostics)?;
        read::rate(node, diagnostics)
    };
    let (vcpu, memory_gb) = (
        needed("vcpuUsdPerHour", "0.04048"),
        needed("memoryGbUsdPerHour", "0.004445"),
    );
    let license = fields.get("licenseUsdPerVcpuHour");
    let license = license.and_then(|node| read::rate(node, diagnostics));
    let rates = FargateRates {
        vcpu: vcpu?,
        memory_gb: memory_gb?,
        license_vcpu: license.unwrap_or_default(),
        storage_gb: None,
    };
    Some((capacity, platform, rates))
}

/// Rates less a part in hundredths of a percent, rounded half up to a nano-dollar.
fn less(rates: FargateRates, savings: u64) -> FargateRates {
    let part = |rate: HourlyRate| {
        let product = u128::from(rate.0) * u128::from(WHOLE.saturating_sub(savings));
        let rounded = (product + u128::from(WHOLE / 2)) / u128::from(WHOLE);
        HourlyRate(u64::try_from(rounded).unwrap_or(rate.0))
    };
    FargateRates {
        vcpu: part(rates.vcpu),
        memory_gb: part(rates.memory_gb),
        ..rates
    }
}

#[cfg(test)]
mod tests {
    use super::less;
    use crate::model::FargateRates;
    use crate::units::HourlyRate;

    #[test]
    fn savings_are_taken_from_both_rates() {
        let rates = FargateRates {
            vcpu: HourlyRate(40_480_000),
            memory_gb: HourlyRate(4_445_000),
            ..FargateRates::default()
        };
        let saved = less(rates, 7_000);
        assert_eq!(saved.vcpu, HourlyRate(12_144_000));
        assert_eq!(saved.memory_gb, HourlyRate(1_333_500));
        assert_eq!(less(rates, 10_000).vcpu, HourlyRate(0));
    }
}
