//! Whole-crate tests: one binary, one file a subject.

mod docs;
mod markdown;
mod oracle;
mod tidy;
