//! What a task's reservation costs: its part of its instance's price.
//!
//! The weights are those of AWS's split cost allocation data: a vCPU weighs 9, a GB of memory 1,
//! and with GPUs a GPU 9 where CPU and memory share 1 in the same proportion of 0.9 to 0.1; so
//! GPU : vCPU : GB is 90 : 9 : 1. In integers, with 1,024 CPU units to a vCPU and 1,024 MiB to a
//! GB:
//!
//! weight(r) = 9 x CPU units + 1 x MiB + 90 x 1,024 x GPUs
//!
//! cost(task) = hourly rate of its instance x weight(needs) / weight(registered)
//!              x hours from placement to STOPPED, or to the end of the run
//!
//! (a Spot price that changes is integrated over that time)
//!
//! rounded once, half up, to a nano-dollar.

use crate::units::{NanoUsd, RateOverTime, Resources, SimTime};

const CPU_UNIT: u128 = 9;
const MIB: u128 = 1;
const GPU: u128 = 90 * 1_024;

/// The weight of an amount of resources.
pub fn weight(resources: &Resources) -> u128 {
    CPU_UNIT * u128::from(resources.cpu.0)
        + MIB * u128::from(resources.memory.0)
        + GPU * u128::from(resources.gpus)
}

/// What `needs` cost from one time to another on an instance that registered `registered`, by the
/// prices of that time. An instance that registered nothing is shared by nobody.
pub fn cost(
    price: &RateOverTime,
    needs: &Resources,
    registered: &Resources,
    (from, to): (SimTime, SimTime),
) -> NanoUsd {
    match weight(registered) {
        0 => NanoUsd::ZERO,
        whole => price.cost_of_share(from, to, (weight(needs), whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::{cost, weight};
    use crate::units::{CpuUnits, HourlyRate, MemoryMib, Millis, RateOverTime, Resources, SimTime};

    fn amount(cpu: u32, memory: u32, gpus: u32) -> Resources {
        Resources {
            cpu: CpuUnits(cpu),
            memory: MemoryMib(memory),
            gpus,
            enis: 0,
        }
    }

    #[test]
    fn a_gpu_weighs_ninety_a_vcpu_nine_a_gb_one() {
        let unit = weight(&amount(0, 1_024, 0));
        assert_eq!(weight(&amount(1_024, 0, 0)), 9 * unit);
        assert_eq!(weight(&amount(0, 0, 1)), 90 * unit);
    }

    #[test]
    fn a_task_pays_its_split_of_the_instance() {
        // 4 vCPU and 16 GB at 1.00 an hour: the weights sum to 52. A task of 1 vCPU and 4 GB
        // weighs 13 of them: a quarter.
        let price = RateOverTime::Constant(HourlyRate(1_000_000_000));
        let whole = amount(4_096, 16_384, 0);
        let said = |needs, Millis(span)| {
            let time = (SimTime(5), SimTime(5 + span));
            cost(&price, &needs, &whole, time).to_string()
        };
        assert_eq!(said(amount(1_024, 4_096, 0), Millis::HOUR), "0.250000000");
        // 1 vCPU and 2 GB: 11 of 52.
        assert_eq!(said(amount(1_024, 2_048, 0), Millis::HOUR), "0.211538462");
        assert_eq!(said(amount(1_024, 4_096, 0), Millis(1)), "0.000000069");
        assert_eq!(said(whole, Millis::HOUR), "1.000000000");
    }

    #[test]
    fn an_instance_that_registered_nothing_costs_its_tasks_nothing() {
        let none = amount(0, 0, 0);
        let price = RateOverTime::Constant(HourlyRate(5));
        let hour = (SimTime::ZERO, SimTime(Millis::HOUR.0));
        assert_eq!(cost(&price, &none, &none, hour).0, 0);
    }
}
