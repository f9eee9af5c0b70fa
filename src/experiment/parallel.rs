//! The one place with threads: runs side by side, results by index.
//!
//! Whoever looks at the results cannot tell how many threads there were, nor which run was done
//! first.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

/// Does `work` for every index below `count` on at most `jobs` threads. `done` hears of each
/// result in the order of the indexes, as soon as those before it are there; when it breaks, no
/// work is begun any more.
///
/// Returns the results by index; when `done` broke, those that it has heard of.
///
/// # Panics
/// With the panic of `work`, when it panics.
pub fn run_indexed<R: Send>(
    jobs: NonZeroUsize,
    count: usize,
    work: impl Fn(usize) -> R + Sync,
    mut done: impl FnMut(usize, &R) -> ControlFlow<()>,
) -> Vec<R> {
    let shared = Shared::default();
    let (sender, receiver) = channel();
    #[expect(
        clippy::disallowed_methods,
        reason = "a run is one thread; many runs are many, and only here"
    )]
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs.get().min(count))
            .map(|_| {
                let (shared, work, sender) = (&shared, &work, sender.clone());
                scope.spawn(move || shared.work_through(count, work, &sender))
            })
            .collect();
        drop(sender);
        let results = collect(&receiver, count, &mut done);
        shared.is_over.store(true, Ordering::Relaxed);
        for worker in workers {
            if let Err(panic) = worker.join() {
                resume_unwind(panic);
            }
        }
        results
    })
}

/// What the threads share.
#[derive(Default)]
struct Shared {
    next: AtomicUsize,
    is_over: AtomicBool,
}

/// Tells the others to stop when its thread ends, however that comes about.
struct LastWord<'a>(&'a AtomicBool);

impl Drop for LastWord<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}

impl Shared {
    /// Takes one index after another until there are none left.
    fn work_through<R>(
        &self,
        count: usize,
        work: &(impl Fn(usize) -> R + Sync),
        sender: &Sender<(usize, R)>,
    ) {
        let _last_word = LastWord(&self.is_over);
        while !self.is_over.load(Ordering::Relaxed) {
            let index = self.next.fetch_add(1, Ordering::Relaxed);
            if index >= count || sender.send((index, work(index))).is_err() {
                return;
            }
        }
    }
}

/// Puts the results in order. Fewer than `count` come back when `done` breaks or a worker panics.
fn collect<R>(
    receiver: &Receiver<(usize, R)>,
    count: usize,
    done: &mut impl FnMut(usize, &R) -> ControlFlow<()>,
) -> Vec<R> {
    let mut early: Vec<Option<R>> = std::iter::repeat_with(|| None).take(count).collect();
    let mut results = Vec::with_capacity(count);
    for (index, result) in receiver {
        early[index] = Some(result);
        while let Some(result) = early.get_mut(results.len()).and_then(Option::take) {
            let flow = done(results.len(), &result);
            results.push(result);
            if flow.is_break() {
                return results;
            }
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroUsize;
    use std::ops::ControlFlow;
    use std::panic::catch_unwind;
    use std::sync::Barrier;

    use super::run_indexed;

    fn jobs(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    #[test]
    fn results_and_their_announcements_are_in_the_order_of_the_indexes() {
        for threads in [1, 2, 3, 16] {
            let mut heard = Vec::new();
            let results = run_indexed(
                jobs(threads),
                100,
                |index| index * index,
                |index, result| {
                    heard.push((index, *result));
                    ControlFlow::Continue(())
                },
            );
            let expected: Vec<usize> = (0..100).map(|index| index * index).collect();
            assert_eq!(results, expected);
            let expected: Vec<(usize, usize)> = expected.into_iter().enumerate().collect();
            assert_eq!(heard, expected);
        }
    }

    #[test]
    fn the_first_is_heard_first_even_when_it_is_done_last() {
        let both = Barrier::new(2);
        let mut heard = Vec::new();
        // Index 0 is not done before index 2 has begun, on the thread that was done with index 1.
        let work = |index: usize| {
            if index != 1 {
                both.wait();
            }
        };
        let results = run_indexed(jobs(2), 3, work, |index, ()| {
            heard.push(index);
            ControlFlow::Continue(())
        });
        assert_eq!(heard, [0, 1, 2]);
        assert_eq!(results.len(), 3);
    }

    #[test]
    fn nothing_to_do_is_done_at_once() {
        let results = run_indexed(jobs(4), 0, |index| index, |_, _| ControlFlow::Continue(()));
        assert!(results.is_empty());
    }

    #[test]
    fn who_breaks_gets_what_was_heard_of() {
        for threads in [1, 4] {
            let results = run_indexed(
                jobs(threads),
                1_000_000,
                |index| index,
                |index, _| {
                    if index == 9 {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                },
            );
            assert_eq!(results, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_in_one_run_is_not_lost() {
        for threads in [1, 2] {
            let caught = catch_unwind(|| {
                run_indexed(
                    jobs(threads),
                    1_000,
                    |index| {
                        assert!(index != 3, "the third is wrong");
                        index
                    },
                    |_, _| ControlFlow::Continue(()),
                )
            });
            let panic = caught.unwrap_err();
            let message = panic.downcast_ref::<&str>().copied().unwrap_or_default();
            assert_eq!(message, "the third is wrong");
        }
    }
}
