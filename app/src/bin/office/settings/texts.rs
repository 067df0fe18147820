//! A text in several languages while it is written: that of the staff in sight, the others folded beneath it.

use std::collections::BTreeMap;

use leptos::prelude::*;
use vestibule_protocol::{
    settings::{LanguageTag, Localized},
    text::{InvalidText, Text},
};

use vestibule_app::{
    field::Requirement,
    form::Wrong,
    live,
    words::{self, Language},
};

use crate::wording::settings as said;

/// How much room a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Room {
    /// A line.
    Line,
    /// A page.
    Page,
}

/// What is typed, in each language. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Texts {
    /// That of the staff first.
    typed: StoredValue<Vec<(LanguageTag, RwSignal<String>)>>,
    error: RwSignal<Option<Wrong>>,
}

impl Texts {
    /// Begins with what is held, in every language that the app speaks, and any other that it is held in.
    pub fn of<const MAX: usize>(held: Option<&Localized<MAX>>, staff: &LanguageTag) -> Self {
        let mut held: BTreeMap<_, _> = held.cloned().map(BTreeMap::from).unwrap_or_default();
        let mut tags = vec![staff.clone()];
        let of_app = Language::ALL.iter().filter_map(|language| LanguageTag::new(language.tag()).ok());
        for tag in of_app.chain(held.keys().cloned()) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
        let typed = tags.into_iter().map(|tag| {
            let text = held.remove(&tag).map(|text| text.as_str().to_owned());
            (tag, RwSignal::new(text.unwrap_or_default()))
        });
        Self { typed: StoredValue::new(typed.collect()), error: RwSignal::new(None) }
    }

    /// Begins with nothing.
    pub fn empty(staff: &LanguageTag) -> Self {
        Self::of::<1>(None, staff)
    }

    /// The text; `None` if it is written in no language. `Err` if it is too long in one, which is then said.
    pub fn read<const MAX: usize>(self) -> Result<Option<Localized<MAX>>, Wrong> {
        let mut texts = BTreeMap::new();
        let read = self.typed.with_value(|typed| {
            for (tag, typed) in typed {
                match Text::new(&typed.get_untracked()) {
                    Ok(text) => drop(texts.insert(tag.clone(), text)),
                    Err(InvalidText::Empty) => {}
                    Err(error) => return Err(Wrong::from(error)),
                }
            }
            Ok(())
        });
        self.error.set(read.err());
        read.map(|()| Localized::try_from(texts).ok())
    }

    /// The same, where it must be written in one language at least.
    pub fn must_read<const MAX: usize>(self) -> Result<Localized<MAX>, Wrong> {
        let read = self.read()?;
        if read.is_none() {
            self.error.set(Some(Wrong::Missing));
        }
        read.ok_or(Wrong::Missing)
    }

    /// What is typed in the language of the staff. Reactive.
    pub fn of_staff(self) -> String {
        self.typed.with_value(|typed| typed.first().map(|(_, text)| text.get()).unwrap_or_default())
    }

    /// Its fields.
    pub fn view(self, label: &'static str, room: Room, requirement: Requirement) -> AnyView {
        let error = self.error;
        let mut fields: Vec<AnyView> = self.typed.with_value(|typed| {
            let field = |(tag, typed): &(LanguageTag, RwSignal<String>)| field(label, tag, *typed, room);
            typed.iter().map(field).collect()
        });
        let others = fields.split_off(1);
        let written = move || {
            let others = self.typed.with_value(|typed| {
                typed.iter().skip(1).filter(|(_, text)| text.with(|text| !text.trim().is_empty())).count()
            });
            said::also_in(others)
        };
        view! {
            <div class="field texts" class:wrong=live::flag(move || error.get().is_some())>
                <span class="texts-label">
                    {label}
                    {(requirement == Requirement::Optional)
                        .then(|| view! { " " <span class="field-optional">{words::shared().optional}</span> })}
                </span>
                {fields}
                <details class="texts-others">
                    <summary>{live::part(written)}</summary>
                    {others}
                </details>
                <p class="field-error" aria-live="polite">
                    {live::part(move || error.get().map(words::wrong))}
                </p>
            </div>
        }
        .into_any()
    }
}

/// The field of one language, named by both.
fn field(label: &'static str, tag: &LanguageTag, typed: RwSignal<String>, room: Room) -> AnyView {
    let language = Language::ALL.iter().find(|language| language.tag() == tag.as_str());
    let name = language.map_or(tag.as_str(), |language| language.own_name()).to_owned();
    let spoken = format!("{label}, {name}");
    let lang = tag.as_str().to_owned();
    let input = match room {
        Room::Line => {
            view! { <input type="text" lang=lang dir="auto" autocomplete="off" aria-label=spoken bind:value=typed /> }
                .into_any()
        }
        Room::Page => {
            view! { <textarea rows="6" lang=lang dir="auto" aria-label=spoken bind:value=typed></textarea> }.into_any()
        }
    };
    view! {
        <span class="text-in">
            <span class="text-language" aria-hidden="true">{name}</span>
            {input}
        </span>
    }
    .into_any()
}
