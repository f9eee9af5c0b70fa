//! The rules of `ECS_IMAGE_PULL_BEHAVIOR`, and the clean-up against a naive agent.

use std::num::NonZeroU64;

use proptest::prelude::*;

use super::{
    Image, ImageAccess, ImageCaches, ImageCleanup, ImageId, PullBehavior, PullOutcome, PullRequest,
    PullSettings,
};
use crate::model::{ContainerInstanceId, PullError};
use crate::units::{Millis, SimTime};

const HERE: ContainerInstanceId = ContainerInstanceId(3);
const PUBLIC: ImageId = ImageId(0);
const PRIVATE: ImageId = ImageId(1);
const OWN: ImageId = ImageId(2);
const MISSING: ImageId = ImageId(3);
const HUGE: ImageId = ImageId(4);
const SLOW: ImageId = ImageId(5);

fn images() -> Vec<Image> {
    let image = |name: &str, size_bytes, access| Image {
        name: name.to_owned(),
        size_bytes,
        access,
        missing: false,
        bytes_per_second: None,
    };
    vec![
        image("web:1", 100_000_000, ImageAccess::Public),
        image("private:1", 100_000_000, ImageAccess::ExecutionRole),
        image("own:1", 1, ImageAccess::InstanceRole),
        Image {
            missing: true,
            ..image("web:none", 1, ImageAccess::Public)
        },
        image("huge:1", 1_000_000_000_000, ImageAccess::Public),
        Image {
            bytes_per_second: NonZeroU64::new(10_000_000),
            ..image("slow:1", 100_000_000, ImageAccess::Public)
        },
    ]
}

fn caches(behavior: PullBehavior) -> ImageCaches {
    let settings = PullSettings {
        behavior,
        ..PullSettings::default()
    };
    ImageCaches::new(settings, images())
}

fn at(now: u64) -> PullRequest {
    PullRequest {
        now: SimTime(now),
        after: Millis::ZERO,
        slowness: PullRequest::USUAL,
        registry_available: true,
        has_execution_role: false,
    }
}

fn down(now: u64) -> PullRequest {
    PullRequest {
        slowness: PullRequest::USUAL,
        registry_available: false,
        ..at(now)
    }
}

fn takes(ms: u64) -> PullOutcome {
    PullOutcome {
        duration: Millis(ms),
        error: None,
    }
}

fn fails(ms: u64, error: PullError) -> PullOutcome {
    PullOutcome {
        duration: Millis(ms),
        error: Some(error),
    }
}

/// Five attempts of half a second with 1.1, 2.2, 4.4 and 5 s between them.
const DOWN: PullOutcome = PullOutcome {
    duration: Millis(15_200),
    error: Some(PullError::RegistryUnavailable),
};

#[test]
fn a_pull_takes_its_overhead_and_its_bytes() {
    let mut caches = caches(PullBehavior::Default);
    assert_eq!(caches.pull(HERE, PUBLIC, &at(0)), takes(2_500));
    assert_eq!(caches.pull(HERE, SLOW, &at(0)), takes(10_500));
    assert_eq!(caches.pull(HERE, OWN, &at(0)), takes(501));
    assert!(!caches.is_present(HERE, PUBLIC, SimTime(2_499)));
    assert!(caches.is_present(HERE, PUBLIC, SimTime(2_500)));
    assert!(!caches.is_present(ContainerInstanceId(4), PUBLIC, SimTime(2_500)));
}

#[test]
fn the_pull_behavior_decides_what_a_cached_image_costs() {
    for (behavior, again, registry_down) in [
        (PullBehavior::Default, takes(500), takes(15_200)),
        (PullBehavior::Always, takes(500), DOWN),
        (PullBehavior::Once, takes(0), takes(0)),
        // G127
        (PullBehavior::PreferCached, takes(0), takes(0)),
    ] {
        let mut caches = caches(behavior);
        assert_eq!(
            caches.pull(HERE, PUBLIC, &at(0)),
            takes(2_500),
            "{behavior:?}"
        );
        assert_eq!(
            caches.pull(HERE, PUBLIC, &at(10_000)),
            again,
            "{behavior:?}"
        );
        let answer = caches.pull(HERE, PUBLIC, &down(20_000));
        assert_eq!(answer, registry_down, "{behavior:?}");
        // What is not there cannot be used.
        assert_eq!(caches.pull(HERE, SLOW, &down(20_000)), DOWN, "{behavior:?}");
    }
}

