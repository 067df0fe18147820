//! The dashboard: who is expected, here and gone, and how delivery stands.
//!
//! All that it shows of visits comes from the outbox's view, so it works the same with and without a server; the
//! session is needed for live updates and for enrolling this browser, no more.

mod account;
mod attention;
mod bring_in;
mod devices;
mod edit_visit;
mod kept;
mod new_visit;
mod pair_kiosk;
mod roll_call;
mod row;
mod saving;
mod statement;
mod sync_panel;
mod today;
mod updates;
mod visit;
mod visit_form;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::{NewDevice, Role, Session},
    event::Name,
    standing::Devices,
};

use vestibule_app::{
    api::{self, Failure},
    field::Notice,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    route::{Link, Router},
    sheet::Sheet,
    sign_in::SignIn,
    sign_out::sign_out_button,
    staff::{self, Standing},
    sync_pill::{PillContent, link_name, pending},
    words,
};

use crate::{access::own_account::OwnAccount, dashboard::kept::Answer, screen::DeskScreen, wording};

/// The pages of the dashboard.
const PAGES: [(DeskScreen, Icon, &str); 5] = [
    (DeskScreen::Dashboard, Icon::DESK, wording::TODAY),
    (DeskScreen::RollCall, Icon::ASSEMBLY, wording::ROLL_CALL),
    (DeskScreen::Attention, Icon::WARNING, wording::attention::ATTENTION),
    (DeskScreen::Statement, Icon::PROOF, wording::STATEMENT),
    (DeskScreen::Devices, Icon::KIOSK, wording::DEVICES),
];

/// A sheet that lies over the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Open {
    NewVisit,
    Account,
    Delivery,
    PairKiosk,
    SignIn,
}

