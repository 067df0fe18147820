//! Many times of one thing, in the few figures that say how long it takes.

use std::fmt;

/// What was measured, least first.
pub struct Figures(Vec<f64>);

impl Figures {
    /// Of what was measured, in any order.
    ///
    /// # Panics
    /// If nothing was.
    pub fn of(mut measured: Vec<f64>) -> Self {
        assert!(!measured.is_empty(), "nothing was measured");
        measured.sort_by(f64::total_cmp);
        Self(measured)
    }

    /// As many are less as are more.
    pub fn median(&self) -> f64 {
        self.at(0.5)
    }

    /// One in a hundred is more.
    pub fn p99(&self) -> f64 {
        self.at(0.99)
    }

    /// None is more.
    pub fn worst(&self) -> f64 {
        self.at(1.0)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of a length is one")]
    fn at(&self, part: f64) -> f64 {
        self.0[((self.0.len() - 1) as f64 * part) as usize]
    }
}

/// Median, 99th percentile and worst.
impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} / {:.1} / {:.1}", self.median(), self.p99(), self.worst())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_is_less_than_the_median() {
        let figures = Figures::of(vec![3.0, 100.0, 1.0, 2.0, 4.0]);
        assert_eq!((figures.median(), figures.worst()), (3.0, 100.0));
        assert_eq!(figures.to_string(), "3.0 / 4.0 / 100.0");
    }
}
