//! The first half of a try: whether anything is due, and the claim of it.

use vestibule_protocol::{limits, timestamp::Timestamp};

use crate::{
    batching::{self, Order},
    memory::{Hold, Memory, Why, has_passed},
    outbox::{Share, Standing, Take},
    policy, retry,
};

/// A look into the outbox that claims a try if one is due; see [`Action::Load`](crate::Action::Load).
#[derive(Clone, Debug)]
pub struct Load {
    pub(crate) now: Timestamp,
    pub(crate) urgency: Urgency,
    /// Most events that a batch may have for now.
    pub(crate) ceiling: usize,
    /// How many of those that are read may be left out of it.
    pub(crate) left_out: usize,
    pub(crate) order: Order,
    pub(crate) jitter: u64,
}

/// Why the engine looks, and thereby which waits it may cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Urgency {
    /// It has just started, or done something.
    Quiet,
    /// Time has passed.
    Ticked,
    /// A person waits for an event.
    Interactive,
    /// Somebody wants it now.
    Nudged,
    /// The server calls itself ready.
    Recovered,
    /// A live server told how to go on: with fewer events.
    Onward,
    /// An event was refused alone: would an empty batch be?
    Control,
}

/// What a [`Load`] finds due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Events.
    Events {
        /// Most of them.
        limit: usize,
    },
    /// An empty batch.
    Heartbeat,
    /// Something is, but must wait.
    Held(Hold),
    /// Nothing before this.
    Nothing {
        /// The next heartbeat.
        until: Timestamp,
    },
}

impl Load {
    /// What to read and what to write, given what is stored. Pure: call it in the middle of the transaction.
    #[must_use]
    pub fn decide(&self, standing: &Standing) -> Take {
        match self.due(standing) {
            Due::Events { limit } => {
                // As many more as may be left out; a full batch is full enough without them.
                let read = (limit + self.left_out).min(limits::BATCH_MAX_EVENTS);
                let (newest, oldest) = batching::shares(read, self.order);
                Take { newest, oldest, memory: Some(self.claim(&standing.memory)) }
            }
            Due::Heartbeat => {
                Take { newest: Share::NONE, oldest: Share::NONE, memory: Some(self.claim(&standing.memory)) }
            }
            Due::Held(_) | Due::Nothing { .. } => Take { newest: Share::NONE, oldest: Share::NONE, memory: None },
        }
    }

    /// What is due, given what is stored.
    pub(crate) fn due(&self, standing: &Standing) -> Due {
        let memory = &standing.memory;
        let hold = memory.hold_at(self.now);
        if self.urgency == Urgency::Control {
            return Due::Heartbeat;
        }
        let heartbeat_every = match self.urgency {
            // Whoever pairs the device again wants to see at once that it has its access back.
            Urgency::Nudged if memory.revoked.is_some() => 0,
            Urgency::Nudged => policy::NUDGE_AGAIN_AFTER_MS,
            Urgency::Quiet
            | Urgency::Ticked
            | Urgency::Interactive
            | Urgency::Recovered
            | Urgency::Onward
            | Urgency::Control => policy::HEARTBEAT_EVERY_MS,
        };
        let heartbeat_due = has_passed(heartbeat_every, memory.heard_at, self.now);
        if standing.pending == 0 && !heartbeat_due {
            let heard_at = memory.heard_at.unwrap_or(self.now);
            return Due::Nothing { until: heard_at.plus_ms(policy::HEARTBEAT_EVERY_MS) };
        }
        match hold {
            Some(hold) if !self.urgency.overrides(hold.why) => Due::Held(hold),
            Some(_) if standing.pending > 0 && self.urgency == Urgency::Interactive => {
                Due::Events { limit: self.ceiling.min(policy::INTERACTIVE_MAX_EVENTS) }
            }
            Some(_) | None if standing.pending > 0 => Due::Events { limit: self.ceiling },
            Some(_) | None => Due::Heartbeat,
        }
    }

    /// The memory of a try that has failed already: only a receipt takes that back, so that a worker that is ended in
    /// the middle of every try backs off all the same.
    fn claim(&self, stored: &Memory) -> Memory {
        let mut memory = stored.clone();
        memory.failures = memory.failures.saturating_add(1);
        let until = self.now.plus_ms(retry::backoff_ms(memory.failures, self.jitter));
        memory.hold = Some(Hold { until, why: Why::NoReceipt });
        if self.urgency == Urgency::Recovered {
            memory.false_starts = memory.false_starts.saturating_add(1);
            memory.probe_from = Some(self.now.plus_ms(retry::probe_rest_ms(memory.false_starts)));
        }
        memory
    }
}

impl Urgency {
    /// Whether this cuts a wait short.
    const fn overrides(self, why: Why) -> bool {
        match self {
            Self::Quiet | Self::Ticked => false,
            Self::Interactive => matches!(why, Why::NoReceipt | Why::Spread),
            Self::Nudged | Self::Control => true,
            Self::Recovered | Self::Onward => matches!(why, Why::NoReceipt),
        }
    }
}
