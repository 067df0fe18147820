//! The network: messages that arrive late, twice, in another order, or not at all.

use vestibule_engine::{Answer, Probed};
use vestibule_protocol::{batch::RECEIPT_MEDIA_TYPE, event::Source, problem, timestamp::Timestamp};

use super::{
    fault::{Fate, Fault},
    people,
};

/// Longest that a message takes when nothing is wrong, in ms.
const USUAL_MS: i64 = 900;
/// Longest that one takes which is delayed, in ms: past any deadline.
const DELAYED_MAX_MS: i64 = 10 * 60_000;

/// Something on its way.
pub struct Message {
    /// Counts messages; an answer has the number of its request.
    pub number: u64,
    /// Which device, by its place in the fleet.
    pub device: usize,
    /// Which of its contexts.
    pub context: usize,
    /// How often that context had started when it sent this.
    pub starts: u32,
    /// When it arrives; or, once the server has it, when that is done with it.
    pub due: Timestamp,
    /// Whether the server has it already, and is slow.
    pub is_taken: bool,
    /// What it is.
    pub cargo: Cargo,
}

/// What a message carries.
#[derive(Clone)]
pub enum Cargo {
    /// A batch, on its way to the server.
    Batch {
        /// Whose token it has.
        source: Source,
        /// The body.
        body: String,
    },
    /// A probe, on its way to the server.
    Probe,
    /// What came of a batch. `None`: a connection that ended without an answer.
    Answer(Reply),
    /// What came of a probe.
    Probed(Probed),
}

/// An answer that can be copied.
#[derive(Clone)]
pub enum Reply {
    /// A response.
    Response {
        /// The status.
        status: u16,
        /// The `Content-Type`.
        media_type: String,
        /// `Retry-After`, in ms.
        retry_after_ms: Option<u64>,
        /// The body.
        body: String,
    },
    /// None.
    Nothing,
}

/// What is on its way.
#[derive(Default)]
pub struct Network {
    /// In no order.
    pub messages: Vec<Message>,
    sent: u64,
}

impl Network {
    /// A number for a request and its answer.
    pub const fn number(&mut self) -> u64 {
        self.sent += 1;
        self.sent
    }

    /// Sends a message; it may get lost, late or doubled.
    pub fn send(&mut self, fate: &mut Fate, now: Timestamp, mut message: Message) {
        let is_request = matches!(message.cargo, Cargo::Batch { .. } | Cargo::Probe);
        let loss = if is_request { Fault::RequestLost } else { Fault::AnswerLost };
        if fate.strikes(loss, now) {
            return;
        }
        let most = if fate.strikes(Fault::Delayed, now) { DELAYED_MAX_MS } else { USUAL_MS };
        message.due = now.plus_ms(fate.random.between(1, most));
        if is_request && fate.strikes(Fault::Duplicated, now) {
            let due = message.due.plus_ms(fate.random.between(0, DELAYED_MAX_MS));
            self.messages.push(Message { due, cargo: message.cargo.clone(), ..message });
        }
        self.messages.push(message);
    }

    /// What somebody on the way, or the server's own front, answers in place of the server, if anybody does; and why.
    pub fn interfere(fate: &mut Fate, now: Timestamp, body: &str) -> Option<(Fault, Reply)> {
        if fate.strikes(Fault::Portal, now) {
            return Some((Fault::Portal, page(200)));
        }
        if fate.strikes(Fault::Walled, now) {
            return Some((Fault::Walled, page(fate.random.pick(&[400, 403, 404, 405, 451]))));
        }
        if fate.strikes(Fault::Redirected, now) {
            return Some((Fault::Redirected, Reply::Nothing));
        }
        for (fault, statuses) in STATUSES {
            if fate.strikes(*fault, now) {
                let status = fate.random.pick(statuses);
                let asked = fate.random.chance(5_000).then(|| fate.random.bits() % 120_000);
                let retry_after_ms = asked.filter(|_| matches!(status, 429 | 503));
                let reply = if fate.random.chance(3_000) { page(status) } else { problem(status, retry_after_ms) };
                return Some((*fault, reply));
            }
        }
        // They go on for ever, also when all else is well again.
        if body.contains(people::FIREWALLED) {
            return Some((Fault::Firewalled, page(403)));
        }
        body.contains(people::POISON).then(|| (Fault::Poison, problem(400, None)))
    }

