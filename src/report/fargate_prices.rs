//! Fargate's prices of the catalog as a table, as JSON and as CSV.

use serde::Serialize;

use crate::catalog::{Catalog, shortest_price};
use crate::units::{HourlyRate, NanoUsd};

use super::text::table::aligned;

const HEADINGS: [&str; 6] = [
    "PROVIDER",
    "PLATFORM",
    "USD/VCPU-HOUR",
    "USD/GB-HOUR",
    "LICENSE/VCPU-HOUR",
    "STORAGE/GB-HOUR",
];

/// The prices of a platform on one of Fargate's capacity providers. What is not known is null.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    capacity_provider: &'static str,
    platform: &'static str,
    usd_per_vcpu_hour: NanoUsd,
    usd_per_gb_hour: NanoUsd,
    license_usd_per_vcpu_hour: NanoUsd,
    storage_usd_per_gb_hour: Option<NanoUsd>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    region: &'a str,
    price_dates: Vec<&'a str>,
    fargate: Vec<Row>,
}

fn rows(catalog: &Catalog, region: &str) -> Vec<Row> {
    let usd = |rate: HourlyRate| NanoUsd(i128::from(rate.0));
    let rates = catalog.fargate_rates(region);
    rates
        .map(|(platform, capacity, rates)| Row {
            capacity_provider: capacity.name(),
            platform: platform.name(),
            usd_per_vcpu_hour: usd(rates.vcpu),
            usd_per_gb_hour: usd(rates.memory_gb),
            license_usd_per_vcpu_hour: usd(rates.license_vcpu),
            storage_usd_per_gb_hour: rates.storage_gb.map(usd),
        })
        .collect()
}

/// An aligned table for people, with a footer that says of which region and date it is. What is not
/// asked for or not known is `-`.
pub fn text(catalog: &Catalog, region: &str) -> String {
    let mut table = vec![HEADINGS.map(str::to_owned).to_vec()];
    for (platform, capacity, rates) in catalog.fargate_rates(region) {
        let license = Some(rates.license_vcpu).filter(|rate| *rate != HourlyRate::default());
        let said = |rate: Option<HourlyRate>| rate.map_or("-".to_owned(), shortest_price);
        table.push(vec![
            capacity.name().to_owned(),
            platform.name().to_owned(),
            shortest_price(rates.vcpu),
            shortest_price(rates.memory_gb),
            said(license),
            said(rates.storage_gb),
        ]);
    }
    let lines = aligned(&table).join("\n");
    let dates = catalog.fargate_dates(region).join(" and ");
    format!("{lines}\n\nFargate in {region}: prices of {dates}; 20 GiB of storage are free\n")
}

/// One JSON document, ended by a line feed. Prices are numbers with nine decimals; what is not
/// known is null.
pub fn json(catalog: &Catalog, region: &str) -> String {
    let document = Document {
        region,
        price_dates: catalog.fargate_dates(region),
        fargate: rows(catalog, region),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("plain data has a JSON form");
    text.push('\n');
    text
}

/// CSV with a header. Prices have nine decimals; what is not known is empty.
pub fn csv(catalog: &Catalog, region: &str) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let in_memory = "writing into memory does not fail";
    let header = [
        "capacity_provider",
        "platform",
        "usd_per_vcpu_hour",
        "usd_per_gb_hour",
        "license_usd_per_vcpu_hour",
        "storage_usd_per_gb_hour",
    ];
    writer.write_record(header).expect(in_memory);
    for row in rows(catalog, region) {
        let storage = row.storage_usd_per_gb_hour;
        let record = [
            row.capacity_provider.to_owned(),
            row.platform.to_owned(),
            row.usd_per_vcpu_hour.to_string(),
            row.usd_per_gb_hour.to_string(),
            row.license_usd_per_vcpu_hour.to_string(),
            storage.map(|price| price.to_string()).unwrap_or_default(),
        ];
        writer.write_record(record).expect(in_memory);
    }
    String::from_utf8(writer.into_inner().expect(in_memory)).expect("text in, text out")
}

#[cfg(test)]
mod tests {
    use super::{csv, json, text};
    use crate::catalog::Catalog;

    #[test]
    fn the_table_is_aligned_and_dated() {
        insta::assert_snapshot!(text(&Catalog::builtin(), "us-east-1"), @r"
        PROVIDER          PLATFORM  USD/VCPU-HOUR  USD/GB-HOUR  LICENSE/VCPU-HOUR  STORAGE/GB-HOUR
        FARGATE       Linux/X86_64        0.04048     0.004445                  -         0.000111
        FARGATE_SPOT  Linux/X86_64     0.01334058   0.00146489                  -         0.000111
        FARGATE        Linux/ARM64        0.03238      0.00356                  -         0.000111
        FARGATE            Windows       0.046552    0.0051117             0.0460         0.000111

        Fargate in us-east-1: prices of 2020-09-15 and 2026-05-01; 20 GiB of storage are free
        ");
    }

    #[test]
    fn json_and_csv_have_exact_numbers() {
        let catalog = Catalog::builtin();
        let document: serde_json::Value =
            serde_json::from_str(&json(&catalog, "us-east-1")).unwrap();
        let windows = &document["fargate"][3];
        assert_eq!(windows["platform"], "Windows");
        assert_eq!(windows["licenseUsdPerVcpuHour"], 0.046);
        let ireland = csv(&catalog, "eu-west-1");
        let mut lines = ireland.lines().skip(1);
        let expected = "FARGATE,Linux/X86_64,0.040480000,0.004445000,0.000000000,";
        assert_eq!(lines.next(), Some(expected));
    }
}
