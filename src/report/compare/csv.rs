//! `compare.csv`: a row a run, with all its figures.

use std::io::{self, Write};

use crate::experiment::compare::Compared;
use crate::report::csv::writer;

/// Writes a row for each variant and replication: `variant,replication,seed,digest`, then every
/// figure that a run has, by its path, in the order of `summary.json`.
///
/// # Errors
/// When `to` cannot be written to.
pub fn csv(compared: &Compared, to: &mut dyn Write) -> io::Result<()> {
    let columns = compared.columns();
    let mut writer = writer(to);
    let own = ["variant", "replication", "seed", "digest"];
    let paths = columns.iter().map(|path| path.as_str());
    writer.write_record(own.into_iter().chain(paths))?;
    for variant in &compared.variants {
        for (number, run) in variant.replications.iter().enumerate() {
            let own = [
                variant.name.clone(),
                number.to_string(),
                run.seed.to_string(),
                run.digest.clone(),
            ];
            let figures = columns.iter().map(|path| {
                let figure = run.figures.get(path).ok().flatten();
                figure.map_or_else(String::new, |figure| figure.to_string())
            });
            writer.write_record(own.into_iter().chain(figures))?;
        }
    }
    writer.flush()
}
