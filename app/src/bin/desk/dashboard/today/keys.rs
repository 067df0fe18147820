//! The lists without a mouse: a key for each thing that a desk does a hundred times a day.

use leptos::{ev::KeyboardEvent, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use vestibule_app::{focus, lists::List, live, sheet::Sheet};

use crate::wording::visits as said;

/// Where it is remembered that somebody wants no such keys: who speaks to their computer would press them by talking
/// (WCAG 2.1.4).
const UNWANTED: &str = "vestibule.no-keys";

/// Listens for as long as the lists are shown. A key that is typed into a field, or while a sheet is open, is not meant
/// for them.
pub fn listen(list: RwSignal<List>, shows_help: RwSignal<bool>) {
    let listener = window_event_listener_untyped("keydown", move |event| {
        let Some(key) = event.dyn_ref::<KeyboardEvent>() else { return };
        let is_for_another = key.ctrl_key() || key.meta_key() || key.alt_key() || is_elsewhere(&key.key());
        if is_for_another || !are_wanted() {
            return;
        }
        match key.key().as_str() {
            "/" => focus::now("#search"),
            "n" => press("#new-visit"),
            "1" => list.set(List::Expected),
            "2" => list.set(List::OnSite),
            "3" => list.set(List::Left),
            "ArrowDown" | "j" => walk(1),
            "ArrowUp" | "k" => walk(-1),
            "c" => act(),
            "?" => shows_help.set(true),
            _ => return,
        }
        key.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// Whether the key belongs to what has the focus, or to a sheet. From the search, the arrow leads into the list.
fn is_elsewhere(key: &str) -> bool {
    let is_typing = document().active_element().is_some_and(|active| match active.tag_name().as_str() {
        "INPUT" => active.id() != "search" || key != "ArrowDown",
        "TEXTAREA" | "SELECT" => true,
        _ => false,
    });
    is_typing || document().query_selector("dialog[open]").ok().flatten().is_some()
}

fn are_wanted() -> bool {
    let storage = window().local_storage().ok().flatten();
    storage.and_then(|storage| storage.get_item(UNWANTED).ok()?).is_none()
}

/// Without storage they are wanted again the next time.
fn switch() {
    let Ok(Some(storage)) = window().local_storage() else { return };
    let _ = if are_wanted() { storage.set_item(UNWANTED, "") } else { storage.remove_item(UNWANTED) };
}

fn press(css: &str) {
    let found = document().query_selector(css).ok().flatten();
    if let Some(button) = found.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        button.click();
    }
}

/// The row that has the focus.
fn row() -> Option<Element> {
    document().active_element()?.closest(".row").ok().flatten()
}

/// Goes to the row so many further; from nowhere, to the first one.
fn walk(by: isize) {
    let Ok(rows) = document().query_selector_all(".row") else { return };
    let rows: Vec<Element> = (0..rows.length()).filter_map(|n| rows.get(n)?.dyn_into().ok()).collect();
    let here = row().and_then(|row| rows.iter().position(|other| *other == row));
    let next = here.map_or(0, |here| here.saturating_add_signed(by).min(rows.len().saturating_sub(1)));
    let open = rows.get(next).and_then(|row| row.query_selector(".row-open").ok().flatten());
    if let Some(open) = open.and_then(|open| open.dyn_into::<HtmlElement>().ok()) {
        let _ = open.focus();
    }
}

/// Checks in or out who has the focus, and keeps the place: the row is drawn in another list afterwards.
fn act() {
    let button = row().and_then(|row| row.query_selector("[data-action]").ok().flatten());
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        walk(1);
        button.click();
    }
}

/// What each key does.
pub fn keys(on_close: impl Fn() + Copy + 'static) -> AnyView {
    let line = |(keys, does): (&'static str, &'static str)| {
        view! {
            <div>
                <dt>{keys.split(' ').map(|key| view! { <kbd>{key}</kbd> " " }).collect_view()}</dt>
                <dd>{does}</dd>
            </div>
        }
    };
    view! {
        <Sheet title=said::KEYS_TITLE on_close>
            <dl class="facts keys">{said::KEY_HELP.map(line).collect_view()}</dl>
            <label class="tick">
                <input id="use-keys" type="checkbox" checked=are_wanted() on:click=live::click(switch) />
                <span>{said::KEYS_USED}</span>
            </label>
        </Sheet>
    }
    .into_any()
}
