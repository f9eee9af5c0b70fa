//! `images`, `agentSettings` and `latencies.imagePull`: what pulls take.
//!
//! Source: README of the container agent, for its settings and their defaults.

use std::num::NonZeroU64;

use crate::cloud::agent::AgentSettings;
use crate::cloud::image_pull::{Image, ImageAccess, ImageCleanup, PullBehavior, PullSettings};
use crate::model::TaskDefinition;
use crate::scenario::diagnostics::Diagnostics;
use crate::scenario::node::Node;
use crate::scenario::read::{self, Fields};
use crate::units::{Millis, nearest};

/// Bytes, as registries and tools count them.
const BYTES: [(&str, u64); 8] = [
    ("KiB", 1_024),
    ("MiB", 1_048_576),
    ("GiB", 1_073_741_824),
    ("kB", 1_000),
    ("KB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("", 1),
];
/// No image and no bandwidth is larger: a thousand terabytes.
const MOST_BYTES: u64 = 1_000_000_000_000_000;
/// `ECS_NUM_IMAGES_DELETE_PER_CYCLE` of at most so many.
const MOST_IMAGES: u32 = 1_000_000;

pub(super) fn read_images(
    fields: &Fields<'_>,
    definitions: &[TaskDefinition],
    diagnostics: &mut Diagnostics,
) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    for item in read::items_of(fields, "images", diagnostics) {
        let Some(image) = read_image(item, diagnostics) else {
            continue;
        };
        let node = item.get("name").unwrap_or(item);
        if images.iter().any(|other| other.name == image.name) {
            let title = format!("the image `{}` is given twice", image.name);
            diagnostics.error(node.place, title);
        }
        let containers = definitions.iter().flat_map(|known| &known.containers);
        let used: Vec<&str> = containers.map(|known| known.image.as_str()).collect();
        if !used.contains(&image.name.as_str()) {
            let near = nearest(&image.name, used.iter().copied());
            diagnostics
                .warning_of_no_effect(
                    node.place,
                    format!("no container uses the image `{}`", image.name),
                )
                .nearest(near);
        }
        images.push(image);
    }
    images
}

fn read_image(node: &Node, diagnostics: &mut Diagnostics) -> Option<Image> {
    let keys = ["name", "size", "access", "missing", "bandwidth"];
    let example = "name: \"web:1\", size: 350 MB";
    let fields = read::fields_like(node, &keys, example, diagnostics)?;
    let name = fields
        .required("name", "\"web:1\"", diagnostics)
        .and_then(|node| read::name(node, "the name of an image", diagnostics));
    let missing = fields
        .get("missing")
        .map_or(Some(false), |node| read::boolean(node, diagnostics))?;
    let size = match fields.get("size") {
        None if missing => Some(0),
        None => {
            fields.required("size", "350 MB", diagnostics);
            None
        }
        Some(node) => read_bytes(node, "a size such as `350 MB`, `1.2 GB`", diagnostics),
    };
    let choices = [
        ("public", ImageAccess::Public),
        ("executionRole", ImageAccess::ExecutionRole),
        ("instanceRole", ImageAccess::InstanceRole),
    ];
    let access = fields
        .get("access")
        .and_then(|node| read::one_of(node, "access", &choices, diagnostics))
        .unwrap_or(ImageAccess::InstanceRole);
    Some(Image {
        name: name?.to_owned(),
        size_bytes: size?,
        access,
        missing,
        bytes_per_second: read_bandwidth(&fields, diagnostics),
    })
}

pub(super) fn read_bytes(
    node: &Node,
    expected: &str,
    diagnostics: &mut Diagnostics,
) -> Option<u64> {
    read::amount_in(node, &BYTES, MOST_BYTES, expected, diagnostics)
}

