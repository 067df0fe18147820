//! One's own account: password, second factor, sessions; and for an admin the audit trail.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::account::{PasswordChange, Role, Session};

use vestibule_app::{
    api,
    field::{Field, Kind, Notice},
    focus,
    form::{self, Wrong},
    live,
    sheet::Sheet,
    staff, words,
};

use super::{second_factor::SecondFactor, words as wording};

/// The sheet. `on_session` hears of what has changed of the session, `on_signed_out` that it is over.
#[component]
pub fn OwnAccount(
    session: Session,
    on_close: impl Fn() + Copy + 'static,
    on_session: impl Fn(Session) + Copy + Send + Sync + 'static,
    on_signed_out: impl Fn() + Copy + Send + 'static,
) -> impl IntoView {
    let notice = RwSignal::new(None::<String>);
    let is_admin = session.role == Role::Admin;
    let everywhere = move || {
        notice.set(None);
        spawn_local(async move {
            match api::sign_out_everywhere().await {
                Ok(()) => {
                    staff::begin_anew();
                    on_signed_out();
                }
                Err(failure) => {
                    notice.try_set(Some(wording::failure(&failure)));
                }
            }
        });
    };
    let held = StoredValue::new(session.clone());
    let on_second_factor = move |second_factor| {
        held.update_value(|held| held.second_factor = second_factor);
        on_session(held.get_value());
    };
    let trail = is_admin.then(|| {
        view! {
            <section class="account-part">
                <h3>{wording::TRAIL_PART}</h3>
                <p>{wording::TRAIL_LEAD}</p>
                <div class="form-end">
                    <a id="export-trail" class="button" href="/api/v1/audit.csv" download="">
                        {wording::EXPORT_TRAIL}
                    </a>
                </div>
            </section>
        }
    });
    view! {
        <Sheet title=crate::wording::YOUR_ACCOUNT on_close=on_close>
            <p class="lead">{session.name.to_string()}</p>
            <Password />
            <SecondFactor is_set=session.second_factor on_change=on_second_factor />
            <section class="account-part">
                <h3>{wording::EVERYWHERE_PART}</h3>
                <p>{wording::EVERYWHERE_LEAD}</p>
                <Notice text=notice />
                <div class="form-end">
                    <button id="sign-out-everywhere" type="button" on:click=live::click(everywhere)>
                        {wording::SIGN_OUT_EVERYWHERE}
                    </button>
                </div>
            </section>
            {trail}
        </Sheet>
    }
}

/// Another password, for who knows the one that holds.
#[component]
fn Password() -> impl IntoView {
    let current = RwSignal::new(String::new());
    let new = RwSignal::new(String::new());
    let wrong = RwSignal::new((None::<Wrong>, None::<Wrong>));
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let is_done = RwSignal::new(false);
    let on_submit = move || {
        if is_busy.get_untracked() {
            return;
        }
        let held = current.get_untracked();
        let chosen = form::new_password(&new.get_untracked());
        wrong.set((held.is_empty().then_some(Wrong::Missing), chosen.as_ref().err().copied()));
        let (Ok(chosen), false) = (chosen, held.is_empty()) else { return focus::soon("[aria-invalid=true]") };
        notice.set(None);
        is_done.set(false);
        is_busy.set(true);
        spawn_local(async move {
            match api::change_password(&PasswordChange { current: held, new: chosen }).await {
                Ok(()) => {
                    current.try_set(String::new());
                    new.try_set(String::new());
                    is_done.try_set(true);
                }
                Err(failure) => {
                    notice.try_set(Some(wording::failure(&failure)));
                }
            }
            is_busy.try_set(false);
        });
    };
    view! {
        <section id="password-part" class="account-part">
            <h3>{wording::PASSWORD_PART}</h3>
            <form class="form" novalidate on:submit=live::submit(on_submit)>
                <Field
                    id="current-password"
                    label=wording::CURRENT_PASSWORD
                    kind=Kind::Password
                    value=current
                    error=Signal::derive(move || wrong.get().0)
                />
                <Field
                    id="new-password"
                    label=wording::NEW_PASSWORD
                    kind=Kind::NewPassword
                    value=new
                    hint=words::password_hint()
                    error=Signal::derive(move || wrong.get().1)
                />
                <Notice text=notice />
                <div role="status">
                    {live::part(move || is_done.get().then(|| view! { <p id="password-changed">{wording::PASSWORD_CHANGED}</p> }))}
                </div>
                <div class="form-end">
                    <button id="change-password" type="submit" disabled=live::flag(move || is_busy.get())>
                        {wording::KEEP_PASSWORD}
                    </button>
                </div>
            </form>
        </section>
    }
}
