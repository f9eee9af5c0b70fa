//! What the replications of each cell tell together.

use std::collections::BTreeMap;

use crate::experiment::statistics::Estimate;
use crate::units::Fixed;

/// The estimate of each cell, by its number, from a figure of each of its runs; none of a cell
/// whose runs have no such figure.
pub fn by_cell(
    figures: impl IntoIterator<Item = (u64, Option<Fixed>)>,
) -> BTreeMap<u64, Option<Estimate>> {
    let mut cells: BTreeMap<u64, Vec<Fixed>> = BTreeMap::new();
    for (cell, figure) in figures {
        cells.entry(cell).or_default().extend(figure);
    }
    let estimates = cells.into_iter();
    estimates
        .map(|(cell, figures)| (cell, Estimate::of(&figures)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::by_cell;
    use crate::units::Fixed;

    #[test]
    fn each_cell_has_the_mean_of_its_own_runs() {
        let number = |whole: u64| Some(Fixed::from(whole));
        let runs = [
            (2, number(5)),
            (1, number(1)),
            (1, number(3)),
            (1, None),
            (3, None),
        ];
        let means = by_cell(runs);
        let mean = |cell: u64| means[&cell].map(|estimate| (estimate.count, estimate.mean));
        assert_eq!(mean(1), Some((2, Fixed::from(2))));
        assert_eq!(mean(2), Some((1, Fixed::from(5))));
        assert_eq!(mean(3), None);
        assert_eq!(means.len(), 3);
    }
}
