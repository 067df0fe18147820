//! What people do at the devices, and what they were told.

use vestibule_protocol::{
    details::Details,
    event::{Cancelled, CheckedIn, CheckedOut, EventData, Name, Registered, Updated, Visitor},
    id::{EventId, VisitId},
    message::Capture,
    timestamp::Timestamp,
};

use super::random::Random;

/// Visits that people act on: few, so that what they do crosses.
const VISITS: usize = 6;
/// A name that the server's front can't abide.
pub const POISON: &str = "Robert'); DROP TABLE visits";
/// A name that a firewall takes for an attack.
pub const FIREWALLED: &str = "Ann <script>";

/// An event about which a person was told "done".
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Which.
    pub event: EventId,
    /// Its exact text.
    pub text: String,
    /// Whether an accident has destroyed a copy of it on a device.
    pub copy_destroyed: bool,
    /// Whether the server lost it by going back further than its devices must remember, and has not got it back.
    pub may_be_let_go: bool,
    /// Whether accidents have destroyed every copy.
    pub destroyed: bool,
}

/// Something that a person does at a device whose clock says `clock`; about somebody with a bad name, if there is one.
pub fn act(random: &mut Random, clock: Timestamp, bad_name: Option<&str>) -> Capture {
    let number = random.below(VISITS);
    let usual = format!("Visitor {number}.{}", random.below(100));
    let name = bad_name.unwrap_or(&usual);
    let visitor = Visitor { name: Name::new(name).expect("a name"), company: None, email: None, phone: None };
    let what = match random.below(if bad_name.is_some() { 2 } else { 6 }) {
        0 => EventData::Registered(Registered {
            visitor,
            host: None,
            expected_at: clock.plus_ms(3_600_000),
            details: Details::default(),
        }),
        1 | 2 => EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
        3 => EventData::CheckedOut(CheckedOut {}),
        4 => EventData::Cancelled(Cancelled::default()),
        _ => EventData::Updated(Updated { visitor: Some(visitor), ..Updated::default() }),
    };
    Capture {
        event: EventId::new(clock, random.bytes()),
        visit: VisitId(uuid::Uuid::from_u128(0x0195_b3a4_0000_7000_8000_0000_0000_0000 + number as u128)),
        time: clock,
        what,
    }
}
