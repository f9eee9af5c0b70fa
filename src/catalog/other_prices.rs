//! Prices of what is billed beside instances and tasks: load balancers, addresses, volumes,
//! external instances.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::units::UnitPrice;

use super::decimal::parse_nano;
use super::read::{bad, rows};
use super::{CatalogError, PricedItem};

const FILE: &str = "other-prices.csv";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    item: PricedItem,
    region: String,
    usd: String,
    unit: String,
    as_of: String,
    source: String,
}

/// A price with its unit, its date and where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPrice {
    /// What it is the price of.
    pub item: PricedItem,
    /// Where it holds.
    pub region: String,
    /// The price of a unit.
    pub price: UnitPrice,
    /// `hour`, `LCU-hour`, `GB-month`.
    pub unit: String,
    /// Its date.
    pub as_of: String,
    /// The page that has it.
    pub source: String,
}

/// The prices that are compiled in.
#[derive(Debug, Clone)]
pub struct OtherPrices {
    list: Vec<OtherPrice>,
}

impl OtherPrices {
    /// Reads `catalog/other-prices.csv`.
    ///
    /// # Panics
    /// Never in a build whose tests pass: the file is part of the program.
    pub fn builtin() -> Self {
        Self::from_text(include_str!("../../catalog/other-prices.csv"))
            .expect("the compiled-in file is read in a test")
    }

    /// The catalog compiled in, read once.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<OtherPrices> = LazyLock::new(OtherPrices::builtin);
        &SHARED
    }

    /// Prices from another text of the same form.
    ///
    /// # Errors
    /// The first thing that is wrong: see [`CatalogError`].
    pub fn from_text(text: &str) -> Result<Self, CatalogError> {
        let mut list: Vec<OtherPrice> = Vec::new();
        for row in rows::<Row>(FILE, text)? {
            let price = parse_nano(&row.usd).ok_or_else(|| bad(FILE, &row.usd, "not a price"))?;
            let same = |other: &OtherPrice| other.item == row.item && other.region == row.region;
            if list.iter().any(same) {
                return Err(bad(FILE, &row.region, "a price listed twice"));
            }
            list.push(OtherPrice {
                item: row.item,
                region: row.region,
                price: UnitPrice(price),
                unit: row.unit,
                as_of: row.as_of,
                source: row.source,
            });
        }
        Ok(Self { list })
    }

    /// The price of an item in a region; `None` where it is not known.
    pub fn price(&self, item: PricedItem, region: &str) -> Option<UnitPrice> {
        let mut list = self.list.iter();
        let found = list.find(|price| price.item == item && price.region == region);
        found.map(|price| price.price)
    }

    /// All prices, in the order of the file.
    pub fn list(&self) -> &[OtherPrice] {
        &self.list
    }
}

#[cfg(test)]
mod tests {
    use super::OtherPrices;
    use crate::catalog::PricedItem;

    #[test]
    fn every_item_has_a_price_in_us_east_1_with_a_date_and_a_source() {
        let prices = OtherPrices::builtin();
        for (item, nano) in [
            (PricedItem::ApplicationLoadBalancer, 22_500_000),
            (PricedItem::ApplicationLoadBalancerLcu, 8_000_000),
            (PricedItem::NetworkLoadBalancer, 22_500_000),
            (PricedItem::NetworkLoadBalancerNlcu, 6_000_000),
            (PricedItem::PublicIpv4, 5_000_000),
            (PricedItem::Gp3, 80_000_000),
            (PricedItem::EcsAnywhere, 10_250_000),
        ] {
            let found = prices.price(item, "us-east-1").map(|price| price.0);
            assert_eq!(found, Some(nano), "{item:?}");
            assert_eq!(prices.price(item, "eu-west-1"), None);
        }
        for price in prices.list() {
            assert!(price.source.starts_with("https://"), "{price:?}");
            assert_eq!(price.as_of.len(), 10, "{price:?}");
            assert!(!price.unit.is_empty(), "{price:?}");
        }
    }

    #[test]
    fn what_is_no_price_is_refused() {
        let header = "item,region,usd,unit,as_of,source\n";
        for (row, said) in [
            (
                "gp3,a,cheap,GB,2026,x\n",
                "other-prices.csv: cheap: not a price",
            ),
            (
                "gp3,a,1,GB,2026,x\ngp3,a,2,GB,2026,x\n",
                "other-prices.csv: a: a price listed twice",
            ),
        ] {
            let error = OtherPrices::from_text(&format!("{header}{row}")).unwrap_err();
            assert_eq!(error.to_string(), said);
        }
        assert!(OtherPrices::from_text(&format!("{header}gp4,a,1,GB,2026,x\n")).is_err());
    }
}
