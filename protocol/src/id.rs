//! Identifiers: a type for each thing that has one, so that a visit's can't be passed for a device's.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::timestamp::Timestamp;

/// Bytes of entropy that a fresh identifier takes.
pub const ENTROPY_BYTES: usize = 10;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh version 7 UUID (RFC 9562 §5.7), which sorts by the time it was made. Time and entropy come from
            /// the caller: nothing in this crate reads a clock or a random source.
            pub fn new(now: Timestamp, entropy: [u8; ENTROPY_BYTES]) -> Self {
                // The field is 48 bits wide: times before 1970 count as 1970.
                let millis = u64::try_from(now.unix_ms()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &entropy).into_uuid())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}

id! {
    /// An event, fixed when it is captured: the identity by which it is counted once, for ever.
    EventId
}
id! {
    /// One stay of one visitor.
    VisitId
}
id! {
    /// A roll call: as the subject of its own events it stands where a visit's id stands in others.
    RollCallId
}
id! {
    /// A place that visitors come to.
    SiteId
}
id! {
    /// An enrolled installation: a kiosk, or a browser of the staff.
    DeviceId
}
id! {
    /// A person who receives visitors.
    HostId
}
id! {
    /// A numbering of a device's events, born with the device's database: a wiped or cloned store can't go on with
    /// another's.
    StreamId
}
id! {
    /// One attempt to deliver; its receipt must name it.
    BatchId
}
id! {
    /// The life of a server's database; a restore from a backup begins a new one.
    HistoryId
}
id! {
    /// A member of the staff.
    StaffId
}
id! {
    /// A key to the API for integrators.
    KeyId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fresh_ids_sort_by_time() {
        let early = EventId::new(Timestamp::from_unix_ms(1_000), [0xff; ENTROPY_BYTES]);
        let late = EventId::new(Timestamp::from_unix_ms(1_001), [0; ENTROPY_BYTES]);
        assert!(early < late);
        assert_eq!(early.0.get_version_num(), 7);
    }

    #[test]
    fn a_clock_before_1970_still_makes_an_id() {
        let id = VisitId::new(Timestamp::from_unix_ms(-1), [7; ENTROPY_BYTES]);
        assert_eq!(id.0.get_version_num(), 7);
    }
}
