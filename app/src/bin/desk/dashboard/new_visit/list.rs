//! A list of guests from a file: looked at whole before anything is announced.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    details::Details,
    event::{EventData, Host, Registered},
    id::VisitId,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use vestibule_app::{
    clock, csv, file, form,
    guest_list::{self, Entry, Guest, NoList},
    live,
    outbox::Outbox,
    times,
};

use crate::{
    dashboard::{
        new_visit::several::{End, MOST},
        saving_many::SavingMany,
        visit_form::{TimePart, VisitForm},
    },
    wording::visits as said,
};

/// Most lines of the preview; those that are not right come first.
const PREVIEWED: usize = 100;

/// The form.
#[component]
pub fn List(form: VisitForm, on_close: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let many = SavingMany::new(outbox);
    let first = VisitId::new(clock::now(), clock::entropy());
    let text = RwSignal::new(None::<String>);
    let list = Memo::new(move |_| {
        let at = form::local_time(&form.time.get()).ok()?;
        let hosts: Vec<Host> = outbox.hosts.with(|hosts| {
            let present = hosts.values().filter(|host| !host.gone);
            present.map(|host| Host { id: host.id, name: host.name.clone() }).collect()
        });
        text.with(|text| text.as_ref().map(|text| guest_list::read(text, &hosts, at)))
    });
    let guests = move || -> Vec<Guest> {
        let entries = list.with(|list| match list {
            Some(Ok(entries)) => entries.iter().map(|entry| entry.read.clone().ok()).collect::<Option<Vec<_>>>(),
            _ => None,
        });
        entries.filter(|guests| guests.len() <= MOST).unwrap_or_default()
    };
    let save = move || {
        let registered = |guest: Guest| {
            let Guest { visitor, host, at } = guest;
            EventData::Registered(Registered {
                visitor,
                host,
                expected_at: times::from_local(at),
                details: Details::default(),
            })
        };
        many.save(first, untrack(guests).into_iter().map(registered).collect());
    };
    let choose = move |field: HtmlInputElement| {
        let Some(chosen) = field.files().and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            let read = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string());
            text.try_set(read);
        });
    };
    let example = move || {
        let today = times::local_minute(clock::now());
        let day = today.split('T').next().unwrap_or_default();
        let lines = [
            vec!["name", "company", "email", "host", "date", "time"],
            vec!["Ada Lovelace", "Analytical Engines", "ada@example.com", "", day, "14:30"],
        ];
        file::save("guests.csv", "text/csv", &csv::write(lines));
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <TimePart form />
            <div class="field">
                <label for="guests">{said::LIST_LABEL}</label>
                <input
                    id="guests"
                    type="file"
                    accept=".csv,.tsv,.txt,text/csv"
                    aria-describedby="guests-hint"
                    on:change:target=move |change| choose(change.target())
                />
                <p class="field-hint" id="guests-hint">{said::LIST_HINT}</p>
                <button type="button" class="quiet" on:click=live::click(example)>
                    {said::EXAMPLE}
                </button>
            </div>
            <div id="preview" aria-live="polite">{live::part(move || list.get().map(preview))}</div>
            <End many ready=Signal::derive(move || guests().len()) on_close />
        </form>
    }
}

fn preview(list: Result<Vec<Entry>, NoList>) -> AnyView {
    let mut entries = match list {
        Ok(entries) => entries,
        Err(why) => return view! { <p class="field-error">{said::no_list(why)}</p> }.into_any(),
    };
    let wrong = entries.iter().filter(|entry| entry.read.is_err()).count();
    let is_too_long = entries.len() > MOST;
    entries.sort_by_key(|entry| entry.read.is_ok());
    let now = clock::now();
    let lines = entries.into_iter().take(PREVIEWED).map(|entry| {
        let [name, company, host] = entry.shown;
        let last = match entry.read {
            Ok(guest) => view! { <td>{times::time_or_day(times::from_local(guest.at), now)}</td> }.into_any(),
            Err(wrongs) => {
                let wrongs: Vec<_> = wrongs.into_iter().map(|(column, wrong)| said::wrong_in(column, wrong)).collect();
                view! { <td class="field-error">{wrongs.join("; ")}</td> }.into_any()
            }
        };
        view! {
            <tr>
                <th scope="row">{entry.line}</th>
                <td dir="auto">
                    {name} {(!company.is_empty()).then(|| view! { <span class="row-more">" · " {company}</span> })}
                </td>
                <td dir="auto">{host}</td>
                {last}
            </tr>
        }
    });
    view! {
        {(wrong > 0).then(|| view! { <p class="notice">{said::wrong_lines(wrong)}</p> })}
        {is_too_long.then(|| view! { <p class="notice">{said::too_many(MOST)}</p> })}
        <table class="preview">
            <thead>
                <tr>
                    <th scope="col">{said::LINE}</th>
                    <th scope="col">{said::WHO}</th>
                    <th scope="col">{said::WHOM}</th>
                    <th scope="col">{vestibule_app::words::EXPECTED_AT}</th>
                </tr>
            </thead>
            <tbody>{lines.collect_view()}</tbody>
        </table>
    }
    .into_any()
}
