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
    if !catalog.regions().any(|known| known == region) {
        let known: Vec<&str> = catalog.regions().collect();
        let hint = match nearest(region, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known regions: {}", known.join(", ")),
        };
        let problem = format!("no prices for the region `{region}`\nhelp: {hint}");
        return Err(Failure::input(problem));
    }
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
