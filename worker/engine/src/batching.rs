//! Which events go together, and the body that carries them.

use serde_json::value::RawValue;
use vestibule_protocol::{
    batch::{Batch, Health, SlottedEvent},
    id::{BatchId, StreamId},
    limits,
    timestamp::Timestamp,
};

use crate::{
    Loaded, Post,
    outbox::{Share, Slot},
    policy,
};

/// A batch that only lacks its id and the time.
#[derive(Clone)]
pub(crate) struct Prepared {
    loaded: Loaded,
    events: Vec<SlottedEvent<Box<RawValue>>>,
    /// What is in it.
    pub(crate) slots: Vec<Slot>,
    /// Records whose text is no JSON: it would spoil any batch.
    pub(crate) unreadable: Vec<Slot>,
}

/// How a batch of up to `limit` events divides: most of it for the newest, some for the oldest.
///
/// A batch that is kept small is all for the newest: if a bad event is being looked for, the halves of what was refused
/// are then tried in order, down to the one.
pub(crate) fn shares(limit: usize) -> (Share, Share) {
    let oldest = if limit < limits::BATCH_MAX_EVENTS { 0 } else { limit / policy::OLDEST_SHARE_DIVISOR };
    let oldest_bytes = policy::EVENTS_MAX_BYTES / policy::OLDEST_SHARE_DIVISOR;
    (
        Share { events: limit - oldest, bytes: policy::EVENTS_MAX_BYTES - oldest_bytes - overhead(limit) },
        Share { events: oldest, bytes: oldest_bytes },
    )
}

/// What `limit` events take beside their texts, in bytes.
const fn overhead(limit: usize) -> usize {
    limit * policy::SLOT_MAX_BYTES
}

impl Prepared {
    /// Puts a batch together.
    pub(crate) fn new(mut loaded: Loaded) -> Self {
        let stream = loaded.standing.stream;
        let (mut events, mut slots, mut unreadable) = (Vec::new(), Vec::new(), Vec::new());
        for record in std::mem::take(&mut loaded.records) {
            let slot = Slot { stream, seq: record.seq, event: record.event };
            match RawValue::from_string(record.text.into_string()) {
                Ok(event) => {
                    events.push(SlottedEvent { seq: slot.seq, event });
                    slots.push(slot);
                }
                Err(_) => unreadable.push(slot),
            }
        }
        Self { loaded, events, slots, unreadable }
    }

    /// The numbering that it belongs to.
    pub(crate) const fn stream(&self) -> StreamId {
        self.loaded.standing.stream
    }

    /// The body.
    pub(crate) fn post(self, batch: BatchId, now: Timestamp, app_version: &str) -> Post {
        let standing = self.loaded.standing;
        let events = self.events.len();
        let body = Batch {
            protocol: limits::PROTOCOL,
            stream: standing.stream,
            batch,
            head: standing.head,
            sent_at: now,
            history: standing.memory.history,
            health: Health {
                pending: standing.pending,
                parked: standing.parked,
                oldest_pending_at: standing.oldest_pending_at,
                persisted: self.loaded.persisted,
                app_version: app_version.to_owned(),
            },
            events: self.events,
        }
        .to_json();
        Post { batch, events, body }
    }
}

/// Tells nothing of the visitors.
impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("slots", &self.slots).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_a_backlog_have_their_share() {
        let (newest, oldest) = shares(limits::BATCH_MAX_EVENTS);
        assert_eq!((newest.events, oldest.events), (375, 125));
        assert!(oldest.bytes >= limits::EVENT_MAX_BYTES && newest.bytes >= limits::EVENT_MAX_BYTES);
    }

    #[test]
    fn a_full_batch_is_within_the_limit() {
        let (newest, oldest) = shares(limits::BATCH_MAX_EVENTS);
        let beside = limits::BATCH_MAX_EVENTS * policy::SLOT_MAX_BYTES + limits::BATCH_ENVELOPE_MAX_BYTES;
        assert!(newest.bytes + oldest.bytes + beside <= limits::BATCH_MAX_BYTES);
    }

    #[test]
    fn a_small_batch_is_all_for_the_newest() {
        let (newest, oldest) = shares(limits::BATCH_MAX_EVENTS / 2);
        assert_eq!((newest.events, oldest.events), (limits::BATCH_MAX_EVENTS / 2, 0));
    }
}
