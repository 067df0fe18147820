//! Several visitors at once, typed one a line or from a file: looked at whole before anything is announced.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    details::Details,
    event::{EventData, Host, Registered},
    id::VisitId,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use vestibule_app::{
    clock,
    guest_list::{self, Entry, Guest, NoList, Usual},
    live,
    outbox::Outbox,
    times,
};

use crate::{
    dashboard::{
        saving::Saving,
        visit_form::{self, VisitForm},
    },
    wording::visits as said,
};

/// Most visits that are announced at once: what an outbox takes in a few seconds.
const MOST: usize = 500;

/// Most lines of the preview; those that are not right come first.
const PREVIEWED: usize = 100;

/// The form.
pub(super) fn several(form: VisitForm, on_close: impl Fn() + 'static) -> AnyView {
    let outbox = expect_context::<Outbox>();
    let saving = Saving::new(on_close);
    let first = VisitId::new(clock::now(), clock::entropy());
    let typed = RwSignal::new(String::new());
    let is_party = RwSignal::new(false);
    let list = StoredValue::new(Ok(Vec::new()));
    let ready = RwSignal::new(0);
    // Read again with each key, once for all that follow it.
    let round = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let Some(at) = form.shown_time() else { return };
        let usual = Usual { host: form.chosen_host(), at };
        let hosts: Vec<Host> = outbox.hosts.with(|hosts| {
            let present = hosts.values().filter(|host| !host.gone);
            present.map(|host| Host { id: host.id, name: host.name.clone() }).collect()
        });
        let read = typed.with(|typed| guest_list::read(typed, &hosts, &usual));
        ready.set(announced(&read).map_or(0, |guests| guests.len()));
        list.set_value(read);
        round.update(|round| *round += 1);
    });
    let shown = move || {
        round.track();
        preview(list.get_value())
    };
    let save = move || {
        if form.host().is_none() || form.expected_at().is_none() {
            return;
        }
        let Some(guests) = list.with_value(announced) else { return };
        let party = (is_party.get_untracked() && guests.len() > 1).then_some(first);
        saving.save(first, guests.into_iter().map(|guest| registered(guest, party)).collect());
    };
    let choose = move |field: HtmlInputElement| {
        let Some(chosen) = field.files().and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            if let Some(text) = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string()) {
                typed.try_set(text);
            }
        });
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <div class="field">
                <label for="guests">{said::GUESTS}</label>
                <textarea
                    id="guests"
                    rows="5"
                    dir="auto"
                    spellcheck="false"
                    aria-describedby="guests-hint"
                    bind:value=typed
                ></textarea>
                <p class="field-hint" id="guests-hint">{said::GUESTS_HINT}</p>
                <input
                    id="guests-file"
                    type="file"
                    accept=".csv,.tsv,.txt,text/csv"
                    aria-label=said::GUESTS_FILE
                    on:change:target=move |change| choose(change.target())
                />
            </div>
            <div id="preview" aria-live="polite">{live::part(shown)}</div>
            {visit_form::host_field(form)}
            {visit_form::time_field(form)}
            <label class="tick">
                <input id="party" type="checkbox" bind:checked=is_party />
                <span>{said::PARTY}</span>
            </label>
            {saving.notice()}
            <div class="form-end">
                <button
                    id="save-visits"
                    type="submit"
                    class="primary"
                    disabled=live::flag(move || ready.get() == 0 || saving.is_busy())
                >
                    {live::part(move || saving.label(said::announce(ready.get())))}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// All guests of the list; `None` unless every line of it is right.
fn announced(list: &Result<Vec<Entry>, NoList>) -> Option<Vec<Guest>> {
    let entries = list.as_ref().ok().filter(|entries| entries.len() <= MOST)?;
    entries.iter().map(|entry| entry.read.clone().ok()).collect()
}

fn registered(guest: Guest, party: Option<VisitId>) -> EventData {
    let Guest { visitor, host, at } = guest;
    let details = Details { party, ..Details::default() };
    EventData::Registered(Registered { visitor, host, expected_at: times::from_local(at), details })
}

fn preview(list: Result<Vec<Entry>, NoList>) -> Option<AnyView> {
    let mut entries = match list {
        Ok(entries) => entries,
        Err(why) => return Some(view! { <p class="field-error">{said::no_list(why)}</p> }.into_any()),
    };
    if entries.is_empty() {
        return None;
    }
    let all = entries.len();
    let wrong = entries.iter().filter(|entry| entry.read.is_err()).count();
    let concern = if all > MOST { Some(said::too_many(MOST)) } else { said::wrong_lines(wrong) };
    entries.sort_by_key(|entry| entry.read.is_ok());
    let lines = entries.into_iter().take(PREVIEWED).map(line).collect_view();
    Some(
        view! {
            {concern.map(|concern| view! { <p class="notice">{concern}</p> })}
            <table class="preview">
                <thead>
                    <tr>
                        <th scope="col">{said::LINE}</th>
                        <th scope="col">{said::WHO}</th>
                        <th scope="col">{said::WHOM}</th>
                        <th scope="col">{said::WHEN}</th>
                    </tr>
                </thead>
                <tbody>{lines}</tbody>
            </table>
            {(all > PREVIEWED).then(|| view! { <p class="field-hint">{said::and_more(all - PREVIEWED)}</p> })}
        }
        .into_any(),
    )
}

fn line(entry: Entry) -> AnyView {
    let [name, company, host] = entry.shown;
    let (host, when, wrongs) = match entry.read {
        Ok(guest) => {
            let when = times::time_or_day(times::from_local(guest.at), clock::now());
            (guest.host.map(|host| host.name.to_string()), when, Vec::new())
        }
        Err(wrongs) => (Some(host), String::new(), wrongs),
    };
    let wrong = |(column, wrong)| view! { <p class="field-error">{said::wrong_in(column, wrong)}</p> }.into_any();
    view! {
        <tr>
            <th scope="row">{entry.line}</th>
            <td dir="auto">
                {name} <p class="row-more">{company}</p> {wrongs.into_iter().map(wrong).collect_view()}
            </td>
            <td dir="auto">{host}</td>
            <td>{when}</td>
        </tr>
    }
    .into_any()
}
