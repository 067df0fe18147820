//! What stands around every page: who is signed in, for which site, and the way to the other pages.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::{Role, Session},
    changes::Site,
    id::SiteId,
};

use vestibule_app::{
    api::Failure,
    icon::{self, Icon},
    live,
    route::{Link, Router},
    sign_in::SignIn,
    sign_out::sign_out_button,
    staff::{self, Standing},
    words,
};

use crate::{colleagues, door::Door, hosts, keys, screen::OfficeScreen, settings, wording};

/// Everything under `/office`.
#[component]
pub fn Frame() -> impl IntoView {
    let standing = RwSignal::new(staff::at_first());
    provide_context(Door::of(standing));
    spawn_local(async move {
        let word = staff::ask().await;
        standing.try_set(word);
    });
    let session = Memo::new(move |_| match standing.get() {
        Standing::SignedIn(session) => Some(session),
        Standing::Unknown | Standing::SignedOut | Standing::SignedOutUnreachable | Standing::Expired(_) => None,
    });
    let sign_in = move || {
        let lead = match standing.get() {
            Standing::Unknown => return view! { <p class="lead">{words::shared().starting}</p> }.into_any(),
            Standing::SignedOutUnreachable => words::failure(&Failure::Unreachable),
            _ => wording::SIGN_IN_LEAD.to_owned(),
        };
        view! {
            <h1>{words::SIGN_IN_HEADING}</h1>
            <p class="lead">{lead}</p>
            <SignIn on_done=move |session| standing.set(staff::signed_in(session)) />
        }
        .into_any()
    };
    live::part(move || match session.get() {
        None => view! {
            <main class="screen centred">
                {icon::mark()}
                {live::part(sign_in)}
            </main>
        }
        .into_any(),
        Some(session) if session.role == Role::Admin => {
            view! { <Office session on_sign_out=move || standing.set(Standing::SignedOut) /> }.into_any()
        }
        Some(_) => view! {
            <main class="screen centred">
                {icon::mark()}
                <h1>{wording::FOR_ADMINS}</h1>
                <p class="lead">{wording::FOR_ADMINS_LEAD}</p>
                <a class="button" href="/dashboard">
                    {icon::drawn(Icon::DESK)}
                    {wording::FRONT_DESK}
                </a>
            </main>
        }
        .into_any(),
    })
}

#[component]
fn Office(session: Session, on_sign_out: impl Fn() + Copy + 'static) -> impl IntoView {
    let router = expect_context::<Router<OfficeScreen>>();
    let page = Memo::new(move |_| router.current());
    let site = RwSignal::new(session.sites.first().map(|site| site.id));
    let sites = session.sites.clone();
    let all = StoredValue::new(session.sites.clone());
    let choose = move |chosen: String| {
        site.set(sites.iter().map(|site| site.id).find(|id| id.to_string() == chosen));
    };
    let names = session.sites.iter().map(|site| {
        view! { <option value=site.id.to_string()>{site.name.to_string()}</option> }
    });
    let link = move |to: OfficeScreen| {
        let (icon, label) = wording::page(to);
        view! {
            <span class="desk-page" class:here=live::flag(move || page.get() == Some(to))>
                <Link to class="desk-page-link">
                    {icon::drawn(icon)}
                    {label}
                </Link>
            </span>
        }
        .into_any()
    };
    view! {
        <div class="desk">
            <header class="desk-top">
                {icon::mark()}
                <h1 class="unseen">{wording::OFFICE}</h1>
                <select
                    id="site"
                    class="office-site"
                    aria-label=wording::SITE
                    on:change:target=move |change| choose(change.target().value())
                >
                    {names.collect_view()}
                </select>
                <div class="desk-who">
                    <a class="button" href="/dashboard">
                        {icon::drawn(Icon::DESK)}
                        {wording::FRONT_DESK}
                    </a>
                    <span class="wide-only desk-name">{session.name.to_string()}</span>
                    {sign_out_button(on_sign_out)}
                </div>
            </header>
            <nav class="desk-pages" aria-label=wording::PAGES>
                {OfficeScreen::ALL.map(link).collect_view()}
            </nav>
            {live::part(move || match (page.get(), site.get()) {
                (_, None) => view! { <p class="nothing-here">{words::NO_SITE}</p> }.into_any(),
                (Some(screen), Some(site)) => shown(screen, site, all.get_value()),
                (None, Some(_)) => view! { <p class="nothing-here">{words::shared().page_not_found}</p> }.into_any(),
            })}
        </div>
    }
}

fn shown(screen: OfficeScreen, site: SiteId, sites: Vec<Site>) -> AnyView {
    match screen {
        OfficeScreen::Hosts => view! { <hosts::HostsPage site /> }.into_any(),
        OfficeScreen::Settings => view! { <settings::SettingsPage site /> }.into_any(),
        OfficeScreen::Colleagues => view! { <colleagues::ColleaguesPage sites /> }.into_any(),
        OfficeScreen::Keys => view! { <keys::KeysPage site sites /> }.into_any(),
    }
}
