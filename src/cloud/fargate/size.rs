//! The sizes that Fargate tasks come in (Developer Guide, "Task CPU and memory").

use std::fmt;

use crate::model::FargatePlatform;
use crate::units::{CpuUnits, MemoryMib};

/// A size of Fargate tasks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FargateSize {
    /// CPU units.
    pub cpu: CpuUnits,
    /// Memory.
    pub memory: MemoryMib,
}

/// Memory that goes with a number of CPU units, in MiB.
enum Memories {
    Steps { least: u32, most: u32, step: u32 },
    Some(&'static [u32]),
}

use Memories::{Some as List, Steps};

const GIB: u32 = 1_024;

/// CPU units, and the memory that goes with them.
const TIERS: [(u32, Memories); 8] = [
    (256, List(&[512, GIB, 2 * GIB])),
    (512, gib(1, 4, 1)),
    (1_024, gib(2, 8, 1)),
    (2_048, gib(4, 16, 1)),
    (4_096, gib(8, 30, 1)),
    (8_192, gib(16, 60, 4)),
    (16_384, gib(32, 120, 8)),
    (32_768, List(&[60 * GIB, 120 * GIB, 244 * GIB])),
];

const fn gib(least: u32, most: u32, step: u32) -> Memories {
    Steps {
        least: least * GIB,
        most: most * GIB,
        step: step * GIB,
    }
}

impl Memories {
    /// The least that holds `memory`.
    fn at_least(&self, memory: u32) -> Option<u32> {
        match self {
            Steps { least, most, step } => {
                let above = memory.saturating_sub(*least).div_ceil(*step);
                let found = above.checked_mul(*step)?.checked_add(*least)?;
                (found <= *most).then_some(found)
            }
            List(all) => all.iter().copied().find(|other| *other >= memory),
        }
    }

    /// The most that is not above `memory`; the least where all are.
    fn at_most(&self, memory: u32) -> u32 {
        match self {
            Steps { least, most, step } => {
                let within = memory.clamp(*least, *most);
                within - (within - least) % step
            }
            List(all) => {
                let below = all.iter().copied().rfind(|other| *other <= memory);
                below.unwrap_or(all[0])
            }
        }
    }
}

/// `512, 1024 or 2048 MiB`, `2048 to 8192 MiB in steps of 1024`.
impl fmt::Display for Memories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Steps { least, most, step } => {
                write!(f, "{least} to {most} MiB in steps of {step}")
            }
            List(all) => {
                let (last, first) = all.split_last().expect("a size has some memory");
                let first: Vec<String> = first.iter().map(u32::to_string).collect();
                write!(f, "{} or {last} MiB", first.join(", "))
            }
        }
    }
}

/// Windows tasks have 1, 2 or 4 vCPUs.
fn tiers(platform: FargatePlatform) -> impl Iterator<Item = &'static (u32, Memories)> {
    let windows = |cpu: u32| (1_024..=4_096).contains(&cpu);
    let tiers = TIERS.iter();
    tiers.filter(move |(cpu, _)| platform != FargatePlatform::Windows || windows(*cpu))
}

impl FargateSize {
    /// The size of these very amounts, if there is one.
    pub fn exactly(platform: FargatePlatform, cpu: CpuUnits, memory: MemoryMib) -> Option<Self> {
        let size = Self { cpu, memory };
        (Self::at_least(platform, cpu, memory) == Some(size)).then_some(size)
    }

    /// The smallest size that holds these amounts: the fewest CPU units, then the least memory
    /// that goes with them. `None` where no size does.
    pub fn at_least(platform: FargatePlatform, cpu: CpuUnits, memory: MemoryMib) -> Option<Self> {
        let mut all = tiers(platform).filter(|(units, _)| *units >= cpu.0);
        all.find_map(|(units, memories)| {
            Some(Self {
                cpu: CpuUnits(*units),
                memory: MemoryMib(memories.at_least(memory.0)?),
            })
        })
    }

    /// The sizes nearest to amounts that are none: the smallest that holds them, then the largest
    /// with no more CPU units and no more memory than these CPU units allow.
    pub fn nearest(platform: FargatePlatform, cpu: CpuUnits, memory: MemoryMib) -> Vec<Self> {
        let above = Self::at_least(platform, cpu, memory);
        let below = tiers(platform).filter(|(units, _)| *units <= cpu.0).last();
        let below = below.map(|(units, memories)| Self {
            cpu: CpuUnits(*units),
            memory: MemoryMib(memories.at_most(memory.0)),
        });
        let below = below.filter(|size| Some(*size) != above);
        above.into_iter().chain(below).collect()
    }

    /// What to take instead of amounts that are no size, in words.
    pub fn advice(platform: FargatePlatform, cpu: CpuUnits, memory: MemoryMib) -> String {
        let nearest: Vec<String> = Self::nearest(platform, cpu, memory)
            .iter()
            .map(Self::to_string)
            .collect();
        let nearest = nearest.join("; ");
        if let Some(memories) = Self::memories(platform, cpu) {
            return format!(
                "the nearest sizes: {nearest}. With {} CPU units: {memories}",
                cpu.0
            );
        }
        let all: Vec<String> = tiers(platform).map(|(cpu, _)| cpu.to_string()).collect();
        format!(
            "the nearest sizes: {nearest}. CPU units are one of {}",
            all.join(", ")
        )
    }

    /// Whether some size has so many CPU units.
    pub fn has_cpu(platform: FargatePlatform, cpu: CpuUnits) -> bool {
        tiers(platform).any(|(units, _)| *units == cpu.0)
    }

