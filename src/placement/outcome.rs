//! How near an attempt came to an instance.

use std::fmt;

use crate::model::ContainerInstanceId;

/// What an instance that fell short only in amounts lacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearestMiss {
    /// The instance that came closest.
    pub instance: ContainerInstanceId,
    /// CPU units it lacked.
    pub cpu: u32,
    /// MiB it lacked.
    pub memory: u32,
    /// GPUs it lacked.
    pub gpus: u32,
    /// Network interfaces it lacked.
    pub enis: u32,
}

/// What it lacked, in words: `256 MiB`, `512 CPU units and 1 GPU`.
impl fmt::Display for NearestMiss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            (self.cpu, "CPU units", "CPU unit"),
            (self.memory, "MiB", "MiB"),
            (self.gpus, "GPUs", "GPU"),
            (self.enis, "ENIs", "ENI"),
        ];
        let lacking: Vec<String> = parts
            .into_iter()
            .filter(|(amount, ..)| *amount > 0)
            .map(|(amount, many, one)| format!("{amount} {}", if amount == 1 { one } else { many }))
            .collect();
        f.write_str(&lacking.join(" and "))
    }
}
