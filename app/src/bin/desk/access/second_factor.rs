//! The second factor of one's own account: set up, moved to another telephone, turned off.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::account::{Code, PasswordProof, SecondFactor as Offer};

use vestibule_app::{
    api,
    field::{Field, Kind, Notice},
    focus,
    form::Wrong,
    live, qr,
};

use super::words as wording;

/// Where it stands.
#[derive(Clone, PartialEq, Eq)]
enum Stage {
    Off,
    On,
    Offered(Offer),
    JustOn(Vec<String>),
}

/// The part of the account's sheet that is about it. `is_set` is what the server said when the session was shown last.
#[component]
pub fn SecondFactor(is_set: bool, on_change: impl Fn(bool) + Copy + Send + 'static) -> impl IntoView {
    let stage = RwSignal::new(if is_set { Stage::On } else { Stage::Off });
    let typed = RwSignal::new(String::new());
    let wrong = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let settle = move |answer: Result<Stage, api::Failure>| {
        is_busy.try_set(false);
        match answer {
            Ok(next) => {
                typed.try_set(String::new());
                match next {
                    Stage::JustOn(_) => on_change(true),
                    Stage::Off => on_change(false),
                    Stage::On | Stage::Offered(_) => {}
                }
                stage.try_set(next);
                focus::soon("#second-factor input");
            }
            Err(failure) => {
                notice.try_set(Some(wording::failure(&failure)));
            }
        }
    };
    let begin = move || {
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move { settle(api::offer_second_factor().await.map(Stage::Offered)) });
    };
    // What was typed, if anything was.
    let entry = move || {
        let text = typed.get_untracked().trim().to_owned();
        wrong.set(text.is_empty().then_some(Wrong::Missing));
        notice.set(None);
        (!text.is_empty() && !is_busy.get_untracked()).then_some(text)
    };
    let confirm = move || {
        let Some(code) = entry() else { return };
        is_busy.set(true);
        spawn_local(async move {
            settle(api::confirm_second_factor(&Code { code }).await.map(|codes| Stage::JustOn(codes.recovery_codes)));
        });
    };
    let give_up = move || {
        let Some(password) = entry() else { return };
        is_busy.set(true);
        spawn_local(async move {
            settle(api::give_up_second_factor(&PasswordProof { password }).await.map(|()| Stage::Off));
        });
    };
    let button = move |id: &'static str, text: &'static str, act: Box<dyn Fn()>| {
        view! {
            <button id=id type="button" disabled=live::flag(move || is_busy.get()) on:click=live::click(act)>
                {text}
            </button>
        }
    };
    let off = move || {
        view! {
            <p>{wording::SECOND_FACTOR_OFF}</p>
            <div class="form-end">{button("set-up-second-factor", wording::SET_UP, Box::new(begin))}</div>
        }
    };
    let on = move || {
        view! {
            <p>{wording::SECOND_FACTOR_ON}</p>
            <form class="form" novalidate on:submit=live::submit(give_up)>
                <Field id="proof" label=wording::CURRENT_PASSWORD kind=Kind::Password value=typed error=wrong />
                <div class="form-end">
                    {button("replace-second-factor", wording::REPLACE, Box::new(begin))}
                    <button id="give-up-second-factor" type="submit" disabled=live::flag(move || is_busy.get())>
                        {wording::GIVE_UP}
                    </button>
                </div>
            </form>
        }
    };
    let offered = move |Offer { uri, secret }: Offer| {
        view! {
            <p>{wording::ADD_TO_APP}</p>
            {qr::drawn(&uri, wording::SQUARE).map(|code| view! { <div class="square">{code}</div> })}
            <dl class="facts">
                <div>
                    <dt>{wording::KEY}</dt>
                    <dd><code id="second-factor-key">{in_groups(&secret)}</code></dd>
                </div>
            </dl>
            <p><a id="open-in-app" href=uri>{wording::OPEN_IN_APP}</a></p>
            <form class="form" novalidate on:submit=live::submit(confirm)>
                <Field id="first-code" label=wording::FIRST_CODE kind=Kind::OneTimeCode value=typed error=wrong />
                <div class="form-end">
                    <button
                        id="confirm-second-factor"
                        type="submit"
                        class="primary"
                        disabled=live::flag(move || is_busy.get())
                    >
                        {wording::CONFIRM}
                    </button>
                </div>
            </form>
        }
    };
    view! {
        <section id="second-factor" class="account-part">
            <h3>{wording::SECOND_FACTOR_PART}</h3>
            {live::part(move || match stage.get() {
                Stage::Off => off().into_any(),
                Stage::On => on().into_any(),
                Stage::Offered(offer) => offered(offer).into_any(),
                Stage::JustOn(codes) => view! { <Recovery codes /> }.into_any(),
            })}
            <Notice text=notice />
        </section>
    }
}

#[component]
fn Recovery(codes: Vec<String>) -> impl IntoView {
    let codes = codes.into_iter().map(|code| view! { <li><code>{code}</code></li> });
    view! {
        <div role="status">
            <p>{wording::SECOND_FACTOR_ON}</p>
            <h4>{wording::RECOVERY_CODES}</h4>
            <p>{wording::RECOVERY_CODES_LEAD}</p>
            <ul id="recovery-codes" class="codes">{codes.collect_view()}</ul>
        </div>
    }
}

/// For reading and typing: four at a time.
fn in_groups(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_in_groups() {
        assert_eq!(["", "ABCD", "ABCDEFGHI"].map(in_groups), ["", "ABCD", "ABCD EFGH I"]);
    }
}
