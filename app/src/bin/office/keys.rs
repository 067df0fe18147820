//! The keys by which programs use the API: made, shown once, withdrawn.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    admin::{ApiKey, FreshApiKey, KeyPage, NewApiKey, Scope},
    changes::Site,
    event::Name,
    id::{KeyId, SiteId},
};

use vestibule_app::{
    api::{self, Failure, Method},
    clock,
    field::{Field, Kind},
    focus,
    form::Wrong,
    icon::{self, Icon},
    live, times,
};

use crate::{choose::choose, over::Over, wording::keys as said};

/// What a key allows, in words.
const SCOPES: &[(Scope, &str)] = &[(Scope::Read, said::READ), (Scope::Write, said::WRITE)];

/// For how many days a key holds, in words.
const LIVES: &[(u16, &str)] = &[(30, said::MONTH), (90, said::QUARTER), (365, said::YEAR)];

/// A sheet over the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    Make,
    /// The key, shown this once.
    Made(Box<FreshApiKey>),
    /// Asked once more: it can't be given back.
    Withdraw(Box<ApiKey>),
}

/// The page's state. Copies are one and the same.
#[derive(Clone, Copy)]
struct Page {
    site: SiteId,
    keys: RwSignal<Option<Vec<ApiKey>>>,
    next: RwSignal<Option<String>>,
    over: Over<Open>,
    sites: StoredValue<Vec<Site>>,
}

