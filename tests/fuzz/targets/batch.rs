//! A batch's body, as the server takes it apart: its events' texts come out byte for byte as they stand in it, each with
//! the hash of exactly that; whatever can't be understood is kept all the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use vestibule::ingest::Incoming;
use vestibule_protocol::{batch::Batch, chain::event_hash, limits};

fuzz_target!(|body: &[u8]| {
    let Ok(incoming) = Incoming::parse(body) else { return };
    assert!(incoming.arrivals.len() <= limits::BATCH_MAX_EVENTS);
    for arrival in &incoming.arrivals {
        assert!(body.windows(arrival.text.len()).any(|part| part == arrival.text.as_bytes()));
        assert_eq!(arrival.hash, event_hash(&arrival.text));
        assert!(arrival.event.is_err() || arrival.text.len() <= limits::EVENT_MAX_BYTES);
    }
    let batch: Batch<&RawValue> = serde_json::from_slice(body).expect("what the server reads is a batch");
    assert_eq!(batch.events.len(), incoming.arrivals.len());
    let again = serde_json::to_string(&batch).expect("what was read can be written");
    let Ok(again) = Incoming::parse(again.as_bytes()) else { panic!("what was written can be read") };
    assert_eq!((again.batch.stream, again.batch.head), (batch.stream, batch.head));
    assert!(again.arrivals.iter().zip(&incoming.arrivals).all(|(again, first)| again.hash == first.hash));
});
