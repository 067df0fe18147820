//! What visitors can be, and what each of them is asked.

use leptos::prelude::*;
use vestibule_protocol::settings::{Ask, Choice, Field, FieldKind, Key, LanguageTag, VisitorType};

use vestibule_app::{clock, field::Requirement, form::Wrong, live};

use super::{
    key::key_of,
    several::{Item, Several},
    texts::{Room, Texts},
};
use crate::{
    choose::{choose, tick},
    wording::settings as said,
};

/// Whether something is asked for, in words.
const ASKED: &[(Ask, &str)] =
    &[(Ask::Off, said::NOT_ASKED), (Ask::Optional, said::MAY_STAY_EMPTY), (Ask::Required, said::REQUIRED)];

/// How a question is answered, in words.
const KINDS: &[(Kind, &str)] =
    &[(Kind::Text, said::BY_TEXT), (Kind::Choice, said::BY_CHOICE), (Kind::YesNo, said::BY_YES_NO)];

/// A visitor type while it is edited. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct TypeDraft {
    key: StoredValue<Option<Key>>,
    pub label: Texts,
    company: RwSignal<Ask>,
    email: RwSignal<Ask>,
    phone: RwSignal<Ask>,
    host: RwSignal<Ask>,
    photo: RwSignal<Ask>,
    fields: Several<FieldDraft>,
}

impl TypeDraft {
    /// Its key, which a new one is given by its label when it is first asked for.
    pub fn key(self) -> Key {
        keyed(self.key, self.label)
    }

    pub fn read(self) -> Result<VisitorType, Wrong> {
        Ok(VisitorType {
            label: self.label.must_read()?,
            id: self.key(),
            company: self.company.get_untracked(),
            email: self.email.get_untracked(),
            phone: self.phone.get_untracked(),
            host: self.host.get_untracked(),
            photo: self.photo.get_untracked(),
            fields: self.fields.read(FieldDraft::read)?,
        })
    }
}

impl Item for TypeDraft {
    type Held = VisitorType;

    fn new(staff: &LanguageTag) -> Self {
        Self { key: StoredValue::new(None), label: Texts::empty(staff), ..Self::of(&VisitorType::usual(), staff) }
    }

    fn of(held: &VisitorType, staff: &LanguageTag) -> Self {
        Self {
            key: StoredValue::new(Some(held.id.clone())),
            label: Texts::of(Some(&held.label), staff),
            company: RwSignal::new(held.company),
            email: RwSignal::new(held.email),
            phone: RwSignal::new(held.phone),
            host: RwSignal::new(held.host),
            photo: RwSignal::new(held.photo),
            fields: Several::of(&held.fields, staff),
        }
    }

    fn title(self) -> String {
        self.label.of_staff()
    }

    fn view(self) -> AnyView {
        view! {
            {self.label.view(said::TYPE_LABEL, Room::Line, Requirement::Required)}
            <div class="asks">
                {choose(said::COMPANY, ASKED, self.company)}
                {choose(said::EMAIL, ASKED, self.email)}
                {choose(said::PHONE, ASKED, self.phone)}
                {choose(said::HOST, ASKED, self.host)}
                {choose(said::PHOTO, ASKED, self.photo)}
            </div>
            {self.fields.view(said::QUESTIONS, said::ADD_QUESTION)}
        }
        .into_any()
    }
}

/// How a question is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Choice,
    YesNo,
}

/// A question while it is edited. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct FieldDraft {
    key: StoredValue<Option<Key>>,
    label: Texts,
    hint: Texts,
    kind: RwSignal<Kind>,
    choices: Several<ChoiceDraft>,
    required: RwSignal<bool>,
}

impl FieldDraft {
    fn read(self) -> Result<Field, Wrong> {
        let kind = match self.kind.get_untracked() {
            Kind::Text => FieldKind::Text,
            Kind::YesNo => FieldKind::YesNo,
            Kind::Choice => FieldKind::Choice(self.choices.read(ChoiceDraft::read)?),
        };
        Ok(Field {
            label: self.label.must_read()?,
            id: keyed(self.key, self.label),
            hint: self.hint.read()?,
            kind,
            required: self.required.get_untracked(),
        })
    }
}

impl Item for FieldDraft {
    type Held = Field;

    fn new(staff: &LanguageTag) -> Self {
        Self {
            key: StoredValue::new(None),
            label: Texts::empty(staff),
            hint: Texts::empty(staff),
            kind: RwSignal::new(Kind::Text),
            choices: Several::of(&[], staff),
            required: RwSignal::new(false),
        }
    }

    fn of(held: &Field, staff: &LanguageTag) -> Self {
        let (kind, choices): (_, &[Choice]) = match &held.kind {
            FieldKind::Text => (Kind::Text, &[]),
            FieldKind::YesNo => (Kind::YesNo, &[]),
            FieldKind::Choice(choices) => (Kind::Choice, choices),
        };
        Self {
            key: StoredValue::new(Some(held.id.clone())),
            label: Texts::of(Some(&held.label), staff),
            hint: Texts::of(held.hint.as_ref(), staff),
            kind: RwSignal::new(kind),
            choices: Several::of(choices, staff),
            required: RwSignal::new(held.required),
        }
    }

    fn title(self) -> String {
        self.label.of_staff()
    }

    fn view(self) -> AnyView {
        let choices =
            move || (self.kind.get() == Kind::Choice).then(|| self.choices.view(said::ANSWERS, said::ADD_ANSWER));
        view! {
            {self.label.view(said::QUESTION, Room::Line, Requirement::Required)}
            {self.hint.view(said::HINT, Room::Line, Requirement::Optional)}
            {choose(said::ANSWERED, KINDS, self.kind)}
            {live::part(choices)}
            {tick(said::MUST_BE_ANSWERED.to_owned(), self.required)}
        }
        .into_any()
    }
}

/// An answer that can be chosen, while it is edited. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct ChoiceDraft {
    key: StoredValue<Option<Key>>,
    label: Texts,
}

impl ChoiceDraft {
    fn read(self) -> Result<Choice, Wrong> {
        Ok(Choice { label: self.label.must_read()?, id: keyed(self.key, self.label) })
    }
}

impl Item for ChoiceDraft {
    type Held = Choice;

    fn new(staff: &LanguageTag) -> Self {
        Self { key: StoredValue::new(None), label: Texts::empty(staff) }
    }

    fn of(held: &Choice, staff: &LanguageTag) -> Self {
        Self { key: StoredValue::new(Some(held.id.clone())), label: Texts::of(Some(&held.label), staff) }
    }

    fn title(self) -> String {
        self.label.of_staff()
    }

    fn view(self) -> AnyView {
        self.label.view(said::ANSWER, Room::Line, Requirement::Required)
    }
}

/// The key of something; what is new is given one by its label, once.
pub fn keyed(key: StoredValue<Option<Key>>, label: Texts) -> Key {
    if let Some(key) = key.get_value() {
        return key;
    }
    let new = key_of(&untrack(|| label.of_staff()), clock::random());
    key.set_value(Some(new.clone()));
    new
}
