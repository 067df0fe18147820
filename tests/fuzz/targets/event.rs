//! An event's text: what can be read can be written, and reads the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use vestibule_protocol::{
    event::Event,
    id::{SiteId, VisitId},
    timestamp::Timestamp,
    visit::Visit,
};

fuzz_target!(|text: &str| {
    let Ok(event) = Event::parse(text) else { return };
    assert_eq!(Event::parse(&event.to_text()).as_ref(), Ok(&event));
    let received_at = Timestamp::from_unix_ms(1_774_019_045_000);
    let mut visit = Visit::new(VisitId(event.visit.0), SiteId(event.source.site.0));
    visit.apply(&event, Some(received_at));
    let once = visit.clone();
    visit.apply(&event, Some(received_at));
    assert_eq!(visit, once);
    let _state = (visit.state(received_at), visit.oddities());
});
