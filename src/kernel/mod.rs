//! Clock, event queue, random streams, samplers: what any discrete-event simulation needs. It
//! knows nothing of ECS, of files or of threads.
//!
//! - [`EventQueue`]: what is still to happen, in a total order (time, class, order of scheduling).
//! - [`Streams`]: random numbers, a stream for each purpose and entity, all from one seed.
//! - [`Distribution`]: the laws that spans of time are drawn from.
//! - [`Digest`]: a fingerprint of all that happened.
//!
//! A queue with one server, 20 % of the time idle, in the terms of this room:
//!
//! ```
//! use std::collections::VecDeque;
//!
//! use ecs_sim::kernel::{Distribution, EventQueue, Streams};
//! use ecs_sim::units::{Millis, SimTime};
//!
//! enum Event {
//!     Departure,
//!     Arrival,
//! }
//!
//! let streams = Streams::new(7);
//! let (mut gaps, mut services) = (streams.open("gap", "door"), streams.open("service", "till"));
//! let gap = Distribution::Exponential { mean_ms: 1_250.0 };
//! let service = Distribution::Exponential { mean_ms: 1_000.0 };
//! let mut queue = EventQueue::new();
//! let mut line: VecDeque<SimTime> = VecDeque::new();
//! let (mut served, mut waited) = (0_u64, Millis::ZERO);
//!
//! queue.push(SimTime::ZERO, 1, Event::Arrival);
//! while let Some((now, _class, event)) = queue.pop() {
//!     let server_is_free = match event {
//!         Event::Arrival => {
//!             queue.push(now + gap.sample(&mut gaps), 1, Event::Arrival);
//!             line.push_back(now);
//!             line.len() == 1
//!         }
//!         Event::Departure => {
//!             line.pop_front();
//!             true
//!         }
//!     };
//!     if let (true, Some(&arrived)) = (server_is_free, line.front()) {
//!         waited += now - arrived;
//!         served += 1;
//!         queue.push(now + service.sample(&mut services), 0, Event::Departure);
//!     }
//!     if served == 20_000 {
//!         break;
//!     }
//! }
//! // Theory: rho / (mu - lambda) = 0.8 / (0.001 - 0.0008) = 4,000 ms.
//! let mean_wait = waited.0 / served;
//! assert!((3_400..4_600).contains(&mean_wait), "{mean_wait}");
//! ```

mod digest;
mod distribution;
mod normal;
mod queue;
mod random;

pub use digest::Digest;
pub use distribution::{Distribution, exponential, round_half_up};
pub use queue::{EventKey, EventQueue, Handle};
pub use random::{Stream, StreamFamily, Streams};
