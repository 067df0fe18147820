//! The accounts of the staff: who may do what, for which sites, and how somebody gets in who can't.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::Role,
    admin::{Member, MemberChange, NewMember, OneTimeLink, Sites, StaffPage},
    changes::Site,
    event::Name,
    id::SiteId,
};

use vestibule_app::{
    api::{self, Failure, Method},
    field::{Field, Kind},
    focus,
    form::{self, Wrong},
    icon::{self, Icon},
    live,
};

use crate::{
    choose::{choose, tick},
    over::Over,
    wording::colleagues as said,
};

/// The roles, in words.
const ROLES: &[(Role, &str)] =
    &[(Role::Receptionist, said::RECEPTIONIST), (Role::Marshal, said::MARSHAL), (Role::Admin, said::ADMIN)];

/// A sheet over the list.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    Add,
    Change(Box<Member>),
    /// How somebody chooses a password, shown once.
    Link(OneTimeLink),
}

/// The page's state. Copies are one and the same.
#[derive(Clone, Copy)]
struct Page {
    all: RwSignal<Option<Vec<Member>>>,
    over: Over<Open>,
    /// Every site there is that this admin may see.
    sites: StoredValue<Vec<Site>>,
}

impl Page {
    fn load(self) {
        spawn_local(async move {
            match everybody().await {
                Ok(staff) => {
                    self.all.try_set(Some(staff));
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn failed(self, failure: &Failure) {
        self.over.failed(failure, said::failure(failure));
    }

    /// Does something to an account, and looks again.
    fn act(self, method: Method, path: String, body: String) {
        self.over.begin();
        spawn_local(async move {
            match api::tell(method, &path, body).await {
                Ok(()) => {
                    self.over.close();
                    self.load();
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }

    /// Asks for a link by which somebody chooses a password, and shows it.
    fn ask_for_link(self, path: String, body: String) {
        self.over.begin();
        spawn_local(async move {
            match api::ask::<OneTimeLink>(Method::Post, &path, body).await {
                Ok(link) => {
                    self.over.show(Open::Link(link));
                    self.load();
                }
                Err(failure) => self.failed(&failure),
            }
        });
    }
}

async fn everybody() -> Result<Vec<Member>, Failure> {
    let mut staff = Vec::new();
    api::all_pages("/api/v1/staff", |page: StaffPage| {
        staff.extend(page.staff);
        page.next
    })
    .await?;
    Ok(staff)
}

/// The page.
#[component]
pub fn ColleaguesPage(sites: Vec<Site>) -> impl IntoView {
    let page = Page { all: RwSignal::new(None), over: Over::nothing(), sites: StoredValue::new(sites) };
    page.load();
    let rows = move || page.all.with(|all| all.as_ref().map(|all| all.iter().map(|one| row(page, one)).collect_view()));
    view! {
        <main class="page colleagues">
            <div class="page-bar">
                <p class="lead">{said::LEAD}</p>
                <button
                    id="add-colleague"
                    type="button"
                    class="primary"
                    on:click=live::click(move || page.over.show(Open::Add))
                >
                    {icon::drawn(Icon::PLUS)}
                    {said::ADD}
                </button>
            </div>
            {page.over.notice_beside()}
            <ul class="rows">{live::part(rows)}</ul>
            {page.over.sheet(move |open| sheet(page, open))}
        </main>
    }
}

fn row(page: Page, member: &Member) -> AnyView {
    let name = member.name.to_string();
    let sites = match &member.sites {
        None => said::EVERY_SITE.to_owned(),
        Some(sites) => page.sites.with_value(|known| {
            let names = known.iter().filter(|site| sites.contains(&site.id)).map(|site| site.name.to_string());
            names.collect::<Vec<_>>().join(", ")
        }),
    };
    let more = [said::role(member.role).to_owned(), sites, member.email.to_string()].join(" · ");
    let marks = [(member.closed_at.is_some(), said::CLOSED), (!member.second_factor, said::NO_SECOND_FACTOR)];
    let marks =
        marks.into_iter().filter(|(holds, _)| *holds).map(|(_, words)| view! { <p class="mark-odd">{words}</p> });
    let marks = marks.collect_view();
    let changed = Box::new(member.clone());
    view! {
        <li class="row colleague" class:gone=member.closed_at.is_some() data-colleague=member.id.to_string()>
            <div class="row-who">
                <p class="row-name" dir="auto">{name.clone()}</p>
                <p class="row-more">{more}</p>
                {marks}
            </div>
            <button
                type="button"
                data-action="change"
                aria-label=said::change(&name)
                on:click=live::click(move || page.over.show(Open::Change(changed.clone())))
            >
                {said::CHANGE}
            </button>
        </li>
    }
    .into_any()
}

fn sheet(page: Page, open: Open) -> (String, AnyView) {
    match open {
        Open::Add => (said::ADD.to_owned(), add(page)),
        Open::Change(member) => (member.name.to_string(), change(page, *member)),
        Open::Link(link) => (said::LINK.to_owned(), shown(&link)),
    }
}

/// For which sites, while it is chosen. Copies are one and the same.
#[derive(Clone, Copy)]
struct Chosen {
    every: RwSignal<bool>,
    sites: StoredValue<Vec<(SiteId, RwSignal<bool>)>>,
    names: StoredValue<Vec<Site>>,
}

impl Chosen {
    fn of(page: Page, held: Option<&[SiteId]>) -> Self {
        let sites = page.sites.with_value(|sites| {
            let is_held = |id: &SiteId| held.is_some_and(|held| held.contains(id));
            sites.iter().map(|site| (site.id, RwSignal::new(is_held(&site.id)))).collect()
        });
        Self { every: RwSignal::new(held.is_none()), sites: StoredValue::new(sites), names: page.sites }
    }

    fn read(self) -> Option<Vec<SiteId>> {
        if self.every.get_untracked() {
            return None;
        }
        Some(
            self.sites.with_value(|sites| {
                sites.iter().filter(|(_, chosen)| chosen.get_untracked()).map(|(id, _)| *id).collect()
            }),
        )
    }

    fn view(self) -> AnyView {
        let ticks = move || {
            (!self.every.get()).then(|| {
                let names = self.names.get_value();
                self.sites.with_value(|sites| {
                    let both = names.into_iter().zip(sites);
                    both.map(|(site, (_, chosen))| tick(site.name.to_string(), *chosen)).collect_view()
                })
            })
        };
        view! {
            <fieldset class="ticks">
                <legend class="texts-label">{said::SITES}</legend>
                {tick(said::EVERY_SITE.to_owned(), self.every)}
                {live::part(ticks)}
            </fieldset>
        }
        .into_any()
    }
}

/// An account for a colleague, who chooses the password.
fn add(page: Page) -> AnyView {
    let (name, email) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let (name_error, email_error) = (RwSignal::new(None::<Wrong>), RwSignal::new(None::<Wrong>));
    let role = RwSignal::new(Role::Receptionist);
    let chosen = Chosen::of(page, None);
    let save = move || {
        let name = Name::new(&name.get_untracked()).map_err(Wrong::from);
        let email = form::email(&email.get_untracked());
        name_error.set(name.as_ref().err().copied());
        email_error.set(email.as_ref().err().copied());
        let (Ok(name), Ok(email)) = (name, email) else { return focus::soon("[aria-invalid=true]") };
        let new = NewMember { name, email, role: role.get_untracked(), sites: chosen.read() };
        page.ask_for_link("/api/v1/staff".to_owned(), api::body(&new));
    };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            <Field id="colleague-name" label=said::NAME kind=Kind::Name value=name error=name_error />
            <Field id="colleague-email" label=said::EMAIL kind=Kind::Email value=email error=email_error />
            {choose(said::MAY, ROLES, role)}
            {chosen.view()}
            {page.over.notice()}
            <div class="form-end">
                <button id="save-colleague" type="submit" class="primary">
                    {said::MAKE_LINK}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What a colleague may do, and the ways to help who can't get in or must get out.
fn change(page: Page, member: Member) -> AnyView {
    let path = format!("/api/v1/staff/{}", member.id);
    let role = RwSignal::new(member.role);
    let chosen = Chosen::of(page, member.sites.as_deref());
    let is_closed = member.closed_at.is_some();
    let save = {
        let path = path.clone();
        move || {
            let sites = chosen.read().map_or(Sites::Every, Sites::Only);
            let change = MemberChange { role: Some(role.get_untracked()), sites: Some(sites), closed: None };
            page.act(Method::Patch, path.clone(), api::body(&change));
        }
    };
    let other = |name: &'static str, label: &'static str, act: Box<dyn Fn()>| {
        view! {
            <button type="button" data-action=name on:click=live::click(act)>
                {label}
            </button>
        }
        .into_any()
    };
    let nothing = || "{}".to_owned();
    let at = |end: &str| format!("{path}{end}");
    let (link, sessions, factor) = (at("/password-link"), at("/sessions"), at("/second-factor"));
    let closing = MemberChange { closed: Some(!is_closed), ..MemberChange::default() };
    view! {
        <form class="form" novalidate on:submit=live::submit(save)>
            {choose(said::MAY, ROLES, role)}
            {chosen.view()}
            {page.over.notice()}
            <div class="form-end">
                <button id="save-colleague" type="submit" class="primary">
                    {said::SAVE}
                </button>
            </div>
        </form>
        <div class="others">
            {other("link", said::NEW_LINK, Box::new(move || page.ask_for_link(link.clone(), nothing())))}
            {other("sign-out", said::SIGN_OUT, Box::new(move || page.act(Method::Delete, sessions.clone(), nothing())))}
            {member
                .second_factor
                .then(|| {
                    let act = move || page.act(Method::Delete, factor.clone(), nothing());
                    other("factor", said::REMOVE_SECOND_FACTOR, Box::new(act))
                })}
            {other(
                "close",
                if is_closed { said::OPEN_AGAIN } else { said::CLOSE },
                Box::new(move || page.act(Method::Patch, path.clone(), api::body(&closing))),
            )}
        </div>
    }
    .into_any()
}

fn shown(link: &OneTimeLink) -> AnyView {
    let origin = window().location().origin().unwrap_or_default();
    let address = format!("{origin}/password#{}", link.token);
    view! {
        <p class="lead">{said::link_lead(link.expires_in_s)}</p>
        <p id="password-link" class="secret">{address}</p>
    }
    .into_any()
}
