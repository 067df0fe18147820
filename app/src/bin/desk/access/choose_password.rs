//! `/password#<token>`: another password, by the one-time link that an admin made.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::account::PasswordByLink;

use vestibule_app::{
    api,
    field::{self, Field, Kind, Notice},
    focus,
    form::{self, Wrong},
    fragment, icon, live,
    route::Router,
    words,
};

use super::words as wording;
use crate::screen::DeskScreen;

/// One field; then signing in with it.
#[component]
pub fn ChoosePassword() -> impl IntoView {
    let token = StoredValue::new(fragment::read());
    let password = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(token.with_value(String::is_empty).then(|| wording::NO_TOKEN.to_owned()));
    let is_busy = RwSignal::new(false);
    let is_done = RwSignal::new(false);
    let router = expect_context::<Router<DeskScreen>>();
    let first = field::focus_on_arrival();

    let on_submit = move || {
        if is_busy.get_untracked() {
            return;
        }
        let chosen = form::new_password(&password.get_untracked());
        wrong.set(chosen.as_ref().err().copied());
        let Ok(password) = chosen else { return focus::soon("[aria-invalid=true]") };
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            match api::choose_password(&PasswordByLink { token: token.get_value(), password }).await {
                Ok(()) => {
                    fragment::remove();
                    is_done.try_set(true);
                    focus::soon("#to-sign-in");
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
            <p class="lead">{wording::CHOOSE_PASSWORD_LEAD}</p>
            <form class="card narrow" novalidate on:submit=live::submit(on_submit)>
                <Field
                    id="password"
                    label=words::NEW_PASSWORD
                    kind=Kind::NewPassword
                    value=password
                    hint=words::password_hint()
                    error=wrong
                    node_ref=first
                />
                <Notice text=notice />
                <button id="keep-password" type="submit" class="primary large" disabled=live::flag(move || is_busy.get())>
                    {live::part(move || if is_busy.get() { wording::KEEPING } else { wording::KEEP_PASSWORD })}
                </button>
            </form>
        }
    };
    let done = move || {
        view! {
            <p class="lead" role="status">{wording::PASSWORD_CHOSEN}</p>
            <button
                id="to-sign-in"
                type="button"
                class="primary large"
                on:click=live::click(move || router.replace(DeskScreen::Dashboard))
            >
                {words::SIGN_IN}
            </button>
        }
    };
    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{wording::CHOOSE_PASSWORD}</h1>
            {live::part(move || if is_done.get() { done().into_any() } else { form().into_any() })}
        </main>
    }
}
