//! Hosts from a file: looked at whole before anybody is added, and added all or none.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    directory::{HOSTS_AT_ONCE, HostsAdded, NewHost, NewHosts},
    id::SiteId,
};
use wasm_bindgen_futures::JsFuture;
use web_sys::HtmlInputElement;

use vestibule_app::{
    api::{self, Method},
    field::Notice,
    guest_list::NoList,
    host_list::{self, Entry},
    live,
    sheet::Sheet,
};

use super::Done;
use crate::{door::Door, wording::hosts as said};

/// Most lines of the preview; those that are not right come first.
const PREVIEWED: usize = 100;

/// The sheet.
pub(super) fn import(site: SiteId, on_done: Done, on_close: impl Fn() + Copy + 'static) -> AnyView {
    let door = expect_context::<Door>();
    let list = RwSignal::new(None::<Result<Vec<Entry>, NoList>>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let ready = Memo::new(move |_| list.with(|list| added(list.as_ref()).map_or(0, |hosts| hosts.len())));
    let choose = move |field: HtmlInputElement| {
        let Some(chosen) = field.files().and_then(|files| files.get(0)) else { return };
        spawn_local(async move {
            let text = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string());
            list.try_set(text.map(|text| host_list::read(&text)));
        });
    };
    let save = move || {
        let Some(hosts) = list.with_untracked(|list| added(list.as_ref())) else { return };
        if hosts.is_empty() || is_busy.get_untracked() {
            return;
        }
        is_busy.set(true);
        notice.set(None);
        spawn_local(async move {
            let path = format!("/api/v1/sites/{site}/hosts");
            match api::ask::<HostsAdded>(Method::Post, &path, api::body(&NewHosts { hosts })).await {
                Ok(told) => on_done.run(Some(said::added(told))),
                Err(failure) => {
                    notice.try_set(Some(door.told(&failure)));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <Sheet title=said::IMPORT on_close>
            <form class="form" novalidate on:submit=live::submit(save)>
                <div class="field">
                    <label for="hosts-file">{said::FILE_LABEL}</label>
                    <input
                        id="hosts-file"
                        type="file"
                        accept=".csv,.tsv,.txt,text/csv"
                        aria-describedby="hosts-file-hint"
                        on:change:target=move |change| choose(change.target())
                    />
                    <p class="field-hint" id="hosts-file-hint">{said::FILE_HINT}</p>
                </div>
                <div id="preview" aria-live="polite">{live::part(move || list.get().map(preview))}</div>
                <Notice text=notice />
                <div class="form-end">
                    <button
                        id="save-hosts"
                        type="submit"
                        class="primary"
                        disabled=live::flag(move || ready.get() == 0 || is_busy.get())
                    >
                        {live::part(move || said::import(ready.get()))}
                    </button>
                </div>
            </form>
        </Sheet>
    }
    .into_any()
}

/// All hosts of the table; `None` unless every line of it is right.
fn added(list: Option<&Result<Vec<Entry>, NoList>>) -> Option<Vec<NewHost>> {
    let entries = list?.as_ref().ok().filter(|entries| entries.len() <= HOSTS_AT_ONCE)?;
    entries.iter().map(|entry| entry.read.clone().ok()).collect()
}

fn preview(list: Result<Vec<Entry>, NoList>) -> AnyView {
    let mut entries = match list {
        Ok(entries) if entries.is_empty() => {
            return view! { <p class="field-error">{said::NOBODY_IN_FILE}</p> }.into_any();
        }
        Ok(entries) => entries,
        Err(why) => return view! { <p class="field-error">{said::no_list(why)}</p> }.into_any(),
    };
    let wrong = entries.iter().filter(|entry| entry.read.is_err()).count();
    entries.sort_by_key(|entry| entry.read.is_ok());
    let line = |entry: Entry| {
        let [name, department] = entry.shown;
        let wrong = entry.read.err().map(|wrong| view! { <p class="field-error">{said::wrong_line(wrong)}</p> });
        view! {
            <tr>
                <th scope="row">{entry.line}</th>
                <td dir="auto">{name} {wrong}</td>
                <td dir="auto">{department}</td>
            </tr>
        }
    };
    let lines = entries.into_iter().take(PREVIEWED).map(line).collect_view();
    view! {
        {(wrong > 0).then(|| view! { <p class="notice">{said::wrong_lines(wrong)}</p> })}
        <table class="preview">
            <thead>
                <tr>
                    <th scope="col">{said::LINE}</th>
                    <th scope="col">{said::NAME}</th>
                    <th scope="col">{said::DEPARTMENT}</th>
                </tr>
            </thead>
            <tbody>{lines}</tbody>
        </table>
    }
    .into_any()
}
