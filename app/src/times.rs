//! Moments and spans as people read them, in the device's time zone.

use std::cell::RefCell;

use js_sys::{Array, Date, Intl::DateTimeFormat, Object, Reflect};
use leptos::prelude::window;
use vestibule_protocol::timestamp::Timestamp;
use wasm_bindgen::JsValue;

use crate::{form::LocalTime, words::Language};

/// How long something has gone on, as coarse as people say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// Less than a minute.
    Moment,
    /// Minutes.
    Minutes(u64),
    /// Hours.
    Hours(u64),
    /// Days.
    Days(u64),
}

impl Span {
    /// Of this many milliseconds; a negative one, from a clock that was set back, is a moment.
    pub fn of_ms(millis: i64) -> Self {
        match u64::try_from(millis).unwrap_or(0) / 60_000 {
            0 => Self::Moment,
            minutes @ 1..60 => Self::Minutes(minutes),
            minutes @ 60..1440 => Self::Hours(minutes / 60),
            minutes => Self::Days(minutes / 1440),
        }
    }
}

/// How moments are written in one language.
struct Formats {
    language: Language,
    time: DateTimeFormat,
    day: DateTimeFormat,
    day_and_time: DateTimeFormat,
}

thread_local! {
    // Making a format costs a thousand times what using it does, and lists have thousands of times.
    static FORMATS: RefCell<Option<Formats>> = const { RefCell::new(None) };
}

impl Formats {
    fn of(language: Language) -> Self {
        let format = |options: &[(&str, &str)]| format(language, options);
        Self {
            language,
            time: format(&[("hour", "numeric"), ("minute", "2-digit")]),
            day: format(&[("weekday", "long"), ("day", "numeric"), ("month", "long")]),
            day_and_time: format(&[("day", "numeric"), ("month", "short"), ("hour", "numeric"), ("minute", "2-digit")]),
        }
    }
}

/// As in 15:04.
pub fn time(at: Timestamp) -> String {
    shown(at, |formats| &formats.time)
}

/// As in Friday 20 March.
pub fn day(at: Timestamp) -> String {
    shown(at, |formats| &formats.day)
}

/// As in 15:04 if it is on the day of `now`, else 20 Mar, 15:04.
pub fn time_or_day(at: Timestamp, now: Timestamp) -> String {
    if start_of_day(at) == start_of_day(now) { time(at) } else { shown(at, |formats| &formats.day_and_time) }
}

/// Midnight before `at`.
pub fn start_of_day(at: Timestamp) -> Timestamp {
    let date = js_date(at);
    date.set_hours(0);
    date.set_minutes(0);
    date.set_seconds(0);
    date.set_milliseconds(0);
    Timestamp::from_unix_ms(date.get_time() as i64)
}

/// The moment of a local time.
pub fn from_local(local: LocalTime) -> Timestamp {
    let date = Date::new_with_year_month_day_hr_min(
        local.year,
        local.month as i32 - 1,
        local.day as i32,
        local.hour as i32,
        local.minute as i32,
    );
    Timestamp::from_unix_ms(date.get_time() as i64)
}

/// Rounded up to the next half hour.
pub fn next_half_hour(at: Timestamp) -> Timestamp {
    /// Visits are arranged on the half hour.
    const HALF_HOUR_MS: i64 = 30 * 60 * 1_000;
    let rounded = (at.unix_ms() + HALF_HOUR_MS - 1).div_euclid(HALF_HOUR_MS) * HALF_HOUR_MS;
    Timestamp::from_unix_ms(rounded)
}

/// As `<input type="datetime-local">` wants it, to the minute.
pub fn local_minute(at: Timestamp) -> String {
    let date = js_date(at);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}",
        date.get_full_year(),
        date.get_month() + 1,
        date.get_date(),
        date.get_hours(),
        date.get_minutes()
    )
}

fn js_date(at: Timestamp) -> Date {
    Date::new(&JsValue::from_f64(at.unix_ms() as f64))
}

/// The language, with the customs of the device's region where it speaks that language: 15:04 or 3:04 PM. Always in the
/// digits of everything else on the screen.
fn locale(language: Language) -> String {
    let is_regional =
        |of_device: &String| of_device.split('-').next() == Some(language.tag()) && !of_device.contains("-u-");
    let tag = window().navigator().language().filter(is_regional);
    format!("{}-u-nu-latn", tag.as_deref().unwrap_or(language.tag()))
}

fn format(language: Language, options: &[(&str, &str)]) -> DateTimeFormat {
    let object = Object::new();
    for (option, value) in options {
        let _ = Reflect::set(&object, &(*option).into(), &(*value).into());
    }
    DateTimeFormat::new(&Array::of1(&locale(language).into()), &object)
}

fn shown(at: Timestamp, choose: impl FnOnce(&Formats) -> &DateTimeFormat) -> String {
    FORMATS.with_borrow_mut(|formats| {
        let language = Language::spoken();
        let formats = match formats {
            Some(formats) if formats.language == language => formats,
            other => other.insert(Formats::of(language)),
        };
        let text = choose(formats).format().call1(&JsValue::UNDEFINED, &js_date(at));
        text.ok().and_then(|text| text.as_string()).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::clock_set_back(-5, Span::Moment)]
    #[case::seconds(59_999, Span::Moment)]
    #[case::minutes(60_000, Span::Minutes(1))]
    #[case::nearly_an_hour(3_599_999, Span::Minutes(59))]
    #[case::hours(3_600_000, Span::Hours(1))]
    #[case::days(49 * 3_600_000, Span::Days(2))]
    fn spans_are_coarse(#[case] millis: i64, #[case] span: Span) {
        assert_eq!(Span::of_ms(millis), span);
    }
}
