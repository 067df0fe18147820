//! The backlog, to be carried to the desk: as a file, or as codes on the screen.

use std::time::Duration;

use js_sys::{Array, Object, Reflect};
use leptos::{prelude::*, task::spawn_local};
use vestibule_app::{
    clock,
    handing_over::{self, Backlog},
    live,
    outbox::Outbox,
    qr,
};
use wasm_bindgen::JsCast;
use web_sys::{Blob, HtmlAnchorElement, Url};

/// How long each code of the series stays: a camera takes a third of it.
const CODE_EVERY: Duration = Duration::from_millis(1_800);

/// After how long the browser no longer needs what it saves.
const SAVED_AFTER: Duration = Duration::from_secs(60);

const HEADING: &str = "Carry it to the desk";
const LEAD: &str = "When nothing else gets it there: sealed, so that only your server can read it. Nothing is deleted here; what is delivered after all counts once.";
const SAVE_FILE: &str = "Save as a file";
const SHOW_CODES: &str = "Show as codes";
const HIDE_CODES: &str = "Hide the codes";
const NOTHING: &str = "Everything is delivered: there is nothing to carry.";
const NOT_GIVEN: &str = "The entries can’t be read just now. Try again; if it stays so, reload the app.";
const SCAN_THEM: &str =
    "On the dashboard choose “Scan a pass”, and hold its camera before this screen until it has counted all of them.";

/// Two ways to take the backlog along.
#[component]
pub fn Carry() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let said = RwSignal::new(String::new());
    let codes = RwSignal::new(Vec::<String>::new());
    let ask = move |then: fn(Backlog, RwSignal<String>, RwSignal<Vec<String>>)| {
        spawn_local(async move {
            match handing_over::backlog(outbox).await {
                None => drop(said.try_set(NOT_GIVEN.to_owned())),
                Some(backlog) if backlog.entries == 0 => drop(said.try_set(NOTHING.to_owned())),
                Some(backlog) => then(backlog, said, codes),
            }
        });
    };
    view! {
        <section class="staff-part">
            <h2>{HEADING}</h2>
            <p class="field-hint">{LEAD}</p>
            <div class="staff-acts">
                <button id="save-backlog" type="button" on:click=live::click(move || ask(save))>
                    {SAVE_FILE}
                </button>
                {live::part(move || if codes.with(Vec::is_empty) {
                    view! {
                        <button id="show-backlog" type="button" on:click=live::click(move || ask(show))>
                            {SHOW_CODES}
                        </button>
                    }
                } else {
                    view! {
                        <button id="hide-backlog" type="button" on:click=live::click(move || codes.set(Vec::new()))>
                            {HIDE_CODES}
                        </button>
                    }
                })}
            </div>
            <p role="status" id="carry-said">{live::part(move || said.get())}</p>
            {live::part(move || {
                let codes = codes.get();
                (!codes.is_empty()).then(|| view! { <Series codes /> })
            })}
        </section>
    }
}

fn save(backlog: Backlog, said: RwSignal<String>, _: RwSignal<Vec<String>>) {
    let name = format!("vestibule-backlog-{}.txt", clock::now().unix_ms() / 1_000);
    let words = match offer(&backlog.file, &name) {
        Some(()) => counted(&backlog, "in the file"),
        None => NOT_GIVEN.to_owned(),
    };
    said.try_set(words);
}

fn show(backlog: Backlog, said: RwSignal<String>, codes: RwSignal<Vec<String>>) {
    let only = match backlog.only_in_file {
        0 => String::new(),
        n => format!(" {n} more with a photo or a signature are too long for a code: save the file."),
    };
    said.try_set(counted(&backlog, "to carry") + &only);
    codes.try_set(backlog.codes);
}

fn counted(backlog: &Backlog, where_: &str) -> String {
    let entries = match backlog.entries {
        1 => "One entry".to_owned(),
        n => format!("{n} entries"),
    };
    let left_out = match backlog.left_out {
        0 => String::new(),
        n => format!(" {n} more don’t fit; deliver or carry these first."),
    };
    format!("{entries} {where_}.{left_out}")
}

/// The codes, one after the other, for as long as they are on the screen.
#[component]
fn Series(codes: Vec<String>) -> impl IntoView {
    let count = codes.len();
    let at = RwSignal::new(0);
    if let Ok(timer) = set_interval_with_handle(move || at.update(|at| *at = (*at + 1) % count), CODE_EVERY) {
        on_cleanup(move || timer.clear());
    }
    view! {
        <figure class="series" id="series" data-count=count.to_string()>
            {live::part(move || codes.get(at.get()).and_then(|code| qr::drawn(code, "")))}
            <figcaption>
                <strong>{live::part(move || format!("{} of {count}", at.get() + 1))}</strong>
                " "
                {SCAN_THEM}
            </figcaption>
        </figure>
    }
}

/// Has the browser save a text as a file, or on an iPad offer where to.
fn offer(text: &str, name: &str) -> Option<()> {
    let kind = Object::new();
    Reflect::set(&kind, &"type".into(), &"text/plain".into()).ok()?;
    let blob = Blob::new_with_str_sequence_and_options(&Array::of1(&text.into()), kind.unchecked_ref()).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    set_timeout(
        move || {
            let _ = Url::revoke_object_url(&url);
        },
        SAVED_AFTER,
    );
    Some(())
}
