//! A moment, in milliseconds.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// A moment to the millisecond, in UTC; on the wire RFC 3339, as in `2026-03-20T15:04:05.123Z`.
///
/// Always within the years 0 to 9999, all that RFC 3339 can write: a clock further off is moved to the nearest end, so
/// that formatting can't fail. Whose clock it is, the field says: `occurred_at` and `time` are a device's, `received_at`
/// the server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

/// A text that is no RFC 3339 date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 date and time")]
pub struct InvalidTimestamp;

/// 0000-01-01T00:00:00.000Z.
const EARLIEST_UNIX_MS: i64 = -62_167_219_200_000;
/// 9999-12-31T23:59:59.999Z.
const LATEST_UNIX_MS: i64 = 253_402_300_799_999;

impl Timestamp {
    /// After every other.
    pub const LATEST: Self = Self(LATEST_UNIX_MS);

    /// The moment `millis` milliseconds after 1970-01-01T00:00:00Z.
    pub const fn from_unix_ms(millis: i64) -> Self {
        if millis < EARLIEST_UNIX_MS {
            Self(EARLIEST_UNIX_MS)
        } else if millis > LATEST_UNIX_MS {
            Self(LATEST_UNIX_MS)
        } else {
            Self(millis)
        }
    }

    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub const fn unix_ms(self) -> i64 {
        self.0
    }

    /// The moment `millis` later, or earlier if negative.
    #[must_use]
    pub const fn plus_ms(self, millis: i64) -> Self {
        Self::from_unix_ms(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this; negative if it is in fact later.
    pub const fn ms_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(1_000);
        let millis = self.0.rem_euclid(1_000);
        let at = OffsetDateTime::from_unix_timestamp(seconds).map_err(|_| fmt::Error)?;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{millis:03}Z",
            at.year(),
            u8::from(at.month()),
            at.day(),
            at.hour(),
            at.minute(),
            at.second(),
        )
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidTimestamp)?.to_offset(UtcOffset::UTC);
        Ok(Self::from_unix_ms(at.unix_timestamp() * 1_000 + i64::from(at.millisecond())))
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rfc3339Text;

        impl de::Visitor<'_> for Rfc3339Text {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an RFC 3339 date and time")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Timestamp, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Rfc3339Text)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::utc("2026-03-20T15:04:05.123Z", "2026-03-20T15:04:05.123Z")]
    #[case::no_fraction("2026-03-20T15:04:05Z", "2026-03-20T15:04:05.000Z")]
    #[case::offset("2026-03-20T16:04:05.123+01:00", "2026-03-20T15:04:05.123Z")]
    #[case::finer_than_millis("2026-03-20T15:04:05.123999Z", "2026-03-20T15:04:05.123Z")]
    #[case::before_1970("1969-12-31T23:59:59.999Z", "1969-12-31T23:59:59.999Z")]
    fn reads_rfc_3339_and_writes_utc_millis(#[case] text: &str, #[case] written: &str) {
        assert_eq!(text.parse::<Timestamp>().unwrap().to_string(), written);
    }

    #[rstest]
    #[case::empty("")]
    #[case::date_only("2026-03-20")]
    #[case::no_offset("2026-03-20T15:04:05")]
    #[case::prose("yesterday")]
    fn refuses_what_is_no_moment(#[case] text: &str) {
        assert_eq!(text.parse::<Timestamp>(), Err(InvalidTimestamp));
    }

    #[rstest]
    #[case::far_future(i64::MAX, "9999-12-31T23:59:59.999Z")]
    #[case::far_past(i64::MIN, "0000-01-01T00:00:00.000Z")]
    fn a_clock_beyond_the_calendar_is_moved_to_its_end(#[case] millis: i64, #[case] written: &str) {
        assert_eq!(Timestamp::from_unix_ms(millis).to_string(), written);
        assert_eq!(Timestamp::default().plus_ms(millis).to_string(), written);
    }
}
