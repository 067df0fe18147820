//! What a site has decided: how its kiosks look, whom they greet, and what they ask.
//!
//! Admins set them, `GET` and `PUT /api/v1/sites/{site}/settings`; devices hear of them as of any change, in
//! [`crate::changes::Changes`], and keep them for the time without a server. A site that has decided nothing has
//! [`SiteSettings::default`]: one form with name, company and host.
//!
//! Whatever is read has been through [`SiteSettings::check`] when it was set, except on a device whose server is newer:
//! a reader must bear a reference that leads nowhere.

mod fit;
mod key;
mod localized;
mod look;
mod pin;

use serde::{Deserialize, Serialize};

pub(crate) use self::look::is_base64;
pub use self::{
    fit::Unfit,
    key::{InvalidKey, Key},
    localized::{InvalidLocalized, InvalidTag, LanguageTag, Localized},
    look::{Colour, InvalidColour, InvalidLogo, Logo},
    pin::{InvalidPin, PinHash},
};
use crate::{limits, text::Text};

/// A label, in each language that the site has written it in.
pub type Label = Localized<{ limits::LABEL_MAX_CHARS }>;

/// What a site has decided. What is absent is as for a site that has decided nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteSettings {
    /// Said under the greeting on the welcome screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub welcome: Option<Localized<{ limits::WELCOME_MAX_CHARS }>>,
    /// The colour of what one taps; absent: the app's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accent: Option<Colour>,
    /// Shown in place of the app's mark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo: Option<Logo>,
    /// The languages that the kiosk offers, the first being that of the staff, in which labels stand when they are not
    /// written in the visitor's; empty: all that the app speaks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageTag>,
    /// What visitors can be; empty: nobody is asked, and everybody is asked as [`VisitorType::usual`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub visitor_types: Vec<VisitorType>,
    /// What visitors are asked to agree to, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub agreements: Vec<Agreement>,
    /// By what a visitor finds themselves on the kiosk.
    #[serde(skip_serializing_if = "is_usual")]
    pub look_up: LookUp,
    /// Most visitors who check in together as one party; absent: each for themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub party_max: Option<u8>,
    /// The badge that is printed; absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub badge: Option<Badge>,
    /// Opens the staff panel of a kiosk; absent: the panel names nobody, and is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_pin: Option<PinHash>,
    /// The hour of the day, by the kiosk's clock, at which whoever is still on site is checked out; absent: nobody is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auto_check_out_hour: Option<u8>,
    /// When reception is there, by the kiosk's clock; empty: the kiosk doesn't say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub opening_hours: Vec<OpeningHours>,
}

/// What a visitor can be: a guest, a contractor, a candidate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitorType {
    /// Which; stays when the label changes.
    pub id: Key,
    /// As visitors read it.
    pub label: Label,
    /// Whether they are asked for their company.
    #[serde(default = "Ask::optional", skip_serializing_if = "Ask::is_optional")]
    pub company: Ask,
    /// Whether they are asked for their e-mail address.
    #[serde(default, skip_serializing_if = "Ask::is_off")]
    pub email: Ask,
    /// Whether they are asked for their telephone number.
    #[serde(default, skip_serializing_if = "Ask::is_off")]
    pub phone: Ask,
    /// Whether they are asked whom they visit.
    #[serde(default = "Ask::optional", skip_serializing_if = "Ask::is_optional")]
    pub host: Ask,
    /// Whether their photo is taken.
    #[serde(default, skip_serializing_if = "Ask::is_off")]
    pub photo: Ask,
    /// What the site asks besides, in this order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<Field>,
}

/// Whether something is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// It is not.
    #[default]
    Off,
    /// It may stay empty.
    Optional,
    /// Nobody goes on without it.
    Required,
}

/// A question that the site asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Which; stays when the label changes.
    pub id: Key,
    /// As visitors read it.
    pub label: Label,
    /// What helps to answer it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Label>,
    /// How it is answered.
    pub kind: FieldKind,
    /// Whether nobody goes on without an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
}

/// How a question is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// By a line of text.
    Text,
    /// By one of these.
    Choice(Vec<Choice>),
    /// By yes or no.
    YesNo,
}

/// An answer that can be chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Which; stays when the label changes.
    pub id: Key,
    /// As visitors read it.
    pub label: Label,
}

/// Something that visitors are asked to agree to.
///
/// What stands under one id and version never changes: the server refuses another text for it. Whoever signed "nda 3"
/// signed that text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Which.
    pub id: Key,
    /// Counts up from 1 whenever anything of the text changes.
    pub version: u32,
    /// As visitors read it above the text.
    pub title: Label,
    /// What they agree to; an empty line begins a paragraph.
    #[serde(rename = "text")]
    pub body: Localized<{ limits::AGREEMENT_MAX_CHARS }>,
    /// The visitor types that are asked; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub for_types: Vec<Key>,
    /// How they agree.
    #[serde(default)]
    pub by: Consent,
}

/// What stands under one id and version of an agreement, and the answer to
/// `GET /api/v1/sites/{site}/agreements/{id}/{version}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgreementText {
    /// As visitors read it above the text.
    pub title: Label,
    /// What they agree to.
    #[serde(rename = "text")]
    pub body: Localized<{ limits::AGREEMENT_MAX_CHARS }>,
}

/// How visitors agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Consent {
    /// By a signature: drawn, or their name typed.
    #[default]
    Signature,
    /// By ticking a box.
    Tick,
}

