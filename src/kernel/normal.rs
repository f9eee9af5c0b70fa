//! The normal distribution's quantile function.

/// The value that a standard normal variate stays below with probability `p`, to about 16 digits:
/// Wichura's algorithm AS 241, PPND16 (Applied Statistics 37, 1988). With `libm`'s functions and
/// the four operations only, so that the bits are the same on every machine.
///
/// `p` lies between 0 and 1, both excluded.
#[expect(
    clippy::float_arithmetic,
    reason = "a sampler; its result is rounded to milliseconds"
)]
pub(super) fn normal_quantile(p: f64) -> f64 {
    let from_centre = p - 0.5;
    if from_centre.abs() <= 0.425 {
        let r = 0.180_625 - from_centre * from_centre;
        return from_centre * ratio(&CENTRE, r);
    }
    let tail = if from_centre < 0.0 { p } else { 1.0 - p };
    let r = libm::sqrt(-libm::log(tail));
    let distance = if r <= 5.0 {
        ratio(&TAIL, r - 1.6)
    } else {
        ratio(&FAR_TAIL, r - 5.0)
    };
    if from_centre < 0.0 {
        -distance
    } else {
        distance
    }
}

/// A quotient of two polynomials of degree 7.
struct Ratio {
    numerator: [f64; 8],
    denominator: [f64; 8],
}

fn ratio(ratio: &Ratio, x: f64) -> f64 {
    #[expect(clippy::float_arithmetic, reason = "Horner's rule")]
    let polynomial = |of: &[f64; 8]| of.iter().rev().fold(0.0, |sum, term| sum * x + term);
    #[expect(clippy::float_arithmetic, reason = "the quotient")]
    let quotient = polynomial(&ratio.numerator) / polynomial(&ratio.denominator);
    quotient
}

#[expect(clippy::unreadable_literal, reason = "the published coefficients")]
const CENTRE: Ratio = Ratio {
    numerator: [
        3.3871328727963665,
        133.14166789178438,
        1971.5909503065513,
        13731.69376550946,
        45921.95393154987,
        67265.7709270087,
        33430.57558358813,
        2509.0809287301227,
    ],
    denominator: [
        1.0,
        42.31333070160091,
        687.1870074920579,
        5394.196021424751,
        21213.794301586597,
        39307.89580009271,
        28729.085735721943,
        5226.495278852854,
    ],
};

#[expect(clippy::unreadable_literal, reason = "the published coefficients")]
const TAIL: Ratio = Ratio {
    numerator: [
        1.4234371107496835,
        4.630337846156546,
        5.769497221460691,
        3.6478483247632045,
        1.2704582524523684,
        0.2417807251774506,
        0.022723844989269184,
        0.0007745450142783414,
    ],
    denominator: [
        1.0,
        2.053191626637759,
        1.6763848301838038,
        0.6897673349851,
        0.14810397642748008,
        0.015198666563616457,
        0.0005475938084995345,
        1.0507500716444169e-09,
    ],
};

#[expect(clippy::unreadable_literal, reason = "the published coefficients")]
const FAR_TAIL: Ratio = Ratio {
    numerator: [
        6.657904643501103,
        5.463784911164114,
        1.7848265399172913,
        0.29656057182850487,
        0.026532189526576124,
        0.0012426609473880784,
        2.7115555687434876e-05,
        2.0103343992922881e-07,
    ],
    denominator: [
        1.0,
        0.599832206555888,
        0.1369298809227358,
        0.014875361290850615,
        0.0007868691311456133,
        1.8463183175100548e-05,
        1.421511758316446e-07,
        2.0442631033899397e-15,
    ],
};

#[cfg(test)]
mod tests {
    use super::normal_quantile;

    #[test]
    fn quantiles_equal_the_tables() {
        // Two of the algorithm's own check values, and those of every table of the normal law.
        for (p, expected) in [
            (0.25, -0.674_489_750_196_081_7),
            (0.001, -3.090_232_306_167_814),
            (1e-20, -9.262_340_089_798_408),
            (0.5, 0.0),
            (0.841_344_746_068_542_9, 1.0),
            (0.975, 1.959_963_984_540_054),
        ] {
            let error = libm::fabs(normal_quantile(p) - expected);
            assert!(
                error <= 2e-15 * libm::fabs(expected).max(1.0),
                "{p}: {error}"
            );
        }
    }

    #[test]
    fn the_three_branches_meet() {
        // |p - 1/2| = 0.425, and sqrt(-ln p) = 5.
        for edge in [0.075, 0.925, libm::exp(-25.0)] {
            let (below, above) = (edge * (1.0 - 1e-12), edge * (1.0 + 1e-12));
            let step = normal_quantile(above) - normal_quantile(below);
            assert!(step > 0.0 && step < 1e-10, "{edge}: {step}");
        }
    }
}
