//! Tasks of every group by value of the attributes that strategies spread over, kept up as tasks
//! come and go.

use std::collections::BTreeMap;

use crate::model::{Cluster, ContainerInstanceId, GroupId, ProfileId};
use crate::units::{id, index};

/// The counts for one attribute.
#[derive(Debug)]
struct Field {
    attribute: String,
    values: BTreeMap<Option<String>, u32>,
    value_of_profile: Vec<u32>,
    /// By group, then by value.
    counts: Vec<Vec<u32>>,
}

/// The counts for every attribute that some chain spreads over.
#[derive(Debug, Default)]
pub(super) struct SpreadCounts {
    fields: Vec<Field>,
    seen: u64,
}

impl SpreadCounts {
    /// The field of an attribute, new if need be.
    pub(super) fn field(&mut self, attribute: &str, cluster: &Cluster) -> usize {
        let known = self
            .fields
            .iter()
            .position(|field| field.attribute == attribute);
        known.unwrap_or_else(|| {
            self.catch_up(cluster);
            self.fields.push(Field::counted(attribute, cluster));
            self.fields.len() - 1
        })
    }

    /// The value that an instance has in a field.
    pub(super) fn value(&mut self, field: usize, profile: ProfileId, cluster: &Cluster) -> u32 {
        self.fields[field].value(profile, cluster)
    }

    /// Whether a value stands for instances without the attribute.
    pub(super) fn is_missing(&self, field: usize, value: u32) -> bool {
        self.fields[field].values.get(&None) == Some(&value)
    }

    /// Tasks of the group on instances with the value.
    pub(super) fn count(&self, field: usize, group: GroupId, value: u32) -> u32 {
        let by_value = self.fields[field].counts.get(group.index());
        by_value
            .and_then(|counts| counts.get(index(value)))
            .copied()
            .unwrap_or(0)
    }

    /// Takes in what has changed since the last time.
    pub(super) fn catch_up(&mut self, cluster: &Cluster) {
        let now = cluster.change_count();
        if self.fields.is_empty() || self.seen == now {
            self.seen = now;
            return;
        }
        match cluster.changes_since(self.seen) {
            Some(changes) => {
                for change in changes {
                    let Some((group, delta)) = change.group else {
                        continue;
                    };
                    let profile = cluster.instance(change.instance).profile;
                    for field in &mut self.fields {
                        field.add(group, profile, i32::from(delta), cluster);
                    }
                }
            }
            None => {
                for field in &mut self.fields {
                    *field = Field::counted(&field.attribute, cluster);
                }
            }
        }
        self.seen = now;
    }
}

impl Field {
    /// Counts everything from scratch.
    fn counted(attribute: &str, cluster: &Cluster) -> Self {
        let mut field = Self {
            attribute: attribute.to_owned(),
            values: BTreeMap::new(),
            value_of_profile: Vec::new(),
            counts: Vec::new(),
        };
        for instance in cluster.registered() {
            field.count_instance(*instance, cluster);
        }
        field
    }

    fn count_instance(&mut self, on: ContainerInstanceId, cluster: &Cluster) {
        let instance = cluster.instance(on);
        for group in instance.groups() {
            let tasks = i32::try_from(instance.tasks_of_group(group)).expect("fewer than 2^31");
            self.add(group, instance.profile, tasks, cluster);
        }
    }

    fn value(&mut self, profile: ProfileId, cluster: &Cluster) -> u32 {
        while self.value_of_profile.len() <= index(profile.0) {
            let next = ProfileId(id(self.value_of_profile.len()));
            let value = cluster
                .profile_by_id(next)
                .attributes
                .get(&self.attribute)
                .cloned();
            let new = id(self.values.len());
            self.value_of_profile
                .push(*self.values.entry(value).or_insert(new));
        }
        self.value_of_profile[index(profile.0)]
    }

    fn add(&mut self, group: GroupId, profile: ProfileId, delta: i32, cluster: &Cluster) {
        let value = index(self.value(profile, cluster));
        if self.counts.len() <= group.index() {
            self.counts.resize_with(group.index() + 1, Vec::new);
        }
        let counts = &mut self.counts[group.index()];
        if counts.len() <= value {
            counts.resize(value + 1, 0);
        }
        counts[value] = counts[value]
            .checked_add_signed(delta)
            .expect("counts never fall below 0");
    }
}
