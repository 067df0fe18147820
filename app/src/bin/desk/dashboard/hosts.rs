//! The hosts of the site: whom visitors can choose. Read from the device's copy; changed on the server, from where every
//! kiosk hears of it.

mod edit;
mod import;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{changes::DirectoryHost, directory::HostChange, id::SiteId};

use vestibule_app::{
    api::{self, Method},
    field::Notice,
    icon::{self, Icon},
    live, matching,
    outbox::Outbox,
    words,
};

use crate::wording::hosts as said;

/// Hosts drawn at once; whoever looks for one of more types a name.
const MOST_ROWS: usize = 200;

/// A sheet over the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    Add,
    Import,
    Change(DirectoryHost),
}

/// The page.
#[component]
pub fn HostsPage(site: Memo<Option<SiteId>>) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let sought = RwSignal::new(String::new());
    let open = RwSignal::new(None::<Open>);
    let notice = RwSignal::new(None::<String>);
    let told = RwSignal::new(None::<String>);
    let rows = Memo::new(move |_| outbox.hosts.with(|hosts| found(hosts.values(), &sought.get())));
    let is_empty = Memo::new(move |_| outbox.hosts.with(|hosts| hosts.is_empty()));
    let close = move || open.set(None);
    let done = move |words: Option<String>| {
        told.set(words);
        close();
        outbox.refresh();
    };
    let sheet = move |which: Open| {
        let site = site.get_untracked()?;
        Some(match which {
            Open::Add => view! { <edit::EditHost site before=None on_done=done on_close=close /> }.into_any(),
            Open::Change(host) => {
                view! { <edit::EditHost site before=Some(host) on_done=done on_close=close /> }.into_any()
            }
            Open::Import => view! { <import::Import site on_done=done on_close=close /> }.into_any(),
        })
    };
    let set_gone = move |host: DirectoryHost| {
        let Some(site) = site.get_untracked() else { return };
        let change = HostChange { gone: Some(!host.gone), ..HostChange::default() };
        notice.set(None);
        spawn_local(async move {
            let path = format!("/api/v1/sites/{site}/hosts/{}", host.id);
            match api::tell(Method::Patch, &path, api::body(&change)).await {
                Ok(()) => outbox.refresh(),
                Err(failure) => {
                    notice.try_set(Some(words::failure(&failure)));
                }
            }
        });
    };
    let empty = move || {
        let (heading, hint) = if is_empty.get() { (said::NOBODY, said::NOBODY_HINT) } else { (said::NONE_FOUND, "") };
        view! {
            <div class="empty">
                <h2>{heading}</h2>
                <p>{hint}</p>
            </div>
        }
    };
    view! {
        <main class="page hosts">
            <div class="page-bar">
                <div class="search-field">
                    {icon::drawn(Icon::Search)}
                    <input
                        id="find-host"
                        type="search"
                        autocomplete="off"
                        aria-label=said::FIND
                        placeholder=said::FIND
                        bind:value=sought
                    />
                </div>
                <div class="page-acts">
                    <button id="import-hosts" type="button" on:click=live::click(move || open.set(Some(Open::Import)))>
                        {said::IMPORT}
                    </button>
                    <button
                        id="add-host"
                        type="button"
                        class="primary"
                        on:click=live::click(move || open.set(Some(Open::Add)))
                    >
                        {icon::drawn(Icon::Plus)}
                        {said::ADD}
                    </button>
                </div>
            </div>
            <Notice text=notice />
            <p class="told" role="status">{live::part(move || told.get())}</p>
            {live::part(move || rows.with(Vec::is_empty).then(empty))}
            <ul class="rows">
                <For each=move || rows.get() key=|host| (host.id, host.gone, host.name.clone(), host.department.clone()) let:host>
                    {row(host, open, set_gone)}
                </For>
            </ul>
            {live::part(move || open.get().and_then(sheet))}
        </main>
    }
}

/// By name, those who are here first.
fn found<'a>(hosts: impl Iterator<Item = &'a DirectoryHost>, sought: &str) -> Vec<DirectoryHost> {
    let sought = matching::fold(sought);
    let mut found: Vec<(bool, String, &DirectoryHost)> = hosts
        .map(|host| (host.gone, matching::fold(host.name.as_str()), host))
        .filter(|(_, name, _)| sought.is_empty() || matching::fit(&sought, name).is_some())
        .collect();
    found.sort_by(|one, other| (one.0, &one.1, one.2.id).cmp(&(other.0, &other.1, other.2.id)));
    found.into_iter().take(MOST_ROWS).map(|(.., host)| host.clone()).collect()
}

fn row(
    host: DirectoryHost,
    open: RwSignal<Option<Open>>,
    set_gone: impl Fn(DirectoryHost) + Copy + 'static,
) -> impl IntoView {
    let id = host.id.to_string();
    let name = host.name.to_string();
    let department = host.department.as_ref().map(ToString::to_string);
    let is_gone = host.gone;
    let (label, spoken) =
        if is_gone { (said::IS_BACK, said::is_back(&name)) } else { (said::HAS_LEFT, said::has_left(&name)) };
    let changed = host.clone();
    view! {
        <li class="row host" class:gone=is_gone data-host=id>
            <div class="row-who">
                <p class="row-name" dir="auto">{name.clone()}</p>
                <p class="row-more" dir="auto">{department}</p>
                {is_gone.then(|| view! { <p class="mark-odd">{said::LEFT_MARK}</p> })}
            </div>
            <button
                type="button"
                class="quiet"
                data-action="change"
                aria-label=said::change(&name)
                on:click=live::click(move || open.set(Some(Open::Change(changed.clone()))))
            >
                {said::CHANGE}
            </button>
            <button
                type="button"
                data-action="leave"
                aria-label=spoken
                on:click=live::click(move || set_gone(host.clone()))
            >
                {label}
            </button>
        </li>
    }
}
