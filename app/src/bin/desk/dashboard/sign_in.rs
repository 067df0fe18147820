//! E-mail and password.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::account::{Session, SignIn as Request};

use vestibule_app::{
    api,
    field::{self, Field, Kind, Notice},
    focus,
    form::{self, Wrong},
    live, words,
};

/// Signs in, and says who it was.
#[component]
pub fn SignIn(on_done: impl Fn(Session) + Copy + 'static) -> impl IntoView {
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let email_error = RwSignal::new(None::<Wrong>);
    let password_error = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let first = field::focus_on_arrival();

    let on_submit = move || {
        if is_busy.get_untracked() {
            return;
        }
        let address = form::email(&email.get_untracked());
        let secret = password.get_untracked();
        email_error.set(address.as_ref().err().copied());
        password_error.set(secret.is_empty().then_some(Wrong::Missing));
        let (Ok(address), false) = (address, secret.is_empty()) else {
            return focus::soon("[aria-invalid=true]");
        };
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            let answer = api::sign_in(&Request { email: address, password: secret, code: None }).await;
            is_busy.try_set(false);
            match answer {
                Ok(session) => on_done(session),
                Err(failure) => {
                    notice.try_set(Some(words::failure(&failure)));
                    focus::soon("#password");
                }
            }
        });
    };
    view! {
        <form class="card narrow" novalidate on:submit=live::submit(on_submit)>
            <Field id="email" label=words::EMAIL kind=Kind::Username value=email error=email_error node_ref=first />
            <Field id="password" label=words::PASSWORD kind=Kind::Password value=password error=password_error />
            <Notice text=notice />
            <button id="sign-in" type="submit" class="primary large" disabled=live::flag(move || is_busy.get())>
                {live::part(move || if is_busy.get() { words::SIGNING_IN } else { words::SIGN_IN })}
            </button>
        </form>
    }
}
