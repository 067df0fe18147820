//! Which of the two says what is right, for each particular in which they differ.

use leptos::prelude::*;
use vestibule_protocol::{
    attention::{Decision, Doubt, Said},
    event::{EventData, Updated, Visitor},
    text::Text,
};

use vestibule_app::{clock, form::VisitorFields, live};

use super::{Carry, Ending, asked};
use crate::{
    dashboard::attention::doubt::{self, Particular},
    wording::attention as words,
};

/// The form.
pub(super) fn form(doubt: &Doubt, ending: Ending, send: Carry) -> AnyView {
    let first = doubt.against.clone().unwrap_or_default();
    let second = doubt.said.clone();
    // What happened and when is not the visit's to say: two different acts are both right, or one is dismissed.
    let differing = doubt::particulars(Some(&first), &second, clock::now())
        .into_iter()
        .filter(|one| one.differs() && ![words::WHAT, words::WHEN].contains(&one.label));
    let choices: Vec<Choice> =
        differing.map(|of| Choice { label: of.label, takes_second: RwSignal::new(false), of }).collect();
    if choices.is_empty() || first.visit.is_none() {
        return view! { <p class="lead">{words::NOTHING_TO_MERGE}</p> }.into_any();
    }
    let chosen: Vec<_> = choices.iter().map(|choice| (choice.label, choice.takes_second)).collect();
    let lines = choices.into_iter().map(Choice::view).collect_view();
    let save = move || {
        let Some(note) = ending.note() else { return };
        let from = |label: &'static str| {
            let is_second = chosen.iter().any(|(of, takes_second)| *of == label && takes_second.get_untracked());
            if is_second { &second } else { &first }
        };
        let what = EventData::Updated(merged(from));
        send(Decision::Replace { occurred_at: clock::now(), visit: first.visit, what: Box::new(what), note });
    };
    asked(words::MERGE_LEAD, lines.into_any(), ending, Box::new(save))
}

/// What the visit says from now on, each particular `from` the side that was chosen for it.
fn merged<'a>(from: impl Fn(&'static str) -> &'a Said) -> Updated {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let fields = VisitorFields {
        name: text(&from(words::NAME).name),
        company: text(&from(words::COMPANY).company),
        email: text(&from(words::EMAIL).email),
    };
    let phone = from(words::PHONE).phone.as_ref().and_then(|phone| Text::new(phone).ok());
    Updated {
        visitor: fields.read().ok().map(|visitor| Visitor { phone, ..visitor }),
        host: from(words::HOST).host.clone(),
        expected_at: from(words::EXPECTED).expected_at,
        details: None,
    }
}

struct Choice {
    label: &'static str,
    of: Particular,
    /// Or what was there before.
    takes_second: RwSignal<bool>,
}

impl Choice {
    fn view(self) -> AnyView {
        let Self { label, of, takes_second } = self;
        let option = |this: bool, value: Option<String>| {
            view! {
                <label class="merge-option">
                    <input
                        type="radio"
                        name=format!("merge-{label}")
                        checked=!this
                        on:click=live::click(move || takes_second.set(this))
                    />
                    <span dir="auto">{doubt::shown(value)}</span>
                </label>
            }
            .into_any()
        };
        view! {
            <fieldset class="merge">
                <legend>{label}</legend>
                {option(false, of.first)}
                {option(true, of.second)}
            </fieldset>
        }
        .into_any()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_particular_is_from_the_side_that_was_chosen_for_it() {
        let said = |name: &str, company: &str| Said {
            name: Some(name.to_owned()),
            company: Some(company.to_owned()),
            phone: Some("+44 20 7946 0000".to_owned()),
            ..Said::default()
        };
        let (first, second) = (said("Dorothy Vaughan", "NACA"), said("D. Vaughan", "NASA"));
        let merged = merged(|label| if label == words::COMPANY { &second } else { &first });
        let visitor = merged.visitor.expect("a name is there");
        assert_eq!(visitor.name.as_str(), "Dorothy Vaughan");
        assert_eq!(visitor.company.as_ref().map(|company| company.as_str()), Some("NASA"));
        assert!(visitor.phone.is_some());
    }
}
