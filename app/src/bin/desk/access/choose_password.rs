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

/// How far it has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Choosing,
    Chosen,
    /// The link opens nothing, whatever is typed.
    Over,
}

/// One field; then signing in with it.
#[component]
pub fn ChoosePassword() -> impl IntoView {
    let token = StoredValue::new(fragment::read());
    let password = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let stage = RwSignal::new(Stage::Choosing);
    if token.with_value(String::is_empty) {
        stage.set(Stage::Over);
        notice.set(Some(wording::NO_TOKEN.to_owned()));
    }

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
            let answer = api::choose_password(&PasswordByLink { token: token.get_value(), password }).await;
            is_busy.try_set(false);
            let next = match &answer {
                Ok(()) => Stage::Chosen,
                Err(failure) if failure.code() == "wrong_link" => Stage::Over,
                Err(_) => Stage::Choosing,
            };
            if let Err(failure) = answer {
                notice.try_set(Some(wording::failure(&failure)));
            }
            if next != Stage::Choosing {
                fragment::remove();
                stage.try_set(next);
                focus::soon("#to-sign-in");
            }
        });
    };
    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{wording::CHOOSE_PASSWORD}</h1>
            {live::part(move || match stage.get() {
                Stage::Choosing => {
                    view! { <Choice password wrong notice is_busy on_submit /> }.into_any()
                }
                Stage::Chosen => {
                    view! {
                        <p class="lead" role="status">{wording::PASSWORD_CHOSEN}</p>
                        <ToSignIn />
                    }
                        .into_any()
                }
                Stage::Over => {
                    view! {
                        <div class="narrow"><Notice text=notice /></div>
                        <ToSignIn />
                    }
                        .into_any()
                }
            })}
        </main>
    }
}

#[component]
fn Choice(
    password: RwSignal<String>,
    wrong: RwSignal<Option<Wrong>>,
    notice: RwSignal<Option<String>>,
    is_busy: RwSignal<bool>,
    on_submit: impl Fn() + Copy + 'static,
) -> impl IntoView {
    let first = field::focus_on_arrival();
    view! {
        <p class="lead">{wording::CHOOSE_PASSWORD_LEAD}</p>
        <form class="card narrow" novalidate on:submit=live::submit(on_submit)>
            <Field
                id="password"
                label=wording::NEW_PASSWORD
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
}

#[component]
fn ToSignIn() -> impl IntoView {
    let router = expect_context::<Router<DeskScreen>>();
    view! {
        <button
            id="to-sign-in"
            type="button"
            class="primary large"
            on:click=live::click(move || router.replace(DeskScreen::Dashboard))
        >
            {words::SIGN_IN}
        </button>
    }
}
