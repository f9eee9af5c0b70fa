//! The catalog as a table, as JSON and as CSV. Rows are written in the order given.

use serde::Serialize;

use crate::catalog::{Catalog, CatalogEntry, SpotFigures, shortest_price};
use crate::units::{HourlyRate, NanoUsd};

const HEADINGS: [&str; 12] = [
    "TYPE",
    "VCPU",
    "CPU",
    "MIB",
    "REGISTERED",
    "ARCH",
    "GPU",
    "AWSVPC",
    "TRUNK",
    "USD/HOUR",
    "SAVINGS",
    "INTERRUPTED",
];

/// A column of words is aligned left, a column of numbers right.
const LEFT: [bool; 12] = [
    true, false, false, false, false, true, false, false, false, false, false, false,
];

/// An aligned table for people, with a footer that says how many rows, of which region and date,
/// and how many have no price. The last two columns are Spot: savings against On-Demand, and how
/// many instances were interrupted in a month. Trunking that is not supported and figures that are
/// not known are `-`.
pub fn text(catalog: &Catalog, rows: &[&CatalogEntry], region: &str) -> String {
    let prices: Vec<_> = rows
        .iter()
        .map(|entry| catalog.price(region, &entry.name))
        .collect();
    let mut table = vec![HEADINGS.map(str::to_owned)];
    table.extend(
        rows.iter()
            .zip(price_column(&prices))
            .map(|(entry, price)| cells(entry, price, catalog.spot(region, &entry.name))),
    );
    let mut widths = [0; HEADINGS.len()];
    for row in &table {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let mut lines = String::new();
    for row in &table {
        let mut line = String::new();
        for ((cell, width), left) in row.iter().zip(widths).zip(LEFT) {
            let cell = if left {
                format!("{cell:<width$}  ")
            } else {
                format!("{cell:>width$}  ")
            };
            line.push_str(&cell);
        }
        lines.push_str(line.trim_end());
        lines.push('\n');
    }
    lines.push('\n');
    lines.push_str(&footer(catalog, &prices, region));
    lines
}

/// Prices as text with their decimal points in one column: each is padded on its right to the
/// longest fraction.
fn price_column(prices: &[Option<HourlyRate>]) -> Vec<String> {
    let said = |price: &Option<HourlyRate>| price.map_or_else(|| "-".to_owned(), shortest_price);
    let said: Vec<String> = prices.iter().map(said).collect();
    let decimals = |price: &str| price.find('.').map_or(0, |point| price.len() - point);
    let longest = said.iter().map(|price| decimals(price)).max().unwrap_or(0);
    said.into_iter()
        .map(|price| {
            if price == "-" {
                price
            } else {
                pad(&price, longest - decimals(&price))
            }
        })
        .collect()
}

fn pad(price: &str, blanks: usize) -> String {
    format!("{price}{}", " ".repeat(blanks))
}

fn cells(entry: &CatalogEntry, price: String, spot: Option<SpotFigures>) -> [String; 12] {
    let unknown = || "-".to_owned();
    [
        entry.name.clone(),
        entry.vcpus.to_string(),
        entry.cpu().0.to_string(),
        entry.nominal_memory.0.to_string(),
        entry.registered_memory.0.to_string(),
        entry.architecture.attribute_value().to_owned(),
        entry.gpus.to_string(),
        entry.awsvpc_tasks.to_string(),
        entry
            .awsvpc_tasks_trunking
            .map_or_else(unknown, |tasks| tasks.to_string()),
        price,
        spot.map_or_else(unknown, |spot| format!("{}%", spot.savings_percent)),
        spot.map_or_else(unknown, |spot| spot.interruptions.name().to_owned()),
    ]
}

fn footer(catalog: &Catalog, prices: &[Option<HourlyRate>], region: &str) -> String {
    let types = if prices.len() == 1 { "type" } else { "types" };
    let dates = match catalog.price_dates(region) {
        [] => "no prices known".to_owned(),
        dates => format!("Linux On-Demand prices of {}", dates.join(" and ")),
    };
    let missing = match prices.iter().filter(|price| price.is_none()).count() {
        0 => String::new(),
        missing => format!("{missing} without a price in {region}\n"),
    };
    let spot = format!(
        "Spot of {}: savings against On-Demand, interrupted within a month\n",
        catalog.spot_date()
    );
    format!(
        "{} instance {types}; {region}: {dates}\n{missing}{spot}",
        prices.len()
    )
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    region: &'a str,
    types_date: &'a str,
    price_dates: &'a [String],
    spot_date: &'a str,
    instance_types: Vec<JsonRow<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonRow<'a> {
    instance_type: &'a str,
    vcpus: u32,
    cpu: u32,
    memory_mib: u32,
    registered_memory_mib: u32,
    architecture: &'static str,
    gpus: u32,
    gpu_model: Option<&'a str>,
    neuron_devices: u32,
    awsvpc_tasks: u32,
    awsvpc_tasks_trunking: Option<u32>,
    hypervisor: &'static str,
    burstable: bool,
    bare_metal: bool,
    on_demand_usd_per_hour: Option<NanoUsd>,
    spot_savings_percent: Option<i32>,
    spot_interruptions: Option<&'static str>,
}

fn json_row<'a>(catalog: &Catalog, entry: &'a CatalogEntry, region: &str) -> JsonRow<'a> {
    let spot = catalog.spot(region, &entry.name);
    JsonRow {
        instance_type: &entry.name,
        vcpus: entry.vcpus,
        cpu: entry.cpu().0,
        memory_mib: entry.nominal_memory.0,
        registered_memory_mib: entry.registered_memory.0,
        architecture: entry.architecture.attribute_value(),
        gpus: entry.gpus,
        gpu_model: entry.gpu_model.as_deref(),
        neuron_devices: entry.neuron_devices,
        awsvpc_tasks: entry.awsvpc_tasks,
        awsvpc_tasks_trunking: entry.awsvpc_tasks_trunking,
        hypervisor: entry.hypervisor.name(),
        burstable: entry.burstable,
        bare_metal: entry.bare_metal,
        on_demand_usd_per_hour: catalog
            .price(region, &entry.name)
            .map(|rate| NanoUsd(i128::from(rate.0))),
        spot_savings_percent: spot.map(|spot| spot.savings_percent),
        spot_interruptions: spot.map(|spot| spot.interruptions.name()),
    }
}

