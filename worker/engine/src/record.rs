//! The second half of a try: what its answer means for the outbox.

use vestibule_protocol::{
    batch::{Link, Outcome, Receipt, Seq},
    id::{HistoryId, StreamId},
    limits,
    message::ParkedReason,
    timestamp::Timestamp,
};

use crate::{
    memory::{Hold, Memory, Proven, Revoked, Why, has_passed},
    outbox::{Change, Orders, OwnChain, Slot, Standing},
    policy, retry,
};

/// What an answer means for the outbox; see [`Action::Record`](crate::Action::Record).
#[derive(Clone, Debug)]
pub struct Record {
    pub(crate) now: Timestamp,
    pub(crate) meaning: Meaning,
    /// The stream to begin, should one be needed.
    pub(crate) fresh_stream: StreamId,
    pub(crate) jitter: u64,
}

#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    /// A receipt came.
    Settled(Box<Settlement>),
    /// More of what the last receipt named.
    Acknowledged(Vec<Acknowledgement>),
    /// None came: wait.
    NoReceipt(Wait),
    /// Another device has begun the stream of the batch.
    ForeignStream(StreamId),
    /// These texts can't be sent in any batch.
    Unreadable(Vec<Slot>),
}

/// A receipt, and what it answers.
#[derive(Clone, Debug)]
pub(crate) struct Settlement {
    pub(crate) receipt: Receipt,
    /// The numbering of the batch.
    pub(crate) stream: StreamId,
    /// What was in the batch.
    pub(crate) sent: Vec<Slot>,
    /// The server's clock minus the device's, in ms, if it could be measured.
    pub(crate) clock_offset_ms: Option<i64>,
    /// The event that this receipt, for an empty batch, convicts.
    pub(crate) park: Option<(Slot, ParkedReason)>,
    pub(crate) effort: Effort,
}

/// An event that a receipt names as kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Acknowledgement {
    slot: Slot,
    /// The life of the server's database in which it is kept.
    history: HistoryId,
    received_at: Timestamp,
}

/// What a try was good for, and so whether the backoff ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// It got done what it was for.
    Useful,
    /// It was the control of a refused event: go on, but count the failures on.
    Control,
    /// Nothing of it was kept; or one event after the other is parked.
    Futile,
}

/// How long to wait, and what for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As long as the failures say.
    Backoff,
    /// As long as the server, being down, said.
    Unavailable { retry_after_ms: u64 },
    /// As long as the server, being busy, said; or as the failures say.
    Busy { retry_after_ms: Option<u64> },
    /// Until staff have acted.
    Unauthorized,
}

/// How the server's chain at its watermark compares with the device's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    /// Everything up to there is proven delivered.
    Equal,
    /// Something up to there is not what the device has, or the device has forgotten that it had more: a copy of this
    /// store goes its own way, or this one was set back.
    Unequal,
    /// The device doesn't hold the record there any more, or the numbering is not the one in use.
    Unknown,
}

impl Record {
    /// The slot whose chain [`Record::decide`] wants to know, if any.
    pub fn chain_wanted_at(&self) -> Option<(StreamId, Seq)> {
        match &self.meaning {
            Meaning::Settled(settlement) => Some((settlement.stream, settlement.receipt.watermark.seq)),
            Meaning::Acknowledged(_) | Meaning::NoReceipt(_) | Meaning::ForeignStream(_) | Meaning::Unreadable(_) => {
                None
            }
        }
    }

    /// The slots of which [`Record::decide`] wants to know whether there is a record: where each range of what the server
    /// misses begins. A range that begins with what the device has becomes shorter with every batch, so that in the end
    /// each one begins with what nobody has.
    pub fn slots_doubted(&self) -> Vec<(StreamId, Seq)> {
        match &self.meaning {
            Meaning::Settled(settlement) => {
                let missing = settlement.receipt.missing.iter().take(policy::DOUBTED_MAX_SLOTS);
                missing.map(|&(first, _)| (settlement.stream, first)).collect()
            }
            Meaning::Acknowledged(_) | Meaning::NoReceipt(_) | Meaning::ForeignStream(_) | Meaning::Unreadable(_) => {
                Vec::new()
            }
        }
    }

    /// What to change, given what is stored, the device's chain at [`Record::chain_wanted_at`], and which of
    /// [`Record::slots_doubted`] are empty. Pure: call it in the middle of the transaction.
    #[must_use]
    pub fn decide(&self, standing: &Standing, own_chain: OwnChain, empty: &[Seq]) -> Orders {
        match &self.meaning {
            Meaning::Settled(settlement) => self.settle(settlement, standing, own_chain, empty),
            Meaning::Acknowledged(part) => self.acknowledge(part, standing),
            Meaning::NoReceipt(wait) => Orders { changes: Vec::new(), memory: self.wait(*wait, &standing.memory) },
            Meaning::ForeignStream(stream) => self.leave(*stream, standing),
            Meaning::Unreadable(slots) => Orders {
                changes: slots.iter().map(|&slot| Change::Park { slot, reason: ParkedReason::Unreadable }).collect(),
                memory: standing.memory.clone(),
            },
        }
    }

