//! What visitors are asked to agree to. What somebody signed never changes: another text is another version.

use leptos::prelude::*;
use vestibule_protocol::settings::{Agreement, Consent, Key, LanguageTag};

use vestibule_app::{field::Requirement, form::Wrong, live};

use super::{
    several::{Item, Several},
    texts::{Room, Texts},
    types::{TypeDraft, keyed},
};
use crate::{choose::choose, wording::settings as said};

/// How visitors agree, in words.
const CONSENTS: &[(Consent, &str)] = &[(Consent::Signature, said::BY_SIGNATURE), (Consent::Tick, said::BY_TICK)];

/// An agreement while it is edited. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct AgreementDraft {
    held: StoredValue<Option<Agreement>>,
    key: StoredValue<Option<Key>>,
    /// How far another text counts the version up.
    ahead: StoredValue<u32>,
    title: Texts,
    body: Texts,
    by: RwSignal<Consent>,
    for_types: RwSignal<Vec<Key>>,
}

impl AgreementDraft {
    pub fn read(self) -> Result<Agreement, Wrong> {
        // Both say what is wrong with them.
        let (title, body) = (self.title.must_read(), self.body.must_read());
        let mut agreement = Agreement {
            title: title?,
            body: body?,
            id: keyed(self.key, self.title),
            version: self.ahead.get_value(),
            for_types: self.for_types.get_untracked(),
            by: self.by.get_untracked(),
        };
        self.held.with_value(|held| {
            if let Some(held) = held {
                let is_other = held.text() != agreement.text();
                agreement.version = held.version + if is_other { self.ahead.get_value() } else { 0 };
            }
        });
        Ok(agreement)
    }

    /// Another text once stood under the version that it would have: counts further.
    pub fn count_further(self) {
        self.ahead.update_value(|ahead| *ahead += 1);
    }

    fn begun(held: Option<Agreement>, title: Texts, body: Texts) -> Self {
        let (by, for_types) = held.as_ref().map(|held| (held.by, held.for_types.clone())).unwrap_or_default();
        Self {
            key: StoredValue::new(held.as_ref().map(|held| held.id.clone())),
            held: StoredValue::new(held),
            ahead: StoredValue::new(1),
            title,
            body,
            by: RwSignal::new(by),
            for_types: RwSignal::new(for_types),
        }
    }
}

impl Item for AgreementDraft {
    type Held = Agreement;

    fn new(staff: &LanguageTag) -> Self {
        Self::begun(None, Texts::empty(staff), Texts::empty(staff))
    }

    fn of(held: &Agreement, staff: &LanguageTag) -> Self {
        Self::begun(Some(held.clone()), Texts::of(Some(&held.title), staff), Texts::of(Some(&held.body), staff))
    }

    fn title(self) -> String {
        let version = self.held.with_value(|held| held.as_ref().map(|held| held.version));
        let title = self.title.of_staff();
        match version {
            Some(version) if !title.trim().is_empty() => said::version(&title, version),
            _ => title,
        }
    }

    fn view(self) -> AnyView {
        let types = expect_context::<Several<TypeDraft>>();
        let for_types = self.for_types;
        let kind = move |kind: TypeDraft| {
            let key = kind.key();
            let is_asked = for_types.with_untracked(|keys| keys.contains(&key));
            let toggle = move || {
                for_types.update(|keys| match keys.iter().position(|one| *one == key) {
                    Some(place) => drop(keys.remove(place)),
                    None => keys.push(key.clone()),
                });
            };
            view! {
                <label class="tick">
                    <input type="checkbox" checked=is_asked on:click=live::click(toggle) />
                    <span>{kind.label.of_staff()}</span>
                </label>
            }
            .into_any()
        };
        let kinds = move || {
            let types = types.get();
            (!types.is_empty()).then(|| {
                view! {
                    <fieldset class="ticks">
                        <legend class="texts-label">{said::FOR_TYPES}</legend>
                        {types.into_iter().map(kind).collect_view()}
                        <p class="field-hint">{said::FOR_TYPES_HINT}</p>
                    </fieldset>
                }
            })
        };
        view! {
            {self.title.view(said::AGREEMENT_TITLE, Room::Line, Requirement::Required)}
            {self.body.view(said::AGREEMENT_TEXT, Room::Page, Requirement::Required)}
            <p class="field-hint">{said::VERSION_HINT}</p>
            {choose(said::AGREED, CONSENTS, self.by)}
            {live::part(kinds)}
        }
        .into_any()
    }
}
