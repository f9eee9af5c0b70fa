//! Image pulls, and the images that each container instance keeps.
//!
//! The rules are the container agent's (its README, and the published source of its image
//! manager): a container pulls its image once what it depends on has come true
//! (`ECS_PULL_DEPENDENT_CONTAINERS_UPFRONT` is off by default), the pulls of containers that wait
//! for nothing go on side by side, and an image nobody uses is deleted by a periodic clean-up.
//! Clean-ups are no events: they are computed when an instance's images are looked at.

use std::num::NonZeroU64;

use crate::model::{ContainerInstanceId, PullError};
use crate::units::{Millis, SimTime, id, index};

/// An image of the scenario, by its place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(pub u32);

/// Who may pull an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ImageAccess {
    /// Everybody.
    Public,
    /// A task whose definition names an execution role.
    ExecutionRole,
    /// The instance itself, through its own role.
    InstanceRole,
}

/// An image of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// As `image` of a container definition has it.
    pub name: String,
    /// What a pull transfers when nothing is cached, in bytes.
    pub size_bytes: u64,
    /// Who may pull it.
    pub access: ImageAccess,
    /// Whether the registry has no such image or tag.
    pub missing: bool,
    /// How fast it comes, in bytes a second, where that differs from the settings.
    pub bytes_per_second: Option<NonZeroU64>,
}

/// `ECS_IMAGE_PULL_BEHAVIOR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PullBehavior {
    /// Pull; when that fails, use the image that is there.
    #[default]
    Default,
    /// Pull or fail.
    Always,
    /// Pull only what no task has pulled here, or what was cleaned up.
    Once,
    /// Pull only what is not there. Images are never cleaned up.
    PreferCached,
}

/// The periodic clean-up of images.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ImageCleanup {
    /// `ECS_IMAGE_CLEANUP_INTERVAL`, counted from the start of the agent.
    pub interval: Millis,
    /// `ECS_IMAGE_MINIMUM_CLEANUP_AGE`: younger images stay.
    pub minimum_age: Millis,
    /// `ECS_NUM_IMAGES_DELETE_PER_CYCLE`.
    pub images_per_cycle: u32,
}

/// How the agents of a cluster pull and keep images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullSettings {
    /// When to pull.
    pub behavior: PullBehavior,
    /// How fast one pull goes, in bytes a second, unpacking included.
    pub bytes_per_second: NonZeroU64,
    /// What every pull takes, whatever its size: the manifest. A pull of an image that is there
    /// takes nothing more.
    pub overhead: Millis,
    /// After this long the agent gives a pull up.
    pub time_out: Millis,
    /// The clean-up; `None` is `ECS_DISABLE_IMAGE_CLEANUP`.
    pub cleanup: Option<ImageCleanup>,
    /// `ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION`: so long after its end a container still keeps its
    /// image.
    pub task_cleanup_wait: Millis,
}

/// The agent's defaults. Bandwidth and overhead are not published: 50 MB a second and half a
/// second are assumptions of ours.
impl Default for PullSettings {
    fn default() -> Self {
        Self {
            behavior: PullBehavior::Default,
            bytes_per_second: NonZeroU64::new(50_000_000).expect("more than zero"),
            overhead: Millis(500),
            time_out: Millis(7_200_000),
            cleanup: Some(ImageCleanup {
                interval: Millis(1_800_000),
                minimum_age: Millis(3_600_000),
                images_per_cycle: 5,
            }),
            task_cleanup_wait: Millis(10_800_000),
        }
    }
}

/// Waits between the attempts at a registry that does not answer: five attempts, the wait doubles
/// from 1.1 s up to 5 s. The agent's jitter is left out.
const RETRY_WAITS: [Millis; 4] = [Millis(1_100), Millis(2_200), Millis(4_400), Millis(5_000)];

/// The circumstances of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullRequest {
    /// The present.
    pub now: SimTime,
    /// How long from now the pull begins.
    pub after: Millis,
    /// Whether the registry answers.
    pub registry_available: bool,
    /// How many times as long as usual the registry takes, in millionths. Fixed when the pull is
    /// planned.
    pub slowness: u64,
    /// Whether the task's definition names an execution role.
    pub has_execution_role: bool,
}

impl PullRequest {
    /// The registry takes as long as usual.
    pub const USUAL: u64 = 1_000_000;
}

/// What comes of a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullOutcome {
    /// From its beginning to its end, or to its failure.
    pub duration: Millis,
    /// Why it failed; `None` when the container has its image.
    pub error: Option<PullError>,
}

impl PullOutcome {
    /// An image that costs no time, such as one that the scenario does not speak of.
    pub const AT_ONCE: Self = Self::after(Millis::ZERO);

    pub(super) const fn after(duration: Millis) -> Self {
        Self {
            duration,
            error: None,
        }
    }
}

