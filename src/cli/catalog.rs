//! `ecs-sim catalog`.

use crate::catalog::{Catalog, FilterExpression};
use crate::report;
use crate::units::nearest;

use super::args::{CatalogArgs, TableFormat};
use super::{Failure, print};

/// Filters and prints the catalog.
pub(super) fn catalog(args: &CatalogArgs) -> Result<(), Failure> {
    let catalog = Catalog::builtin();
    let region = args.region.as_str();
    if args.fargate {
        refuse_unknown(region, catalog.fargate_regions(), "prices of Fargate")?;
        return print(&match args.format {
            TableFormat::Text => report::fargate_prices::text(&catalog, region),
            TableFormat::Json => report::fargate_prices::json(&catalog, region),
            TableFormat::Csv => report::fargate_prices::csv(&catalog, region),
        });
    }
    refuse_unknown(region, catalog.regions(), "prices")?;
    let text = args.filter.join(" ");
    let filter = FilterExpression::parse(&text, &catalog)
        .map_err(|error| Failure::input(format_args!("in the filter `{text}`: {error}")))?;
    let rows = catalog.filter(&filter, region);
    print(&match args.format {
        TableFormat::Text => report::catalog::text(&catalog, &rows, region),
        TableFormat::Json => report::catalog::json(&catalog, &rows, region),
        TableFormat::Csv => report::catalog::csv(&catalog, &rows, region),
    })
}

/// Refuses a region that has no prices.
fn refuse_unknown<'a>(
    region: &str,
    known: impl Iterator<Item = &'a str>,
    what: &str,
) -> Result<(), Failure> {
    let known: Vec<&str> = known.collect();
    if known.contains(&region) {
        return Ok(());
    }
    let hint = match nearest(region, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("known regions: {}", known.join(", ")),
    };
    let problem = format!("no {what} for the region `{region}`\nhelp: {hint}");
    Err(Failure::input(problem))
}
