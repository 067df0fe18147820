//! The sheet in which somebody decides: what it will do in a sentence, and room for why.

mod merge;
mod set_right;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    attention::{Decision, Doubt, Noted},
    batch::QuarantineReason,
    event::Remark,
    id::SiteId,
    text::InvalidText,
};

use vestibule_app::{
    api::{self, Method},
    field::{FieldError, Notice, Requirement},
    focus,
    form::Wrong,
    live,
    sheet::Sheet,
    words,
};

use crate::wording::attention as said;

/// On what somebody is deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deciding {
    Doubt(Box<Doubt>, Act),
    /// The gap of that number.
    Gap(i64),
}

/// How.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Accept,
    SetRight,
    Merge,
    Dismiss,
}

/// What every sheet has below what it asks: the note, what went wrong, the button. Copies are one and the same.
#[derive(Clone, Copy)]
struct Ending {
    note: RwSignal<String>,
    requirement: Requirement,
    note_error: RwSignal<Option<Wrong>>,
    notice: RwSignal<Option<String>>,
    is_busy: RwSignal<bool>,
}

impl Ending {
    fn with_note(requirement: Requirement) -> Self {
        Self {
            note: RwSignal::default(),
            requirement,
            note_error: RwSignal::new(None),
            notice: RwSignal::new(None),
            is_busy: RwSignal::new(false),
        }
    }

    /// The note, which may be missing where it need not be there; `None` if it is not right, which is then said and has
    /// the cursor.
    fn note(self) -> Option<Option<Remark>> {
        let wrong = match Remark::new(&self.note.get_untracked()) {
            Ok(note) => return Some(Some(note)),
            Err(InvalidText::Empty) if self.requirement == Requirement::Optional => return Some(None),
            Err(error) => Wrong::from(error),
        };
        self.note_error.set(Some(wrong));
        focus::soon("#note");
        None
    }

    /// Sends it, once at a time, and ends the sheet if it was done.
    fn send(self, path: String, body: String, on_done: impl Fn() + 'static) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.is_busy.set(true);
        self.note_error.set(None);
        self.notice.set(None);
        spawn_local(async move {
            match api::tell(Method::Post, &path, body).await {
                Ok(()) => on_done(),
                // Somebody was faster: it is decided all the same, and the page shows how.
                Err(failure) if failure.code() == "already_decided" => on_done(),
                Err(failure) => {
                    self.notice.try_set(Some(words::failure(&failure)));
                }
            }
            self.is_busy.try_set(false);
        });
    }

    fn view(self) -> AnyView {
        let Self { note: value, requirement, note_error, notice, is_busy } = self;
        view! {
            <div class="field" class:wrong=live::flag(move || note_error.get().is_some())>
                <label for="note">
                    {said::NOTE}
                    {(requirement == Requirement::Optional)
                        .then(|| view! { " " <span class="field-optional">{words::shared().optional}</span> })}
                </label>
                <textarea
                    id="note"
                    rows="3"
                    dir="auto"
                    aria-describedby="note-error"
                    aria-invalid=live::text(move || note_error.get().is_some().to_string())
                    required=requirement == Requirement::Required
                    bind:value=value
                ></textarea>
                <FieldError id="note-error".to_owned() error=note_error.into() />
            </div>
            <Notice text=notice />
            <div class="form-end">
                <button id="confirm-decision" type="submit" class="primary" disabled=live::flag(move || is_busy.get())>
                    {said::CONFIRM}
                </button>
            </div>
        }
        .into_any()
    }
}

/// Sends what was decided.
type Carry = Box<dyn Fn(Decision)>;

/// The sheet for what was chosen.
pub fn sheet(
    site: SiteId,
    deciding: Deciding,
    on_done: impl Fn() + Copy + 'static,
    on_close: impl Fn() + Copy + 'static,
) -> AnyView {
    let (title, content) = match deciding {
        Deciding::Gap(number) => {
            let ending = Ending::with_note(Requirement::Required);
            let save = move || {
                let Some(Some(note)) = ending.note() else { return };
                ending.send(format!("/api/v1/sites/{site}/gaps/{number}"), api::body(&Noted { note }), on_done);
            };
            (said::TAKE_NOTE, asked(said::GAP_LEAD, ().into_any(), ending, Box::new(save)))
        }
        Deciding::Doubt(doubt, act) => {
            let note = if act == Act::Dismiss { Requirement::Required } else { Requirement::Optional };
            let ending = Ending::with_note(note);
            let number = doubt.number;
            let send: Carry = Box::new(move |decision| {
                ending.send(format!("/api/v1/sites/{site}/attention/{number}"), api::body(&decision), on_done);
            });
            match act {
                Act::Accept => accept(doubt.reason, ending, send),
                Act::Dismiss => (said::DISMISS, dismiss(ending, send)),
                Act::SetRight => (said::SET_RIGHT, set_right::form(doubt.said, ending, send)),
                Act::Merge => (said::MERGE, merge::form(&doubt, ending, send)),
            }
        }
    };
    view! {
        <Sheet title on_close>
            <div id="decision">{content}</div>
        </Sheet>
    }
    .into_any()
}

fn accept(reason: Option<QuarantineReason>, ending: Ending, send: Carry) -> (&'static str, AnyView) {
    let (title, lead) = match reason {
        None => (said::BOTH_RIGHT, said::BOTH_RIGHT_LEAD),
        Some(QuarantineReason::IdConflict) => (said::BOTH_RIGHT, said::ACCEPT_COPY_LEAD),
        Some(_) => (said::ACCEPT, said::ACCEPT_LEAD),
    };
    let save = move || {
        if let Some(note) = ending.note() {
            send(Decision::Accept { note });
        }
    };
    (title, asked(lead, ().into_any(), ending, Box::new(save)))
}

fn dismiss(ending: Ending, send: Carry) -> AnyView {
    let save = move || {
        if let Some(Some(note)) = ending.note() {
            send(Decision::Dismiss { note });
        }
    };
    asked(said::DISMISS_LEAD, ().into_any(), ending, Box::new(save))
}

/// A sentence, what is asked besides, and the end.
fn asked(lead: &'static str, fields: AnyView, ending: Ending, save: Box<dyn Fn()>) -> AnyView {
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <p class="lead">{lead}</p>
            {fields}
            {ending.view()}
        </form>
    }
    .into_any()
}