/// Everything under `/dashboard`.
#[component]
pub fn Dashboard() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let standing = RwSignal::new(staff::at_first());
    spawn_local(async move {
        let word = staff::ask().await;
        standing.try_set(word);
    });
    let enrolment = Enrolment { problem: RwSignal::new(None), wants_another: RwSignal::new(false) };
    enrol_when_needed(outbox, standing, enrolment);
    updates::keep_up(outbox, standing);

    let is_desk = Memo::new(move |_| match standing.get() {
        Standing::Unknown => Shown::Starting,
        Standing::SignedOut | Standing::SignedOutUnreachable => Shown::SignIn,
        Standing::SignedIn(_) | Standing::Expired(_) => Shown::Desk,
    });
    live::part(move || match is_desk.get() {
        Shown::Starting => view! {
            <main class="screen centred starting">
                {icon::mark()}
                <p class="lead">{words::shared().starting}</p>
            </main>
        }
        .into_any(),
        Shown::SignIn => view! {
            <main class="screen centred">
                {icon::mark()}
                <h1>{words::SIGN_IN_HEADING}</h1>
                <p class="lead">
                    {live::part(move || match standing.get() {
                        Standing::SignedOutUnreachable => words::failure(&Failure::Unreachable),
                        _ => words::SIGN_IN_LEAD.to_owned(),
                    })}
                </p>
                <SignIn on_done=move |session| standing.set(staff::signed_in(session)) />
            </main>
        }
        .into_any(),
        Shown::Desk => view! { <Desk standing enrolment /> }.into_any(),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Starting,
    SignIn,
    Desk,
}

/// The desk itself, once it is known whose it is.
#[component]
fn Desk(standing: RwSignal<Standing>, enrolment: Enrolment) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let router = expect_context::<Router<DeskScreen>>();
    let open = RwSignal::new(None::<Open>);
    let close = move || open.set(None);
    let session = Memo::new(move |_| standing.with(|standing| standing.session().cloned()));
    let is_expired = Memo::new(move |_| standing.with(|standing| matches!(standing, Standing::Expired(_))));
    let is_admin =
        Memo::new(move |_| session.with(|session| session.as_ref().is_some_and(|who| who.role == Role::Admin)));
    let site = Memo::new(move |_| {
        let known = outbox.site.with(|site| site.as_ref().map(|site| site.name.to_string()));
        known.or_else(|| session.with(|who| Some(who.as_ref()?.sites.first()?.name.to_string())))
    });
    let site_id = Memo::new(move |_| {
        let enrolled = outbox.status.with(|status| Some(status.as_ref()?.source?.site));
        enrolled.or_else(|| session.with(|who| Some(who.as_ref()?.sites.first()?.id)))
    });
    let page = Memo::new(move |_| router.current());
    let devices = devices::follow(site_id, kept::Pace::Calm);
    let page_link = move |to: DeskScreen, icon: Icon, label: &'static str| {
        view! {
            <span class="desk-page" class:here=live::flag(move || page.get() == Some(to))>
                <Link to class="desk-page-link">
                    {icon::drawn(icon)}
                    {label}
                    {(to == DeskScreen::Attention).then(|| badge(devices))}
                </Link>
            </span>
        }
    };
    let warning = move || {
        if outbox.is_broken() { Some(words::DESK_BROKEN.to_owned()) } else { enrolment.problem.get() }
    };

    let pair_kiosk = move || {
        view! {
            <button
                id="pair-kiosk"
                type="button"
                class="quiet"
                aria-label=words::PAIR_A_KIOSK
                on:click=live::click(move || open.set(Some(Open::PairKiosk)))
            >
                {icon::drawn(Icon::KIOSK)}
                <span class="wide-only">{words::PAIR_A_KIOSK}</span>
            </button>
        }
    };
    let sign_in_again = move || {
        view! {
            <div class="banner" role="status">
                <p>{words::SIGN_IN_AGAIN}</p>
                <button type="button" on:click=live::click(move || open.set(Some(Open::SignIn)))>
                    {words::SIGN_IN}
                </button>
            </div>
        }
    };
    let is_refused = Memo::new(move |_| outbox.is_refused());
    let enrol_again = move || {
        view! {
            <div class="banner" role="status">
                <p>{words::NOT_ACCEPTED}</p>
                <button id="enrol-again" type="button" on:click=live::click(move || enrolment.wants_another.set(true))>
                    {words::ENROL_AGAIN}
                </button>
            </div>
        }
    };
    let signed_in = move |session: Session| {
        standing.set(staff::signed_in(session));
        close();
    };
    let sheet = move |sheet| match sheet {
        Open::NewVisit => view! { <new_visit::NewVisit on_close=close /> }.into_any(),
        Open::Account => live::part(move || {
            let session = session.get_untracked()?;
            Some(view! {
                <OwnAccount
                    session
                    on_close=close
                    on_session=move |session| standing.set(staff::signed_in(session))
                    on_signed_out=move || standing.set(Standing::SignedOut)
                />
            })
        })
        .into_any(),
        Open::Delivery => view! { <sync_panel::SyncPanel on_close=close /> }.into_any(),
        Open::PairKiosk => view! { <pair_kiosk::PairKiosk on_close=close /> }.into_any(),
        Open::SignIn => view! {
            <Sheet title=words::SIGN_IN_HEADING on_close=close>
                <SignIn on_done=signed_in />
            </Sheet>
        }
        .into_any(),
    };

    view! {
        <div class="desk">
            <header class="desk-top">
                <h1 class="desk-site">
                    {icon::mark()}
                    <span>{live::part(move || site.get())}</span>
                </h1>
                <button
                    id="sync-pill"
                    type="button"
                    class="pill"
                    class:stopped=live::flag(move || outbox.is_broken())
                    data-link=live::text(move || link_name(outbox))
                    data-pending=live::text(move || pending(outbox))
                    on:click=live::click(move || open.set(Some(Open::Delivery)))
                >
                    <PillContent words=words::desk_pill />
                </button>
                <div class="desk-who">
                    {live::part(move || is_admin.get().then(pair_kiosk))}
                    <button
                        id="account"
                        type="button"
                        class="quiet"
                        on:click=live::click(move || open.set(Some(Open::Account)))
                    >
                        {icon::drawn(Icon::PERSON)}
                        <span class="unseen">{wording::YOUR_ACCOUNT}</span>
                        <span class="wide-only desk-name">
                            {live::part(move || session.with(|who| who.as_ref().map(|who| who.name.to_string())))}
                        </span>
                    </button>
                    {sign_out_button(move || standing.set(Standing::SignedOut))}
                </div>
            </header>
            {live::part(move || is_expired.get().then(sign_in_again))}
            {live::part(move || is_refused.get().then(enrol_again))}
            <div class="desk-notice"><Notice text=Signal::derive(warning) /></div>
            <nav class="desk-pages" aria-label=wording::PAGES>
                {PAGES.map(|(to, icon, label)| page_link(to, icon, label)).collect_view()}
                {live::part(move || is_admin.get().then(office))}
            </nav>
            {live::part(move || match page.get() {
                Some(DeskScreen::Attention) => view! { <attention::AttentionPage site=site_id devices /> }.into_any(),
                Some(DeskScreen::Statement) => view! { <statement::StatementPage site=site_id /> }.into_any(),
                Some(DeskScreen::Devices) => view! { <devices::DevicesPage site=site_id /> }.into_any(),
                Some(DeskScreen::RollCall) => view! { <roll_call::RollCallPage site=site_id /> }.into_any(),
                Some(DeskScreen::Dashboard | DeskScreen::SetUp | DeskScreen::ChoosePassword) | None => {
                    view! { <today::Today on_new=move || open.set(Some(Open::NewVisit)) site=site_id /> }.into_any()
                }
            })}
            {live::part(move || open.get().map(sheet))}
        </div>
    }
}