    /// The memory that goes with CPU units, in words; `None` where no size has that many.
    fn memories(platform: FargatePlatform, cpu: CpuUnits) -> Option<String> {
        let mut all = tiers(platform);
        let (_, memories) = all.find(|(units, _)| *units == cpu.0)?;
        Some(memories.to_string())
    }
}

/// `256 CPU units and 512 MiB`.
impl fmt::Display for FargateSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cpu, memory } = self;
        write!(f, "{} CPU units and {} MiB", cpu.0, memory.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{FargatePlatform, FargateSize};
    use crate::units::{CpuUnits, MemoryMib};

    fn size(cpu: u32, memory: u32) -> FargateSize {
        FargateSize {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
        }
    }

    fn is_size(platform: FargatePlatform, cpu: u32, memory: u32) -> bool {
        FargateSize::exactly(platform, CpuUnits(cpu), MemoryMib(memory)).is_some()
    }

    #[test]
    fn the_table_of_sizes() {
        let linux = |cpu, memory| is_size(FargatePlatform::LinuxX86, cpu, memory);
        for (cpu, right, wrong) in [
            // G116: 256 CPU units with 4096 MiB are none.
            (256, &[512, 1_024, 2_048][..], &[256, 1_536, 4_096][..]),
            (512, &[1_024, 2_048, 3_072, 4_096], &[512, 1_536, 5_120]),
            (1_024, &[2_048, 5_120, 8_192], &[1_024, 2_560, 9_216]),
            (2_048, &[4_096, 16_384], &[3_072, 17_408]),
            (4_096, &[8_192, 30_720], &[7_168, 31_744]),
            // G117: 8192 CPU units take 20 GiB, not 18.
            (8_192, &[16_384, 20_480, 61_440], &[18_432, 65_536]),
            (16_384, &[32_768, 40_960, 122_880], &[36_864, 131_072]),
            (32_768, &[61_440, 122_880, 249_856], &[65_536, 245_760]),
            (768, &[], &[1_024, 2_048]),
        ] {
            for memory in right {
                assert!(linux(cpu, *memory), "{cpu} {memory}");
            }
            for memory in wrong {
                assert!(!linux(cpu, *memory), "{cpu} {memory}");
            }
        }
    }

    #[test]
    fn windows_tasks_have_one_to_four_vcpus() {
        let windows = |cpu, memory| is_size(FargatePlatform::Windows, cpu, memory);
        assert!(windows(1_024, 2_048) && windows(2_048, 4_096) && windows(4_096, 30_720));
        assert!(!windows(512, 1_024) && !windows(8_192, 16_384));
    }

    #[test]
    fn what_lies_between_sizes_is_rounded_up() {
        let up = |platform, cpu, memory| {
            FargateSize::at_least(platform, CpuUnits(cpu), MemoryMib(memory))
        };
        for (cpu, memory, rounded) in [
            (0, 0, size(256, 512)),
            (100, 600, size(256, 1_024)),
            (256, 4_096, size(512, 4_096)),
            (300, 100, size(512, 1_024)),
            (1_024, 9_000, size(2_048, 9_216)),
            (4_096, 31_000, size(8_192, 32_768)),
            (20_000, 1, size(32_768, 61_440)),
            (1, 200_000, size(32_768, 249_856)),
        ] {
            assert_eq!(up(FargatePlatform::LinuxX86, cpu, memory), Some(rounded));
        }
        assert_eq!(
            up(FargatePlatform::Windows, 256, 512),
            Some(size(1_024, 2_048))
        );
        assert_eq!(up(FargatePlatform::Windows, 4_097, 512), None);
        assert_eq!(up(FargatePlatform::LinuxX86, 32_769, 1), None);
        assert_eq!(up(FargatePlatform::LinuxX86, 1, 249_857), None);
    }

    #[test]
    fn rounding_up_is_least_and_leaves_sizes_alone() {
        for cpu in [0, 200, 256, 700, 1_024, 5_000, 16_384, 30_000] {
            for memory in (0..250_000).step_by(997) {
                let found = FargateSize::at_least(
                    FargatePlatform::LinuxX86,
                    CpuUnits(cpu),
                    MemoryMib(memory),
                );
                let found = found.unwrap();
                assert!(found.cpu.0 >= cpu && found.memory.0 >= memory);
                let again =
                    FargateSize::at_least(FargatePlatform::LinuxX86, found.cpu, found.memory);
                assert_eq!(again, Some(found));
            }
        }
    }

    #[test]
    fn the_nearest_sizes_are_named() {
        let near = |cpu, memory| {
            FargateSize::nearest(FargatePlatform::LinuxX86, CpuUnits(cpu), MemoryMib(memory))
        };
        assert_eq!(near(256, 4_096), [size(512, 4_096), size(256, 2_048)]);
        assert_eq!(
            near(8_192, 18_432),
            [size(8_192, 20_480), size(8_192, 16_384)]
        );
        assert_eq!(near(100, 100), [size(256, 512)]);
        assert_eq!(near(40_000, 70_000), [size(32_768, 61_440)]);
        let memories = FargateSize::memories(FargatePlatform::LinuxX86, CpuUnits(256));
        assert_eq!(memories.as_deref(), Some("512, 1024 or 2048 MiB"));
        assert_eq!(
            FargateSize::memories(FargatePlatform::LinuxX86, CpuUnits(100)),
            None
        );
    }
}
