//! How many instances would hold the tasks that wait.

use super::{amounts, waiting};
use crate::control::managed_scaling::{
    InstanceTypes, ProvisioningTasks, ScaleOutEstimate, scale_out_estimate,
};
use crate::units::Resources;

fn of_types(types: &[Resources], groups: &[ProvisioningTasks]) -> ScaleOutEstimate {
    scale_out_estimate(groups, &InstanceTypes::new(types))
}

fn instances(types: &[Resources], groups: &[ProvisioningTasks]) -> u32 {
    of_types(types, groups).instances
}

const M5_LARGE: (u32, u32) = (2_048, 7_680);
const M5_XLARGE: (u32, u32) = (4_096, 15_360);

fn large() -> Resources {
    amounts(M5_LARGE.0, M5_LARGE.1)
}

fn xlarge() -> Resources {
    amounts(M5_XLARGE.0, M5_XLARGE.1)
}

#[test]
fn like_tasks_are_packed_by_the_scarcest_resource() {
    // 2,048 / 512 = 4 by CPU, 7,680 / 2,048 = 3 by memory: ten tasks on ceil(10 / 3).
    assert_eq!(instances(&[large()], &[waiting(10, 512, 2_048)]), 4);
    // 4 by CPU, 15 by memory: ceil(10 / 4).
    assert_eq!(instances(&[large()], &[waiting(10, 512, 512)]), 3);
    assert_eq!(instances(&[large()], &[]), 0);
}

#[test]
fn network_interfaces_and_gpus_count_too() {
    let mut has = large();
    (has.enis, has.gpus) = (2, 4);
    let mut tasks = waiting(10, 64, 64);
    tasks.needs.enis = 1;
    assert_eq!(instances(&[has], &[tasks]), 5);
    tasks.needs.gpus = 4;
    assert_eq!(instances(&[has], &[tasks]), 10);
}

#[test]
fn each_group_is_packed_by_itself_and_the_largest_result_counts() {
    // ceil(10 / 4) = 3 and ceil(2 / 1) = 2.
    let groups = [waiting(10, 512, 512), waiting(2, 2_048, 512)];
    assert_eq!(instances(&[large()], &groups), 3);
}

#[test]
fn distinct_instance_takes_an_instance_for_each_task() {
    let mut tasks = waiting(7, 256, 256);
    assert_eq!(instances(&[large()], &[tasks]), 1);
    tasks.distinct_instance = true;
    assert_eq!(instances(&[large()], &[tasks]), 7);
}

#[test]
fn of_mixed_types_the_largest_is_packed_and_the_smallest_must_hold_a_task() {
    let types = [large(), xlarge()];
    // 4,096 / 1,024 = 4 on the larger one: ceil(9 / 4).
    assert_eq!(instances(&types, &[waiting(9, 1_024, 512)]), 3);
    // 3,072 units fit the larger one alone: excluded.
    let found = of_types(&types, &[waiting(9, 3_072, 512), waiting(1, 256, 256)]);
    let expected = ScaleOutEstimate {
        tasks: 10,
        excluded: 9,
        instances: 1,
    };
    assert_eq!(found, expected);
}

#[test]
fn smallest_and_largest_are_taken_for_each_resource_by_itself() {
    // One type has the more CPU, the other the more memory.
    let types = [amounts(4_096, 7_000), amounts(2_048, 15_000)];
    assert!(of_types(&types, &[waiting(1, 2_048, 7_000)]).has_any());
    assert!(!of_types(&types, &[waiting(1, 4_096, 7_000)]).has_any());
    assert!(!of_types(&types, &[waiting(1, 2_048, 15_000)]).has_any());
    // The largest is 4,096 and 15,000: two of 2,048 and 7,000.
    assert_eq!(instances(&types, &[waiting(4, 2_048, 7_000)]), 2);
}

#[test]
fn tasks_that_need_nothing_find_room_on_one_instance() {
    assert_eq!(instances(&[large()], &[waiting(1_000, 0, 0)]), 1);
}
