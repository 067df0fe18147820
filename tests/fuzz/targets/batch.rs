//! A batch's body: its events' texts come out byte for byte as they stand in it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use vestibule_protocol::{batch::Batch, event::Event};

fuzz_target!(|body: &[u8]| {
    let Ok(batch) = serde_json::from_slice::<Batch<&RawValue>>(body) else { return };
    for slotted in &batch.events {
        let text = slotted.event.get();
        assert!(body.windows(text.len()).any(|part| part == text.as_bytes()));
        let _verdict = Event::parse(text);
    }
    let again = serde_json::to_string(&batch).expect("what was read can be written");
    let again: Batch<&RawValue> = serde_json::from_str(&again).expect("what was written can be read");
    assert_eq!(again.events.len(), batch.events.len());
});
