//! E-mail and password, then a code where the account has a second factor; or the identity provider, if there is one.

pub mod wording;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::{PROVIDER_SIGN_IN_PATH, REFUSED, Session, SignIn as Request},
    problem,
};

use crate::{
    api,
    field::{self, Field, Kind, Notice},
    focus,
    form::{self, Wrong},
    fragment, live, staff, words,
};

/// Signs in, and says who it was.
#[component]
pub fn SignIn(on_done: impl Fn(Session) + Copy + 'static) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let code = RwSignal::new(String::new());
    let wrong = RwSignal::new((None::<Wrong>, None::<Wrong>, None::<Wrong>));
    let needs_code = RwSignal::new(false);
    let notice = RwSignal::new(refusal());
    let is_busy = RwSignal::new(false);
    let first = field::focus_on_arrival();

    let on_submit = move || {
        if is_busy.get_untracked() {
            return;
        }
        let address = form::email(&email.get_untracked());
        let secret = password.get_untracked();
        let code = needs_code.get_untracked().then(|| code.get_untracked().trim().to_owned());
        let missing = |is_missing: bool| is_missing.then_some(Wrong::Missing);
        let errors = (
            address.as_ref().err().copied(),
            missing(secret.is_empty()),
            missing(code.as_deref().is_some_and(str::is_empty)),
        );
        wrong.set(errors);
        let (Ok(email), (None, None, None)) = (address, errors) else {
            return focus::soon("[aria-invalid=true]");
        };
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(&Request { email, password: secret, code }).await;
            is_busy.try_set(false);
            match answer {
                Ok(session) => on_done(session),
                Err(failure) if failure.code() == problem::CODE_NEEDED => {
                    needs_code.try_set(true);
                    focus::soon("#code");
                }
                Err(failure) => {
                    notice.try_set(Some(wording::failure(&failure)));
                    focus::soon(if needs_code.get_untracked() { "#code" } else { "#password" });
                }
            }
        });
    };
    let code_field = move || {
        let error = Signal::derive(move || wrong.get().2);
        view! { <Field id="code" label=wording::CODE kind=Kind::OneTimeCode value=code hint=wording::CODE_HINT error=error /> }
    };
    view! {
        <form class="card narrow" novalidate on:submit=live::submit(on_submit)>
            <Field
                id="email"
                label=words::EMAIL
                kind=Kind::Username
                value=email
                error=Signal::derive(move || wrong.get().0)
                node_ref=first
            />
            <Field
                id="password"
                label=words::PASSWORD
                kind=Kind::Password
                value=password
                error=Signal::derive(move || wrong.get().1)
            />
            {live::part(move || needs_code.get().then(code_field))}
            <Notice text=notice />
            <button id="sign-in" type="submit" class="primary large" disabled=live::flag(move || is_busy.get())>
                {live::part(move || if is_busy.get() { words::SIGNING_IN } else { words::SIGN_IN })}
            </button>
            <Provider />
        </form>
    }
}

/// The identity provider's button, once the server has said that there is one.
#[component]
fn Provider() -> impl IntoView {
    let name = RwSignal::new(None);
    spawn_local(async move {
        if let Ok(ways) = api::sign_in_ways().await {
            name.try_set(ways.provider);
        }
    });
    let go = move || {
        staff::begin_anew();
        let _ = window().location().set_href(PROVIDER_SIGN_IN_PATH);
    };
    live::part(move || {
        let name = name.get()?;
        Some(view! {
            <p class="or" aria-hidden="true">{wording::OR}</p>
            <button id="sign-in-with-provider" type="button" class="large" on:click=live::click(go)>
                {wording::sign_in_with(name.as_str())}
            </button>
        })
    })
}

/// Why the way by the identity provider ended here, in words; said once.
fn refusal() -> Option<String> {
    let fragment = fragment::read();
    let code = fragment.strip_prefix(REFUSED)?;
    fragment::remove();
    Some(wording::refused(code).unwrap_or(wording::REFUSED_OTHERWISE).to_owned())
}
