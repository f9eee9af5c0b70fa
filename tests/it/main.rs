//! Whole-crate tests: one binary, one file a subject.

mod oracle;
mod scenarios;
