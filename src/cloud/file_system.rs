//! EFS file systems and the zones from which they can be mounted.

use crate::model::{Stop, StoppedReason, TaskDefinition};

/// An EFS file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSystem {
    /// `fileSystemId`.
    pub id: String,
    /// Availability Zones with a mount target.
    pub mount_target_zones: Vec<String>,
}

/// Whether a task of a definition can mount its file systems in a zone. One that is not listed is
/// taken to be mountable everywhere.
///
/// # Errors
/// The stop of the task: without a mount target in the zone it fails to start.
pub fn check_mounts(
    definition: &TaskDefinition,
    file_systems: &[FileSystem],
    zone: &str,
) -> Result<(), Stop> {
    let mountable = |wanted: &String| {
        let listed = file_systems.iter().find(|listed| listed.id == *wanted);
        listed.is_none_or(|listed| listed.mount_target_zones.iter().any(|other| other == zone))
    };
    if definition.efs_file_systems.iter().all(mountable) {
        Ok(())
    } else {
        Err(Stop::failed_to_start(StoppedReason::NoMountTarget))
    }
}

#[cfg(test)]
mod tests {
    use super::{FileSystem, check_mounts};
    use crate::cloud::testing::definition;
    use crate::model::{Stop, StoppedReason};

    #[test]
    fn a_file_system_is_mounted_through_a_mount_target_of_the_zone() {
        let system = |id: &str, zones: &[&str]| FileSystem {
            id: id.to_owned(),
            mount_target_zones: zones.iter().map(|zone| (*zone).to_owned()).collect(),
        };
        let systems = [
            system("fs-1", &["us-east-1a", "us-east-1b"]),
            system("fs-2", &["us-east-1b"]),
            system("fs-3", &[]),
        ];
        let refused = Err(Stop::failed_to_start(StoppedReason::NoMountTarget));
        for (mounts, zone, expected) in [
            (vec![], "us-east-1c", Ok(())),
            (vec!["fs-1"], "us-east-1a", Ok(())),
            (vec!["fs-1"], "us-east-1c", refused),
            (vec!["fs-1", "fs-2"], "us-east-1b", Ok(())),
            (vec!["fs-1", "fs-2"], "us-east-1a", refused),
            (vec!["fs-3"], "us-east-1a", refused),
            (vec!["fs-unlisted"], "us-east-1c", Ok(())),
        ] {
            let mut definition = definition(Vec::new());
            definition.efs_file_systems = mounts.iter().map(|id| (*id).to_owned()).collect();
            let answer = check_mounts(&definition, &systems, zone);
            assert_eq!(answer, expected, "{mounts:?} in {zone}");
        }
    }
}
