//! Fields of a form, and the words about them.

use leptos::{
    attr::{Attribute, custom::custom_attribute},
    html::Input,
    prelude::*,
};

use crate::{form::Wrong, icon, icon::Icon, live, words};

/// What a field is for; decides the keyboard that a tablet shows and what the browser offers to fill in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name that begins with capitals.
    Name,
    /// A visitor's e-mail address.
    Email,
    /// The code of a visit, or the e-mail address that it was announced with.
    CodeOrEmail,
    /// The e-mail address of an account.
    Username,
    /// The password of an account.
    Password,
    /// The PIN of a kiosk's staff panel.
    Pin,
    /// The password of a new account.
    NewPassword,
    /// A code of a second factor.
    OneTimeCode,
    /// A day and a time.
    Time,
}

impl Kind {
    const fn input_type(self) -> &'static str {
        match self {
            Self::Name | Self::CodeOrEmail | Self::OneTimeCode => "text",
            Self::Email | Self::Username => "email",
            Self::Password | Self::NewPassword | Self::Pin => "password",
            Self::Time => "datetime-local",
        }
    }

    const fn autocomplete(self) -> &'static str {
        match self {
            Self::Name | Self::Email | Self::CodeOrEmail | Self::Pin | Self::Time => "off",
            Self::Username => "username",
            Self::Password => "current-password",
            Self::NewPassword => "new-password",
            Self::OneTimeCode => "one-time-code",
        }
    }

    /// The keys that a tablet shows, where the type of the input does not say it.
    const fn keys(self) -> Option<&'static str> {
        if matches!(self, Self::Pin) { Some("numeric") } else { None }
    }

    const fn capitals(self) -> &'static str {
        match self {
            Self::Name => "words",
            Self::Email
            | Self::CodeOrEmail
            | Self::Username
            | Self::Password
            | Self::Pin
            | Self::NewPassword
            | Self::OneTimeCode
            | Self::Time => "none",
        }
    }
}

/// A labelled text field with its hint and its error.
#[component]
pub fn Field(
    id: &'static str,
    #[prop(into)] label: String,
    kind: Kind,
    value: RwSignal<String>,
    #[prop(into, optional)] hint: Option<String>,
    #[prop(into, optional)] error: Signal<Option<Wrong>>,
    #[prop(optional)] requirement: Requirement,
    #[prop(optional)] node_ref: NodeRef<Input>,
) -> impl IntoView {
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let described_by = format!("{hint_id} {error_id}");
    view! {
        <div class="field" class:wrong=live::flag(move || error.get().is_some())>
            <label for=id>
                {label}
                {(requirement == Requirement::Optional)
                    .then(|| view! { " " <span class="field-optional">{words::shared().optional}</span> })}
            </label>
            <input
                id=id
                name=id
                type=kind.input_type()
                autocomplete=kind.autocomplete()
                autocapitalize=kind.capitals()
                inputmode=kind.keys()
                {..uncorrected()}
                spellcheck="false"
                node_ref=node_ref
                bind:value=value
                aria-describedby=described_by
                aria-invalid=live::text(move || error.get().is_some().to_string())
                required=requirement == Requirement::Required
            />
            {hint.map(|hint| view! { <p class="field-hint" id=hint_id>{hint}</p> })}
            <FieldError id=error_id error=error />
        </div>
    }
}

/// For fields that hold names and codes: Safari must not correct them.
pub fn uncorrected() -> impl Attribute {
    custom_attribute("autocorrect", "off")
}

/// Puts the cursor into the first field of a screen as soon as it is there; unless the person was faster and is typing
/// elsewhere by then. On a slow device the frame comes late, and half of a password would go into the name.
pub fn focus_on_arrival() -> NodeRef<Input> {
    let field = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            request_animation_frame(move || {
                let is_typing = document().active_element().is_some_and(|active| active.tag_name() == "INPUT");
                if !is_typing {
                    let _ = field.focus();
                }
            });
        }
    });
    field
}

/// Whether a field may stay empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Requirement {
    /// It may not.
    #[default]
    Required,
    /// It may.
    Optional,
}

/// What is wrong with a field, said aloud when it changes.
#[component]
pub fn FieldError(id: String, error: Signal<Option<Wrong>>) -> impl IntoView {
    view! {
        <p class="field-error" id=id aria-live="polite">
            {live::part(move || error.get().map(words::wrong))}
        </p>
    }
}

/// Something that went wrong with the whole form, said aloud at once.
#[component]
pub fn Notice(#[prop(into)] text: Signal<Option<String>>) -> impl IntoView {
    view! {
        <div role="alert">
            {live::part(move || {
                text.get()
                    .map(|text| {
                        view! {
                            <p class="notice">
                                {icon::drawn(Icon::WARNING)}
                                <span>{text}</span>
                            </p>
                        }
                    })
            })}
        </div>
    }
}
