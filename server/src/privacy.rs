//! What a visitor may ask for, and what time does by itself: to see what is held of them, and to be forgotten.
//!
//! Forgetting takes the person out of the texts and leaves that somebody came: who it was becomes `—`, the times and the
//! counts stay. The hash of each text stays as it was, so that chains, slots and receipts are the same as before, and a
//! copy that a device sends again is a duplicate. What was never delivered is forgotten when it arrives: by its visit,
//! or by the e-mail address in it, of which a keyed hash is kept for that.

mod forget;
mod requests;
mod retention;

use vestibule_protocol::{
    details::Details,
    event::{Cancelled, CheckedIn, Event, EventData, Name, Registered, Updated, Visitor},
    papers::{AgreementSigned, Photographed},
};

pub(crate) use self::forget::{Whom, forget, forget_quarantined, is_forgotten_person};
pub use self::{
    requests::{erase, export, set_retention, show_retention},
    retention::run_out,
};

/// What stands for somebody who was forgotten, in every language.
pub const SOMEBODY: &str = "—";

/// The event without the person: the same id, visit, device and times.
pub fn without_person(event: &Event) -> Event {
    let data = match &event.data {
        EventData::Registered(data) => {
            let details = data.details.without_person();
            EventData::Registered(Registered { visitor: somebody(), details, ..data.clone() })
        }
        EventData::Updated(data) => {
            let visitor = data.visitor.as_ref().map(|_| somebody());
            let details = data.details.as_ref().map(Details::without_person);
            EventData::Updated(Updated { visitor, details, ..data.clone() })
        }
        EventData::CheckedIn(data) => {
            let details = data.details.without_person();
            EventData::CheckedIn(CheckedIn { visitor: somebody(), details, ..data.clone() })
        }
        // That somebody agreed stays; their hand goes.
        EventData::AgreementSigned(data) => {
            EventData::AgreementSigned(AgreementSigned { signature: None, ..data.clone() })
        }
        EventData::Photographed(_) => EventData::Photographed(Photographed { photo: None }),
        // A remark may name anybody.
        EventData::Cancelled(_) => EventData::Cancelled(Cancelled { reason: None }),
        EventData::CheckedOut(_)
        | EventData::RollCallStarted(_)
        | EventData::RollCallMarked(_)
        | EventData::RollCallEnded(_) => event.data.clone(),
    };
    Event { data, ..event.clone() }
}

/// The person that an event tells of.
pub(crate) fn visitor(event: &Event) -> Option<&Visitor> {
    match &event.data {
        EventData::Registered(data) => Some(&data.visitor),
        EventData::CheckedIn(data) => Some(&data.visitor),
        EventData::Updated(data) => data.visitor.as_ref(),
        EventData::Cancelled(_)
        | EventData::CheckedOut(_)
        | EventData::AgreementSigned(_)
        | EventData::Photographed(_)
        | EventData::RollCallStarted(_)
        | EventData::RollCallMarked(_)
        | EventData::RollCallEnded(_) => None,
    }
}

fn somebody() -> Visitor {
    let name = Name::new(SOMEBODY).expect("one character is within a name's limits");
    Visitor { name, company: None, email: None, phone: None }
}
