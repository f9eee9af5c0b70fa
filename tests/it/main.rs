//! Whole-crate tests: one binary, one file a subject.

mod cli;
mod determinism;
mod distributed;
mod docs;
mod harness;
mod invariants;
mod markdown;
mod oracle;
mod rules;
mod scenarios;
mod services;
mod tidy;
