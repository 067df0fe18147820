//! The state machine.

use vestibule_protocol::{
    batch::Receipt,
    id::{BatchId, ENTROPY_BYTES, EventId, StreamId},
    limits,
    message::{LinkState, ParkedReason},
    timestamp::Timestamp,
};

use crate::{
    Action, Answer, Entropy, Input, Loaded, Probed,
    answer::Verdict,
    batching::{Order, Prepared},
    blockade::{Blockade, Finding},
    load::{Due, Load, Urgency},
    memory::{Hold, Why, has_passed},
    outbox::Slot,
    policy,
    record::{Acknowledgement, Effort, Meaning, Record, Settlement, Wait},
    wipe::Wipe,
};

/// The engine of one worker. What it holds may be lost at any instant: everything here is either read anew from the
/// outbox or found out again.
#[derive(Clone, Debug)]
pub struct Engine {
    app_version: String,
    phase: Phase,
    /// What has been asked for and not yet looked after.
    wake: Option<Urgency>,
    /// Most events in a batch for now: halved when a batch is refused, doubled when one is receipted.
    ceiling: usize,
    /// The events of the last batch that was refused, but for those that went through since: one of them is to blame.
    accused: Vec<EventId>,
    suspect: Option<Suspect>,
    blockade: Blockade,
    /// Acknowledgements of the last receipt that are still to be recorded.
    unrecorded: Vec<Acknowledgement>,
    /// Events parked since one was last kept.
    parked_in_a_row: u32,
    link: LinkState,
}

/// An event that was refused alone.
#[derive(Clone, Copy, Debug)]
struct Suspect {
    slot: Slot,
    status: u16,
    refusals: u32,
}

#[derive(Clone, Debug)]
enum Phase {
    /// Nothing to do before then.
    Resting { until: Timestamp },
    /// Look into the outbox next.
    Looking(Urgency),
    /// [`Action::Load`] is under way.
    Loading(Load),
    /// Send this next.
    Prepared { batch: Box<Prepared>, purpose: Purpose },
    /// [`Action::Send`] is under way.
    Sending(Flight),
    /// Record this next.
    Judged { meaning: Meaning, then: Urgency },
    /// [`Action::Record`] is under way.
    Recording { then: Urgency },
    /// Probe next, or rest until the hold ends.
    Doubting { until: Timestamp },
    /// [`Action::Probe`] is under way.
    Probing { until: Timestamp },
    /// Wipe the copy of the site next.
    Condemned { then: Urgency },
    /// [`Action::Wipe`] is under way.
    Wiping { then: Urgency },
}

/// What a batch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    /// To deliver events.
    Deliver,
    /// To give a sign of life.
    Heartbeat,
    /// To see whether an empty batch is refused as well.
    Control,
}

/// A batch under way.
#[derive(Clone, Debug)]
struct Flight {
    batch: BatchId,
    stream: StreamId,
    slots: Vec<Slot>,
    sent_at: Timestamp,
    purpose: Purpose,
    /// How many events waited when it was put together.
    pending: u64,
}

impl Engine {
    /// An engine that knows nothing yet and looks into the outbox first. `app_version` is told to the server.
    pub fn resume(app_version: impl Into<String>) -> Self {
        Self {
            app_version: app_version.into(),
            phase: Phase::Looking(Urgency::Quiet),
            wake: None,
            ceiling: limits::BATCH_MAX_EVENTS,
            accused: Vec::new(),
            suspect: None,
            blockade: Blockade::default(),
            unrecorded: Vec::new(),
            parked_in_a_row: 0,
            link: LinkState::Unknown,
        }
    }

    /// What to do now. Harmless to call too often; see [`Action`] for what must happen before it is called again.
    pub fn next(&mut self, now: Timestamp, entropy: Entropy) -> Action {
        let resting = Phase::Resting { until: now };
        match std::mem::replace(&mut self.phase, resting) {
            Phase::Resting { until } if self.wake.is_none() && is_ahead(until, now) => {
                self.phase = Phase::Resting { until };
                Action::Rest { until }
            }
            Phase::Resting { .. } => self.look(Urgency::Quiet, now, entropy),
            Phase::Looking(urgency) => self.look(urgency, now, entropy),
            Phase::Prepared { batch, purpose } => self.send(*batch, purpose, now, entropy),
            Phase::Judged { meaning, then } => {
                self.phase = Phase::Recording { then };
                let fresh_stream = StreamId::new(now, id_bytes(entropy));
                Action::Record(Record { now, meaning, fresh_stream, jitter: jitter(entropy) })
            }
            Phase::Doubting { until } => {
                self.phase = Phase::Probing { until };
                Action::Probe
            }
            Phase::Condemned { then } => {
                self.phase = Phase::Wiping { then };
                Action::Wipe(Wipe)
            }
            // Whoever drives the engine has lost an outcome. The outbox knows what became of it.
            Phase::Loading(lost) => self.look(lost.urgency, now, entropy),
            Phase::Sending(_) | Phase::Recording { .. } | Phase::Probing { .. } | Phase::Wiping { .. } => {
                self.look(Urgency::Quiet, now, entropy)
            }
        }
    }

