//! Text, JSON, CSV and plots of a finished run. Everything here renders; nothing is computed that
//! the run, its bill and its summary do not say.

#[cfg(test)]
mod capacity_tests;
pub mod catalog;
pub mod compare;
pub mod costs;
pub mod csv;
pub mod fargate_prices;
pub mod json;
pub mod junit;
pub mod plan;
pub mod plots;
pub mod sweep;
#[cfg(test)]
mod tests;
pub mod text;
mod values;
mod words;
mod write;

pub use write::{OutputDir, OutputError, OutputFile, write_all};
