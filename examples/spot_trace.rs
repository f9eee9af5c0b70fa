//! A trace of Spot capacity of one's own, in the form that `spot.pools` of a scenario reads:
//! `start_s,end_s,nodes`, a row for each span in which the same number of instances can be had.
//! `scenarios/spot-capacity.csv` is made by it:
//!
//! ```sh
//! cargo run --example spot_trace > scenarios/spot-capacity.csv
//! ```
//!
//! The pool grows and shrinks by a few instances at a time; now and then it loses most of them at
//! once and comes back within the hour. None of it was measured.

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write as _;

use ecs_sim::kernel::{Stream, Streams};

const SEED: u64 = 7;
const SECONDS: u64 = 2 * 86_400;
const MOST_NODES: u64 = 16;

fn main() -> Result<(), Box<dyn Error>> {
    std::io::stdout().write_all(trace(SEED, SECONDS).as_bytes())?;
    Ok(())
}

/// The trace of a seed over so many seconds.
pub(crate) fn trace(seed: u64, seconds: u64) -> String {
    let mut stream = Streams::new(seed).open("spot-trace", "example");
    let mut text = "start_s,end_s,nodes\n".to_owned();
    let mut start = 0;
    let mut nodes = MOST_NODES - stream.below(5);
    while start < seconds {
        // Whole minutes, as if somebody had looked once a minute.
        let span = 60 * (5 + stream.below(40));
        let end = (start + span).min(seconds);
        writeln!(text, "{start},{end},{nodes}").expect("text grows without fail");
        (start, nodes) = (end, next(nodes, &mut stream));
    }
    text
}

/// Another number than before.
fn next(nodes: u64, stream: &mut Stream) -> u64 {
    if nodes < 4 {
        return 8 + stream.below(MOST_NODES - 7);
    }
    if stream.below(12) == 0 {
        // A shortage, over with the next step.
        return stream.below(4);
    }
    let step = 1 + stream.below(3);
    if stream.below(2) == 0 && nodes + step <= MOST_NODES {
        nodes + step
    } else {
        nodes - step
    }
}
