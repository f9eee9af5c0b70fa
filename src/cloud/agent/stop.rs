//! From the stop signal to the end of the last container.

use crate::units::Millis;

use super::Launch;

/// How long the containers of a task take to stop, when each that minds the stop signal takes
/// `stop_latency`.
///
/// A container gets its signal once those that depend on it have ended: the reverse of the order in
/// which they started. One that does not end by itself within its `stopTimeout` is killed then. A
/// container that had to be over before others started has nothing left to stop.
pub fn stop_duration(launch: &Launch<'_>, stop_latency: Millis) -> Millis {
    let own: Vec<Millis> = (0..launch.count())
        .map(|place| {
            let limit = launch.stop_timeout(place);
            if launch.is_waited_to_end(place) {
                Millis::ZERO
            } else if launch.fate.ignores_sigterm(place) {
                limit
            } else {
                stop_latency.min(limit)
            }
        })
        .collect();
    let mut ended = own.clone();
    // The longest way through the containers; one more pass than there are containers changes
    // nothing, since no container waits for itself.
    for _ in 0..own.len() {
        for (place, container) in launch.containers().iter().enumerate() {
            for dependency in &container.depends_on {
                let on = dependency.container;
                if let (Some(span), Some(end)) = (own.get(on), ended.get(on)) {
                    let later = Millis(ended[place].0.saturating_add(span.0));
                    ended[on] = later.max(*end);
                }
            }
        }
    }
    ended.into_iter().max().unwrap_or_default()
}
