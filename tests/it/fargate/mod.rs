//! Fargate, run from the text of a scenario: the golden examples `G..` of the specification that
//! are about Fargate and Fargate Spot, and each rule by a test that names it.

mod alike;
mod books;
mod capacity;
mod launches;
mod messages;
mod money;
mod services;
mod spot;

use crate::harness::{Ran, run};

/// A definition of 256 CPU units and 512 MiB for Fargate, and one more revision of it.
pub(crate) const SMALL: &str = "
taskDefinitions:
  - &web
    family: web
    cpu: 256
    memory: 512
    networkMode: awsvpc
    requiresCompatibilities: [FARGATE]
    containerDefinitions: [{name: app, image: 'web:1'}]
  - {<<: *web, containerDefinitions: [{name: app, image: 'web:2'}]}
";

/// Runs a scenario of an hour without latencies.
pub(crate) fn instant(body: &str) -> Ran {
    run(&format!(
        "duration: 1h\nlatencies: {{instant: true}}\n{SMALL}{body}"
    ))
}

/// How many tasks have each value of a column.
pub(crate) fn tally(ran: &Ran, column: &str) -> Vec<(String, usize)> {
    let mut values = ran.task_column(column);
    values.sort();
    let mut counts: Vec<(String, usize)> = Vec::new();
    for value in values {
        match counts.last_mut() {
            Some((last, count)) if *last == value => *count += 1,
            _ => counts.push((value, 1)),
        }
    }
    counts
}

/// The same, as pairs that are easily compared.
pub(crate) fn counts(ran: &Ran, column: &str) -> String {
    let tally = tally(ran, column);
    let pairs: Vec<String> = tally
        .iter()
        .map(|(value, count)| format!("{value} {count}"))
        .collect();
    pairs.join(", ")
}
