//! Brings in what a kiosk could not deliver, from the file that staff saved on it.

use std::collections::BTreeMap;

use leptos::{html::Input, prelude::*, task::spawn_local};
use vestibule_protocol::{batch::Outcome, event::Name, parcels::CarriedEvent};
use wasm_bindgen_futures::JsFuture;

use vestibule_app::{
    api, clock,
    delivery_facts::{self, Line},
    field::Notice,
    handing_over, live,
    sheet::Sheet,
    times, words,
};

use crate::wording;

/// Most entries that are listed one by one: more than anybody reads.
const MOST_LISTED: usize = 100;

/// What came of a file.
#[derive(Clone, Debug, Default)]
struct Brought {
    /// The device that had saved it.
    device: Option<Name>,
    /// Whether its access was withdrawn.
    is_revoked: bool,
    events: Vec<CarriedEvent>,
}

/// Chooses a file; then what was in it, and what became of each.
#[component]
pub fn BringIn(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let problem = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let brought = RwSignal::new(None::<Brought>);
    let file = NodeRef::<Input>::new();
    let on_file = move |_| {
        let Some(input) = file.get_untracked() else { return };
        let Some(chosen) = input.files().and_then(|files| files.get(0)) else { return };
        is_busy.set(true);
        problem.set(None);
        brought.set(None);
        spawn_local(async move {
            let text = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string());
            let (came, wrong) = bring_in(&text.unwrap_or_default()).await;
            // The sheet may have been closed meanwhile.
            brought.try_set(came);
            problem.try_set(wrong);
            is_busy.try_set(false);
            // So that the same file can be chosen again.
            input.set_value("");
        });
    };
    view! {
        <Sheet title=wording::BRING_IN on_close=on_close>
            <div class="bring-in">
                <p>{wording::BRING_IN_LEAD}</p>
                <div class="field">
                    <label for="carried-file">{wording::CARRIED_FILE}</label>
                    <input
                        id="carried-file"
                        type="file"
                        accept=".txt,text/plain"
                        node_ref=file
                        disabled=live::flag(move || is_busy.get())
                        on:change=on_file
                    />
                </div>
                <Notice text=problem />
                {live::part(move || is_busy.get().then(|| view! { <p role="status">{wording::BRINGING_IN}</p> }))}
                {live::part(move || brought.get().map(shown))}
            </div>
        </Sheet>
    }
}

/// Brings in a whole file, piece by piece; what went wrong stands beside what came before it.
async fn bring_in(file: &str) -> (Option<Brought>, Option<String>) {
    let pieces = handing_over::pieces(file);
    if pieces.is_empty() {
        return (None, Some(wording::NO_ENTRIES_IN_FILE.to_owned()));
    }
    let mut brought = Brought::default();
    for piece in pieces {
        match api::bring_in(piece).await {
            Ok(contents) => {
                brought.device = Some(contents.device_name);
                brought.is_revoked |= contents.revoked_at.is_some();
                brought.events.extend(contents.events);
            }
            Err(failure) => {
                let came = brought.device.is_some().then_some(brought);
                return (came, Some(words::failure(&failure)));
            }
        }
    }
    (Some(brought), None)
}

fn shown(brought: Brought) -> impl IntoView {
    let mut counts = BTreeMap::<&str, usize>::new();
    for event in &brought.events {
        *counts.entry(wording::came_of(event.result.outcome)).or_default() += 1;
    }
    let counts: Vec<_> = counts.into_iter().map(|(what, count)| format!("{what}: {count}")).collect();
    let all = brought.events.len();
    let news = brought.events.iter().filter(|event| event.result.outcome == Outcome::Accepted).count();
    let device = brought.device.map(|name| name.to_string()).unwrap_or_default();
    let mut lines: Vec<_> = brought.events.into_iter().take(MOST_LISTED).map(line).collect();
    if all > MOST_LISTED {
        lines.push(Line { about: words::and_more(all - MOST_LISTED), said: String::new(), advice: String::new() });
    }
    view! {
        <section id="brought" data-all=all.to_string() data-news=news.to_string()>
            <h3 role="status">{wording::carried_from(&device, all)}</h3>
            <p>{counts.join(" · ")}</p>
            {brought.is_revoked.then(|| view! { <p class="field-hint">{wording::CARRIED_REVOKED}</p> })}
            {delivery_facts::list("undelivered", lines)}
        </section>
    }
}

fn line(event: CarriedEvent) -> Line {
    let when = event.occurred_at.map(|at| times::time_or_day(at, clock::now())).unwrap_or_default();
    Line {
        about: event.visitor.map_or_else(|| words::UNKNOWN_VISITOR.to_owned(), |name| name.to_string()),
        said: format!("{} {when}", words::act(event.kind)),
        advice: wording::came_of(event.result.outcome).to_owned(),
    }
}