/// The images of every container instance.
#[derive(Debug, Clone)]
pub struct ImageCaches {
    settings: PullSettings,
    images: Vec<Image>,
    instances: Vec<InstanceImages>,
}

/// The images of one container instance.
#[derive(Debug, Clone, Default)]
struct InstanceImages {
    /// When its agent started.
    agent_started_at: SimTime,
    /// How many clean-ups there have been.
    cycles: u64,
    cached: Vec<CachedImage>,
}

#[derive(Debug, Clone)]
struct CachedImage {
    image: ImageId,
    pull_started_at: SimTime,
    pulled_at: SimTime,
    /// Containers that hold it and have not ended.
    containers: u64,
    /// When the last of the containers that have ended is removed: the image's last use.
    last_used_at: SimTime,
}

impl CachedImage {
    /// From when on a clean-up may delete it: when nothing holds it and it is older than the age.
    fn deletable_from(&self, minimum_age: Millis) -> Option<SimTime> {
        let old = self.pulled_at.saturating_add(minimum_age);
        (self.containers == 0).then(|| self.last_used_at.max(old.saturating_add(Millis(1))))
    }
}

impl PullSettings {
    /// A pull of an image of which nothing is there, and of which `bytes` are fetched.
    pub(super) fn pull_whole(
        &self,
        image: &Image,
        bytes: u64,
        request: &PullRequest,
    ) -> PullOutcome {
        let span = self.span(image, bytes, request);
        match self.refusal(image, request) {
            Some(refused) => refused,
            None if span > self.time_out => PullOutcome {
                duration: self.time_out,
                error: Some(PullError::TimedOut),
            },
            None => PullOutcome::after(span),
        }
    }

    /// What the registry answers, where it is no image.
    fn refusal(&self, image: &Image, request: &PullRequest) -> Option<PullOutcome> {
        let overhead = self.overhead;
        let (error, duration) = if !request.registry_available {
            let attempt =
                |sum: u64, wait: &Millis| sum.saturating_add(wait.0).saturating_add(overhead.0);
            let duration = RETRY_WAITS.iter().fold(overhead.0, attempt);
            (PullError::RegistryUnavailable, Millis(duration))
        } else if image.missing {
            (PullError::NotFound, overhead)
        } else if image.access == ImageAccess::ExecutionRole && !request.has_execution_role {
            (PullError::NoExecutionRole, overhead)
        } else {
            return None;
        };
        Some(PullOutcome {
            duration: duration.min(self.time_out),
            error: Some(error),
        })
    }

    /// How long it takes to fetch so many bytes of an image.
    fn span(&self, image: &Image, bytes: u64, request: &PullRequest) -> Millis {
        let rate = image.bytes_per_second.unwrap_or(self.bytes_per_second);
        let transfer = (u128::from(bytes) * 1_000).div_ceil(u128::from(rate.get()));
        let usual = transfer + u128::from(self.overhead.0);
        let slowed = usual.saturating_mul(u128::from(request.slowness));
        let slowed = slowed.div_ceil(u128::from(PullRequest::USUAL));
        Millis(u64::try_from(slowed).unwrap_or(u64::MAX))
    }

    /// A pull of an image that is there, or on its way.
    fn use_copy(
        &self,
        copy: &CachedImage,
        at: SimTime,
        refusal: Option<PullOutcome>,
    ) -> PullOutcome {
        if copy.pulled_at > at {
            return PullOutcome::after(copy.pulled_at.since(at));
        }
        match (self.behavior, refusal) {
            (PullBehavior::Once | PullBehavior::PreferCached, _) => PullOutcome::AT_ONCE,
            (PullBehavior::Always, Some(refused)) => refused,
            (PullBehavior::Default, Some(refused)) => PullOutcome::after(refused.duration),
            (PullBehavior::Default | PullBehavior::Always, None) => {
                PullOutcome::after(self.overhead)
            }
        }
    }
}

impl ImageCaches {
    /// Empty caches.
    pub fn new(settings: PullSettings, images: Vec<Image>) -> Self {
        Self {
            settings,
            images,
            instances: Vec::new(),
        }
    }

    /// The image of a name, where the scenario has one.
    pub fn image(&self, name: &str) -> Option<ImageId> {
        let place = self.images.iter().position(|image| image.name == name)?;
        Some(ImageId(id(place)))
    }

    /// An instance's agent starts, without any image: clean-ups count from here.
    pub fn start_agent(&mut self, instance: ContainerInstanceId, at: SimTime) {
        *self.images_of(instance) = InstanceImages {
            agent_started_at: at,
            ..InstanceImages::default()
        };
    }

    /// An instance is gone, and its images with it.
    pub fn forget(&mut self, instance: ContainerInstanceId) {
        *self.images_of(instance) = InstanceImages::default();
    }