    /// Takes in what happened. An outcome of an action that is not under way is ignored.
    pub fn handle(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Captured => self.wake = self.wake.max(Some(Urgency::Interactive)),
            Input::Ticked => self.wake = self.wake.max(Some(Urgency::Ticked)),
            Input::Nudged => self.wake = self.wake.max(Some(Urgency::Nudged)),
            Input::Loaded(loaded) => self.loaded(loaded),
            Input::Answered(answer) => self.answered(answer, now),
            Input::Recorded => {
                if let Phase::Recording { then } = self.phase {
                    self.phase = match self.next_acknowledgements() {
                        Some(meaning) => Phase::Judged { meaning, then },
                        None => Phase::Looking(then),
                    };
                }
            }
            Input::OutboxFailed => {
                if let Phase::Loading(_) | Phase::Recording { .. } | Phase::Wiping { .. } = self.phase {
                    self.unrecorded.clear();
                    self.phase = Phase::Resting { until: now.plus_ms(policy::OUTBOX_RETRY_MS) };
                }
            }
            Input::Wiped => {
                if let Phase::Wiping { then } = self.phase {
                    self.phase = Phase::Looking(then);
                }
            }
            Input::Probed(probed) => {
                if let Phase::Probing { until } = self.phase {
                    self.phase = match probed {
                        Probed::Ready => Phase::Looking(Urgency::Recovered),
                        Probed::NotReady => Phase::Resting { until },
                    };
                }
            }
        }
    }

    /// Whether the server answers, as far as this worker has seen.
    pub const fn link(&self) -> LinkState {
        self.link
    }

    fn look(&mut self, urgency: Urgency, now: Timestamp, entropy: Entropy) -> Action {
        // What the engine itself must look after comes first; what was asked for waits for the look after that.
        let urgency = match urgency {
            Urgency::Quiet | Urgency::Ticked | Urgency::Interactive | Urgency::Nudged => {
                self.wake.take().map_or(urgency, |wake| wake.max(urgency))
            }
            Urgency::Recovered | Urgency::Onward | Urgency::Control => urgency,
        };
        let order = if self.accused.is_empty() { Order::BothEnds } else { Order::NewestFirst };
        let left_out = self.blockade.len();
        let load = Load { now, urgency, ceiling: self.ceiling, left_out, order, jitter: jitter(entropy) };
        self.phase = Phase::Loading(load.clone());
        Action::Load(load)
    }

    fn loaded(&mut self, mut loaded: Loaded) {
        let Phase::Loading(load) = &self.phase else { return };
        let memory = &loaded.standing.memory;
        if self.link == LinkState::Unknown && memory.hold.is_some_and(|hold| hold.why == Why::Unauthorized) {
            self.link = LinkState::Unauthorized;
        }
        let is_condemned = memory.revoked.is_some_and(|revoked| !revoked.wiped);
        self.phase = match load.due(&loaded.standing) {
            // A try that is claimed goes first: this can be seen again by the next look.
            Due::Held(_) | Due::Nothing { .. } if is_condemned => Phase::Condemned { then: load.urgency },
            Due::Events { limit } => {
                self.blockade.leave_out(&mut loaded.records);
                loaded.records.truncate(limit);
                prepare(loaded, Purpose::Deliver)
            }
            Due::Heartbeat if load.urgency == Urgency::Control => prepare(loaded, Purpose::Control),
            Due::Heartbeat => prepare(loaded, Purpose::Heartbeat),
            Due::Held(hold) if may_probe(load, hold, &loaded) => Phase::Doubting { until: hold.until },
            Due::Held(hold) => Phase::Resting { until: hold.until },
            Due::Nothing { until } => Phase::Resting { until },
        };
    }

    fn send(&mut self, prepared: Prepared, purpose: Purpose, now: Timestamp, entropy: Entropy) -> Action {
        let batch = BatchId::new(now, id_bytes(entropy));
        let (stream, slots, pending) = (prepared.stream(), prepared.slots.clone(), prepared.pending());
        self.phase = Phase::Sending(Flight { batch, stream, slots, sent_at: now, purpose, pending });
        Action::Send(prepared.post(batch, now, &self.app_version))
    }

    fn answered(&mut self, answer: Answer, now: Timestamp) {
        let resting = Phase::Resting { until: now };
        let flight = match std::mem::replace(&mut self.phase, resting) {
            Phase::Sending(flight) => flight,
            other @ (Phase::Resting { .. }
            | Phase::Looking(_)
            | Phase::Loading(_)
            | Phase::Prepared { .. }
            | Phase::Judged { .. }
            | Phase::Recording { .. }
            | Phase::Doubting { .. }
            | Phase::Probing { .. }
            | Phase::Condemned { .. }
            | Phase::Wiping { .. }) => {
                self.phase = other;
                return;
            }
        };
        self.phase = match answer.verdict(flight.batch) {
            Verdict::Receipt(receipt) => self.receipted(*receipt, flight, now),
            Verdict::Refused { status } => self.refused(status, &flight),
            Verdict::ForeignStream => {
                Phase::Judged { meaning: Meaning::ForeignStream(flight.stream), then: Urgency::Quiet }
            }
            Verdict::Blocked { .. } if flight.slots.is_empty() => {
                self.unanswered(LinkState::Unreachable, Wait::Backoff)
            }
            Verdict::Blocked { status } => {
                if self.accused.is_empty() {
                    self.blockade.begin_inquiry();
                }
                self.blockade.refused(flight.slots, status);
                Phase::Looking(Urgency::Control)
            }
            Verdict::Unauthorized => self.unanswered(LinkState::Unauthorized, Wait::Unauthorized),
            Verdict::Busy { retry_after_ms } => self.unanswered(LinkState::Unreachable, Wait::Busy { retry_after_ms }),
            Verdict::NoReceipt { retry_after_ms } => {
                let wait = retry_after_ms.map_or(Wait::Backoff, |retry_after_ms| Wait::Unavailable { retry_after_ms });
                self.unanswered(LinkState::Unreachable, wait)
            }
        };
    }

    fn receipted(&mut self, receipt: Receipt, flight: Flight, now: Timestamp) -> Phase {
        self.link = LinkState::Connected;
        let mut park = None;
        let effort = match flight.purpose {
            Purpose::Control => {
                let (convicted, effort) = self.control(flight.pending);
                park = convicted;
                effort
            }
            Purpose::Heartbeat => Effort::Useful,
            Purpose::Deliver => {
                self.went_through(&flight);
                if self.suspect.is_some_and(|suspect| flight.holds(suspect.slot.event)) {
                    self.suspect = None;
                }
                if keeps_any(&receipt, &flight) {
                    self.blockade.went_through(&flight.slots);
                    self.parked_in_a_row = 0;
                    Effort::Useful
                } else {
                    Effort::Futile
                }
            }
        };
        let clock_offset_ms = offset(receipt.received_at, flight.sent_at, now);
        let mut settlement =
            Settlement { receipt, stream: flight.stream, sent: flight.slots, clock_offset_ms, park, effort };
        self.unrecorded = settlement.postponed();
        Phase::Judged { meaning: Meaning::Settled(Box::new(settlement)), then: Urgency::Quiet }
    }

    /// Lets batches grow again; as long as one of the accused is still to be found, only to half of their number.
    fn went_through(&mut self, flight: &Flight) {
        let accused = self.accused.len();
        self.accused.retain(|event| !flight.holds(*event));
        if self.accused.len() == accused {
            // None of them was in this batch: another worker has delivered them, or newer events go first.
            self.accused.clear();
        }
        self.ceiling = match self.accused.len() {
            0 => self.ceiling.saturating_mul(2).min(limits::BATCH_MAX_EVENTS),
            accused => accused.div_ceil(2),
        };
    }

    /// What an empty batch that got its receipt says of the refusal before it: whom to park, and how to go on while
    /// `pending` events wait.
    fn control(&mut self, pending: u64) -> (Option<(Slot, ParkedReason)>, Effort) {
        let park = match self.blockade.find() {
            None => self.convict(),
            Some(Finding::Among(slots)) => {
                self.search(&slots);
                return (None, Effort::Control);
            }
            Some(Finding::Suspected(event)) => {
                self.accused.retain(|accused| *accused != event);
                let has_others = pending > self.blockade.len() as u64;
                let goes_on = has_others && !self.blockade.is_hopeless();
                return (None, if goes_on { Effort::Control } else { Effort::Futile });
            }
            Some(Finding::Convicted(slot, reason)) => {
                self.parked_in_a_row = self.parked_in_a_row.saturating_add(1);
                Some((slot, reason))
            }
        };
        (park, if park.is_some() && self.parked_in_a_row > 1 { Effort::Futile } else { Effort::Control })
    }

    /// One of these is to blame, at least: half of them next time.
    fn search(&mut self, slots: &[Slot]) {
        self.ceiling = slots.len() / 2;
        self.accused = slots.iter().map(|slot| slot.event).collect();
    }

    /// The next part of the last receipt that is to be recorded.
    fn next_acknowledgements(&mut self) -> Option<Meaning> {
        let at = self.unrecorded.len().saturating_sub(policy::RECORD_MAX_ROWS);
        let part = self.unrecorded.split_off(at);
        (!part.is_empty()).then_some(Meaning::Acknowledged(part))
    }

    /// The event to park, now that the server has receipted an empty batch, if it was refused alone often enough.
    fn convict(&mut self) -> Option<(Slot, ParkedReason)> {
        let suspect = self.suspect?;
        if suspect.refusals < policy::REFUSALS_BEFORE_PARKING {
            return None;
        }
        self.suspect = None;
        self.parked_in_a_row = self.parked_in_a_row.saturating_add(1);
        Some((suspect.slot, ParkedReason::RefusedByServer { status: suspect.status }))
    }

    /// Half of the events next time; if it was one alone, an empty batch; if that is refused, it is no event's fault.
    fn refused(&mut self, status: u16, flight: &Flight) -> Phase {
        match flight.slots[..] {
            [] => {
                self.suspect = None;
                self.unanswered(LinkState::Unreachable, Wait::Backoff)
            }
            [slot] => {
                let before = self.suspect.filter(|suspect| suspect.slot == slot).map_or(0, |suspect| suspect.refusals);
                self.suspect = Some(Suspect { slot, status, refusals: before + 1 });
                Phase::Looking(Urgency::Control)
            }
            [..] => {
                self.search(&flight.slots);
                Phase::Looking(Urgency::Onward)
            }
        }
    }

    fn unanswered(&mut self, link: LinkState, wait: Wait) -> Phase {
        self.link = link;
        self.blockade.is_outage();
        Phase::Judged { meaning: Meaning::NoReceipt(wait), then: Urgency::Quiet }
    }
}

