//! Which events go together, and the body that carries them.

use vestibule_protocol::{
    batch::{Batch, Health, SlottedEvent},
    id::{BatchId, StreamId},
    json::{self, RawValue},
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

/// In which order the events of a batch are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Most of the room for the newest, some for the oldest: however small the batches that get through, neither waits
    /// for the other.
    BothEnds,
    /// All of it for the newest: while a bad event is looked for, the halves of what was refused are tried in order, down
    /// to the one.
    NewestFirst,
}

/// How a batch of up to `limit` events divides.
pub(crate) fn shares(limit: usize, order: Order) -> (Share, Share) {
    let oldest = match order {
        Order::BothEnds => limit / policy::OLDEST_SHARE_DIVISOR,
        Order::NewestFirst => 0,
    };
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
            match json::raw(&record.text) {
                Some(event) => {
                    events.push(SlottedEvent { seq: slot.seq, event });
                    slots.push(slot);
                }
                None => unreadable.push(slot),
            }
        }
        Self { loaded, events, slots, unreadable }
    }

    /// The numbering that it belongs to.
    pub(crate) const fn stream(&self) -> StreamId {
        self.loaded.standing.stream
    }

    /// How many events waited when it was loaded.
    pub(crate) const fn pending(&self) -> u64 {
        self.loaded.standing.pending
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
        let (newest, oldest) = shares(limits::BATCH_MAX_EVENTS, Order::BothEnds);
        assert_eq!((newest.events, oldest.events), (375, 125));
        assert!(oldest.bytes >= limits::EVENT_MAX_BYTES && newest.bytes >= limits::EVENT_MAX_BYTES);
    }

    #[test]
    fn a_full_batch_is_within_the_limit() {
        let (newest, oldest) = shares(limits::BATCH_MAX_EVENTS, Order::BothEnds);
        let beside = limits::BATCH_MAX_EVENTS * policy::SLOT_MAX_BYTES + limits::BATCH_ENVELOPE_MAX_BYTES;
        assert!(newest.bytes + oldest.bytes + beside <= limits::BATCH_MAX_BYTES);
    }

    #[test]
    fn where_a_bad_event_is_looked_for_all_is_for_the_newest() {
        let (newest, oldest) = shares(8, Order::NewestFirst);
        assert_eq!((newest.events, oldest.events), (8, 0));
    }
}
