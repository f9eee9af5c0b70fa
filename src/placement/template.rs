//! What the tasks of one entry and task definition ask of an instance, amounts aside.

use crate::model::{Attributes, CapacityScope, GroupId, Ports, RequiredAttribute};

use super::query::Expression;
use super::strategies::Chain;

/// The part of a placement request that many tasks share.
#[derive(Debug, Clone)]
pub struct Template {
    /// The instances that it may be placed on at all.
    pub capacity: CapacityScope,
    /// The task group: counted by `spread` and `distinctInstance`.
    pub group: GroupId,
    /// Host ports wanted.
    pub ports: Ports,
    /// Attributes that the instance must have.
    pub required_attributes: Vec<RequiredAttribute>,
    /// Zones of the subnets named; empty is any zone.
    pub subnet_zones: Vec<String>,
    /// Whether `distinctInstance` holds.
    pub distinct_instance: bool,
    /// `memberOf` expressions, those of the task definition included.
    pub member_of: Vec<Expression>,
    /// The chain of strategies.
    pub chain: Chain,
}

impl Template {
    /// The first required attribute that an instance with these attributes lacks.
    pub fn missing_attribute(&self, attributes: &Attributes) -> Option<usize> {
        self.required_attributes.iter().position(|required| {
            match (attributes.get(&required.name), &required.value) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(have), Some(want)) => have != want,
            }
        })
    }

    /// Whether an instance of the zone is in one of the subnets named.
    pub fn reaches(&self, zone: &str) -> bool {
        self.subnet_zones.is_empty() || self.subnet_zones.iter().any(|named| named == zone)
    }
}
