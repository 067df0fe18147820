//! A kiosk that belongs to no site yet.

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::account::Credentials;

use vestibule_app::{
    api,
    field::{self, FieldError, Notice},
    focus,
    form::{self, Wrong},
    icon, live,
    outbox::Outbox,
    words,
};

/// Asks for the pairing code; `code`, from a link, is tried at once. `on_done` is called once the kiosk is paired, or if
/// nobody wants to pair it again after all.
#[component]
pub fn Pair(code: Option<String>, on_done: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let typed = RwSignal::new(code.as_deref().map(form::grouped_code).unwrap_or_default());
    let wrong = RwSignal::new(None::<Wrong>);
    let notice = RwSignal::new(None::<String>);
    let is_busy = RwSignal::new(false);
    let first = field::focus_on_arrival();
    // A code works once: what it gave must outlast a failure to write it down.
    let given = StoredValue::new(None::<Credentials>);

    let pair = move || {
        if is_busy.get_untracked() {
            return;
        }
        let request = match form::pair(&typed.get_untracked()) {
            Ok(request) => request,
            Err(error) => {
                wrong.set(Some(error));
                return focus::soon("#pair-code");
            }
        };
        wrong.set(None);
        notice.set(None);
        is_busy.set(true);
        spawn_local(async move {
            let credentials = match given.get_value() {
                Some(credentials) => Ok(credentials),
                None => api::pair(&request).await,
            };
            let problem = match credentials {
                Ok(credentials) => {
                    given.try_update_value(|given| *given = Some(credentials.clone()));
                    outbox.enrol(credentials).await.err().map(|why| words::not_kept(why).to_owned())
                }
                Err(failure) => Some(words::failure(&failure)),
            };
            is_busy.try_set(false);
            if problem.is_none() {
                on_done();
            } else {
                focus::soon("#pair-code");
            }
            notice.try_set(problem);
        });
    };
    if code.is_some() {
        pair();
    }
    let on_submit = move || {
        pair();
    };

    // A kiosk that was paired before can be left as it is.
    let is_paired = Memo::new(move |_| outbox.status.with(|s| s.as_ref().is_some_and(|s| s.source.is_some())));
    let leave = move || {
        view! {
            <button type="button" class="quiet" on:click=live::click(on_done)>
                {words::kiosk().leave_paired}
            </button>
        }
    };

    view! {
        <main class="screen centred">
            {icon::mark()}
            <h1>{words::kiosk().pair_heading}</h1>
            <p class="lead">{words::kiosk().pair_lead}</p>
            <form class="pair-form" novalidate on:submit=live::submit(on_submit)>
                <div class="field" class:wrong=live::flag(move || wrong.get().is_some())>
                    <label for="pair-code">{words::kiosk().pair_code}</label>
                    <input
                        id="pair-code"
                        class="code-input"
                        type="text"
                        autocomplete="off"
                        autocapitalize="characters"
                        {..field::uncorrected()}
                        spellcheck="false"
                        node_ref=first
                        aria-describedby="pair-code-error"
                        aria-invalid=live::text(move || wrong.get().is_some().to_string())
                        prop:value=live::text(move || typed.get())
                        on:input:target=move |event| typed.set(form::grouped_code(&event.target().value()))
                    />
                    <FieldError id="pair-code-error".to_owned() error=wrong.into() />
                </div>
                <Notice text=notice />
                <button id="pair" type="submit" class="primary large" disabled=live::flag(move || is_busy.get())>
                    {live::part(move || if is_busy.get() { words::kiosk().pairing } else { words::kiosk().pair })}
                </button>
                {live::part(move || is_paired.get().then(leave))}
            </form>
        </main>
    }
}
