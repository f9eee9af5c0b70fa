//! Whole-crate tests: one binary, one file a subject.

mod capacity;
mod cli;
mod determinism;
mod distributed;
mod docs;
mod fargate;
mod harness;
mod invariants;
mod markdown;
mod oracle;
mod plan;
mod results;
mod rules;
mod scenarios;
mod services;
mod tidy;
