//! `/setup#<token>`: the first account, by the link that the server printed when it started.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{
    account::{NewAccount, SetUp as Request},
    event::Name,
};

use vestibule_app::{
    api,
    field::{Field, Kind, Notice},
    focus,
    form::{self, Wrong},
    fragment, icon, live,
    route::Router,
    staff, words,
};

use crate::screen::DeskScreen;

/// Name, e-mail and password; then the dashboard.
#[component]
pub fn SetUp() -> impl IntoView {
    let token = StoredValue::new(fragment::read());
    let name = RwSignal::new(String::new());
    let email = RwSignal::new(String::new());
    let password = RwSignal::new(String::new());
    let wrong = RwSignal::new((None::<Wrong>, None::<Wrong>, None::<Wrong>));
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let router = expect_context::<Router<DeskScreen>>();

    let on_submit = move || {
        if is_busy.get_untracked() {
            return;
        }
        let name = Name::new(&name.get_untracked()).map_err(Wrong::from);
        let email = form::email(&email.get_untracked());
        let password = form::new_password(&password.get_untracked());
        wrong.set((name.as_ref().err().copied(), email.as_ref().err().copied(), password.as_ref().err().copied()));
        let (Ok(name), Ok(email), Ok(password)) = (name, email, password) else {
            return focus::soon("[aria-invalid=true]");
        };
        let request = Request { token: token.get_value(), account: NewAccount { name, email, password } };
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            match api::set_up(&request).await {
                Ok(session) => {
                    fragment::remove();
                    staff::signed_in(session);
                    router.replace(DeskScreen::Dashboard);
                }
                Err(failure) => {
                    notice.try_set(Some(words::failure(&failure)));
                }
            }
            is_busy.try_set(false);
        });
    };
    if token.with_value(String::is_empty) {
        notice.set(Some(words::SETUP_NO_TOKEN.to_owned()));
    }

    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{words::SETUP_HEADING}</h1>
            <p class="lead">{words::SETUP_LEAD}</p>
            <form class="card narrow" novalidate on:submit=live::submit(on_submit)>
                <Field
                    id="name"
                    label=words::shared().your_name
                    kind=Kind::Name
                    value=name
                    error=Signal::derive(move || wrong.get().0)
                />
                <Field
                    id="email"
                    label=words::YOUR_EMAIL
                    kind=Kind::Username
                    value=email
                    error=Signal::derive(move || wrong.get().1)
                />
                <Field
                    id="password"
                    label=words::NEW_PASSWORD
                    kind=Kind::NewPassword
                    value=password
                    hint=words::password_hint()
                    error=Signal::derive(move || wrong.get().2)
                />
                <Notice text=notice />
                <button id="create-account" type="submit" class="primary large" disabled=live::flag(move || is_busy.get())>
                    {live::part(move || if is_busy.get() { words::CREATING_ACCOUNT } else { words::CREATE_ACCOUNT })}
                </button>
            </form>
        </main>
    }
}
