//! A server in memory that keeps and answers as the protocol says.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use vestibule_protocol::{
    batch::{Batch, EventResult, Link, Outcome, Receipt, Seq},
    chain::event_hash,
    id::{EventId, HistoryId, StreamId},
    limits,
    timestamp::Timestamp,
};

use super::{event_id, uuid};

#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) history: HistoryId,
    pub(crate) now: Timestamp,
    pub(crate) keep_from: Seq,
    pub(crate) resume_after_ms: u64,
    /// Slots of which it denies that it holds them.
    pub(crate) disowns: Vec<(Seq, Seq)>,
    /// What it names as missing besides.
    pub(crate) claims_missing: Vec<(Seq, Seq)>,
    /// Whether it leaves it to the device to find out what is missing.
    pub(crate) names_nothing_missing: bool,
    /// A slot that it neither keeps nor gives a result for.
    pub(crate) silent_about: Option<Seq>,
    /// Whether its chains are nonsense.
    pub(crate) garbles_chains: bool,
    /// Whether it has withdrawn the device's access.
    pub(crate) has_revoked: bool,
    slots: BTreeMap<(StreamId, Seq), Box<str>>,
    events: BTreeMap<EventId, Box<str>>,
    /// Second texts of a slot or an id.
    pub(crate) beside: Vec<Box<str>>,
}

impl Server {
    pub(crate) fn new(history: u16) -> Self {
        Self {
            history: uuid(history).parse().unwrap(),
            // Two seconds ahead of the device.
            now: "2026-03-20T15:04:07.123Z".parse().unwrap(),
            keep_from: 1,
            resume_after_ms: 0,
            disowns: Vec::new(),
            claims_missing: Vec::new(),
            names_nothing_missing: false,
            silent_about: None,
            garbles_chains: false,
            has_revoked: false,
            slots: BTreeMap::new(),
            events: BTreeMap::new(),
            beside: Vec::new(),
        }
    }

    /// This server as a backup of it is restored: the same content, another history.
    pub(crate) fn restored(backup: &Self, history: u16, now: Timestamp) -> Self {
        Self { history: uuid(history).parse().unwrap(), now, ..backup.clone() }
    }

    pub(crate) fn text_of(&self, event: EventId) -> Option<&str> {
        self.events.get(&event).map(|text| &**text)
    }

    /// Keeps a batch and receipts it.
    pub(crate) fn ingest(&mut self, body: &str) -> String {
        let batch = read(body);
        let mut results = Vec::new();
        let silent_about = self.silent_about;
        for slotted in batch.events.iter().filter(|slotted| Some(slotted.seq) != silent_about) {
            let outcome = self.keep(batch.stream, slotted.seq, slotted.event.get());
            results.push(EventResult { seq: slotted.seq, outcome });
        }
        self.answer(&batch, results)
    }

    /// Keeps nothing of a batch, and receipts that.
    pub(crate) fn postpone(&mut self, body: &str) -> String {
        let batch = read(body);
        let results =
            batch.events.iter().map(|slotted| EventResult { seq: slotted.seq, outcome: Outcome::Retry }).collect();
        self.answer(&batch, results)
    }

    fn keep(&mut self, stream: StreamId, seq: Seq, text: &str) -> Outcome {
        let event = id_of(text);
        let slot_is_others = self.slots.get(&(stream, seq)).is_some_and(|held| &**held != text);
        let id_is_others = self.events.get(&event).is_some_and(|held| &**held != text);
        let is_held = self.events.contains_key(&event);
        self.slots.entry((stream, seq)).or_insert_with(|| text.into());
        if id_is_others {
            self.beside.push(text.into());
        } else {
            self.events.entry(event).or_insert_with(|| text.into());
        }
        match (slot_is_others || id_is_others, is_held) {
            (true, _) => Outcome::Conflict,
            (false, true) => Outcome::Duplicate,
            (false, false) => Outcome::Accepted,
        }
    }

    fn answer(&self, batch: &Batch<&RawValue>, results: Vec<EventResult>) -> String {
        let is_disowned = |seq: &Seq| self.disowns.iter().any(|(first, last)| (first..=last).contains(&seq));
        let held = |seq: &Seq| self.slots.contains_key(&(batch.stream, *seq)) && !is_disowned(seq);
        let mut watermark = Link::START;
        while held(&(watermark.seq + 1)) {
            watermark = watermark.then(event_hash(&self.slots[&(batch.stream, watermark.seq + 1)]));
        }
        if self.garbles_chains {
            watermark.chain = event_hash("garbled");
        }
        let named = if self.names_nothing_missing { 0 } else { batch.head.seq };
        let free: Vec<Seq> = (1..=named).filter(|seq| !held(seq)).collect();
        let ranges = free.chunk_by(|one, next| one + 1 == *next).map(|range| (range[0], range[range.len() - 1]));
        let missing = ranges.chain(self.claims_missing.iter().copied()).collect();
        let receipt = Receipt {
            protocol: limits::PROTOCOL,
            batch: batch.batch,
            received_at: self.now,
            history: self.history,
            results,
            watermark,
            missing,
            keep_from: self.keep_from,
            resume_after_ms: self.resume_after_ms,
            revoked: self.has_revoked,
        };
        serde_json::to_string(&receipt).unwrap()
    }
}

pub(crate) fn read(body: &str) -> Batch<&RawValue> {
    serde_json::from_str(body).expect("the engine sends batches")
}

/// The id of an event whose text is `{"number":…}`, perhaps with more to it.
pub(crate) fn id_of(text: &str) -> EventId {
    let event: BTreeMap<String, u16> = serde_json::from_str(text).expect("the tests' events are numbers");
    event_id(event["number"])
}
