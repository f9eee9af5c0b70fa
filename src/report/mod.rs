//! Text, JSON and CSV made from finished results. Nothing here computes or decides.

pub mod catalog;
