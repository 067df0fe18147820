//! Who they are, and what the site asks besides; on one screen with whom they visit, where there is room.

use leptos::{ev::KeyboardEvent, prelude::*};
use vestibule_app::{
    clock,
    field::{self, Field, FieldError, Requirement},
    focus,
    host_picker::HostPicker,
    icon::{self, Icon},
    live, look_up,
    walk_in::{self, Companion},
    words,
};
use vestibule_protocol::{
    id::VisitId,
    settings::{Ask, VisitorType},
};

use super::{End, expected::Expected, flow::Flow, question::Question, walk_on};

/// The form.
#[component]
pub(super) fn Details(flow: Flow) -> impl IntoView {
    let first = field::focus_on_arrival();
    // An announced visit may be of another type than was chosen before.
    let asked = Memo::new(move |_| flow.asked());
    let is_host_here = move |asked: &VisitorType| asked.host != Ask::Off && !walk_in::asks_host_apart(asked);
    let recognise = move || {
        if flow.company.with_untracked(|company| company.trim().is_empty()) {
            let known =
                flow.outbox.visits.with_untracked(|visits| look_up::company_of(visits, &flow.email.get_untracked()));
            flow.company.set(known.unwrap_or_default());
        }
    };
    view! {
        <h1>{words::kiosk().check_in_heading}</h1>
        <form
            class="form"
            novalidate
            on:submit=live::submit(move || flow.take_details())
            on:keydown=move |key: KeyboardEvent| walk_on(&key)
        >
            <div class="form-columns">
                <Field
                    id="visitor-name"
                    label=words::shared().your_name
                    kind=field::Kind::Name
                    value=flow.name
                    error=Signal::derive(move || flow.errors.get().name)
                    node_ref=first
                />
                {live::part(move || {
                    shown(asked.get().company)
                        .map(|requirement| {
                            view! {
                                <Field
                                    id="visitor-company"
                                    label=words::kiosk().your_company
                                    kind=field::Kind::Name
                                    value=flow.company
                                    requirement
                                    error=Signal::derive(move || flow.errors.get().company)
                                />
                            }
                        })
                })}
                {live::part(move || {
                    shown(asked.get().email)
                        .map(|requirement| {
                            view! {
                                <div class="whole" on:focusout=move |_| recognise()>
                                    <Field
                                        id="visitor-email"
                                        label=words::kiosk().your_email
                                        kind=field::Kind::Email
                                        value=flow.email
                                        requirement
                                        error=Signal::derive(move || flow.errors.get().email)
                                    />
                                </div>
                            }
                        })
                })}
                {live::part(move || {
                    shown(asked.get().phone)
                        .map(|requirement| {
                            view! {
                                <Field
                                    id="visitor-phone"
                                    label=words::kiosk().your_phone
                                    kind=field::Kind::Phone
                                    value=flow.phone
                                    requirement
                                    error=Signal::derive(move || flow.errors.get().phone)
                                />
                            }
                        })
                })}
            </div>
            <Expected flow />
            <Party flow />
            {live::part(move || {
                let fields = asked.get().fields.into_iter();
                fields.map(|field| view! { <Question flow field /> }).collect_view()
            })}
            {live::part(move || {
                is_host_here(&asked.get())
                    .then(|| {
                        view! {
                            <HostPicker
                                id="host-search"
                                label=words::kiosk().your_host
                                requirement=flow.host_requirement()
                                choice=flow.host
                                error=flow.host_error
                            />
                        }
                    })
            })}
            <End flow />
        </form>
    }
}

/// Whether a field is there, and may stay empty.
fn shown(ask: Ask) -> Option<Requirement> {
    match ask {
        Ask::Off => None,
        Ask::Optional => Some(Requirement::Optional),
        Ask::Required => Some(Requirement::Required),
    }
}

/// Those who come along, where the site lets parties check in together.
#[component]
fn Party(flow: Flow) -> impl IntoView {
    let places =
        Memo::new(move |_| flow.companions.with(|others| others.iter().map(|other| other.visit).collect::<Vec<_>>()));
    let add = move || {
        let visit = VisitId::new(clock::now(), clock::entropy());
        flow.companions.update(|others| others.push(Companion { visit, name: String::new(), wrong: None }));
        focus::soon(".companion:last-of-type input");
    };
    view! {
        {live::part(move || {
            let others = places.get().into_iter().enumerate();
            others.map(|(n, visit)| view! { <Another flow visit number=n + 2 /> }).collect_view()
        })}
        {live::part(move || {
            flow.has_room()
                .then(|| {
                    view! {
                        <button id="add-companion" type="button" class="quiet add" on:click=live::click(add)>
                            {icon::drawn(Icon::Plus)}
                            {words::kiosk().add_companion}
                        </button>
                    }
                })
        })}
    }
}

/// The name of one of them.
#[component]
fn Another(flow: Flow, visit: VisitId, number: usize) -> impl IntoView {
    let id = format!("companion-{number}");
    let (label_for, error_id) = (id.clone(), format!("{id}-error"));
    let described_by = error_id.clone();
    let read = move |of: fn(&Companion) -> String| {
        flow.companions.with(|others| others.iter().find(|other| other.visit == visit).map(of).unwrap_or_default())
    };
    let wrong = Signal::derive(move || {
        flow.companions.with(|others| others.iter().find(|other| other.visit == visit).and_then(|other| other.wrong))
    });
    let remove = move || {
        flow.companions.update(|others| others.retain(|other| other.visit != visit));
        focus::soon("#add-companion");
    };
    let label = words::kiosk().companion.with([&number.to_string()]);
    let remove_label = words::kiosk().remove_companion.with([&number.to_string()]);
    view! {
        <div class="field companion" class:wrong=live::flag(move || wrong.get().is_some())>
            <label for=label_for>{label}</label>
            <div class="with-button">
                <input
                    id=id
                    type="text"
                    autocomplete="off"
                    autocapitalize="words"
                    {..field::uncorrected()}
                    spellcheck="false"
                    aria-describedby=described_by
                    aria-invalid=live::text(move || wrong.get().is_some().to_string())
                    prop:value=live::text(move || read(|other| other.name.clone()))
                    on:input:target=move |event| {
                        let name = event.target().value();
                        flow.companions
                            .update(|others| {
                                if let Some(other) = others.iter_mut().find(|other| other.visit == visit) {
                                    other.name = name;
                                }
                            });
                    }
                />
                <button
                    type="button"
                    class="quiet icon-button"
                    aria-label=remove_label.clone()
                    title=remove_label
                    on:click=live::click(remove)
                >
                    {icon::drawn(Icon::Close)}
                </button>
            </div>
            <FieldError id=error_id error=wrong />
        </div>
    }
}
