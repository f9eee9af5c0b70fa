//! Whole-crate tests: one binary, one file a subject.

mod cli;
mod determinism;
mod docs;
mod harness;
mod invariants;
mod markdown;
mod oracle;
mod plan;
mod rules;
mod scenarios;
mod services;
mod tidy;
