//! tmp
use crate::model::SpotPoolId;
use crate::scenario::{Extent, PoolSelector};
use crate::simulation::{LaunchRef, Observer, Simulation};

impl Simulation<'_> {
    pub(in crate::simulation) fn schedule_spot(&mut self) {}
    pub(super) fn spot_launched(&mut self, _: SpotPoolId, _: LaunchRef) {}
    pub(super) fn spot_ended(&mut self, _: SpotPoolId, _: LaunchRef) {}
    pub(in crate::simulation) fn spot_pool_due(&mut self, _: SpotPoolId, _: &mut impl Observer) {}
    pub(in crate::simulation) fn spot_instance_drains(
        &mut self,
        _: LaunchRef,
        _: &mut impl Observer,
    ) {
    }
    pub(in crate::simulation) fn reclaim_spot(
        &mut self,
        _: u32,
        _: &PoolSelector,
        _: Extent,
        _: &mut impl Observer,
    ) {
    }
    pub(in crate::simulation) fn spot_is_back(&mut self, _: u32) {}
}
