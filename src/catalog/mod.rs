//! Instance types, their prices and Spot figures, compiled in: what the real ones offer to ECS.
//!
//! The figures stand in `catalog/*.csv`, with dates and sources in `catalog/README.md`. A
//! [`Catalog`] is a value: [`Catalog::builtin`] reads the files each time, [`Catalog::shared`]
//! once.

mod decimal;
mod entry;
mod fargate;
mod filter;
mod other_prices;
mod priced_item;
mod read;
pub mod registered_memory;
mod spot;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

pub use decimal::shortest as shortest_price;
pub use entry::{CatalogEntry, Hypervisor};
pub use filter::{FilterError, FilterExpression};
pub use other_prices::{OtherPrice, OtherPrices};
pub use priced_item::PricedItem;
pub use read::{CatalogError, CatalogText};
pub use spot::{InterruptionFrequency, SpotFigures};

use fargate::FargateEntry;

use crate::model::{FargateCapacity, FargatePlatform, FargateRates, InstanceType};
use crate::units::{HourlyRate, nearest};

/// The instance types known to the program, with Linux On-Demand prices and Spot figures by region.
#[derive(Debug, Clone)]
pub struct Catalog {
    entries: Vec<CatalogEntry>,
    positions: BTreeMap<String, usize>,
    regions: Vec<String>,
    prices: Vec<Vec<Option<HourlyRate>>>,
    price_dates: Vec<Vec<String>>,
    types_date: String,
    spot_regions: Vec<String>,
    spot: Vec<Vec<Option<SpotFigures>>>,
    spot_date: String,
    fargate: Vec<FargateEntry>,
    fargate_dates: Vec<(String, String)>,
}

impl Catalog {
    /// The catalog that is compiled in.
    ///
    /// # Panics
    /// Never in a build whose tests pass: the files are part of the program.
    pub fn builtin() -> Self {
        Self::from_text(CatalogText {
            instance_types: include_str!("../../catalog/instance-types.csv"),
            prices: include_str!("../../catalog/on-demand-linux.csv"),
            spot: include_str!("../../catalog/spot.csv"),
            registered_memory: include_str!("../../catalog/registered-memory.csv"),
            fargate: include_str!("../../catalog/fargate-prices.csv"),
            snapshots: include_str!("../../catalog/snapshots.csv"),
        })
        .expect("the compiled-in files are read in a test")
    }

    /// The same, read when it is first asked for and never again: a constant, which a sweep looks
    /// things up in for each of its cells.
    ///
    /// # Panics
    /// Never in a build whose tests pass: the files are part of the program.
    pub fn shared() -> &'static Self {
        static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::builtin);
        &CATALOG
    }

    /// A catalog from other texts of the same form.
    ///
    /// # Errors
    /// The first thing that is wrong: see [`CatalogError`].
    pub fn from_text(text: CatalogText<'_>) -> Result<Self, CatalogError> {
        read::read(text)
    }

    /// All types, by family, then size (vCPUs, memory), then name.
    pub fn entries(&self) -> &[CatalogEntry] {
        &self.entries
    }

    /// The type of this exact name.
    pub fn instance_type(&self, name: &str) -> Option<&CatalogEntry> {
        self.positions
            .get(name)
            .map(|&position| &self.entries[position])
    }

    /// The Linux On-Demand price of a type in a region; `None` where it is not known.
    pub fn price(&self, region: &str, name: &str) -> Option<HourlyRate> {
        let region = self.region(region)?;
        let &position = self.positions.get(name)?;
        self.prices[position].get(region).copied().flatten()
    }

    /// What the Spot Instance Advisor says of a type in a region; `None` where it says nothing.
    pub fn spot(&self, region: &str, name: &str) -> Option<SpotFigures> {
        let region = self.spot_regions.iter().position(|known| known == region)?;
        let &position = self.positions.get(name)?;
        self.spot[position].get(region).copied().flatten()
    }

    /// The date of the Spot figures, `2025-06-28`.
    pub fn spot_date(&self) -> &str {
        &self.spot_date
    }

    /// Regions that have prices.
    pub fn regions(&self) -> impl Iterator<Item = &str> {
        self.regions.iter().map(String::as_str)
    }

    /// Names of all types, in the catalog's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }

    /// The name that was probably meant.
    pub fn nearest_name(&self, name: &str) -> Option<&str> {
        nearest(name, self.names())
    }

    /// The type as a scenario uses it, with the region's price.
    pub fn resolve(&self, name: &str, region: &str) -> Option<InstanceType> {
        let entry = self.instance_type(name)?;
        Some(InstanceType {
            name: entry.name.clone(),
            architecture: entry.architecture,
            cpu: entry.cpu(),
            nominal_memory: entry.nominal_memory,
            registered_memory: entry.registered_memory,
            gpus: entry.gpus,
            awsvpc_tasks: Some(entry.awsvpc_tasks),
            awsvpc_tasks_trunking: entry.awsvpc_tasks_trunking,
            on_demand: self.price(region, name),
        })
    }

    /// Types that meet every term of the filter, in the catalog's order. `price` terms speak of
    /// the given region.
    pub fn filter(&self, filter: &FilterExpression, region: &str) -> Vec<&CatalogEntry> {
        self.entries
            .iter()
            .filter(|entry| filter.matches(entry, self.price(region, &entry.name)))
            .collect()
    }

    /// The date of the table of types, `2026-07-20`.
    pub fn types_date(&self) -> &str {
        &self.types_date
    }

    /// The dates of a region's prices, oldest first; empty for a region without prices.
    pub fn price_dates(&self, region: &str) -> &[String] {
        self.region(region)
            .map_or(&[], |region| &self.price_dates[region])
    }

    /// Fargate's rates in a region; `None` where they are not known.
    pub fn fargate(
        &self,
        region: &str,
        platform: FargatePlatform,
        capacity: FargateCapacity,
    ) -> Option<FargateRates> {
        fargate::rates(&self.fargate, region, platform, capacity)
    }

    /// All rates of Fargate in a region, in the order of the file.
    pub fn fargate_rates(
        &self,
        region: &str,
    ) -> impl Iterator<Item = (FargatePlatform, FargateCapacity, FargateRates)> {
        let entries = self.fargate.iter();
        let entries = entries.filter(move |entry| entry.region == region);
        entries.map(|entry| (entry.platform, entry.capacity, entry.rates))
    }

    /// Regions with prices of Fargate.
    pub fn fargate_regions(&self) -> impl Iterator<Item = &str> {
        let regions: BTreeSet<&str> = self
            .fargate
            .iter()
            .map(|entry| entry.region.as_str())
            .collect();
        regions.into_iter()
    }

    /// The dates of a region's Fargate prices, oldest first.
    pub fn fargate_dates(&self, region: &str) -> Vec<&str> {
        let dates = self.fargate_dates.iter();
        dates
            .filter(|(of, _)| of == region)
            .map(|(_, date)| date.as_str())
            .collect()
    }

    fn region(&self, name: &str) -> Option<usize> {
        self.regions.iter().position(|region| region == name)
    }
}

#[cfg(test)]
mod tests;
