//! Faults that other rooms find in settings, shown where the settings stand.

use crate::cloud::SettingFault;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::read::Fields;

/// Reports faults at the values of the keys that they name.
pub(super) fn report_faults(
    faults: &[SettingFault],
    fields: &Fields<'_>,
    diagnostics: &mut Diagnostics,
) {
    for fault in faults {
        let node = fields.get(fault.setting);
        let place = node.map_or(fields.place, |node| node.place);
        report_fault(fault, place, diagnostics);
    }
}

/// Reports a fault at a place.
pub(super) fn report_fault(fault: &SettingFault, place: Place, diagnostics: &mut Diagnostics) {
    let setting = fault.setting;
    match fault.message.split_once("; expected ") {
        Some((found, expected)) => diagnostics
            .error(place, format!("`{setting}`: {found}"))
            .label(format!("expected {expected}")),
        None => diagnostics.error(place, format!("`{setting}`: {}", fault.message)),
    };
}