impl Flight {
    fn holds(&self, event: EventId) -> bool {
        self.slots.iter().any(|slot| slot.event == event)
    }
}

/// Sends what was loaded; unless some of it can't be sent by anybody: then that is set aside first.
fn prepare(loaded: Loaded, purpose: Purpose) -> Phase {
    let batch = Prepared::new(loaded);
    if batch.unreadable.is_empty() {
        Phase::Prepared { batch: Box::new(batch), purpose }
    } else {
        Phase::Judged { meaning: Meaning::Unreadable(batch.unreadable), then: Urgency::Onward }
    }
}

/// Whether to ask the server if it is back: when time has passed, something waits, and more than one try has failed.
fn may_probe(load: &Load, hold: Hold, loaded: &Loaded) -> bool {
    let memory = &loaded.standing.memory;
    let is_first_wait = memory.failures <= 1 && hold.until.ms_since(load.now) <= policy::FIRST_WAIT_MS;
    let rests = memory.probe_from.is_some_and(|from| is_ahead(from, load.now));
    load.urgency == Urgency::Ticked
        && hold.why == Why::NoReceipt
        && loaded.standing.pending > 0
        && !is_first_wait
        && !rests
}

/// Whether `then` is still to come, and not so far ahead that a clock that has since been set back must have written it.
fn is_ahead(then: Timestamp, now: Timestamp) -> bool {
    (1..=policy::HOLD_MAX_MS).contains(&then.ms_since(now))
}

/// Whether the receipt names any event of the batch as kept.
fn keeps_any(receipt: &Receipt, flight: &Flight) -> bool {
    receipt
        .results
        .iter()
        .any(|result| result.outcome.is_kept() && flight.slots.iter().any(|slot| slot.seq == result.seq))
}

/// The server's clock minus the device's: what the server read, against the middle of the exchange. `None` if the
/// device's clock was set meanwhile.
fn offset(received_at: Timestamp, sent_at: Timestamp, now: Timestamp) -> Option<i64> {
    let took_ms = now.ms_since(sent_at);
    let is_plausible = !has_passed(i64::from(limits::ANSWER_TIMEOUT_MS), Some(sent_at), now);
    is_plausible.then(|| received_at.ms_since(sent_at.plus_ms(took_ms / 2)))
}

fn id_bytes(entropy: Entropy) -> [u8; ENTROPY_BYTES] {
    std::array::from_fn(|at| entropy[at])
}

fn jitter(entropy: Entropy) -> u64 {
    u64::from_le_bytes(std::array::from_fn(|at| entropy[ENTROPY_BYTES + at]))
}
