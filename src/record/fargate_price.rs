//! What a Fargate task costs: its size, whole, from the start of its image pull to STOPPED, by the
//! second (AWS Fargate pricing).
//!
//! In integers, with 1,024 CPU units to a vCPU and 1,024 MiB to a GB:
//!
//! price of an hour = (CPU units x (vCPU rate + licence rate) + MiB x GB rate) / 1,024
//!                    + GB of ephemeral storage beyond 20 x storage rate
//!
//! cost = price of an hour x billed seconds / 3,600, rounded once, half up, to a nano-dollar.

use crate::cloud::fargate::FREE_STORAGE_GIB;
use crate::model::{FargatePlatform, FargateRates};
use crate::units::{CpuUnits, MemoryMib, Millis, NanoUsd};

/// Units of a vCPU, and MiB of a GB.
const WHOLE: u128 = 1_024;
/// The least time that is billed.
const MINIMUM: Millis = Millis::MINUTE;
/// The same for Windows tasks.
const WINDOWS_MINIMUM: Millis = Millis(300_000);

/// What tasks of one size and platform cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FargatePrice {
    /// Nano-dollars an hour, times 1,024.
    per_hour: u128,
    minimum: Millis,
}

impl FargatePrice {
    /// The price of tasks of a size, with so much ephemeral storage.
    pub fn new(
        rates: FargateRates,
        platform: FargatePlatform,
        (cpu, memory): (CpuUnits, MemoryMib),
        storage_gib: u32,
    ) -> Self {
        let vcpu = u128::from(rates.vcpu.0) + u128::from(rates.license_vcpu.0);
        let storage = u128::from(storage_gib.saturating_sub(FREE_STORAGE_GIB));
        let per_hour = u128::from(cpu.0) * vcpu
            + u128::from(memory.0) * u128::from(rates.memory_gb.0)
            + storage * u128::from(rates.storage_gb.unwrap_or_default().0) * WHOLE;
        Self {
            per_hour,
            minimum: match platform {
                FargatePlatform::Windows => WINDOWS_MINIMUM,
                FargatePlatform::LinuxX86 | FargatePlatform::LinuxArm => MINIMUM,
            },
        }
    }

    /// The time that a task is billed for: whole seconds, at least a minute, five on Windows.
    pub fn billed(&self, used: Millis) -> Millis {
        let seconds = used.0.div_ceil(Millis::SECOND.0);
        Millis(seconds.saturating_mul(Millis::SECOND.0)).max(self.minimum)
    }

    /// What a task costs that has used its capacity for so long.
    pub fn cost(&self, used: Millis) -> NanoUsd {
        let divisor = WHOLE * u128::from(Millis::HOUR.0);
        let product = self.per_hour * u128::from(self.billed(used).0);
        let rounded = (product + divisor / 2) / divisor;
        NanoUsd(i128::try_from(rounded).expect("a bill stays below 10^29 dollars"))
    }
}

#[cfg(test)]
mod tests {
    use super::FargatePrice;
    use crate::model::{FargatePlatform, FargateRates};
    use crate::units::{CpuUnits, HourlyRate, MemoryMib, Millis};

    /// us-east-1, Linux on X86_64.
    const LINUX: FargateRates = FargateRates {
        vcpu: HourlyRate(40_480_000),
        memory_gb: HourlyRate(4_445_000),
        license_vcpu: HourlyRate(0),
        storage_gb: Some(HourlyRate(111_000)),
    };

    fn small(storage_gib: u32) -> FargatePrice {
        let size = (CpuUnits(256), MemoryMib(512));
        FargatePrice::new(LINUX, FargatePlatform::LinuxX86, size, storage_gib)
    }

    fn cost(price: FargatePrice, seconds: u64) -> String {
        price.cost(Millis(seconds * 1_000)).to_string()
    }

    #[test]
    fn g118_g121_a_small_task_for_a_day_and_for_ninety_seconds() {
        assert_eq!(cost(small(20), 86_400), "0.296220000");
        assert_eq!(cost(small(20), 90), "0.000308563");
    }

    #[test]
    fn g120_at_least_a_minute_and_whole_seconds_are_billed() {
        let billed = |ms| small(20).billed(Millis(ms)).0;
        assert_eq!(billed(30_000), 60_000);
        assert_eq!(billed(0), 60_000);
        assert_eq!(billed(60_001), 61_000);
        let windows = FargatePrice::new(
            LINUX,
            FargatePlatform::Windows,
            (CpuUnits(1_024), MemoryMib(2_048)),
            20,
        );
        assert_eq!(windows.billed(Millis(61_000)), Millis(300_000));
        assert_eq!(windows.billed(Millis(300_001)), Millis(301_000));
    }

    #[test]
    fn storage_beyond_twenty_gb_and_licences_are_added() {
        // 80 GB for an hour at 0.000111.
        let hour = |price: FargatePrice| price.cost(Millis::HOUR).0;
        assert_eq!(hour(small(100)) - hour(small(20)), 80 * 111_000);
        let rates = FargateRates {
            license_vcpu: HourlyRate(46_000_000),
            ..LINUX
        };
        let size = (CpuUnits(2_048), MemoryMib(4_096));
        let plain = FargatePrice::new(LINUX, FargatePlatform::Windows, size, 0);
        let licensed = FargatePrice::new(rates, FargatePlatform::Windows, size, 0);
        assert_eq!(hour(licensed) - hour(plain), 2 * 46_000_000);
    }
}