impl Page {
    /// The newest keys, or those before what is shown.
    fn load(self, before: Option<String>) {
        let path = before.as_ref().map_or("/api/v1/keys".to_owned(), |before| format!("/api/v1/keys?before={before}"));
        spawn_local(async move {
            match api::read::<KeyPage>(&path).await {
                Ok(page) => {
                    self.next.try_set(page.next.map(|next| next.to_string()));
                    self.keys.try_update(|held| match held {
                        Some(held) if before.is_some() => held.extend(page.keys),
                        _ => *held = Some(page.keys),
                    });
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.over.failed(failure, None);
    }

    fn make(self, new: &NewApiKey) {
        self.over.begin();
        let body = api::body(new);
        spawn_local(async move {
            match api::ask::<FreshApiKey>(Method::Post, "/api/v1/keys", body).await {
                Ok(made) => {
                    self.over.show(Open::Made(Box::new(made)));
                    self.load(None);
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn withdraw(self, key: KeyId) {
        self.over.begin();
        let path = format!("/api/v1/keys/{key}");
        spawn_local(async move {
            match api::tell(Method::Delete, &path, "{}".to_owned()).await {
                Ok(()) => {
                    self.over.close();
                    self.load(None);
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }
}

/// The page.
#[component]
pub fn KeysPage(site: SiteId, sites: Vec<Site>) -> impl IntoView {
    let page = Page {
        site,
        keys: RwSignal::new(None),
        next: RwSignal::new(None),
        over: Over::nothing(),
        sites: StoredValue::new(sites),
    };
    page.load(None);
    let list = move || {
        page.keys.with(|keys| {
            let keys = keys.as_ref()?;
            if keys.is_empty() {
                return Some(view! { <p class="empty">{said::NONE_YET}</p> }.into_any());
            }
            let rows = keys.iter().map(|key| row(page, key)).collect_view();
            Some(view! { <ul class="rows">{rows}</ul> }.into_any())
        })
    };
    let more = move || {
        page.next.get().map(|next| {
            view! {
                <button id="show-more" type="button" on:click=live::click(move || page.load(Some(next.clone())))>
                    {said::MORE}
                </button>
            }
        })
    };
    view! {
        <main class="page keys">
            <div class="page-bar">
                <p class="lead">
                    {said::LEAD} " " <a href="/api/v1/docs">{said::DOCUMENTATION}</a>
                </p>
                <button
                    id="make-key"
                    type="button"
                    class="primary"
                    on:click=live::click(move || page.over.show(Open::Make))
                >
                    {icon::drawn(Icon::PLUS)}
                    {said::MAKE}
                </button>
            </div>
            {page.over.notice_beside()}
            {live::part(list)}
            {live::part(more)}
            {page.over.sheet(move |open| sheet(page, open))}
        </main>
    }
}

fn row(page: Page, key: &ApiKey) -> AnyView {
    let now = clock::now();
    let shown = |at| times::time_or_day(at, now);
    let site = match key.site {
        None => said::EVERY_SITE.to_owned(),
        Some(id) => page.sites.with_value(|sites| {
            let site = sites.iter().find(|site| site.id == id);
            site.map_or_else(|| id.to_string(), |site| site.name.to_string())
        }),
    };
    let is_over = key.revoked_at.is_some() || key.expires_at < now;
    let state = match key.revoked_at {
        Some(at) => said::withdrawn(&shown(at)),
        None => said::holds_until(&times::day(key.expires_at), is_over),
    };
    let used = said::used(key.last_used_at.map(shown).as_deref());
    let more = [said::scope(key.scope).to_owned(), site].join(" · ");
    let name = key.name.to_string();
    let spoken = said::withdraw(&name);
    let id = key.id.to_string();
    let key = Box::new(key.clone());
    view! {
        <li class="row key" class:gone=is_over data-key=id>
            <div class="row-who">
                <p class="row-name" dir="auto">{name}</p>
                <p class="row-more">{more}</p>
                <p class="row-more">{state} " · " {used}</p>
            </div>
            {(!is_over)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            data-action="withdraw"
                            aria-label=spoken
                            on:click=live::click(move || page.over.show(Open::Withdraw(key.clone())))
                        >
                            {said::WITHDRAW}
                        </button>
                    }
                })}
        </li>
    }
    .into_any()
}

fn sheet(page: Page, open: Open) -> (String, AnyView) {
    match open {
        Open::Make => (said::MAKE.to_owned(), make(page)),
        Open::Made(made) => (said::MADE.to_owned(), shown(&made)),
        Open::Withdraw(key) => (said::withdraw(key.name.as_str()), withdraw(page, key.id)),
    }
}

fn make(page: Page) -> AnyView {
    let name = RwSignal::new(String::new());
    let error = RwSignal::new(None::<Wrong>);
    let scope = RwSignal::new(Scope::Read);
    let days = RwSignal::new(90_u16);
    let for_all = RwSignal::new(false);
    let save = move || {
        let name = Name::new(&name.get_untracked()).map_err(Wrong::from);
        error.set(name.as_ref().err().copied());
        let Ok(name) = name else { return focus::soon("[aria-invalid=true]") };
        let site = (!for_all.get_untracked()).then_some(page.site);
        page.make(&NewApiKey { name, scope: scope.get_untracked(), site, days: days.get_untracked() });
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <Field id="key-name" label=said::NAME kind=Kind::Name value=name hint=said::NAME_HINT error=error />
            {choose(said::ALLOWS, SCOPES, scope)}
            {choose(said::FOR, REACHES, for_all)}
            {choose(said::HOLDS, LIVES, days)}
            {page.over.notice()}
            <div class="form-end">
                <button id="save-key" type="submit" class="primary">
                    {said::MAKE}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// For which sites a key is, in words.
const REACHES: &[(bool, &str)] = &[(false, said::THIS_SITE), (true, said::EVERY_SITE)];

fn shown(made: &FreshApiKey) -> AnyView {
    view! {
        <p class="lead">{said::MADE_LEAD}</p>
        <p id="key" class="secret">{made.key.clone()}</p>
    }
    .into_any()
}

fn withdraw(page: Page, key: KeyId) -> AnyView {
    view! {
        <p>{said::WITHDRAW_LEAD}</p>
        {page.over.notice()}
        <div class="form-end">
            <button id="confirm-withdrawal" type="button" class="primary" on:click=live::click(move || page.withdraw(key))>
                {said::WITHDRAW}
            </button>
        </div>
    }
    .into_any()
}
