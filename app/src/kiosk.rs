//! The kiosk: what stands at the entrance. Its shell, which decides whether visitors can use it at all.

mod check_in;
mod check_out;
mod confirmation;
mod idle;
mod pair;
mod welcome;

use leptos::prelude::*;
use vestibule_protocol::message::LinkState;

use crate::{
    fragment,
    icon::{self, Icon},
    outbox::Outbox,
    route::{Route, Router},
    sync_pill::{PillContent, link_name, pending},
    words,
};

/// What introduces a pairing code in the fragment of a link.
pub const CODE_IN_LINK: &str = "pair=";

/// Everything under `/kiosk`: starting, unpaired, or at the visitors' service.
#[component]
pub fn Kiosk() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let router = expect_context::<Router>();
    let code = fragment::read().strip_prefix(CODE_IN_LINK).map(str::to_owned);
    if code.is_some() {
        fragment::remove();
    }
    // A link with a code pairs anew what was paired before; what the outbox holds stays in it.
    let wants_pairing = RwSignal::new(code.is_some());
    let code = StoredValue::new(code);
    let pairing_done = move || {
        code.set_value(None);
        wants_pairing.set(false);
    };

    let standing = Memo::new(move |_| {
        outbox.status.with(|status| match status {
            None if outbox.silent.get() => Standing::Paired,
            None => Standing::Starting,
            Some(status) if status.source.is_none() || wants_pairing.get() => Standing::Unpaired,
            Some(_) => Standing::Paired,
        })
    });
    view! {
        <div class="kiosk">
            {move || match standing.get() {
                Standing::Starting => view! { <Starting /> }.into_any(),
                Standing::Unpaired => view! { <pair::Pair code=code.get_value() on_done=pairing_done /> }.into_any(),
                Standing::Paired => match router.current() {
                    Some(Route::CheckIn) => view! { <check_in::CheckIn /> }.into_any(),
                    Some(Route::CheckOut) => view! { <check_out::CheckOut /> }.into_any(),
                    _ => view! { <welcome::Welcome /> }.into_any(),
                },
            }}
            <footer class="kiosk-foot" class:unpaired=move || standing.get() != Standing::Paired>
                <p
                    id="sync-pill"
                    class="pill"
                    class:stopped=move || outbox.is_broken()
                    role="status"
                    data-link=move || link_name(outbox)
                    data-pending=move || pending(outbox)
                >
                    <PillContent />
                </p>
                <Show when=move || outbox.link_state() == LinkState::Unauthorized>
                    <button id="pair-again" type="button" class="quiet" on:click=move |_| wants_pairing.set(true)>
                        {words::PAIR_AGAIN}
                    </button>
                </Show>
            </footer>
        </div>
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Starting,
    Unpaired,
    /// Or broken, which the screens say themselves.
    Paired,
}

/// The moment before the outbox gives its first word.
#[component]
fn Starting() -> impl IntoView {
    view! {
        <main class="screen centred starting">
            <icon::Mark />
            <p class="lead">{words::STARTING}</p>
        </main>
    }
}

/// In place of a screen that could only confirm into a void.
#[component]
fn Broken() -> impl IntoView {
    view! {
        <section class="broken" role="alert">
            <icon::Drawn icon=Icon::Warning />
            <h1>{words::KIOSK_BROKEN}</h1>
            <p class="lead">{words::KIOSK_BROKEN_LEAD}</p>
        </section>
    }
}

/// Goes back to the welcome screen; what was typed is gone with the screen that it was typed on.
fn to_welcome() -> impl Fn() + Copy {
    let router = expect_context::<Router>();
    move || router.replace(Route::Welcome)
}

/// The top of a screen on which something is typed: the way back, and the seconds left.
#[component]
fn TopBar() -> impl IntoView {
    let back = to_welcome();
    view! {
        <header class="kiosk-top">
            <button type="button" class="quiet back" on:click=move |_| back()>
                <icon::Drawn icon=Icon::Back />
                {words::BACK}
            </button>
            <idle::IdleReset />
        </header>
    }
}
