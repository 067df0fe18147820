//! The hosts of the site: whom visitors can choose. Every kiosk and desk hears of a change at once.

mod edit;
mod import;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    changes::DirectoryHost,
    directory::{HostChange, HostPage},
    id::SiteId,
};

use vestibule_app::{
    api::{self, Failure, Method},
    field::Notice,
    icon::{self, Icon},
    live, matching,
    search_field::search_field,
};

use crate::{door::Door, wording::hosts as said};

/// Hosts drawn at once; whoever looks for one of more types a name.
const MOST_ROWS: usize = 200;

/// A sheet over the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    Add,
    Import,
    Change(DirectoryHost),
}

/// What a sheet calls when it has done its work, with what to say of it.
type Done = Callback<Option<String>>;

/// The list as the server told it last. Copies are one and the same.
#[derive(Clone, Copy)]
struct Hosts {
    site: SiteId,
    all: RwSignal<Option<Vec<DirectoryHost>>>,
    notice: RwSignal<Option<String>>,
    /// What was done last, in words.
    told: RwSignal<Option<String>>,
    door: Door,
}

impl Hosts {
    fn load(self) {
        spawn_local(async move {
            match directory(self.site).await {
                Ok(hosts) => {
                    self.all.try_set(Some(hosts));
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.notice.try_set(Some(self.door.told(failure)));
    }

    /// They have left, or are back.
    fn set_gone(self, host: &DirectoryHost) {
        let path = format!("/api/v1/sites/{}/hosts/{}", self.site, host.id);
        let change = HostChange { gone: Some(!host.gone), ..HostChange::default() };
        self.notice.set(None);
        spawn_local(async move {
            match api::tell(Method::Patch, &path, api::body(&change)).await {
                Ok(()) => self.load(),
                Err(failure) => self.failed(&failure),
            }
        });
    }
}

async fn directory(site: SiteId) -> Result<Vec<DirectoryHost>, Failure> {
    let mut hosts = Vec::new();
    api::all_pages(&format!("/api/v1/sites/{site}/hosts"), |page: HostPage| {
        hosts.extend(page.hosts);
        page.next
    })
    .await?;
    Ok(hosts)
}

/// The page.
#[component]
pub fn HostsPage(site: SiteId) -> impl IntoView {
    let hosts = Hosts {
        site,
        all: RwSignal::new(None),
        notice: RwSignal::new(None),
        told: RwSignal::new(None),
        door: expect_context(),
    };
    hosts.load();
    let sought = RwSignal::new(String::new());
    let open = RwSignal::new(None::<Open>);
    let close = move || open.set(None);
    let done = Done::new(move |words: Option<String>| {
        hosts.told.set(words);
        close();
        hosts.load();
    });
    let sheet = move |which: Open| match which {
        Open::Add => edit::edit(site, None, done, close),
        Open::Change(host) => edit::edit(site, Some(host), done, close),
        Open::Import => import::import(site, done, close),
    };
    let list = move || {
        hosts.all.with(|all| match all {
            None => view! { <p class="empty">{said::LOADING}</p> }.into_any(),
            Some(all) if all.is_empty() => empty(said::NOBODY, said::NOBODY_HINT),
            Some(all) => match found(all, &sought.get()) {
                rows if rows.is_empty() => empty(said::NONE_FOUND, ""),
                rows => {
                    let rows = rows.into_iter().map(|host| row(host, open, hosts)).collect_view();
                    view! { <ul class="rows">{rows}</ul> }.into_any()
                }
            },
        })
    };
    view! {
        <main class="page hosts">
            <div class="page-bar">
                {search_field("find-host", said::FIND, sought)}
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
                        {icon::drawn(Icon::PLUS)}
                        {said::ADD}
                    </button>
                </div>
            </div>
            <Notice text=hosts.notice />
            <p class="told" role="status">{live::part(move || hosts.told.get())}</p>
            {live::part(list)}
            {live::part(move || open.get().map(sheet))}
        </main>
    }
}

fn empty(heading: &'static str, hint: &'static str) -> AnyView {
    view! {
        <div class="empty">
            <h2>{heading}</h2>
            <p>{hint}</p>
        </div>
    }
    .into_any()
}

/// By name, those who are here first.
fn found(hosts: &[DirectoryHost], sought: &str) -> Vec<DirectoryHost> {
    let sought = matching::fold(sought);
    let mut found: Vec<(bool, String, &DirectoryHost)> = hosts
        .iter()
        .map(|host| (host.gone, matching::fold(host.name.as_str()), host))
        .filter(|(_, name, _)| sought.is_empty() || matching::fit(&sought, name).is_some())
        .collect();
    found.sort_by(|one, other| (one.0, &one.1, one.2.id).cmp(&(other.0, &other.1, other.2.id)));
    found.into_iter().take(MOST_ROWS).map(|(.., host)| host.clone()).collect()
}

fn row(host: DirectoryHost, open: RwSignal<Option<Open>>, hosts: Hosts) -> AnyView {
    let (name, is_gone) = (host.name.to_string(), host.gone);
    let department = host.department.as_ref().map(ToString::to_string);
    let (label, spoken) =
        if is_gone { (said::IS_BACK, said::is_back(&name)) } else { (said::HAS_LEFT, said::has_left(&name)) };
    let id = host.id.to_string();
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
                on:click=live::click(move || hosts.set_gone(&host))
            >
                {label}
            </button>
        </li>
    }
    .into_any()
}
