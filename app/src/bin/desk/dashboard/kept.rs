//! What the server says of delivery, and this device's copy of it: the pages that prove something must open in the very
//! outage that they are asked about. A copy holds no visitor's name.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use vestibule_protocol::{json, timestamp::Timestamp};
use web_sys::Storage;

use vestibule_app::{
    api::{self, Failure},
    clock,
    outbox::Outbox,
    staff,
};

/// How often the server is asked again while a page is open, in seconds, beside each time that something has changed.
const ASK_AGAIN_EVERY_S: u64 = 15;

/// The same for what stands at the edge of every page, in seconds. A server that answers hundreds of desks should not be
/// asked by all of them at each arrival.
const ASK_CALMLY_EVERY_S: u64 = 60;

/// What to ask, and under which name the answer is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The server's path.
    pub path: String,
    /// Unlike the path the same tomorrow, when "today" begins later.
    pub name: String,
}

/// The server's last word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept<T> {
    /// What it said.
    pub value: T,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// How the answer to a question stands. Copies are one and the same.
pub struct Answer<T: Send + Sync + 'static> {
    /// The server's last word; `None` while there was none on this device.
    pub last: RwSignal<Option<Kept<T>>>,
    /// Why the server gave no newer one, if it was asked and did not.
    pub failure: RwSignal<Option<Failure>>,
    round: RwSignal<u32>,
}

impl<T: Send + Sync + 'static> Answer<T> {
    /// Asks now: something was done that changes the answer.
    pub fn ask_again(self) {
        self.round.update(|round| *round += 1);
    }
}

/// How eagerly an answer is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Again whenever the outbox has news: a page that somebody looks at.
    WithNews,
    /// Once a minute: something at the edge.
    Calm,
}

impl<T: Send + Sync + 'static> Clone for Answer<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Answer<T> {}

/// Follows the answer to `question` for as long as the component lives: first the copy, then the server's word, and
/// again at that pace.
pub fn follow<T>(question: Memo<Option<Question>>, pace: Pace) -> Answer<T>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    follow_by(question, pace, async |path: String| api::read(&path).await)
}

/// The same, where `ask` is how the answer is had from the path: by several requests, for one.
pub fn follow_by<T>(
    question: Memo<Option<Question>>,
    pace: Pace,
    ask: impl AsyncFn(String) -> Result<T, Failure> + Copy + 'static,
) -> Answer<T>
where
    T: Clone + Serialize + DeserializeOwned + Send + Sync + 'static,
{
    let outbox = expect_context::<Outbox>();
    let round = RwSignal::new(0_u32);
    let answer = Answer { last: RwSignal::new(None), failure: RwSignal::new(None), round };
    let every_s = match pace {
        Pace::WithNews => ASK_AGAIN_EVERY_S,
        Pace::Calm => ASK_CALMLY_EVERY_S,
    };
    let timer = set_interval_with_handle(move || answer.ask_again(), Duration::from_secs(every_s));
    if let Ok(timer) = timer {
        on_cleanup(move || timer.clear());
    }
    let asked = StoredValue::new(None::<Question>);
    let is_busy = StoredValue::new(false);
    Effect::new(move |_| {
        round.track();
        if pace == Pace::WithNews {
            outbox.as_of.track();
        }
        let Some(question) = question.get() else { return };
        let is_other = asked.with_value(|asked| asked.as_ref().is_none_or(|asked| asked.name != question.name));
        if is_busy.get_value() && !is_other {
            return;
        }
        if is_other {
            answer.last.set(recall(&question));
            answer.failure.set(None);
        }
        asked.set_value(Some(question.clone()));
        is_busy.set_value(true);
        spawn_local(async move {
            let told = ask(question.path.clone()).await;
            // Another question may have been asked since, or the page left.
            if asked.try_with_value(|asked| asked.as_ref() == Some(&question)) != Some(true) {
                return;
            }
            is_busy.set_value(false);
            match told {
                Ok(value) => {
                    let kept = Kept { value, at: clock::now() };
                    remember(&question, &kept);
                    answer.failure.set(None);
                    answer.last.set(Some(kept));
                }
                Err(failure) => answer.failure.set(Some(failure)),
            }
        });
    });
    answer
}

fn recall<T: DeserializeOwned>(question: &Question) -> Option<Kept<T>> {
    json::read(&storage()?.get_item(&key(question)).ok()??).ok()
}

/// Without storage nothing is kept, and the page is empty in an outage: a nuisance, no loss.
fn remember<T: Serialize>(question: &Question, kept: &Kept<T>) {
    if let Some(storage) = storage() {
        let _ = storage.set_item(&key(question), &json::write(kept));
    }
}

fn key(question: &Question) -> String {
    format!("{}{}", staff::COPY, question.name)
}

fn storage() -> Option<Storage> {
    window().local_storage().ok()?
}
