//! The site's settings while they are edited: begun with what holds, read back when they are saved.

use leptos::prelude::*;
use vestibule_protocol::{
    limits,
    settings::{Badge, Colour, Key, LanguageTag, LookUp, PinHash, SiteSettings},
};

use vestibule_app::{clock, field::Requirement, form::Wrong, live, words::Language};

use super::{
    agreements::AgreementDraft,
    several::Several,
    texts::{Room, Texts},
    types::TypeDraft,
};
use crate::{
    choose::{choose, labelled, tick},
    wording::settings as said,
};

/// By what visitors find themselves, in words.
const LOOK_UPS: &[(LookUp, &str)] = &[
    (LookUp::BeginningOfName, said::BY_BEGINNING),
    (LookUp::FullName, said::BY_FULL_NAME),
    (LookUp::CodeOrEmail, said::BY_CODE),
];

/// What badge is printed, in words.
const BADGES: &[(Option<Badge>, &str)] =
    &[(None, said::NO_BADGE), (Some(Badge::Roll62), said::BADGE_ROLL), (Some(Badge::A6), said::BADGE_A6)];

/// What a colour field shows while the app's own colour is used: that one.
const OWN_COLOUR: &str = "#0f5c52";

/// Something is wrong, and is said beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("something is wrong with what was typed")]
pub struct Unread;

impl From<Wrong> for Unread {
    fn from(_: Wrong) -> Self {
        Self
    }
}

/// Everything that can be edited. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Draft {
    /// What holds, and what is not edited here.
    held: StoredValue<SiteSettings>,
    welcome: Texts,
    has_colour: RwSignal<bool>,
    colour: RwSignal<String>,
    languages: StoredValue<Vec<(LanguageTag, RwSignal<bool>)>>,
    types: Several<TypeDraft>,
    agreements: Several<AgreementDraft>,
    look_up: RwSignal<LookUp>,
    badge: RwSignal<Option<Badge>>,
    pin: RwSignal<String>,
    pin_error: RwSignal<bool>,
    has_no_pin: RwSignal<bool>,
}

impl Draft {
    /// Begins with what holds.
    pub fn of(held: &SiteSettings) -> Self {
        let staff = LanguageTag::new(held.staff_language()).expect("it is a tag already, or English's");
        let of_app = Language::ALL.iter().filter_map(|language| LanguageTag::new(language.tag()).ok());
        let others = of_app.filter(|tag| !held.languages.contains(tag));
        // In the order of the site, then the app's others; where a site has chosen none, all are offered.
        let languages = held.languages.iter().cloned().map(|tag| (tag, true));
        let languages = languages.chain(others.map(|tag| (tag, held.languages.is_empty())));
        Self {
            welcome: Texts::of(held.welcome.as_ref(), &staff),
            has_colour: RwSignal::new(held.accent.is_some()),
            colour: RwSignal::new(held.accent.map_or(OWN_COLOUR.to_owned(), String::from)),
            languages: StoredValue::new(languages.map(|(tag, is_offered)| (tag, RwSignal::new(is_offered))).collect()),
            types: Several::of(&held.visitor_types, &staff),
            agreements: Several::of(&held.agreements, &staff),
            look_up: RwSignal::new(held.look_up),
            badge: RwSignal::new(held.badge),
            pin: RwSignal::default(),
            pin_error: RwSignal::new(false),
            has_no_pin: RwSignal::new(false),
            held: StoredValue::new(held.clone()),
        }
    }

    /// What is to hold. `Err` if something is wrong, which is then said beside it.
    pub fn read(self) -> Result<SiteSettings, Unread> {
        // All are read before the first that is wrong ends it, so that each says so.
        let welcome = self.welcome.read();
        let types = self.types.read(TypeDraft::read);
        let agreements = self.agreements.read(AgreementDraft::read);
        let staff_pin = self.read_pin();
        let held = self.held.get_value();
        let accent = Colour::try_from(self.colour.get_untracked()).ok().filter(|_| self.has_colour.get_untracked());
        let (visitor_types, mut agreements) = (types?, agreements?);
        // Who is asked by a type that was taken away is asked by it no more.
        let keys: Vec<Key> = visitor_types.iter().map(|kind| kind.id.clone()).collect();
        agreements.iter_mut().for_each(|agreement| agreement.for_types.retain(|key| keys.contains(key)));
        Ok(SiteSettings {
            welcome: welcome?,
            accent,
            languages: self.chosen_languages(&held),
            visitor_types,
            agreements,
            look_up: self.look_up.get_untracked(),
            badge: self.badge.get_untracked(),
            staff_pin: staff_pin?,
            ..held
        })
    }

