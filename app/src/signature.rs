//! A signature, as it is drawn: strokes of points on a field of fixed units, and the path that they make.

use std::fmt::Write as _;

use vestibule_protocol::{limits, papers::StrokePath};

/// Least way between two points of a stroke, in units: finer than a finger, and a third of what a tablet reports.
const LEAST_STEP: i32 = 3;

/// Least way that a signature goes in all, in units: less is a slip of the finger.
const LEAST_WAY: i32 = 60;

/// Most characters that a point takes in the path: a dot is `M600 200l0 0`.
const POINT_MAX_CHARS: usize = 12;

/// The strokes of a signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Strokes {
    strokes: Vec<Vec<(i32, i32)>>,
    points: usize,
}

impl Strokes {
    /// The width of the field, in units.
    pub const WIDTH: u16 = 600;
    /// The height of the field, in units.
    pub const HEIGHT: u16 = 200;

    /// Puts the pen down.
    pub fn begin(&mut self, x: i32, y: i32) {
        self.strokes.push(vec![clamped(x, y)]);
        self.points += 1;
    }

    /// Moves the pen. What the pen draws outside of the field, or beyond what an event holds, is not drawn.
    pub fn draw_to(&mut self, x: i32, y: i32) {
        let point = clamped(x, y);
        let is_full = self.points >= limits::SIGNATURE_MAX_CHARS / POINT_MAX_CHARS;
        let Some(stroke) = self.strokes.last_mut().filter(|_| !is_full) else { return };
        let is_far = |last: &(i32, i32)| distance(*last, point) >= LEAST_STEP;
        if stroke.last().is_some_and(is_far) {
            stroke.push(point);
            self.points += 1;
        }
    }

    /// Takes the last stroke back.
    pub fn undo(&mut self) {
        let stroke = self.strokes.pop();
        self.points -= stroke.map_or(0, |stroke| stroke.len());
    }

    /// Whether nothing is drawn.
    pub fn is_empty(&self) -> bool {
        self.strokes.is_empty()
    }

    /// The `d` of the path, for what is on the screen.
    pub fn drawn(&self) -> String {
        let mut path = String::new();
        for stroke in &self.strokes {
            let Some((&first, rest)) = stroke.split_first() else { continue };
            let _ = write!(path, "M{} {}", first.0, first.1);
            if rest.is_empty() {
                path.push_str("l0 0");
            }
            let mut last = first;
            for &point in rest {
                let _ = write!(path, "l{} {}", point.0 - last.0, point.1 - last.1);
                last = point;
            }
        }
        path
    }

    /// The path, if it is a signature and not a slip of the finger.
    pub fn path(&self) -> Option<StrokePath> {
        let way_of = |stroke: &Vec<(i32, i32)>| stroke.windows(2).map(|pair| distance(pair[0], pair[1])).sum::<i32>();
        let way: i32 = self.strokes.iter().map(way_of).sum();
        if way >= LEAST_WAY { StrokePath::new(&self.drawn()).ok() } else { None }
    }
}

fn clamped(x: i32, y: i32) -> (i32, i32) {
    (x.clamp(0, Strokes::WIDTH.into()), y.clamp(0, Strokes::HEIGHT.into()))
}

/// As a king walks: near enough here, and without a root.
fn distance(one: (i32, i32), other: (i32, i32)) -> i32 {
    (one.0 - other.0).abs().max((one.1 - other.1).abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Strokes {
        let mut strokes = Strokes::default();
        strokes.begin(10, 20);
        strokes.draw_to(60, 22);
        strokes.draw_to(61, 22);
        strokes.draw_to(90, 10);
        strokes
    }

    #[test]
    fn a_stroke_is_a_path_without_points_that_nobody_sees() {
        assert_eq!(line().path().unwrap().as_str(), "M10 20l50 2l30 -12");
    }

    #[test]
    fn a_slip_of_the_finger_is_no_signature() {
        let mut strokes = Strokes::default();
        assert!(strokes.path().is_none());
        strokes.begin(10, 20);
        strokes.draw_to(30, 20);
        assert!(!strokes.is_empty());
        assert!(strokes.path().is_none());
    }

    #[test]
    fn the_last_stroke_can_be_taken_back() {
        let mut strokes = line();
        strokes.begin(0, 0);
        strokes.draw_to(100, 100);
        strokes.undo();
        assert_eq!(strokes, line());
        strokes.undo();
        strokes.undo();
        assert!(strokes.is_empty());
    }

    #[test]
    fn whoever_scribbles_for_an_hour_still_fits_into_an_event() {
        let mut strokes = Strokes::default();
        strokes.begin(600, 0);
        for n in 0..100_000 {
            strokes.draw_to(if n % 2 == 0 { -50 } else { 900 }, if n % 2 == 0 { 300 } else { -9 });
        }
        assert!(strokes.path().is_some());
    }
}
