//! Whole-crate tests: one binary, one file a subject.

mod cli;
mod determinism;
mod harness;
mod invariants;
mod oracle;
mod rules;
mod scenarios;