#[test]
fn a_pull_fails_for_its_reason() {
    let role = PullRequest {
        has_execution_role: true,
        ..at(0)
    };
    let mut caches = caches(PullBehavior::Default);
    for (image, request, outcome) in [
        (MISSING, at(0), fails(500, PullError::NotFound)),
        (PRIVATE, at(0), fails(500, PullError::NoExecutionRole)),
        (PRIVATE, role, takes(2_500)),
        (OWN, at(0), takes(501)),
        (HUGE, at(0), fails(7_200_000, PullError::TimedOut)),
        (SLOW, down(0), DOWN),
    ] {
        assert_eq!(caches.pull(HERE, image, &request), outcome, "{image:?}");
    }
    // A failed pull leaves nothing behind.
    assert!(!caches.is_present(HERE, HUGE, SimTime(8_000_000)));
    assert_eq!(caches.image("huge:1"), Some(HUGE));
    assert_eq!(caches.image("none"), None);
}

#[test]
fn two_tasks_share_a_pull_that_is_under_way() {
    for behavior in [
        PullBehavior::Default,
        PullBehavior::Always,
        PullBehavior::Once,
        PullBehavior::PreferCached,
    ] {
        let mut caches = caches(behavior);
        caches.pull(HERE, PUBLIC, &at(0));
        assert_eq!(caches.pull(HERE, PUBLIC, &at(1_000)), takes(1_500));
        assert_eq!(caches.pull(HERE, PUBLIC, &at(2_499)), takes(1));
    }
}

#[test]
fn a_pull_that_begins_later_does_not_delay_an_earlier_one() {
    let mut caches = caches(PullBehavior::Default);
    let later = PullRequest {
        after: Millis(60_000),
        ..at(0)
    };
    assert_eq!(caches.pull(HERE, PUBLIC, &later), takes(2_500));
    assert_eq!(caches.pull(HERE, PUBLIC, &at(10_000)), takes(2_500));
    assert!(caches.is_present(HERE, PUBLIC, SimTime(12_500)));
    assert_eq!(caches.pull(HERE, PUBLIC, &at(13_000)), takes(500));
}

const HOUR: u64 = 3_600_000;

#[test]
fn an_unused_image_goes_after_the_waits_of_the_agent() {
    // Its task ends at once and is cleaned up three hours later; the next cycle is at 3 h 30 min.
    let mut caches = caches(PullBehavior::Once);
    caches.start_agent(HERE, SimTime::ZERO);
    caches.pull(HERE, PUBLIC, &at(0));
    caches.release(HERE, PUBLIC, SimTime(60_000));
    assert!(caches.is_present(HERE, PUBLIC, SimTime(3 * HOUR + HOUR / 2 - 1)));
    assert!(!caches.is_present(HERE, PUBLIC, SimTime(3 * HOUR + HOUR / 2)));
    // Cleaned up, it is pulled again.
    assert_eq!(caches.pull(HERE, PUBLIC, &at(4 * HOUR)), takes(2_500));
}

#[test]
fn an_image_in_use_is_never_cleaned_up() {
    let mut caches = caches(PullBehavior::Default);
    caches.pull(HERE, PUBLIC, &at(0));
    caches.pull(HERE, PUBLIC, &at(5_000));
    caches.release(HERE, PUBLIC, SimTime(6_000));
    assert!(caches.is_present(HERE, PUBLIC, SimTime(1_000 * HOUR)));
}

#[test]
fn prefer_cached_and_a_disabled_clean_up_keep_every_image() {
    let mut preferring = caches(PullBehavior::PreferCached);
    let disabled = PullSettings {
        cleanup: None,
        ..PullSettings::default()
    };
    let mut disabled = ImageCaches::new(disabled, images());
    for caches in [&mut preferring, &mut disabled] {
        caches.pull(HERE, PUBLIC, &at(0));
        caches.release(HERE, PUBLIC, SimTime(3_000));
        assert!(caches.is_present(HERE, PUBLIC, SimTime(1_000 * HOUR)));
        // But none outlives its instance.
        caches.forget(HERE);
        assert!(!caches.is_present(HERE, PUBLIC, SimTime(1_000 * HOUR)));
    }
}

/// What happens on an instance: a task comes with an image and ends so long after.
#[derive(Debug, Clone)]
struct Use {
    gap: u64,
    image: u32,
    life: u64,
}

