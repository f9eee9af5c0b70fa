//! Image pulls on Fargate: every task pulls its images anew.

use std::num::NonZeroU64;

use crate::cloud::image_pull::{Image, PullOutcome, PullRequest, PullSettings};
use crate::units::{Millis, Share};

/// Lazy loading (SOCI) is for images larger than so many bytes, 250 MiB (Developer Guide, "Lazy
/// loading container images using Seekable OCI").
pub const LAZY_LOADING_ABOVE: u64 = 250 * 1_024 * 1_024;

/// How images come to Fargate tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FargatePulls {
    /// How fast one pull goes, in bytes a second, unpacking included; `None` is as fast as on
    /// container instances.
    pub bytes_per_second: Option<NonZeroU64>,
    /// With lazy loading, how much of a large image is there before its container starts; `None`
    /// is no lazy loading.
    pub lazy_loading: Option<Share>,
}

impl FargatePulls {
    /// What comes of the pull of an image of which nothing is there.
    pub fn pull(
        &self,
        image: &Image,
        request: &PullRequest,
        settings: &PullSettings,
    ) -> PullOutcome {
        let settings = PullSettings {
            bytes_per_second: self.bytes_per_second.unwrap_or(settings.bytes_per_second),
            ..*settings
        };
        let lazily = self.lazy_loading;
        let lazily = lazily.filter(|_| image.size_bytes > LAZY_LOADING_ABOVE);
        let fetched = lazily.map_or(image.size_bytes, |share| share.of(image.size_bytes));
        settings.pull_whole(image, fetched, request)
    }
}

/// The pulls of one task: containers with the same image pull it once.
#[derive(Debug)]
pub struct TaskPulls<'a> {
    pulls: &'a FargatePulls,
    settings: &'a PullSettings,
    /// Names of images, and when they are there, counted from the present.
    pulled: Vec<(&'a str, Millis)>,
}

impl<'a> TaskPulls<'a> {
    /// Nothing is there.
    pub fn new(pulls: &'a FargatePulls, settings: &'a PullSettings) -> Self {
        Self {
            pulls,
            settings,
            pulled: Vec::new(),
        }
    }

    /// A container pulls its image.
    pub fn pull(&mut self, image: &'a Image, request: &PullRequest) -> PullOutcome {
        let mut pulled = self.pulled.iter();
        if let Some((_, there_at)) = pulled.find(|(name, _)| *name == image.name) {
            let rest = there_at.0.saturating_sub(request.after.0);
            return PullOutcome::after(Millis(rest));
        }
        let outcome = self.pulls.pull(image, request, self.settings);
        if outcome.error.is_none() {
            let there_at = request.after.0.saturating_add(outcome.duration.0);
            self.pulled.push((&image.name, Millis(there_at)));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::FargatePulls;
    use crate::cloud::image_pull::{Image, ImageAccess, PullRequest, PullSettings};
    use crate::units::{Millis, Share, SimTime};

    fn image(mib: u64) -> Image {
        Image {
            name: "web:1".to_owned(),
            size_bytes: mib * 1_024 * 1_024,
            access: ImageAccess::Public,
            missing: false,
            bytes_per_second: None,
        }
    }

    const REQUEST: PullRequest = PullRequest {
        now: SimTime::ZERO,
        after: Millis::ZERO,
        slowness: PullRequest::USUAL,
        registry_available: true,
        has_execution_role: true,
    };

    fn seconds(pulls: FargatePulls, mib: u64) -> u64 {
        let settings = PullSettings {
            overhead: Millis::ZERO,
            ..PullSettings::default()
        };
        pulls.pull(&image(mib), &REQUEST, &settings).duration.0 / 1_000
    }

    #[test]
    fn every_task_pulls_its_images_anew() {
        // 500 MiB at the agents' 50 MB a second.
        assert_eq!(seconds(FargatePulls::default(), 500), 10);
        let fast = FargatePulls {
            bytes_per_second: std::num::NonZeroU64::new(100_000_000),
            ..FargatePulls::default()
        };
        assert_eq!(seconds(fast, 500), 5);
    }

    #[test]
    fn lazy_loading_helps_images_above_250_mib() {
        let lazy = FargatePulls {
            lazy_loading: Share::parse("10%").ok(),
            ..FargatePulls::default()
        };
        assert_eq!(seconds(lazy, 500), 1);
        assert_eq!(seconds(lazy, 250), seconds(FargatePulls::default(), 250));
    }
}
