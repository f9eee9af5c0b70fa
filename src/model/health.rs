//! Health of containers, and of a task by its containers.

/// `healthStatus` of a container or a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum HealthStatus {
    /// Not checked yet, or no health check is defined.
    #[default]
    Unknown,
    /// A check has passed since the last failures.
    Healthy,
    /// As many checks in a row as `retries` says have failed.
    Unhealthy,
}

impl HealthStatus {
    /// ECS's spelling.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "UNKNOWN",
            Self::Healthy => "HEALTHY",
            Self::Unhealthy => "UNHEALTHY",
        }
    }
}

/// Health of a task by its essential containers (API reference of HealthCheck): UNHEALTHY if one
/// of them is, else UNKNOWN if one of them is, else HEALTHY. Without any it is UNKNOWN.
pub fn task_health(essential: impl IntoIterator<Item = HealthStatus>) -> HealthStatus {
    let worse = |one, other| match (one, other) {
        (HealthStatus::Unhealthy, _) | (_, HealthStatus::Unhealthy) => HealthStatus::Unhealthy,
        (HealthStatus::Unknown, _) | (_, HealthStatus::Unknown) => HealthStatus::Unknown,
        (HealthStatus::Healthy, HealthStatus::Healthy) => HealthStatus::Healthy,
    };
    essential.into_iter().reduce(worse).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{HealthStatus, task_health};

    fn status(letter: char) -> HealthStatus {
        match letter {
            'U' => HealthStatus::Unhealthy,
            'K' => HealthStatus::Unknown,
            'H' => HealthStatus::Healthy,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn the_essential_containers_make_the_health_of_a_task() {
        for (containers, task) in [
            ("UK", 'U'),
            ("UH", 'U'),
            ("HK", 'K'), // G69
            ("HH", 'H'),
            ("UKK", 'U'),
            ("UKH", 'U'),
            ("UHH", 'U'), // G70
            ("HKH", 'K'),
            ("HKK", 'K'), // G72
            ("HHH", 'H'), // G71
        ] {
            let expected = status(task);
            assert_eq!(
                task_health(containers.chars().map(status)),
                expected,
                "{containers}"
            );
            let reversed = containers.chars().rev().map(status);
            assert_eq!(task_health(reversed), expected, "{containers} reversed");
        }
    }

    #[test]
    fn a_task_without_a_health_check_is_unknown() {
        assert_eq!(task_health([]).name(), "UNKNOWN");
        assert_eq!(task_health([HealthStatus::default()]).name(), "UNKNOWN");
        assert_eq!(task_health([HealthStatus::Healthy]).name(), "HEALTHY");
    }
}