/// A cycle in which the naive agent looks at the whole history of the instance.
fn naive_presence(
    uses: &[(SimTime, SimTime, ImageId)],
    settings: &PullSettings,
    pull_takes: Millis,
    now: SimTime,
) -> Vec<ImageId> {
    let cleanup = settings.cleanup.unwrap();
    let mut present: Vec<(ImageId, SimTime)> = Vec::new();
    let mut tick = SimTime(cleanup.interval.0);
    let mut at = SimTime::ZERO;
    loop {
        // Tasks that came since the cycle before; one of the instant of a cycle comes after it.
        let next = tick.min(now);
        for (from, _, image) in uses {
            let came = *from >= at && (*from < next || next == now && *from == now && tick > now);
            if came && !present.iter().any(|(other, _)| other == image) {
                present.push((*image, from.saturating_add(pull_takes)));
            }
        }
        if tick > now {
            break;
        }
        let mut unused: Vec<(SimTime, ImageId)> = Vec::new();
        for &(image, pulled_at) in &present {
            let past = uses
                .iter()
                .filter(|(from, _, other)| *other == image && *from < tick);
            let last = past
                .map(|(_, to, _)| to.saturating_add(settings.task_cleanup_wait))
                .max()
                .unwrap();
            if last <= tick && tick.0.saturating_sub(pulled_at.0) > cleanup.minimum_age.0 {
                unused.push((last, image));
            }
        }
        unused.sort_unstable();
        unused.truncate(usize::try_from(cleanup.images_per_cycle).unwrap());
        present.retain(|(image, _)| !unused.iter().any(|(_, gone)| gone == image));
        at = tick;
        tick = tick.saturating_add(cleanup.interval);
    }
    let mut images: Vec<ImageId> = present.into_iter().map(|(image, _)| image).collect();
    images.sort_unstable();
    images
}

proptest! {
    /// The lazy clean-up leaves what an agent leaves that looks at every cycle.
    #[test]
    fn the_lazy_clean_up_equals_one_that_looks_at_every_cycle(
        uses in prop::collection::vec(
            (0_u64..400, 0_u32..6, 1_u64..300)
                .prop_map(|(gap, image, life)| Use { gap, image, life }),
            1..40,
        ),
        interval in 1_u64..300,
        minimum_age in 0_u64..500,
        wait in 1_u64..300,
        images_per_cycle in 0_u32..3,
        rest in 0_u64..2_000,
    ) {
        let settings = PullSettings {
            behavior: PullBehavior::Once,
            overhead: Millis(7),
            cleanup: Some(ImageCleanup {
                interval: Millis(interval),
                minimum_age: Millis(minimum_age),
                images_per_cycle,
            }),
            task_cleanup_wait: Millis(wait),
            ..PullSettings::default()
        };
        let all = (0..6).map(|n| Image {
            name: format!("{n}"),
            size_bytes: 0,
            access: ImageAccess::Public,
            missing: false,
            bytes_per_second: None,
        });
        let mut caches = ImageCaches::new(settings, all.collect());
        // Events in the order of time: ends before beginnings, as in a run.
        let mut now = 0;
        let mut history = Vec::new();
        let mut events = Vec::new();
        for one in &uses {
            now += one.gap;
            let (from, to) = (SimTime(now), SimTime(now + one.life));
            history.push((from, to, ImageId(one.image)));
            events.push((from, 1, one.image));
            events.push((to, 0, one.image));
        }
        events.sort_unstable();
        let end = SimTime(now + rest);
        for (at_time, begins, image) in events.into_iter().filter(|event| event.0 <= end) {
            if begins == 1 {
                caches.pull(HERE, ImageId(image), &at(at_time.0));
            } else {
                caches.release(HERE, ImageId(image), at_time);
            }
        }
        let lazy: Vec<ImageId> = {
            caches.clean_up(HERE, end);
            let mut left: Vec<ImageId> =
                caches.images_of(HERE).cached.iter().map(|copy| copy.image).collect();
            left.sort_unstable();
            left
        };
        prop_assert_eq!(lazy, naive_presence(&history, &settings, Millis(7), end));
    }
}

#[test]
fn a_clean_up_takes_only_what_is_older_than_the_age_and_was_unused_before_it() {
    let settings = PullSettings {
        task_cleanup_wait: Millis::ZERO,
        ..PullSettings::default()
    };
    // Pulled whole at 2.5 s: cycles on the hours after that find it exactly one hour old.
    let cycle = |n: u64| SimTime(2_500 + n * HOUR / 2);
    let mut caches = ImageCaches::new(settings, images());
    caches.start_agent(HERE, cycle(0));
    caches.pull(HERE, PUBLIC, &at(0));
    caches.release(HERE, PUBLIC, SimTime(5_000));
    assert!(caches.is_present(HERE, PUBLIC, cycle(2)));
    assert!(!caches.is_present(HERE, PUBLIC, cycle(3)));
    // Another whose last task ends in the instant of a cycle stays until the next one.
    caches.pull(HERE, SLOW, &at(cycle(4).0));
    caches.release(HERE, SLOW, cycle(8));
    assert!(caches.is_present(HERE, SLOW, SimTime(cycle(9).0 - 1)));
    assert!(!caches.is_present(HERE, SLOW, cycle(9)));
}