/// To the office, which is a program and a page of its own.
fn office() -> AnyView {
    view! {
        <span class="desk-page">
            <a id="office" class="desk-page-link" href="/office">
                {icon::drawn(Icon::SETTINGS)}
                {wording::OFFICE}
            </a>
        </span>
    }
    .into_any()
}

/// How many need attention, beside the name of the page; nothing while none do.
fn badge(devices: Answer<Devices>) -> AnyView {
    view! {
        <span id="attention-badge">
            {live::part(move || {
                let open = attention::open_count(devices);
                (open > 0)
                    .then(|| {
                        view! {
                            <span class="badge">
                                {wording::count(open)}
                                <span class="unseen">" " {wording::attention::TO_DECIDE}</span>
                            </span>
                        }
                    })
            })}
        </span>
    }
    .into_any()
}

/// How this browser becomes a device of the site.
#[derive(Clone, Copy)]
struct Enrolment {
    /// What stands in the way, in words.
    problem: RwSignal<Option<String>>,
    /// Whether somebody asked for new credentials, because the server accepts the old ones no longer.
    wants_another: RwSignal<bool>,
}

/// Makes this browser a device of the site as soon as somebody is signed in and the worker has no credentials, or
/// somebody asks for others. Tries again with each new word of the worker, as long as it fails.
fn enrol_when_needed(outbox: Outbox, standing: RwSignal<Standing>, enrolment: Enrolment) {
    let Enrolment { problem, wants_another } = enrolment;
    let is_busy = StoredValue::new(false);
    Effect::new(move |_| {
        let is_unknown = outbox.status.with(|status| status.as_ref().is_some_and(|status| status.source.is_none()))
            || wants_another.get();
        let site = standing.with(|standing| match standing {
            Standing::SignedIn(session) => Some(session.sites.first().map(|site| site.id)),
            Standing::Unknown | Standing::SignedOut | Standing::SignedOutUnreachable | Standing::Expired(_) => None,
        });
        let Some(site) = site.filter(|_| is_unknown && !is_busy.get_value()) else { return };
        let Some(site) = site else {
            problem.set(Some(words::NO_SITE.to_owned()));
            return;
        };
        is_busy.set_value(true);
        spawn_local(async move {
            let hindrance = match api::new_device(&NewDevice { site, name: device_name() }).await {
                Ok(credentials) => outbox.enrol(credentials).await.err().map(|why| words::not_kept(why).to_owned()),
                Err(failure) => Some(words::failure(&failure)),
            };
            if hindrance.is_none() {
                wants_another.try_set(false);
            }
            problem.try_set(hindrance);
            is_busy.try_set_value(false);
        });
    });
}

/// What colleagues will call this browser in the list of devices, until they give it a better name.
fn device_name() -> Name {
    let agent = window().navigator().user_agent().unwrap_or_default();
    let browser =
        first_of(&agent, &[("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari")]);
    let machine = first_of(
        &agent,
        &[
            ("iPad", "iPad"),
            ("iPhone", "iPhone"),
            ("Android", "Android"),
            ("Mac", "Mac"),
            ("Windows", "Windows"),
            ("Linux", "Linux"),
        ],
    );
    Name::new(&words::desk_device(browser, machine)).expect("the words are not blank and shorter than a name")
}

fn first_of<'a>(text: &str, signs: &[(&str, &'a str)]) -> Option<&'a str> {
    signs.iter().find(|(sign, _)| text.contains(sign)).map(|(_, name)| *name)
}