    /// Another text once stood under a version that an agreement would have.
    pub fn count_versions_further(self) {
        untrack(|| self.agreements.get()).into_iter().for_each(AgreementDraft::count_further);
    }

    /// None where all are offered and none were chosen: then a later language of the app is offered too.
    fn chosen_languages(self, held: &SiteSettings) -> Vec<LanguageTag> {
        self.languages.with_value(|languages| {
            let chosen = languages.iter().filter(|(_, is_offered)| is_offered.get_untracked());
            let chosen: Vec<_> = chosen.map(|(tag, _)| tag.clone()).collect();
            if held.languages.is_empty() && chosen.len() == languages.len() { Vec::new() } else { chosen }
        })
    }

    fn read_pin(self) -> Result<Option<PinHash>, Unread> {
        let typed = self.pin.get_untracked();
        let typed = typed.trim();
        if typed.is_empty() {
            let held = self.held.with_value(|held| held.staff_pin);
            self.pin_error.set(false);
            return Ok(held.filter(|_| !self.has_no_pin.get_untracked()));
        }
        let pin = PinHash::new(typed, clock::random());
        self.pin_error.set(pin.is_err());
        pin.map(Some).map_err(|_| Unread)
    }

    /// The fields, part by part.
    pub fn view(self) -> AnyView {
        provide_context(self.types);
        view! {
            {part(said::PART_KIOSK, self.kiosk())}
            {part(said::PART_LOOK, self.look())}
            {part(said::PART_LANGUAGES, self.language_ticks())}
            {part(said::PART_TYPES, self.types.view(said::VISITOR_TYPES, said::ADD_TYPE))}
            {part(said::PART_AGREEMENTS, self.agreements.view(said::AGREEMENTS, said::ADD_AGREEMENT))}
        }
        .into_any()
    }

    fn look(self) -> AnyView {
        let (colour, has_colour) = (self.colour, self.has_colour);
        let swatch = move || {
            has_colour.get().then(|| {
                let field = view! { <input type="color" bind:value=colour /> };
                labelled(said::COLOUR, field.into_any())
            })
        };
        view! {
            {self.welcome.view(said::WELCOME, Room::Line, Requirement::Optional)}
            {tick(said::OWN_COLOUR.to_owned(), has_colour)}
            {live::part(swatch)}
        }
        .into_any()
    }

    fn language_ticks(self) -> AnyView {
        let ticks = self.languages.with_value(|languages| {
            let one = |(tag, is_offered): &(LanguageTag, RwSignal<bool>)| {
                let language = Language::ALL.iter().find(|language| language.tag() == tag.as_str());
                tick(language.map_or(tag.as_str(), |language| language.own_name()).to_owned(), *is_offered)
            };
            languages.iter().map(one).collect_view()
        });
        view! {
            <p class="field-hint">{said::LANGUAGES_HINT}</p>
            <div class="ticks">{ticks}</div>
        }
        .into_any()
    }

    fn kiosk(self) -> AnyView {
        let (pin, error) = (self.pin, self.pin_error);
        let held = self.held.with_value(|held| held.staff_pin.is_some());
        let hint = if held { said::PIN_HELD } else { said::NO_PIN };
        view! {
            {choose(said::LOOK_UP, LOOK_UPS, self.look_up)}
            {choose(said::BADGE, BADGES, self.badge)}
            <div class="field" class:wrong=live::flag(move || error.get())>
                <label for="pin">{said::PIN}</label>
                <input
                    id="pin"
                    type="text"
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength=limits::PIN_DIGITS.end().to_string()
                    aria-describedby="pin-hint pin-error"
                    aria-invalid=live::text(move || error.get().to_string())
                    bind:value=pin
                />
                <p class="field-hint" id="pin-hint">{hint}</p>
                <p class="field-error" id="pin-error" aria-live="polite">
                    {live::part(move || error.get().then(said::wrong_pin))}
                </p>
            </div>
            {held.then(|| tick(said::REMOVE_PIN.to_owned(), self.has_no_pin))}
        }
        .into_any()
    }
}

/// A part of the settings under its name.
fn part(title: &'static str, content: AnyView) -> AnyView {
    view! {
        <section class="part">
            <h2>{title}</h2>
            {content}
        </section>
    }
    .into_any()
}
