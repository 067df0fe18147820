//! The colours that a site's own colour gives: all that is drawn in it can be read, by day and by night.

use vestibule_protocol::settings::Colour;

/// Least contrast of a text with what is behind it (WCAG 2.2, 1.4.3).
const READABLE: f64 = 4.5;

/// What is behind texts by day and by night: the ground and the surface of the style sheet, the one that is harder.
const BY_DAY: [f64; 3] = [237.0, 234.0, 228.0];
const BY_NIGHT: [f64; 3] = [30.0, 35.0, 41.0];

const WHITE: [f64; 3] = [255.0; 3];
const BLACK: [f64; 3] = [0.0; 3];

/// The style sheet's properties, each with its value.
pub fn of(colour: Colour) -> [(&'static str, String); 10] {
    let own = colour.rgb.map(f64::from);
    // White stands on it, and it stands on the ground.
    let day = until(own, BLACK, |tried| contrast(tried, WHITE) >= READABLE && contrast(tried, BY_DAY) >= READABLE);
    let fill_at_night = until(own, BLACK, |tried| contrast(tried, WHITE) >= READABLE);
    let night = until(own, WHITE, |tried| contrast(tried, BY_NIGHT) >= READABLE + 1.0);
    [
        ("--site-accent-day", css(day)),
        ("--site-accent-deep-day", css(mixed(day, BLACK, 0.25))),
        ("--site-accent-soft-day", css(mixed(day, WHITE, 0.88))),
        ("--site-fill-day", css(day)),
        ("--site-fill-deep-day", css(mixed(day, BLACK, 0.25))),
        ("--site-accent-night", css(night)),
        ("--site-accent-deep-night", css(mixed(night, WHITE, 0.3))),
        ("--site-accent-soft-night", css(mixed(own, BY_NIGHT, 0.78))),
        ("--site-fill-night", css(fill_at_night)),
        ("--site-fill-deep-night", css(mixed(fill_at_night, BLACK, 0.15))),
    ]
}

/// The colour, as little of the other mixed in as it takes.
fn until(own: [f64; 3], other: [f64; 3], is_enough: impl Fn([f64; 3]) -> bool) -> [f64; 3] {
    let mut steps = (0..20).map(|n| mixed(own, other, f64::from(n) / 20.0));
    steps.find(|tried| is_enough(*tried)).unwrap_or(other)
}

fn mixed(one: [f64; 3], other: [f64; 3], share: f64) -> [f64; 3] {
    [0, 1, 2].map(|n| one[n] + (other[n] - one[n]) * share)
}

/// WCAG 2.2, "contrast ratio".
fn contrast(one: [f64; 3], other: [f64; 3]) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

/// WCAG 2.2, "relative luminance".
fn luminance(rgb: [f64; 3]) -> f64 {
    let [red, green, blue] = rgb.map(|part| linear(part / 255.0));
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/// The light of a part of a colour in sRGB, by a polynomial that is off by 0.003 at most: the power itself would bring
/// its tables along to every kiosk.
fn linear(part: f64) -> f64 {
    part * (part * (part * 0.305_306_011 + 0.682_171_111) + 0.012_522_878)
}

fn css(rgb: [f64; 3]) -> String {
    let [red, green, blue] = rgb.map(|part| part as u8);
    format!("rgb({red} {green} {blue})")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(palette: &[(&str, String)], name: &str) -> [f64; 3] {
        let css = &palette.iter().find(|(held, _)| *held == name).unwrap().1;
        let parts: Vec<f64> = css[4..css.len() - 1].split(' ').map(|part| part.parse().unwrap()).collect();
        [parts[0], parts[1], parts[2]]
    }

    proptest! {
        #[test]
        fn whatever_the_colour_is_what_is_drawn_in_it_can_be_read(rgb: [u8; 3]) {
            let palette = of(Colour { rgb });
            let value = |name| value(&palette, name);
            // Whole numbers are a little off.
            let readable = READABLE - 0.1;
            for fill in ["--site-fill-day", "--site-fill-deep-day", "--site-fill-night", "--site-fill-deep-night"] {
                prop_assert!(contrast(value(fill), WHITE) >= readable, "{fill} of {rgb:?}");
            }
            prop_assert!(contrast(value("--site-accent-day"), BY_DAY) >= readable, "by day, of {rgb:?}");
            prop_assert!(contrast(value("--site-accent-night"), BY_NIGHT) >= readable, "by night, of {rgb:?}");
            let soft = contrast(value("--site-accent-deep-day"), value("--site-accent-soft-day"));
            prop_assert!(soft >= readable, "on the soft one by day, of {rgb:?}");
            let soft = contrast(value("--site-accent-deep-night"), value("--site-accent-soft-night"));
            prop_assert!(soft >= readable, "on the soft one by night, of {rgb:?}");
        }
    }

    #[test]
    fn light_is_as_srgb_says() {
        for n in 0..=255 {
            let part = f64::from(n) / 255.0;
            let exact = if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) };
            assert!((linear(part) - exact).abs() < 0.003, "{part}");
        }
    }

    #[test]
    fn a_colour_that_can_be_read_stays_as_it_is() {
        assert_eq!(value(&of(Colour { rgb: [15, 92, 82] }), "--site-accent-day"), [15.0, 92.0, 82.0]);
    }
}