/// `bandwidth`: bytes a second.
pub(super) fn read_bandwidth(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<NonZeroU64> {
    const EXPECTED: &str = "bytes a second such as `50 MB`";
    let node = fields.get("bandwidth")?;
    let bytes = NonZeroU64::new(read_bytes(node, EXPECTED, diagnostics)?);
    if bytes.is_none() {
        diagnostics
            .error(node.place, "nothing can be pulled at this speed")
            .label(format!("expected {EXPECTED}"));
    }
    bytes
}

/// How agents pull images, and their other settings.
pub(super) fn read_agent_settings(
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) -> (PullSettings, AgentSettings) {
    const KEYS: [&str; 9] = [
        "imagePullBehavior",
        "imagePullTimeout",
        "imageCleanupDisabled",
        "imageCleanupInterval",
        "imageMinimumCleanupAge",
        "imagesDeletedPerCycle",
        "taskCleanupWaitDuration",
        "containerStartTimeout",
        "containerStopTimeout",
    ];
    let mut pull = PullSettings::default();
    let mut settings = AgentSettings::default();
    read_pull_latency(fields, &mut pull, diagnostics);
    let Some(given) = fields
        .get("agentSettings")
        .and_then(|node| read::fields_like(node, &KEYS, "imagePullBehavior: once", diagnostics))
    else {
        return (pull, settings);
    };
    if let Some(node) = given.get("imagePullBehavior") {
        let choices = [
            ("default", PullBehavior::Default),
            ("always", PullBehavior::Always),
            ("once", PullBehavior::Once),
            ("prefer-cached", PullBehavior::PreferCached),
        ];
        let key = "imagePullBehavior";
        pull.behavior = read::one_of(node, key, &choices, diagnostics).unwrap_or_default();
    }
    let span = |key: &str, diagnostics: &mut Diagnostics| {
        let node = given.get(key)?;
        read::positive_duration(node, diagnostics)
    };
    pull.time_out = span("imagePullTimeout", diagnostics).unwrap_or(pull.time_out);
    let wait = span("taskCleanupWaitDuration", diagnostics);
    pull.task_cleanup_wait = wait.unwrap_or(pull.task_cleanup_wait);
    settings.start_timeout = span("containerStartTimeout", diagnostics);
    settings.stop_timeout = span("containerStopTimeout", diagnostics);
    read_cleanup(&given, &mut pull, diagnostics);
    (pull, settings)
}

fn read_cleanup(given: &Fields<'_>, pull: &mut PullSettings, diagnostics: &mut Diagnostics) {
    let is_disabled = given
        .get("imageCleanupDisabled")
        .and_then(|node| read::boolean(node, diagnostics))
        .unwrap_or(false);
    let Some(cleanup) = &mut pull.cleanup else {
        return;
    };
    let own = [
        "imageCleanupInterval",
        "imageMinimumCleanupAge",
        "imagesDeletedPerCycle",
    ];
    if let Some(place) = own
        .into_iter()
        .find_map(|key| given.key_place(key))
        .filter(|_| is_disabled)
    {
        diagnostics.warning(place, "a setting of the clean-up, which is disabled");
    }
    let ImageCleanup {
        interval,
        minimum_age,
        images_per_cycle,
    } = cleanup;
    let spans: [(&str, &mut Millis); 2] = [(own[0], interval), (own[1], minimum_age)];
    for (key, span) in spans {
        if let Some(node) = given.get(key) {
            *span = read::positive_duration(node, diagnostics).unwrap_or(*span);
        }
    }
    if let Some(node) = given.get(own[2]) {
        let count = read::number_u32(node, 1..=MOST_IMAGES, diagnostics);
        *images_per_cycle = count.unwrap_or(*images_per_cycle);
    }
    if is_disabled {
        pull.cleanup = None;
    }
}

/// Whether `latencies: {instant: true}`.
pub(super) fn is_instant(root: &Fields<'_>) -> bool {
    let latencies = root.get("latencies");
    let instant = latencies.and_then(|node| node.get("instant"));
    instant.and_then(Node::text) == Some("true")
}

/// `latencies.imagePull`: its keys are checked with the other latencies.
fn read_pull_latency(fields: &Fields<'_>, pull: &mut PullSettings, diagnostics: &mut Diagnostics) {
    let Some(latencies) = fields.get("latencies") else {
        return;
    };
    let is_instant = is_instant(fields);
    if is_instant {
        pull.overhead = Millis::ZERO;
        pull.bytes_per_second = NonZeroU64::MAX;
    }
    let Some(given) = latencies
        .get("imagePull")
        .filter(|node| !node.is_null())
        .and_then(|node| {
            let keys = ["bandwidth", "overhead"];
            read::fields_like(
                node,
                &keys,
                "bandwidth: 50 MB, overhead: 500ms",
                diagnostics,
            )
        })
    else {
        return;
    };
    if is_instant {
        diagnostics
            .error(given.place, "`imagePull` beside `instant: true`")
            .help("instant makes all latencies zero: remove one of them");
        return;
    }
    let bandwidth = read_bandwidth(&given, diagnostics);
    pull.bytes_per_second = bandwidth.unwrap_or(pull.bytes_per_second);
    if let Some(node) = given.get("overhead") {
        pull.overhead = read::duration(node, diagnostics).unwrap_or(pull.overhead);
    }
}