    /// What a receipt means. The order of the changes matters: first what is no longer certain becomes pending, then
    /// what this receipt names is acknowledged, and only what is left moves to a new stream.
    fn settle(&self, settlement: &Settlement, standing: &Standing, own_chain: OwnChain, empty: &[Seq]) -> Orders {
        let Settlement { receipt, stream, sent, park, .. } = settlement;
        let is_current = *stream == standing.stream;
        let same_history = standing.memory.history == Some(receipt.history);
        let proof = if is_current { prove(receipt.watermark, standing.head, own_chain) } else { Proof::Unknown };
        let proven_before = if same_history { standing.memory.proven_in(standing.stream) } else { 0 };

        let mut changes = Vec::new();
        let mut reopen = |first, last| changes.push(Change::Reopen { stream: standing.stream, first, last });
        match proof {
            Proof::Unequal => reopen(proven_before + 1, Seq::MAX),
            Proof::Equal | Proof::Unknown if same_history => {}
            Proof::Equal => reopen(receipt.watermark.seq + 1, Seq::MAX),
            // What the watermark covers may be a copy's, if the record there is gone that would tell.
            Proof::Unknown => reopen(1, Seq::MAX),
        }
        if is_current {
            let missing = receipt.missing.iter().take(policy::MISSING_MAX_RANGES);
            missing.filter(|(first, last)| first <= last).for_each(|&(first, last)| reopen(first, last));
        }
        if !same_history {
            changes.push(Change::ReopenEarlierStreams);
        }

        let mut conflict = false;
        for result in &receipt.results {
            let kept = match result.outcome {
                Outcome::Accepted | Outcome::Duplicate | Outcome::Quarantined { .. } => true,
                Outcome::Conflict => {
                    conflict = true;
                    true
                }
                Outcome::Retry => false,
            };
            if let (true, Some(&slot)) = (kept, sent.iter().find(|slot| slot.seq == result.seq)) {
                changes.push(Change::Acknowledge { slot, at: self.now, received_at: receipt.received_at });
            }
        }
        changes.extend(park.map(|(slot, reason)| Change::Park { slot, reason }));

        // A server that was restored from too old a backup waits for ever for what the device has let go of. That is seen
        // by the records: a note of it would be lost with the memory, or by a version that does not know it.
        let has_hole = empty.iter().any(|&seq| seq <= standing.head.seq);
        let begins_stream = is_current && (conflict || has_hole || proof == Proof::Unequal);
        if begins_stream {
            changes.push(Change::BeginStream { stream: self.fresh_stream });
        }

        let mut memory = standing.memory.clone();
        memory.history = Some(receipt.history);
        memory.heard_at = Some(self.now);
        memory.clock_offset_ms = settlement.clock_offset_ms.or(memory.clock_offset_ms);
        self.hear_of_access(receipt, &mut memory);
        if begins_stream {
            memory.proven = None;
        } else if proof == Proof::Equal {
            let seq = receipt.watermark.seq.max(proven_before);
            memory.proven = Some(Proven { stream: *stream, seq });
        } else if !same_history {
            memory.proven = None;
        }
        self.go_on(settlement.effort, receipt.resume_after_ms, &mut memory);
        if same_history && proof == Proof::Equal && !begins_stream {
            self.forget(receipt, standing, &mut changes, &mut memory);
        }
        Orders { changes, memory }
    }

    /// Records more of what the last receipt named; nothing if another worker has since heard of another history, in which
    /// it may not be kept.
    fn acknowledge(&self, part: &[Acknowledgement], standing: &Standing) -> Orders {
        let is_kept = |acknowledgement: &&Acknowledgement| standing.memory.history == Some(acknowledgement.history);
        let change =
            |&Acknowledgement { slot, received_at, .. }: &_| Change::Acknowledge { slot, at: self.now, received_at };
        Orders { changes: part.iter().filter(is_kept).map(change).collect(), memory: standing.memory.clone() }
    }

    /// Begins a stream of the device's own, unless another worker has done so since. The first is tried at once, however
    /// long the outage before it was; a server that refuses that one too is given the time that the failures since say.
    fn leave(&self, stream: StreamId, standing: &Standing) -> Orders {
        let mut memory = standing.memory.clone();
        let mut changes = Vec::new();
        if stream == standing.stream {
            changes.push(Change::BeginStream { stream: self.fresh_stream });
            memory.proven = None;
        }
        if memory.foreign_streams == 0 {
            memory.failures = 0;
            memory.hold = None;
        } else {
            memory = self.wait(Wait::Backoff, &memory);
        }
        memory.foreign_streams = memory.foreign_streams.saturating_add(1);
        Orders { changes, memory }
    }

