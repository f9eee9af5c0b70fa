//! CSV text to catalog.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::CpuArchitecture;
use crate::units::{CpuUnits, HourlyRate, MemoryMib};

use super::decimal::parse_nano;
use super::registered_memory::{Observations, Quality, linux_registered};
use super::{Catalog, CatalogEntry, Hypervisor, SpotFigures};

/// The text of the five files in `catalog/`.
#[derive(Debug, Clone, Copy)]
pub struct CatalogText<'a> {
    /// `instance-types.csv`
    pub instance_types: &'a str,
    /// `on-demand-linux.csv`
    pub prices: &'a str,
    /// `spot.csv`
    pub spot: &'a str,
    /// `registered-memory.csv`
    pub registered_memory: &'a str,
    /// `fargate-prices.csv`
    pub fargate: &'a str,
    /// `snapshots.csv`
    pub snapshots: &'a str,
}

/// What is wrong with a catalog's text.
#[derive(Debug, thiserror::Error)]
pub enum CatalogError {
    /// A row that is no CSV, or has a missing or malformed field.
    #[error("{file}: {source}")]
    Csv {
        /// The file's name.
        file: &'static str,
        /// Where, and what the CSV reader found.
        source: csv::Error,
    },
    /// Rows that read well but cannot be.
    #[error("{file}: {name}: {problem}")]
    Row {
        /// The file's name.
        file: &'static str,
        /// The row's instance type, table or region.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
}

const TYPES: &str = "instance-types.csv";
const PRICES: &str = "on-demand-linux.csv";
const SPOT: &str = "spot.csv";
const MEMORY: &str = "registered-memory.csv";
const SNAPSHOTS: &str = "snapshots.csv";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeRow {
    instance_type: String,
    vcpus: u32,
    memory_mib: u32,
    architecture: Architecture,
    gpus: u32,
    gpu_model: Option<String>,
    neuron_devices: u32,
    awsvpc_tasks: u32,
    awsvpc_tasks_trunking: Option<u32>,
    hypervisor: Hypervisor,
    burstable: bool,
    bare_metal: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Architecture {
    #[serde(rename = "x86_64")]
    X86_64,
    Arm64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemoryRow {
    instance_type: String,
    registered_memory_mib: u32,
    quality: Quality,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SnapshotRow {
    table: String,
    region: String,
    date: String,
}

/// Reads a whole catalog and checks that its files belong together.
///
/// # Errors
/// The first row that does not parse, names a type twice, or prices a type that is not there.
pub(super) fn read(text: CatalogText<'_>) -> Result<Catalog, CatalogError> {
    let mut seen = Observations::default();
    for row in rows::<MemoryRow>(MEMORY, text.registered_memory)? {
        seen.add(
            &row.instance_type,
            MemoryMib(row.registered_memory_mib),
            row.quality,
        );
    }
    let mut entries = rows::<TypeRow>(TYPES, text.instance_types)?
        .into_iter()
        .map(|row| entry(row, &seen))
        .collect::<Result<Vec<_>, _>>()?;
    entries.sort_by(CatalogEntry::compare);
    let mut positions = BTreeMap::new();
    for (position, entry) in entries.iter().enumerate() {
        if positions.insert(entry.name.clone(), position).is_some() {
            return Err(bad(TYPES, &entry.name, "listed twice"));
        }
    }
    let price = |digits: &str| parse_nano(digits).map(HourlyRate);
    let (regions, prices) = table(PRICES, text.prices, &positions, price)?;
    let (spot_regions, spot) = table(SPOT, text.spot, &positions, SpotFigures::parse)?;
    if let Some(region) = spot_regions.iter().find(|region| !regions.contains(region)) {
        return Err(bad(SPOT, region, "no such region"));
    }
    let mut catalog = Catalog {
        entries,
        positions,
        prices,
        spot_regions,
        spot,
        spot_date: String::new(),
        price_dates: vec![Vec::new(); regions.len()],
        regions,
        types_date: String::new(),
        fargate: super::fargate::read(text.fargate)?,
        fargate_dates: Vec::new(),
    };
    for row in rows::<SnapshotRow>(SNAPSHOTS, text.snapshots)? {
        snapshot(&mut catalog, row)?;
    }
    Ok(catalog)
}

pub(super) fn bad(file: &'static str, name: &str, problem: &'static str) -> CatalogError {
    CatalogError::Row {
        file,
        name: name.to_owned(),
        problem,
    }
}

pub(super) fn rows<T: DeserializeOwned>(
    file: &'static str,
    text: &str,
) -> Result<Vec<T>, CatalogError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| CatalogError::Csv { file, source })
}

fn entry(row: TypeRow, seen: &Observations) -> Result<CatalogEntry, CatalogError> {
    if row.vcpus == 0 || row.vcpus.checked_mul(CpuUnits::PER_VCPU).is_none() {
        return Err(bad(TYPES, &row.instance_type, "vCPUs out of range"));
    }
    let nominal = MemoryMib(row.memory_mib);
    let registered = seen
        .get(&row.instance_type)
        .unwrap_or_else(|| linux_registered(nominal, row.vcpus, row.hypervisor));
    if registered.0 == 0 || registered > nominal {
        return Err(bad(
            TYPES,
            &row.instance_type,
            "registered memory out of range",
        ));
    }
    Ok(CatalogEntry {
        name: row.instance_type,
        vcpus: row.vcpus,
        nominal_memory: nominal,
        registered_memory: registered,
        architecture: match row.architecture {
            Architecture::X86_64 => CpuArchitecture::X86_64,
            Architecture::Arm64 => CpuArchitecture::Arm64,
        },
        gpus: row.gpus,
        gpu_model: row.gpu_model,
        neuron_devices: row.neuron_devices,
        awsvpc_tasks: row.awsvpc_tasks,
        awsvpc_tasks_trunking: row.awsvpc_tasks_trunking,
        hypervisor: row.hypervisor,
        burstable: row.burstable,
        bare_metal: row.bare_metal,
    })
}

/// Figures as `[position of the type][position of the region]`; a type that is not listed has none.
type RegionTable<T> = Vec<Vec<Option<T>>>;

/// Reads a table with a row for each type and a column for each region.
fn table<T>(
    file: &'static str,
    text: &str,
    positions: &BTreeMap<String, usize>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(Vec<String>, RegionTable<T>), CatalogError> {
    let broken = |source| CatalogError::Csv { file, source };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(broken)?;
    let regions: Vec<String> = header.iter().skip(1).map(str::to_owned).collect();
    if let Some(at) = (1..regions.len()).find(|&at| regions[..at].contains(&regions[at])) {
        return Err(bad(file, &regions[at], "a region listed twice"));
    }
    let mut table: RegionTable<T> = Vec::new();
    table.resize_with(positions.len(), Vec::new);
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        let name = record.get(0).unwrap_or_default();
        let &position = positions
            .get(name)
            .ok_or_else(|| bad(file, name, "no such instance type"))?;
        if !table[position].is_empty() {
            return Err(bad(file, name, "listed twice"));
        }
        table[position].reserve_exact(regions.len());
        for field in record.iter().skip(1) {
            let figure = match field {
                "" => None,
                cell => Some(parse(cell).ok_or_else(|| bad(file, name, "not a figure"))?),
            };
            table[position].push(figure);
        }
    }
    Ok((regions, table))
}

fn snapshot(catalog: &mut Catalog, row: SnapshotRow) -> Result<(), CatalogError> {
    match row.table.as_str() {
        "instance-types" => catalog.types_date = row.date,
        "spot" => catalog.spot_date = row.date,
        "on-demand-linux" => {
            let region = catalog
                .regions
                .iter()
                .position(|region| *region == row.region);
            let region = region.ok_or_else(|| bad(SNAPSHOTS, &row.region, "no such region"))?;
            catalog.price_dates[region].push(row.date);
            catalog.price_dates[region].sort();
        }
        "fargate-prices" => {
            if !catalog.fargate_regions().any(|region| region == row.region) {
                return Err(bad(SNAPSHOTS, &row.region, "no such region"));
            }
            catalog.fargate_dates.push((row.region, row.date));
            catalog.fargate_dates.sort();
        }
        _ => return Err(bad(SNAPSHOTS, &row.table, "no such table")),
    }
    Ok(())
}
