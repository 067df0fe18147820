//! A visitor arrives: through the steps that the site asks for, to the confirmation.
//!
//! The first form follows what is typed, as it offers whom it may mean; the steps that only some sites ask for are drawn
//! as text ([`pages`]) and read when they are left ([`flow`]).

mod expected;
mod flow;
mod pad;
mod pages;
mod photo;

use leptos::{
    ev::{KeyboardEvent, MouseEvent},
    prelude::*,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use vestibule_app::{
    field::{self, Field, Notice, Requirement},
    host_picker::HostPicker,
    live,
    outbox::Outbox,
    saving::Stage,
    walk_in::Step,
    words,
};
use vestibule_protocol::settings::Ask;

use self::{expected::Expected, flow::Flow};
use crate::{
    confirmation::Confirmation,
    shell::{Broken, TopBar},
};

/// The steps, then the confirmation.
#[component]
pub fn CheckIn() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let flow = Flow::begin(outbox);
    pad::follow(flow);
    let is_broken = Memo::new(move |_| outbox.is_broken());
    let kept = Memo::new(move |_| match flow.saving.stage.get() {
        Stage::Kept(kept) => Some(kept),
        Stage::Ready | Stage::Busy | Stage::NotKept(_) => None,
    });
    live::part(move || match kept.get() {
        Some(kept) => {
            let (heading, all) = (flow.heading(), flow.saving.all_kept());
            view! { <Confirmation heading kept all /> }.into_any()
        }
        None if is_broken.get() => view! {
            <TopBar />
            <main class="screen">
                <Broken />
            </main>
        }
        .into_any(),
        None => view! {
            <TopBar on_back=Box::new(move || flow.back()) />
            <main class="screen form-screen">
                <Steps flow />
            </main>
        }
        .into_any(),
    })
}

/// The step that the visitor is at, and what goes on from it.
#[component]
fn Steps(flow: Flow) -> impl IntoView {
    let saving = flow.saving;
    let on_click: Box<dyn FnMut(MouseEvent)> = Box::new(move |click| {
        if let Some((act, value)) = asked_for(&click) {
            flow.act(&act, &value);
        }
    });
    let step = move || {
        flow.follow();
        let drawn = flow.page();
        match flow.step() {
            Step::Details => view! {
                <div class="form" inner_html=drawn></div>
                <Particulars flow />
            }
            .into_any(),
            Step::Host => view! {
                <div inner_html=drawn></div>
                <Host flow />
            }
            .into_any(),
            Step::Type | Step::Agreement { .. } | Step::Photo { .. } => {
                view! { <div class="form" inner_html=drawn></div> }.into_any()
            }
        }
    };
    let go_on = move || {
        flow.follow();
        flow.goes_on().map(|label| {
            view! {
                <div class="form-end">
                    <button id="confirm" type="submit" class="primary large" disabled=live::flag(move || saving.is_busy())>
                        {live::part(move || if saving.is_busy() { words::shared().saving } else { label })}
                    </button>
                </div>
            }
        })
    };
    view! {
        <form
            class="form"
            novalidate
            on:submit=live::submit(move || flow.go_on())
            on:click=on_click
            on:keydown=move |key: KeyboardEvent| walk_on(&key)
        >
            {live::part(step)}
            <Notice text=Signal::derive(move || saving.failure().map(|why| words::not_kept(why).to_owned())) />
            {live::part(go_on)}
        </form>
    }
}

/// Who they are; with the site's questions, and whom they visit, where there is room.
#[component]
fn Particulars(flow: Flow) -> impl IntoView {
    let asked = flow.asked();
    let first = field::focus_on_arrival();
    let words = words::kiosk();
    let fields = [
        ("visitor-name", words::shared().your_name, field::Kind::Name, flow.name, Ask::Required),
        ("visitor-company", words.your_company, field::Kind::Name, flow.company, asked.particulars[0]),
        ("visitor-email", words.your_email, field::Kind::Email, flow.email, asked.particulars[1]),
        ("visitor-phone", words.your_phone, field::Kind::Phone, flow.phone, asked.particulars[2]),
    ];
    let shown = fields.into_iter().enumerate().filter(|(_, (.., ask))| *ask != Ask::Off);
    let fields = shown.map(|(n, (id, label, kind, value, ask))| {
        let error = Signal::derive(move || {
            let errors = flow.errors.get();
            [errors.name, errors.company, errors.email, errors.phone][n]
        });
        let requirement = if ask == Ask::Required { Requirement::Required } else { Requirement::Optional };
        let node_ref = if n == 0 { first } else { NodeRef::new() };
        view! { <Field id label kind value requirement error node_ref /> }
    });
    view! {
        <div class="form-columns" on:focusout=move |_| flow.recognise()>
            {fields.collect_view()}
        </div>
        <Expected flow />
        <div class="form" inner_html=flow.questions()></div>
        {(asked.host != Ask::Off && !asked.is_host_apart).then(|| view! { <Host flow /> })}
    }
}

/// Whom they visit.
#[component]
fn Host(flow: Flow) -> impl IntoView {
    let is_required = flow.asked().host == Ask::Required;
    view! {
        <HostPicker
            id="host-search"
            label=words::kiosk().your_host
            requirement=if is_required { Requirement::Required } else { Requirement::Optional }
            choice=flow.host
            error=flow.host_error
        />
    }
}

/// What a button of a drawn page asks for, in its `data-act`, and of what, in its `data-value`.
fn asked_for(click: &MouseEvent) -> Option<(String, String)> {
    let button = click.target()?.dyn_into::<Element>().ok()?.closest("[data-act]").ok()??;
    Some((button.get_attribute("data-act")?, button.get_attribute("data-value").unwrap_or_default()))
}

/// The keyboard's return key walks on: it must not check somebody in who has not seen the whole form. In the last field
/// it does what it always does.
fn walk_on(key: &KeyboardEvent) {
    if key.key() != "Enter" {
        return;
    }
    let Some(here) = key.target().and_then(|target| target.dyn_into::<HtmlElement>().ok()) else { return };
    let Ok(fields) = document().query_selector_all("main form input:not([type=radio])") else { return };
    let fields: Vec<HtmlElement> =
        (0..fields.length()).filter_map(|n| fields.get(n)?.dyn_into::<HtmlElement>().ok()).collect();
    let next = fields.iter().position(|field| *field == here).and_then(|place| fields.get(place + 1));
    if let Some(next) = next {
        key.prevent_default();
        let _ = next.focus();
    }
}