    /// Ends the backoff, or not, and notes for how long the server asks the backlog to wait.
    fn go_on(&self, effort: Effort, resume_after_ms: u64, memory: &mut Memory) {
        memory.false_starts = 0;
        memory.foreign_streams = 0;
        memory.probe_from = None;
        let own_wait_ms = match effort {
            Effort::Useful => {
                memory.failures = 0;
                0
            }
            Effort::Control => 0,
            Effort::Futile => {
                memory.failures = memory.failures.max(1);
                retry::backoff_ms(memory.failures, self.jitter)
            }
        };
        let wait_ms = own_wait_ms.max(retry::capped(resume_after_ms));
        memory.hold = (wait_ms > 0).then(|| Hold { until: self.now.plus_ms(wait_ms), why: Why::Spread });
    }

    /// Notes that the device's access was withdrawn, or given back. What it may let go of is looked at at once then.
    fn hear_of_access(&self, receipt: &Receipt, memory: &mut Memory) {
        if !receipt.revoked {
            memory.revoked = None;
        } else if memory.revoked.is_none() {
            memory.revoked = Some(Revoked { heard_at: self.now, wiped: false });
            memory.forgot_at = None;
        }
    }

    /// Deletes what is acknowledged, proven, below what the server asks to keep, *and* old. The device's clock alone
    /// deletes nothing, and the record at the watermark stays: its chain proves the next receipt.
    ///
    /// An earlier stream's last acknowledgement came before the first event of this one was sent. So once the server
    /// lets go of the first event here, the same holds for everything there.
    ///
    /// A device whose access was withdrawn does not wait for what it may let go of to grow old, and lets go of the
    /// record at the watermark too, if that is the last one: then the head has its chain.
    fn forget(&self, receipt: &Receipt, standing: &Standing, changes: &mut Vec<Change>, memory: &mut Memory) {
        let watermark = receipt.watermark.seq;
        let (stays_from, acknowledged_before, every_ms) = match memory.revoked {
            Some(_) => {
                let is_last = watermark == standing.head.seq;
                (watermark + u64::from(is_last), Timestamp::LATEST, policy::FORGET_REVOKED_EVERY_MS)
            }
            None => (watermark, self.now.plus_ms(-limits::ACKNOWLEDGED_KEPT_MS), policy::FORGET_EVERY_MS),
        };
        let (stream, below) = (standing.stream, receipt.keep_from.min(stays_from));
        if below <= 1 || !has_passed(every_ms, memory.forgot_at, self.now) {
            return;
        }
        changes.push(Change::Forget { stream, below, acknowledged_before });
        changes.push(Change::ForgetEarlierStreams { current: stream, acknowledged_before });
        memory.forgot_at = Some(self.now);
    }

    /// The memory after a try without a receipt, which the claim has counted already. It is counted here once more only
    /// if another context's receipt took the claim back meanwhile.
    fn wait(&self, wait: Wait, stored: &Memory) -> Memory {
        let mut memory = stored.clone();
        memory.failures = memory.failures.max(1);
        let backoff = retry::backoff_ms(memory.failures, self.jitter);
        let (wait_ms, why) = match wait {
            Wait::Backoff => (backoff, Why::NoReceipt),
            Wait::Unavailable { retry_after_ms } => {
                (retry::retry_after_ms(retry_after_ms, self.jitter), Why::NoReceipt)
            }
            Wait::Busy { retry_after_ms } => {
                (retry_after_ms.map_or(backoff, |asked| retry::retry_after_ms(asked, self.jitter)), Why::Busy)
            }
            Wait::Unauthorized => (retry::unauthorized_ms(self.jitter), Why::Unauthorized),
        };
        memory.hold = Some(Hold { until: self.now.plus_ms(wait_ms), why });
        memory
    }
}

impl Settlement {
    /// Takes out what is recorded after the rest, in transactions of its own, because one that writes hundreds of rows
    /// keeps a person waiting who does something meanwhile. What is not recorded yet is just sent again; so it can wait,
    /// unless the receipt makes the events move to a new stream.
    pub(crate) fn postponed(&mut self) -> Vec<Acknowledgement> {
        let Receipt { results, history, received_at, .. } = &mut self.receipt;
        let conflicts = results.iter().any(|result| result.outcome == Outcome::Conflict);
        if conflicts || results.len() <= policy::RECORD_MAX_ROWS {
            return Vec::new();
        }
        let (history, received_at) = (*history, *received_at);
        let later = results.split_off(policy::RECORD_MAX_ROWS);
        let kept = later.iter().filter(|result| result.outcome.is_kept());
        kept.filter_map(|result| self.sent.iter().find(|slot| slot.seq == result.seq))
            .map(|&slot| Acknowledgement { slot, history, received_at })
            .collect()
    }
}

/// Compares the chains at the server's watermark.
fn prove(watermark: Link, head: Link, own_chain: OwnChain) -> Proof {
    let own = match watermark.seq {
        0 => Some(Link::START.chain),
        seq if seq == head.seq => Some(head.chain),
        seq if seq > head.seq => return Proof::Unequal,
        _ => own_chain,
    };
    match own {
        Some(own) if own == watermark.chain => Proof::Equal,
        Some(_) => Proof::Unequal,
        None => Proof::Unknown,
    }
}
