//! A code with which a kiosk becomes one of the site's.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::{NewDevice, PairingCode},
    event::Name,
};

use vestibule_app::{
    api,
    field::{Field, Kind, Notice},
    form::Wrong,
    fragment, live,
    outbox::Outbox,
    qr,
    sheet::Sheet,
    words,
};

/// Asks for a name, then shows the code and the link.
#[component]
pub fn PairKiosk(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let name = RwSignal::new(words::KIOSK_NAME_EXAMPLE.to_owned());
    let wrong = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let code = RwSignal::new(None::<PairingCode>);

    let on_submit = move || {
        let site = outbox.status.with_untracked(|status| Some(status.as_ref()?.source?.site));
        let name = Name::new(&name.get_untracked()).map_err(Wrong::from);
        wrong.set(name.as_ref().err().copied());
        let (Ok(name), Some(site), false) = (name, site, is_busy.get_untracked()) else { return };
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            match api::pairing_code(&NewDevice { site, name }).await {
                Ok(given) => {
                    code.try_set(Some(given));
                }
                Err(failure) => {
                    notice.try_set(Some(words::failure(&failure)));
                }
            }
            is_busy.try_set(false);
        });
    };
    let form = move || {
        view! {
            <form class="form" novalidate on:submit=live::submit(on_submit)>
                <p>{words::PAIR_A_KIOSK_LEAD}</p>
                <Field id="kiosk-name" label=words::KIOSK_NAME kind=Kind::Name value=name error=wrong />
                <Notice text=notice />
                <div class="form-end">
                    <button id="make-code" type="submit" class="primary" disabled=live::flag(move || is_busy.get())>
                        {words::MAKE_CODE}
                    </button>
                </div>
            </form>
        }
    };
    view! {
        <Sheet title=words::PAIR_A_KIOSK on_close=on_close>
            {live::part(move || match code.get() {
                Some(code) => view! { <Code code /> }.into_any(),
                None => form().into_any(),
            })}
        </Sheet>
    }
}

#[component]
fn Code(code: PairingCode) -> impl IntoView {
    let origin = window().location().origin().unwrap_or_default();
    let link = format!("{origin}/kiosk#{}{}", fragment::PAIRING_CODE, code.code);
    view! {
        <div class="pairing-code" role="status">
            <p>{words::CODE_HINT}</p>
            <p class="pairing-code-value" id="pairing-code">{code.code}</p>
            {qr::drawn(&link, words::PAIRING_SQUARE).map(|code| view! { <div class="square">{code}</div> })}
            <p class="pairing-link">
                <a id="pairing-link" href=link.clone()>{link.clone()}</a>
            </p>
            <p class="field-hint">{words::holds_for(code.expires_in_s)}</p>
        </div>
    }
}