    /// Takes out the next message that is to arrive by `now`: the first one due, or any if they overtake each other.
    pub fn next(&mut self, fate: &mut Fate, now: Timestamp) -> Option<Message> {
        let mut due: Vec<usize> = (0..self.messages.len()).filter(|&at| self.messages[at].due <= now).collect();
        due.sort_by_key(|&at| (self.messages[at].due, self.messages[at].number));
        let first = *due.first()?;
        let chosen = if fate.strikes(Fault::Reordered, now) { due[fate.random.below(due.len())] } else { first };
        Some(self.messages.remove(chosen))
    }

    /// Of which device, and which of its contexts, the message is that is due first by `now`.
    pub fn first_due(&self, now: Timestamp) -> Option<(usize, usize)> {
        let due = self.messages.iter().filter(|message| message.due <= now);
        due.min_by_key(|message| (message.due, message.number)).map(|message| (message.device, message.context))
    }

    /// When the next message arrives.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.messages.iter().map(|message| message.due).min()
    }
}

impl Reply {
    /// As the engine takes it.
    pub fn into_answer(self) -> Answer {
        match self {
            Self::Response { status, media_type, retry_after_ms, body } => {
                Answer::Response { status, media_type, retry_after_ms, body }
            }
            Self::Nothing => Answer::None,
        }
    }

    /// Whether it says, of the batch `sent`, something after which to go on at once: a receipt, or a refusal; if something
    /// on the way may have refused it, for its content, by trying an empty batch.
    pub fn tells_how_to_go_on(&self, sent: &str) -> bool {
        match self {
            Self::Response { status, media_type, body, .. } => match status {
                200 => media_type == RECEIPT_MEDIA_TYPE,
                413 => true,
                400 | 422 if media_type == problem::MEDIA_TYPE => true,
                403 if media_type == problem::MEDIA_TYPE => body.contains(problem::FOREIGN_STREAM),
                401 | 407 | 408 | 425 | 429 => false,
                400..=499 => !sent.contains(r#""events":[]"#),
                _ => false,
            },
            Self::Nothing => false,
        }
    }

    /// What is left of it after the way.
    #[must_use]
    pub fn travelled(self, fate: &mut Fate, now: Timestamp) -> Self {
        match self {
            Self::Response { status, media_type, retry_after_ms, mut body } => {
                if fate.strikes(Fault::Truncated, now) {
                    body.truncate(fate.random.below(body.len() + 1));
                }
                Self::Response { status, media_type, retry_after_ms, body }
            }
            Self::Nothing => Self::Nothing,
        }
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        match answer {
            Answer::Response { status, media_type, retry_after_ms, body } => {
                Self::Response { status, media_type, retry_after_ms, body }
            }
            Answer::None => Self::Nothing,
        }
    }
}

const STATUSES: &[(Fault, &[u16])] = &[
    (Fault::Refused, &[400, 422]),
    (Fault::Unauthorized, &[401]),
    (Fault::Forbidden, &[403]),
    (Fault::Timeout, &[408]),
    (Fault::TooLarge, &[413]),
    (Fault::Busy, &[429]),
    (Fault::ServerError, &[500]),
    (Fault::BadGateway, &[502]),
    (Fault::Unavailable, &[503]),
];

fn page(status: u16) -> Reply {
    Reply::Response {
        status,
        media_type: "text/html; charset=utf-8".to_owned(),
        retry_after_ms: None,
        body: "<h1>Welcome!</h1>".to_owned(),
    }
}

fn problem(status: u16, retry_after_ms: Option<u64>) -> Reply {
    Reply::Response {
        status,
        media_type: problem::MEDIA_TYPE.to_owned(),
        retry_after_ms,
        body: format!(r#"{{"status":{status},"code":"no","title":"No"}}"#),
    }
}
