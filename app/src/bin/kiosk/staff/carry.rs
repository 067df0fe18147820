//! The backlog, to be carried to the desk as a file; and how a kiosk that was taken out of service is relieved of it.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::id::EventId;

use vestibule_app::{
    file, focus,
    handing_over::{self, Backlog},
    outbox::Outbox,
};

use super::{button, text};

pub const HEADING: &str = "Carry it to the desk";
const LEAD: &str =
    "In a file that only your server can read; on the dashboard: Devices, “Bring in entries”. Nothing is deleted here.";
const LEAD_RETIRED: &str = "This kiosk is out of service. Save what it can’t deliver in a file that only your server can read; on the dashboard: Devices, “Bring in entries”.";
const SAVE: &str = "Save as a file";
const NOTHING: &str = "It holds nothing that is not delivered.";
const NOT_GIVEN: &str = "Not now. Try again.";
const KEEP: &str = "We keep this file";
const NOT_YET: &str = "Not yet";
const LET_GO: &str = "Delete them here";
const WARNING: &str = "The file will be all that is left of them. Is it where you will find it again?";

/// How far staff are with it. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Carrying {
    outbox: Outbox,
    /// Whether the browser was given a file.
    has_file: RwSignal<bool>,
    /// Whether staff have said once that they keep it.
    is_sure: RwSignal<bool>,
    /// What is in it.
    events: StoredValue<Vec<EventId>>,
    said: RwSignal<String>,
}

impl Carrying {
    /// At the beginning.
    pub fn of(outbox: Outbox) -> Self {
        Self {
            outbox,
            has_file: RwSignal::new(false),
            is_sure: RwSignal::new(false),
            events: StoredValue::new(Vec::new()),
            said: RwSignal::new(String::new()),
        }
    }

    /// How many entries are not delivered; what saves a file of them; and, on a kiosk that was taken out of service, what
    /// makes it let them go. Reactive.
    pub fn parts(self, held: u64, is_retired: bool) -> Vec<AnyView> {
        let mut acts = Vec::new();
        let mut warning = String::new();
        if is_retired && self.is_sure.get() {
            warning.push_str(WARNING);
            acts.push(button("not-yet", "", NOT_YET, move || self.is_sure.set(false)));
            acts.push(button("let-go", "", LET_GO, move || self.let_go()));
        } else {
            if held > 0 {
                acts.push(button("save-backlog", "primary", SAVE, move || self.save()));
            }
            if is_retired && self.has_file.get() {
                acts.push(button("keep-file", "", KEEP, move || self.keep()));
            }
        }
        let parts = [
            text("field-hint", None, if is_retired { LEAD_RETIRED } else { LEAD }.to_owned()),
            text("", None, holds(held)),
            text("notice", Some("alert"), warning),
            text("", Some("status"), self.said.get()),
        ];
        parts.into_iter().chain(acts).collect()
    }

    fn save(self) {
        spawn_local(async move {
            let backlog = handing_over::backlog(self.outbox).await;
            let saved = backlog.filter(|backlog| file::save(handing_over::FILE_NAME, &backlog.file).is_some());
            // The panel may have been left meanwhile.
            self.said.try_set(saved.as_ref().map_or_else(|| NOT_GIVEN.to_owned(), counted));
            if let Some(backlog) = saved {
                self.events.try_update_value(|events| *events = backlog.events);
                self.has_file.try_set(true);
            }
        });
    }

    fn keep(self) {
        self.is_sure.set(true);
        focus::soon("#not-yet");
    }

    fn let_go(self) {
        self.outbox.hand_over(self.events.get_value());
        self.has_file.set(false);
        self.is_sure.set(false);
        self.said.set(String::new());
    }
}

fn entries(count: u64) -> String {
    if count == 1 { "One entry".to_owned() } else { format!("{count} entries") }
}

fn holds(count: u64) -> String {
    match count {
        0 => NOTHING.to_owned(),
        1 => "One entry is not delivered.".to_owned(),
        count => format!("{} are not delivered.", entries(count)),
    }
}

fn counted(backlog: &Backlog) -> String {
    let left_out = match backlog.left_out {
        0 => String::new(),
        more => format!(" {more} more are left: bring these in first."),
    };
    format!("In the file: {}.{left_out}", entries(backlog.events.len() as u64).to_lowercase())
}