/// By what a visitor finds themselves on the kiosk, to check in where they are expected and to check out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LookUp {
    /// By the first letters of their name; by code and e-mail too.
    #[default]
    BeginningOfName,
    /// By their whole name; by code and e-mail too.
    FullName,
    /// By their code or their e-mail address only: the kiosk shows nobody's name to who knows only that.
    CodeOrEmail,
}

/// The size of the badge that is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Badge {
    /// On a label roll 62 mm wide.
    Roll62,
    /// On A6.
    A6,
}

/// When reception is there on some days of the week. Hours past midnight belong to two entries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpeningHours {
    /// 1 is Monday, 7 Sunday (ISO 8601).
    pub days: Vec<u8>,
    /// Minutes of the day at which it opens.
    pub opens_min: u16,
    /// Minutes of the day at which it closes, at most 1440.
    pub closes_min: u16,
}

impl SiteSettings {
    /// What visitors of that type are asked; as usual if nobody is asked for a type, or there is none of that id.
    pub fn visitor_type(&self, id: Option<&Key>) -> VisitorType {
        let chosen = self.visitor_types.iter().find(|kind| Some(&kind.id) == id);
        chosen.cloned().unwrap_or_else(VisitorType::usual)
    }

    /// What visitors of that type are asked to agree to, in this order.
    pub fn agreements_for(&self, id: Option<&Key>) -> impl Iterator<Item = &Agreement> {
        self.agreements.iter().filter(move |agreement| {
            agreement.for_types.is_empty() || id.is_some_and(|id| agreement.for_types.contains(id))
        })
    }

    /// The language of the staff: the first that the site offers, English if it has chosen none.
    pub fn staff_language(&self) -> &str {
        self.languages.first().map_or("en", LanguageTag::as_str)
    }
}

impl VisitorType {
    /// What is asked where a site has no types: name, company and host. Its key and its label are shown to nobody.
    pub fn usual() -> Self {
        let label = Text::new("Visitor").expect("a word is within a label's limits");
        Self {
            id: Key::new("visitor").expect("a word is a key"),
            label: Label::of("en", label).expect("en is a language tag"),
            company: Ask::Optional,
            email: Ask::Off,
            phone: Ask::Off,
            host: Ask::Optional,
            photo: Ask::Off,
            fields: Vec::new(),
        }
    }
}

impl Agreement {
    /// What may never change under its id and version.
    pub fn text(&self) -> AgreementText {
        AgreementText { title: self.title.clone(), body: self.body.clone() }
    }
}

impl Ask {
    const fn optional() -> Self {
        Self::Optional
    }

    const fn is_optional(&self) -> bool {
        matches!(self, Self::Optional)
    }

    const fn is_off(&self) -> bool {
        matches!(self, Self::Off)
    }
}

fn is_usual(look_up: &LookUp) -> bool {
    *look_up == LookUp::default()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::json;

    pub(super) const SITE: &str = r#"{"visitor_types":[
        {"id":"guest","label":{"en":"Guest","de":"Gast"}},
        {"id":"contractor","label":{"en":"Contractor"},"company":"required","photo":"optional","fields":[
            {"id":"area","label":{"en":"Where will you work?"},"kind":{"choice":[
                {"id":"roof","label":{"en":"Roof"}},{"id":"cellar","label":{"en":"Cellar"}}]},"required":true},
            {"id":"hot","label":{"en":"Hot work?"},"kind":"yes_no"}]}],
        "agreements":[
            {"id":"house","version":2,"title":{"en":"House rules"},"text":{"en":"Be kind."},"by":"tick"},
            {"id":"safety","version":1,"title":{"en":"Safety"},"text":{"en":"Wear a helmet."},"for_types":["contractor"]}]}"#;

    pub(super) fn read(text: &str) -> Result<SiteSettings, json::Invalid> {
        json::read(text)
    }

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    #[test]
    fn who_decides_nothing_has_what_there_is_without_settings() {
        let settings = read("{}").unwrap();
        assert_eq!(settings, SiteSettings::default());
        assert_eq!(settings.check(), Ok(()));
        assert_eq!(json::write(&settings), "{}");
        let usual = settings.visitor_type(None);
        assert_eq!((usual.company, usual.host, usual.photo), (Ask::Optional, Ask::Optional, Ask::Off));
    }

    #[test]
    fn each_type_is_asked_its_own() {
        let settings = read(SITE).unwrap();
        assert_eq!(settings.check(), Ok(()));
        let asked = |id: Option<&str>| {
            let id = id.map(key);
            settings.agreements_for(id.as_ref()).map(|agreement| agreement.id.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(asked(Some("guest")), ["house"]);
        assert_eq!(asked(Some("contractor")), ["house", "safety"]);
        assert_eq!(asked(None), ["house"]);
        assert_eq!(settings.visitor_type(Some(&key("contractor"))).fields.len(), 2);
        assert_eq!(settings.visitor_type(Some(&key("gone"))), VisitorType::usual());
    }

    #[rstest]
    #[case::key(r#"{"visitor_types":[{"id":"A B","label":{"en":"x"}}]}"#)]
    #[case::label(r#"{"visitor_types":[{"id":"a","label":{}}]}"#)]
    #[case::colour(r#"{"accent":"red"}"#)]
    #[case::script(r#"{"logo":"data:text/html;base64,AAAA"}"#)]
    #[case::logo_of_no_base64(r#"{"logo":"data:image/png;base64,\"><"}"#)]
    fn what_is_of_a_wrong_form_can_not_be_read(#[case] text: &str) {
        assert!(read(text).is_err());
    }
}
