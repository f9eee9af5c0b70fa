<<<<<<< HEAD
//! Text, JSON and CSV made from finished results. Nothing here computes or decides.

pub mod catalog;
=======
//! Text, JSON, CSV and plots of a finished run. Everything here renders; nothing is computed that
//! the run, its bill and its summary do not say.

pub mod csv;
pub mod json;
pub mod plots;
pub mod text;
mod write;

pub use write::{OutputDir, OutputError, write_all};
>>>>>>> 6c4e2373ebe7464b8c77bc4228aef54c1e6ee48e
