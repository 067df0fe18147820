//! Events that something on the way won't let pass: a firewall, as a rule, that takes a visitor's name for an attack and
//! answers with a page of its own.
//!
//! Such an answer is no server's word, so nothing is believed of it; it is tried out instead. A batch that was refused is
//! followed by an empty one. If that is refused too, it is an outage like any other. If it gets its receipt, the refusal
//! is about what was in the batch: the batch is halved, down to the one event, which is then left out, so that its
//! neighbours wait no longer. It is parked only after a neighbour has got through since, and it alone has not, several
//! times: what refuses everything that has content accuses nobody.

use vestibule_protocol::{id::EventId, message::ParkedReason};

use crate::{
    outbox::{Pending, Slot},
    policy,
};

/// What has been tried out. In memory only: a worker that starts anew tries it out again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blockade {
    /// The batch that was refused, until an empty one has shown what that was about.
    refused: Option<(Vec<Slot>, u16)>,
    /// Whether others of the batch that is being halved got through.
    has_freed: bool,
    /// The longest known first.
    suspects: Vec<Suspect>,
}

/// An event that was refused alone, while an empty batch passed.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    slot: Slot,
    /// Since a neighbour got through.
    refusals: u32,
    /// Whether one did, since it was refused first.
    has_free_neighbours: bool,
}

/// What a refusal was about.
#[derive(Clone, Debug)]
pub(crate) enum Finding {
    /// One of these, at least.
    Among(Vec<Slot>),
    /// This one, as it seems. It is left out for now.
    Suspected(EventId),
    /// This one, as is proven.
    Convicted(Slot, ParkedReason),
}

impl Blockade {
    /// The next refusal has nothing to do with those before.
    pub(crate) const fn begin_inquiry(&mut self) {
        self.has_freed = false;
    }

    /// A batch with these events was refused.
    pub(crate) fn refused(&mut self, slots: Vec<Slot>, status: u16) {
        self.refused = Some((slots, status));
    }

    /// An empty batch was refused too, or got no receipt.
    pub(crate) fn is_outage(&mut self) {
        self.refused = None;
    }

    /// An empty batch got its receipt: what was the refusal before it about? `None` if there was none.
    pub(crate) fn find(&mut self) -> Option<Finding> {
        let (slots, status) = self.refused.take()?;
        let &[slot] = slots.as_slice() else { return Some(Finding::Among(slots)) };
        let known = self.suspects.iter().position(|suspect| suspect.slot == slot);
        let mut suspect = match known {
            Some(at) => self.suspects.remove(at),
            None => Suspect { slot, refusals: 0, has_free_neighbours: self.has_freed },
        };
        suspect.refusals += 1;
        if suspect.has_free_neighbours && suspect.refusals >= policy::REFUSALS_BEFORE_PARKING {
            return Some(Finding::Convicted(slot, ParkedReason::RefusedByServer { status }));
        }
        if self.suspects.len() >= policy::BLOCKED_MAX_EVENTS {
            self.suspects.remove(0);
        }
        self.suspects.push(suspect);
        Some(Finding::Suspected(slot.event))
    }

    /// A batch with these events was kept: none of them is to blame, and the others don't share its fate.
    pub(crate) fn went_through(&mut self, slots: &[Slot]) {
        self.refused = None;
        self.has_freed = true;
        self.suspects.retain(|suspect| slots.iter().all(|slot| slot.event != suspect.slot.event));
        for suspect in self.suspects.iter_mut().filter(|suspect| !suspect.has_free_neighbours) {
            (suspect.has_free_neighbours, suspect.refusals) = (true, 0);
        }
    }

    /// How many events are left out.
    pub(crate) const fn len(&self) -> usize {
        self.suspects.len()
    }

    /// Whether one event after the other was refused alone, and none has got through: there is no hurry to try the next.
    pub(crate) fn is_hopeless(&self) -> bool {
        self.suspects.len() >= policy::BLOCKED_HOPELESS_EVENTS
            && self.suspects.iter().all(|suspect| !suspect.has_free_neighbours)
    }

    /// Leaves out of `records` who is suspected; unless nobody else is left, or too many are: then one is tried alone.
    pub(crate) fn leave_out(&self, records: &mut Vec<Pending>) {
        let of = |record: &Pending| self.suspects.iter().position(|suspect| suspect.slot.event == record.event);
        let is_full = self.suspects.len() >= policy::BLOCKED_MAX_EVENTS;
        if is_full || records.iter().all(|record| of(record).is_some()) {
            let longest_known = records.iter().filter_map(of).min();
            records.retain(|record| longest_known.is_none_or(|at| of(record) == Some(at)));
        } else {
            records.retain(|record| of(record).is_none());
        }
    }
}
