//! The event list under the hold model: with a number of events pending, pop one and push one at a
//! random later time; with cancellations, 3 of 10 pushes are taken back and made again. Ours
//! against a `BTreeMap` and the `priority-queue` crate.

use std::borrow::Borrow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use ecs_sim::kernel::{EventQueue, Handle, Stream, Streams};
use ecs_sim::units::SimTime;
use priority_queue::PriorityQueue;

/// An event as large as a simulation's.
type Event = [u64; 3];

/// What the hold model asks of an event list.
trait EventList: Default {
    type Handle;
    fn push(&mut self, at: u64, class: u8, event: Event) -> Self::Handle;
    fn cancel(&mut self, handle: Self::Handle) -> Option<Event>;
    fn pop(&mut self) -> Option<(u64, Event)>;
}

#[derive(Default)]
struct Ours(EventQueue<Event>);

impl EventList for Ours {
    type Handle = Handle;

    fn push(&mut self, at: u64, class: u8, event: Event) -> Handle {
        self.0.push(SimTime(at), class, event)
    }

    fn cancel(&mut self, handle: Handle) -> Option<Event> {
        self.0.cancel(handle)
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        self.0.pop().map(|(at, _, event)| (at.0, event))
    }
}

type Key = (u64, u8, u64);

#[derive(Default)]
struct Ordered {
    events: BTreeMap<Key, Event>,
    sequence: u64,
}

impl EventList for Ordered {
    type Handle = Key;

    fn push(&mut self, at: u64, class: u8, event: Event) -> Key {
        self.sequence += 1;
        let key = (at, class, self.sequence);
        self.events.insert(key, event);
        key
    }

    fn cancel(&mut self, handle: Key) -> Option<Event> {
        self.events.remove(&handle)
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        self.events.pop_first().map(|((at, ..), event)| (at, event))
    }
}

#[derive(Default)]
struct Keyed {
    queue: PriorityQueue<Numbered, Reverse<Key>>,
    sequence: u64,
}

/// An event that `priority-queue` knows by its number.
struct Numbered(u64, Event);

impl PartialEq for Numbered {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Numbered {}

impl Hash for Numbered {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl Borrow<u64> for Numbered {
    fn borrow(&self) -> &u64 {
        &self.0
    }
}

impl EventList for Keyed {
    type Handle = u64;

    fn push(&mut self, at: u64, class: u8, event: Event) -> u64 {
        self.sequence += 1;
        let key = Reverse((at, class, self.sequence));
        self.queue.push(Numbered(self.sequence, event), key);
        self.sequence
    }

    fn cancel(&mut self, handle: u64) -> Option<Event> {
        self.queue
            .remove(&handle)
            .map(|(Numbered(_, event), _)| event)
    }

    fn pop(&mut self) -> Option<(u64, Event)> {
        self.queue
            .pop()
            .map(|(Numbered(_, event), Reverse((at, ..)))| (at, event))
    }
}

/// An event list in the steady state of the hold model.
struct Hold<L> {
    list: L,
    stream: Stream,
    /// Of ten pushes, how many are taken back and made again.
    cancelled: u64,
    /// Times are up to this far ahead: so many that equal ones stay few.
    horizon: u64,
}

impl<L: EventList> Hold<L> {
    fn new(pending: u64, cancelled: u64) -> Self {
        let stream = Streams::new(1).open("bench", "hold");
        let mut hold = Self {
            list: L::default(),
            stream,
            cancelled,
            horizon: pending * 10,
        };
        for number in 0..pending {
            hold.push(0, [number; 3]);
        }
        hold
    }

    fn push(&mut self, now: u64, event: Event) -> L::Handle {
        let word = self.stream.next_u64();
        let class = if word & 1 == 0 { 0 } else { 3 };
        self.list
            .push(now + 1 + (word >> 8) % self.horizon, class, event)
    }

    fn step(&mut self) -> u64 {
        let (now, event) = self
            .list
            .pop()
            .expect("the number of pending events is constant");
        let handle = self.push(now, event);
        if self.cancelled > 0 && self.stream.next_u64() % 10 < self.cancelled {
            let event = self.list.cancel(handle).expect("it was pushed just now");
            self.push(now, event);
        }
        now
    }
}

/// A fingerprint of the first times that come out.
fn fingerprint<L: EventList>(pending: u64, cancelled: u64) -> u64 {
    let mut hold = Hold::<L>::new(pending, cancelled);
    (0..2_000).fold(0, |hash: u64, _| {
        hash.wrapping_mul(31).wrapping_add(hold.step())
    })
}

fn bench_list<L: EventList>(criterion: &mut Criterion, name: &str) {
    for (cancelled, kind) in [(0, "hold"), (3, "hold, 30 % cancelled")] {
        let mut group = criterion.benchmark_group(kind);
        group.throughput(Throughput::Elements(1));
        for pending in [1_000, 100_000, 1_000_000] {
            // A list that is fast because it gives other events would be of no use.
            assert_eq!(
                fingerprint::<L>(pending, cancelled),
                fingerprint::<Ours>(pending, cancelled)
            );
            let mut hold = Hold::<L>::new(pending, cancelled);
            group.bench_function(BenchmarkId::new(name, pending), |bencher| {
                bencher.iter(|| black_box(hold.step()));
            });
        }
        group.finish();
    }
}

fn bench(criterion: &mut Criterion) {
    bench_list::<Ours>(criterion, "event_queue");
    bench_list::<Ordered>(criterion, "btree_map");
    bench_list::<Keyed>(criterion, "priority_queue");
}

fn short() -> Criterion {
    Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(1))
}

criterion_group! {
    name = benches;
    config = short();
    targets = bench
}
criterion_main!(benches);
