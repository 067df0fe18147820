//! A server in memory, made of the real decisions, so that it can be copied.

use std::collections::BTreeMap;

use vestibule::{
    access::device::Device as Enrolled,
    ingest::{
        coverage::Coverage,
        decide::{Arrival, Held, Keep, Slot, SlotChange, decide},
    },
};
use vestibule_engine::Answer;
use vestibule_protocol::{
    batch::{Batch, EventResult, Link, RECEIPT_MEDIA_TYPE, Receipt, Seq},
    chain::{Digest, event_hash},
    event::Event,
    id::{DeviceId, EventId, HistoryId, SiteId, StreamId},
    limits,
    timestamp::Timestamp,
};

use super::history;

/// A server in memory, made of the real decisions.
#[derive(Clone, Debug)]
pub(super) struct Server {
    pub(super) history: HistoryId,
    pub(super) streams: BTreeMap<StreamId, (Coverage, BTreeMap<Seq, Digest>)>,
    pub(super) events: BTreeMap<EventId, Digest>,
}

impl Server {
    pub(super) fn new() -> Self {
        Self { history: history(0), streams: BTreeMap::new(), events: BTreeMap::new() }
    }

    pub(super) fn sync(&mut self, body: &str, now: Timestamp) -> Answer {
        let batch: Batch<&serde_json::value::RawValue> = serde_json::from_str(body).expect("the engine sends batches");
        let device = Enrolled {
            id: DeviceId(uuid::Uuid::nil()),
            site: SiteId(uuid::Uuid::nil()),
            revoked_at: None,
            former: None,
        };
        let (coverage, slots) =
            self.streams.entry(batch.stream).or_insert((Coverage::new(Link::START, Vec::new()), BTreeMap::new()));
        let mut results = Vec::new();
        for slotted in &batch.events {
            let event = Event::parse(slotted.event.get()).expect("the devices capture events");
            let (id, hash) = (event.id, event_hash(slotted.event.get()));
            let held = Held {
                slot: slots.get(&slotted.seq).map(|&hash| Slot { hash, reason: None }),
                id: self.events.get(&id).copied(),
                visit_site: None,
                visit_events: 0,
                is_forgotten: false,
            };
            let arrival = Arrival { seq: slotted.seq, text: slotted.event.get().into(), hash, event: Ok(event) };
            let verdict = decide(&arrival, &device, &held);
            if verdict.keep == Keep::Ledger {
                self.events.insert(id, hash);
            }
            if verdict.slot == SlotChange::Filled {
                slots.insert(slotted.seq, hash);
                coverage.fill(slotted.seq, hash);
                if let Some((first, last)) = coverage.next_links() {
                    coverage.link(slots.range(first..=last).map(|(_, &hash)| hash));
                }
            }
            results.push(EventResult { seq: slotted.seq, outcome: verdict.outcome });
        }
        let receipt = Receipt {
            protocol: limits::PROTOCOL,
            batch: batch.batch,
            received_at: now,
            history: self.history,
            results,
            watermark: coverage.watermark(),
            missing: coverage.missing(batch.head.seq),
            keep_from: 1,
            resume_after_ms: 0,
            revoked: false,
        };
        Answer::Response {
            status: 200,
            media_type: RECEIPT_MEDIA_TYPE.to_owned(),
            retry_after_ms: None,
            body: serde_json::to_string(&receipt).expect("a receipt is JSON"),
        }
    }
}
