//! What is to be reached, and whether it was.

use std::fmt;

/// A figure and its bound.
pub(crate) struct Goal {
    what: &'static str,
    /// `None` if it was not measured in this run.
    reached: Option<f64>,
    bound: f64,
    side: Side,
}

enum Side {
    AtLeast,
    AtMost,
}

impl Goal {
    pub(crate) const fn at_least(what: &'static str, reached: Option<f64>, bound: f64) -> Self {
        Self { what, reached, bound, side: Side::AtLeast }
    }

    pub(crate) const fn at_most(what: &'static str, reached: Option<f64>, bound: f64) -> Self {
        Self { what, reached, bound, side: Side::AtMost }
    }

    /// Whether it was missed; what was not measured is not.
    pub(crate) fn is_missed(&self) -> bool {
        self.reached.is_some_and(|reached| match self.side {
            Side::AtLeast => reached < self.bound,
            Side::AtMost => reached > self.bound,
        })
    }

    pub(crate) const fn is_measured(&self) -> bool {
        self.reached.is_some()
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.is_missed() { "MISSED " } else { "reached" };
        write!(f, "{word}  {} {}: {:.2}", self.what, self.bound, self.reached.unwrap_or_default())
    }
}
