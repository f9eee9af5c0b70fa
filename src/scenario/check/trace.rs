//! `trace` of an entry of `tasks`.

use std::path::{Path, PathBuf};

use crate::model::TaskDefinitionId;
use crate::scenario::diagnostics::{Diagnostics, Place};
use crate::scenario::node::Node;
use crate::scenario::read;
use crate::units::nearest;
use crate::workload::TraceSpec;

pub(super) fn read_trace(
    node: &Node,
    base_dir: &Path,
    definitions: Vec<(String, TaskDefinitionId)>,
    diagnostics: &mut Diagnostics,
) -> Option<TraceSpec> {
    let example = format!("file: {}", node.text().unwrap_or("jobs.csv"));
    let fields = read::fields_like(node, &["file", "sorted"], &example, diagnostics)?;
    let file = fields.required("file", "jobs.csv", diagnostics);
    let sorted = fields
        .get("sorted")
        .and_then(|node| read::boolean(node, diagnostics));
    let path = file.and_then(|node| read_path(node, base_dir, diagnostics))?;
    Some(TraceSpec {
        path,
        sorted: sorted.unwrap_or(true),
        definitions,
    })
}

/// A file that must be there, relative to the scenario.
pub(super) fn read_path(
    node: &Node,
    base_dir: &Path,
    diagnostics: &mut Diagnostics,
) -> Option<PathBuf> {
    let name = read::name(node, "a file name", diagnostics)?;
    let path = base_dir.join(name);
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            let title = format!("`{name}` is a directory, not a file");
            diagnostics.error(node.place, title);
            None
        }
        Ok(_) => {
            diagnostics.add_file(name, path.clone());
            Some(path)
        }
        Err(error) => {
            report_missing(name, &path, &error, node.place, diagnostics);
            None
        }
    }
}

fn report_missing(
    name: &str,
    path: &Path,
    error: &std::io::Error,
    place: Place,
    diagnostics: &mut Diagnostics,
) {
    let near = nearest_file(path);
    let reason = reason(error);
    diagnostics
        .error(place, format!("cannot read `{name}`: {reason}"))
        .label("relative to the directory of the scenario")
        .nearest(near.as_deref());
}

/// The system's reason without its number, which says nothing to a reader.
pub(crate) fn reason(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::IsADirectory => "it is a directory".to_owned(),
        _ => error.to_string(),
    }
}

/// The name in the same directory that is most like a missing one.
pub(crate) fn nearest_file(path: &Path) -> Option<String> {
    let wanted = path.file_name()?.to_str()?;
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let mut names: Vec<String> = std::fs::read_dir(directory)
        .ok()?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    nearest(wanted, names.iter().map(String::as_str)).map(str::to_owned)
}