    /// Whether an image is on an instance, pulled whole.
    pub fn is_present(
        &mut self,
        instance: ContainerInstanceId,
        image: ImageId,
        now: SimTime,
    ) -> bool {
        self.clean_up(instance, now);
        let cached = &self.images_of(instance).cached;
        cached
            .iter()
            .any(|copy| copy.image == image && copy.pulled_at <= now)
    }

    /// A container pulls its image. When there is no error it holds the image until
    /// [`release`](Self::release).
    ///
    /// A pull of what is being pulled already ends with that pull.
    ///
    /// # Panics
    /// When the image is none of the list.
    pub fn pull(
        &mut self,
        instance: ContainerInstanceId,
        image: ImageId,
        request: &PullRequest,
    ) -> PullOutcome {
        self.clean_up(instance, request.now);
        let at = request.now.saturating_add(request.after);
        let settings = self.settings;
        let of = &self.images[index(image.0)];
        let refusal = settings.refusal(of, request);
        let anew = settings.pull_whole(of, of.size_bytes, request);
        let span = settings.span(of, of.size_bytes, request);
        let cached = &mut self.images_of(instance).cached;
        let copy = cached.iter_mut().find(|copy| copy.image == image);
        let outcome = match (&copy, refusal) {
            // What another task will begin to pull after this one is not there yet.
            (Some(copy), _) if copy.pull_started_at <= at => settings.use_copy(copy, at, refusal),
            _ => anew,
        };
        if outcome.error.is_some() {
            return outcome;
        }
        match copy {
            Some(copy) => {
                copy.pull_started_at = copy.pull_started_at.min(at);
                copy.pulled_at = copy.pulled_at.min(at.saturating_add(span));
                copy.containers += 1;
            }
            None => cached.push(CachedImage {
                image,
                pull_started_at: at,
                pulled_at: at.saturating_add(span),
                containers: 1,
                last_used_at: at,
            }),
        }
        outcome
    }

    /// A container that holds an image has ended: it keeps the image for the task clean-up wait
    /// from now.
    pub fn release(&mut self, instance: ContainerInstanceId, image: ImageId, now: SimTime) {
        self.clean_up(instance, now);
        let removed_at = now.saturating_add(self.settings.task_cleanup_wait);
        let cached = &mut self.images_of(instance).cached;
        if let Some(copy) = cached.iter_mut().find(|copy| copy.image == image) {
            copy.containers = copy.containers.saturating_sub(1);
            copy.last_used_at = copy.last_used_at.max(removed_at);
        }
    }

    fn images_of(&mut self, instance: ContainerInstanceId) -> &mut InstanceImages {
        let place = instance.index();
        if self.instances.len() <= place {
            self.instances
                .resize_with(place + 1, InstanceImages::default);
        }
        &mut self.instances[place]
    }

    /// Makes up for the clean-ups up to now.
    fn clean_up(&mut self, instance: ContainerInstanceId, now: SimTime) {
        let settings = self.settings.cleanup;
        let cleanup = settings.filter(|_| self.settings.behavior != PullBehavior::PreferCached);
        if let Some(cleanup) = cleanup {
            self.images_of(instance).clean_up(cleanup, now);
        }
    }
}

impl InstanceImages {
    fn clean_up(&mut self, cleanup: ImageCleanup, now: SimTime) {
        let interval = cleanup.interval.0.max(1);
        let start = self.agent_started_at.0;
        let past = now.0.saturating_sub(start) / interval;
        // Between two looks images only become deletable: cycles that find none are skipped.
        while let Some(from) = self.next_deletable(cleanup.minimum_age) {
            let first = from.0.saturating_sub(start).div_ceil(interval);
            let cycle = first.max(self.cycles.saturating_add(1));
            if cycle > past {
                break;
            }
            self.delete_least_recently_used(cleanup, SimTime(start + cycle * interval));
            self.cycles = cycle;
        }
        self.cycles = self.cycles.max(past);
    }

    fn next_deletable(&self, minimum_age: Millis) -> Option<SimTime> {
        let times = self.cached.iter();
        times
            .filter_map(|copy| copy.deletable_from(minimum_age))
            .min()
    }

    /// One cycle: of the images that may go, those that were used longest ago.
    fn delete_least_recently_used(&mut self, cleanup: ImageCleanup, at: SimTime) {
        let mut doomed: Vec<(SimTime, ImageId)> = self
            .cached
            .iter()
            .filter(|copy| {
                let from = copy.deletable_from(cleanup.minimum_age);
                from.is_some_and(|from| from <= at)
            })
            .map(|copy| (copy.last_used_at, copy.image))
            .collect();
        doomed.sort_unstable();
        doomed.truncate(index(cleanup.images_per_cycle));
        self.cached
            .retain(|copy| !doomed.iter().any(|(_, image)| *image == copy.image));
    }
}

#[cfg(test)]
mod tests;