/// One JSON document, ended by a line feed. Prices are numbers with nine decimals; what is not
/// known or not supported is null.
pub fn json(catalog: &Catalog, rows: &[&CatalogEntry], region: &str) -> String {
    let document = Document {
        region,
        types_date: catalog.types_date(),
        price_dates: catalog.price_dates(region),
        spot_date: catalog.spot_date(),
        instance_types: rows
            .iter()
            .map(|entry| json_row(catalog, entry, region))
            .collect(),
    };
    let mut text = serde_json::to_string_pretty(&document).expect("plain data has a JSON form");
    text.push('\n');
    text
}

const COLUMNS: [&str; 17] = [
    "instance_type",
    "vcpus",
    "cpu",
    "memory_mib",
    "registered_memory_mib",
    "architecture",
    "gpus",
    "gpu_model",
    "neuron_devices",
    "awsvpc_tasks",
    "awsvpc_tasks_trunking",
    "hypervisor",
    "burstable",
    "bare_metal",
    "on_demand_usd_per_hour",
    "spot_savings_percent",
    "spot_interruptions",
];

/// CSV with a header. Prices have nine decimals; what is not known or not supported is empty.
pub fn csv(catalog: &Catalog, rows: &[&CatalogEntry], region: &str) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let in_memory = "writing into memory does not fail";
    writer.write_record(COLUMNS).expect(in_memory);
    for entry in rows {
        let price = catalog
            .price(region, &entry.name)
            .map(|rate| NanoUsd(i128::from(rate.0)));
        let spot = catalog.spot(region, &entry.name);
        let savings = spot.map(|spot| spot.savings_percent.to_string());
        let interruptions = spot.map_or("", |spot| spot.interruptions.name());
        let optional =
            |tasks: Option<u32>| tasks.map(|tasks| tasks.to_string()).unwrap_or_default();
        let record = [
            entry.name.clone(),
            entry.vcpus.to_string(),
            entry.cpu().0.to_string(),
            entry.nominal_memory.0.to_string(),
            entry.registered_memory.0.to_string(),
            entry.architecture.attribute_value().to_owned(),
            entry.gpus.to_string(),
            entry.gpu_model.clone().unwrap_or_default(),
            entry.neuron_devices.to_string(),
            entry.awsvpc_tasks.to_string(),
            optional(entry.awsvpc_tasks_trunking),
            entry.hypervisor.name().to_owned(),
            entry.burstable.to_string(),
            entry.bare_metal.to_string(),
            price.map(|price| price.to_string()).unwrap_or_default(),
            savings.unwrap_or_default(),
            interruptions.to_owned(),
        ];
        writer.write_record(record).expect(in_memory);
    }
    String::from_utf8(writer.into_inner().expect(in_memory)).expect("text in, text out")
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, csv, json, text};
    use crate::catalog::{Catalog, CatalogEntry};

    fn rows<'a>(catalog: &'a Catalog, names: &[&str]) -> Vec<&'a CatalogEntry> {
        names
            .iter()
            .map(|name| catalog.instance_type(name).unwrap())
            .collect()
    }

    #[test]
    fn the_table_is_aligned_and_dated() {
        let catalog = Catalog::builtin();
        let rows = rows(&catalog, &["m5.large", "p4d.24xlarge", "t4g.nano"]);
        let expected = "\
TYPE          VCPU    CPU      MIB  REGISTERED  ARCH    GPU  AWSVPC  TRUNK   USD/HOUR  \
SAVINGS  INTERRUPTED
m5.large         2   2048     8192        7680  x86_64    0       2     10   0.0960        \
66%       15-20%
p4d.24xlarge    96  98304  1179648     1126563  x86_64    8      59    120  21.957642      \
67%       10-15%
t4g.nano         2   2048      512         480  arm64     0       1      -   0.0042        \
56%          <5%

3 instance types; us-east-1: Linux On-Demand prices of 2025-04-04 and 2026-07-20
Spot of 2025-06-28: savings against On-Demand, interrupted within a month
";
        assert_eq!(text(&catalog, &rows, "us-east-1"), expected);
    }

    #[test]
    fn a_missing_price_is_said() {
        let catalog = Catalog::builtin();
        let expected = "\
TYPE      VCPU   CPU   MIB  REGISTERED  ARCH    GPU  AWSVPC  TRUNK  USD/HOUR  SAVINGS  \
INTERRUPTED
m4.large     2  2048  8192        7985  x86_64    0       1      -         -        -            -

1 instance type; nowhere-1: no prices known
1 without a price in nowhere-1
Spot of 2025-06-28: savings against On-Demand, interrupted within a month
";
        assert_eq!(
            text(&catalog, &rows(&catalog, &["m4.large"]), "nowhere-1"),
            expected
        );
    }

    #[test]
    fn an_empty_table_has_a_header_and_a_footer() {
        let catalog = Catalog::builtin();
        let expected = "\
TYPE  VCPU  CPU  MIB  REGISTERED  ARCH  GPU  AWSVPC  TRUNK  USD/HOUR  SAVINGS  \
INTERRUPTED

0 instance types; us-east-1: Linux On-Demand prices of 2025-04-04 and 2026-07-20
Spot of 2025-06-28: savings against On-Demand, interrupted within a month
";
        assert_eq!(text(&catalog, &[], "us-east-1"), expected);
    }

    #[test]
    fn json_has_exact_numbers_and_nulls() {
        let catalog = Catalog::builtin();
        let expected = r#"{
  "region": "us-east-1",
  "typesDate": "2026-08-02",
  "priceDates": [
    "2025-04-04",
    "2026-07-20"
  ],
  "spotDate": "2025-06-28",
  "instanceTypes": [
    {
      "instanceType": "g4dn.xlarge",
      "vcpus": 4,
      "cpu": 4096,
      "memoryMib": 16384,
      "registeredMemoryMib": 15731,
      "architecture": "x86_64",
      "gpus": 1,
      "gpuModel": "NVIDIA T4",
      "neuronDevices": 0,
      "awsvpcTasks": 2,
      "awsvpcTasksTrunking": null,
      "hypervisor": "nitro",
      "burstable": false,
      "bareMetal": false,
      "onDemandUsdPerHour": 0.526000000,
      "spotSavingsPercent": 64,
      "spotInterruptions": "15-20%"
    }
  ]
}
"#;
        assert_eq!(
            json(&catalog, &rows(&catalog, &["g4dn.xlarge"]), "us-east-1"),
            expected
        );
        let unpriced = json(&catalog, &rows(&catalog, &["g4dn.xlarge"]), "nowhere-1");
        assert!(
            unpriced.contains("\"onDemandUsdPerHour\": null"),
            "{unpriced}"
        );
    }

    #[test]
    fn csv_has_a_row_a_type() {
        let catalog = Catalog::builtin();
        let rows = rows(&catalog, &["c5.large", "inf2.xlarge"]);
        let expected = format!(
            "{}\n\
             c5.large,2,2048,4096,3704,x86_64,0,,0,2,10,nitro,false,false,0.085000000,59,<5%\n\
             inf2.xlarge,4,4096,16384,15360,x86_64,0,,1,3,20,nitro,false,false,0.758200000,78,<5%\n",
            COLUMNS.join(",")
        );
        assert_eq!(csv(&catalog, &rows, "us-east-1"), expected);
        assert!(csv(&catalog, &rows, "nowhere-1").ends_with(",false,false,,,\n"));
    }
}
