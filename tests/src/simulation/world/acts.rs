//! What people do at the devices, and what they are told.

use vestibule_engine::Input;
use vestibule_protocol::{id::StreamId, message::Capture, timestamp::Timestamp};

use super::World;
use crate::simulation::{
    check::Violation,
    coverage::Doing,
    fault::Fault,
    mutation::Mutation,
    people::{self, Confirmed},
    storage::{Access, StorageFailure},
    tables::Tables,
};

/// Events that people try to capture in one history.
const CAPTURES_MAX: usize = 40;
/// How long somebody who saw no "done" stays and presses again, in ms: a screen is wiped after a minute or so. Nobody does
/// for the week after which a device may have forgotten that they were heard the first time.
const PRESSES_FOR_MS: i64 = 24 * 60 * 60_000;
/// Events with a name that something on the way refuses for ever.
const BAD_NAMES_MAX: usize = 2;

impl World {
    /// A person does something new.
    pub(super) fn person_acts(&mut self, at: usize, context: usize) -> Result<(), Violation> {
        if self.captures >= CAPTURES_MAX {
            return Ok(());
        }
        self.captures += 1;
        let clock = self.devices[at].clock(self.now);
        self.fate.coverage.doing = Doing::Capturing;
        let is_poison = self.fate.strikes(Fault::Poison, self.now);
        let is_firewalled = self.fate.strikes(Fault::Firewalled, self.now);
        let bad_name = match (is_poison, is_firewalled) {
            _ if self.bad_names >= BAD_NAMES_MAX => None,
            (true, _) => Some(people::POISON),
            (false, true) => Some(people::FIREWALLED),
            (false, false) => None,
        };
        self.bad_names += usize::from(bad_name.is_some());
        let mut capture = people::act(&mut self.fate.random, clock, bad_name);
        if self.fate.strikes(Fault::SameId, self.now) && !self.confirmed.is_empty() {
            let other = self.confirmed[self.fate.random.below(self.confirmed.len())].event;
            if !self.devices[at].storage.tables.rows.contains_key(&other) {
                capture.event = other;
            }
        }
        self.capture(at, context, capture, self.now)
    }

    /// A person who saw no "done" presses again; the page asks with the same event.
    pub(super) fn person_asks_again(&mut self, context: usize) -> Result<(), Violation> {
        if self.unconfirmed.is_empty() {
            return Ok(());
        }
        let (at, capture, since) = self.unconfirmed.swap_remove(self.fate.random.below(self.unconfirmed.len()));
        if self.now.ms_since(since) > PRESSES_FOR_MS {
            return Ok(());
        }
        self.capture(at, context, capture, since)
    }

    /// Captures what somebody has been pressing for `since` then.
    fn capture(&mut self, at: usize, context: usize, capture: Capture, since: Timestamp) -> Result<(), Violation> {
        if self.devices[at].contexts[context].asleep_until > self.now {
            return Ok(());
        }
        let clock = self.devices[at].clock(self.now);
        let fresh = StreamId::new(clock, self.fate.random.bytes());
        let head = self.devices[at].storage.tables.head;
        let is_stale = self.mutation == Some(Mutation::SeqOutsideTransaction) && self.fate.random.chance(2_500);
        if is_stale {
            // Another context appends between the reading of the number and its use.
            let other = people::act(&mut self.fate.random, clock, None);
            let _not_confirmed = self.keep(at, 1 - context, &other, |tables| tables.append(&other, fresh));
        }
        let kept = self.keep(at, context, &capture, |tables| {
            if is_stale { tables.append_after(&capture, head, fresh) } else { tables.append(&capture, fresh) }
        });
        match kept {
            Ok(Ok(())) if !self.ends(at, context) => self.confirm(at, &capture, fresh),
            Err(StorageFailure::Full) if self.mutation == Some(Mutation::QuotaSwallowed) => {
                self.confirm(at, &capture, fresh);
            }
            Ok(Ok(())) | Err(_) => self.unconfirmed.push((at, capture, since)),
            Ok(Err(_)) => return Err(Violation::RefusedForNoReason),
        }
        self.check(&[at])?;
        self.devices[at].contexts[context].urges += 1;
        self.tell(at, context, || Input::Captured);
        Ok(())
    }

    pub(super) fn keep<T>(
        &mut self,
        at: usize,
        context: usize,
        capture: &Capture,
        append: impl Fn(&mut Tables) -> T,
    ) -> Result<T, StorageFailure> {
        let kept = self.transact(at, context, Doing::Capturing, Access::Strict, append);
        if let Some(row) = self.devices[at].storage.tables.rows.get(&capture.event) {
            self.uttered.insert(row.text.to_string());
        }
        kept
    }

    /// The person is told "done".
    pub(super) fn confirm(&mut self, at: usize, capture: &Capture, fresh: StreamId) {
        let mut tables = self.devices[at].storage.tables.clone();
        // Where it was not kept, a bug says "done" of what would have been.
        let _refused = tables.append(capture, fresh);
        let Some(row) = tables.rows.get(&capture.event) else { return };
        let text = row.text.to_string();
        if self.confirmed.iter().all(|confirmed| confirmed.text != text) {
            self.fate.coverage.confirmed += 1;
            self.confirmed.push(Confirmed {
                event: capture.event,
                text,
                copy_destroyed: false,
                may_be_let_go: false,
                destroyed: false,
            });
        }
    }
}
