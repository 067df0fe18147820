//! The kiosk: what stands at the entrance. Its shell, which decides whether visitors can use it at all.

use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*};

use vestibule_app::{
    fragment,
    icon::{self, Icon},
    live,
    outbox::Outbox,
    route::Router,
    sync_pill::{PillContent, link_name, pending},
    words::{self, Speech},
};

use crate::{check_in, check_out, idle, install, pair, screen::KioskScreen, staff, welcome};

/// Everything under `/kiosk`: starting, unpaired, or at the visitors' service.
#[component]
pub fn Kiosk() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let router = expect_context::<Router<KioskScreen>>();
    // A link with a code pairs anew what was paired before; what the outbox holds stays in it. It may be opened where
    // the kiosk runs already.
    let code = RwSignal::new(code_in_link());
    let wants_pairing = RwSignal::new(code.with_untracked(Option::is_some));
    let listener = window_event_listener_untyped("hashchange", move |_| {
        if let Some(given) = code_in_link() {
            code.set(Some(given));
            wants_pairing.set(true);
        }
    });
    on_cleanup(move || listener.remove());
    let pairing_done = move || {
        wants_pairing.set(false);
        code.set(None);
    };

    let standing = Memo::new(move |_| {
        outbox.status.with(|status| match status {
            None if outbox.silent.get() => Standing::Paired,
            None => Standing::Starting,
            Some(status) if status.source.is_none() && install::is_needed() => Standing::Misplaced,
            Some(status) if status.source.is_none() || wants_pairing.get() => Standing::Unpaired,
            Some(status) if status.revoked_at.is_some() => Standing::Revoked,
            Some(_) => Standing::Paired,
        })
    });
    provide_context(staff::Lock::default());
    let back = to_welcome();
    let pair_anew = move || {
        back();
        wants_pairing.set(true);
    };
    let is_staff = Memo::new(move |_| router.current() == Some(KioskScreen::Staff));
    let is_refused = Memo::new(move |_| outbox.is_refused());
    let pair_again = move || {
        view! {
            <button id="pair-again" type="button" class="quiet" on:click=live::click(move || wants_pairing.set(true))>
                {words::kiosk().pair_again}
            </button>
        }
    };
    view! {
        <div class="kiosk">
            {live::part(move || match standing.get() {
                Standing::Starting => view! { <Starting /> }.into_any(),
                Standing::Misplaced => view! { <install::Install /> }.into_any(),
                Standing::Unpaired => view! { <pair::Pair code=code.get_untracked() on_done=pairing_done /> }.into_any(),
                Standing::Revoked | Standing::Paired if is_staff.get() => staff::staff_panel(pair_anew),
                Standing::Revoked => view! { <Revoked /> }.into_any(),
                Standing::Paired => match router.current() {
                    Some(KioskScreen::CheckIn) => view! { <check_in::CheckIn /> }.into_any(),
                    Some(KioskScreen::CheckOut) => view! { <check_out::CheckOut /> }.into_any(),
                    _ => view! { <welcome::Welcome /> }.into_any(),
                },
            })}
            <footer class="kiosk-foot" class:unpaired=live::flag(move || !standing.get().has_outbox_in_use())>
                <p
                    id="sync-pill"
                    class="pill"
                    class:stopped=live::flag(move || outbox.is_broken())
                    role="status"
                    data-link=live::text(move || link_name(outbox))
                    data-pending=live::text(move || pending(outbox))
                >
                    <PillContent words=words::kiosk_pill />
                </p>
                {live::part(move || is_refused.get().then(pair_again))}
            </footer>
        </div>
    }
}

/// The pairing code in the page's address, which is removed from there.
fn code_in_link() -> Option<String> {
    let code = fragment::read().strip_prefix(fragment::PAIRING_CODE)?.to_owned();
    fragment::remove();
    Some(code)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Starting,
    /// Not paired, and not to be paired here.
    Misplaced,
    Unpaired,
    /// Paired once, and taken out of service since.
    Revoked,
    /// Or broken, which the screens say themselves.
    Paired,
}

impl Standing {
    /// Whether there may be something to say of delivery.
    fn has_outbox_in_use(self) -> bool {
        matches!(self, Self::Revoked | Self::Paired)
    }
}

/// The moment before the outbox gives its first word.
#[component]
fn Starting() -> impl IntoView {
    view! {
        <main class="screen centred starting">
            {icon::mark()}
            <p class="lead">{words::shared().starting}</p>
        </main>
    }
}

/// In place of all screens once the device's access was withdrawn: who stands there is told where to go instead.
#[component]
fn Revoked() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    // Whoever was in the midst of something is not: should the kiosk be paired again, it begins with its welcome.
    to_welcome()();
    let site = Memo::new(move |_| outbox.site.with(|site| site.as_ref().map(|site| site.name.to_string())));
    view! {
        <main class="screen centred">
            {staff::door(icon::mark())}
            <h1 id="revoked">
                {live::part(move || match site.get() {
                    Some(site) => words::kiosk().revoked.with([&site]),
                    None => words::kiosk().revoked_unnamed.to_owned(),
                })}
            </h1>
            <p class="lead">{words::kiosk().revoked_lead}</p>
            <welcome::Languages />
        </main>
    }
}

/// In place of a screen that could only confirm into a void.
#[component]
pub fn Broken() -> impl IntoView {
    view! {
        <section class="broken" role="alert">
            {icon::drawn(Icon::WARNING)}
            <h1>{words::kiosk().broken}</h1>
            <p class="lead">{words::kiosk().broken_lead}</p>
        </section>
    }
}

/// Goes back to the welcome screen; what was typed is gone with the screen that it was typed on.
pub fn to_welcome() -> impl Fn() + Copy + Send {
    let router = expect_context::<Router<KioskScreen>>();
    move || router.replace(KioskScreen::Welcome)
}

/// The same where the visitor has finished or walked away: the next one is greeted in the language of the kiosk.
pub fn to_next_visitor() -> impl Fn() + Copy {
    let speech = expect_context::<Speech>();
    let back = to_welcome();
    move || {
        speech.reset();
        back();
    }
}

/// The top of a screen on which something is typed: the way back, and the seconds left.
#[component]
pub fn TopBar() -> impl IntoView {
    let back = to_welcome();
    view! {
        <header class="kiosk-top">
            <button type="button" class="quiet back" on:click=live::click(back)>
                {icon::drawn(Icon::BACK)}
                {words::shared().back}
            </button>
            <idle::IdleReset />
        </header>
    }
}
