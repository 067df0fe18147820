//! What a visitor goes through at the kiosk, and what comes of it: decided here, drawn elsewhere.
//!
//! A step that the site does not ask for is not there. Where it asks for nothing of its own there is one, the form with
//! name, company and host.

use vestibule_protocol::{
    details::{Answer, AnswerValue, Details, Named},
    event::{CheckedIn, EventData, Host, Name, Visitor},
    id::VisitId,
    papers::{AgreementSigned, Drawing, Photo, Photographed, Signature},
    settings::{Agreement, Ask, Consent, Field, FieldKind, Key, Label, LanguageTag, SiteSettings},
    text::{InvalidText, Text},
};

use crate::{form::Wrong, signature::Strokes};

/// A step on the way to the confirmation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// What the visitor is.
    Type,
    /// Who they are, and what the site asks besides.
    Details,
    /// Whom they visit, where the details fill a screen.
    Host,
    /// Reading an agreement, and agreeing to it.
    Agreement {
        /// Which, among those of the visitor's type.
        number: usize,
        /// Who signs it; everybody of the party, where ticking is enough.
        by: Option<VisitId>,
    },
    /// The photo.
    Photo {
        /// Of whom.
        of: VisitId,
    },
}

/// Somebody of a party, each with a visit of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    /// Fixed before the first try, so that trying again can't make a second visit.
    pub visit: VisitId,
    /// As typed.
    pub name: String,
    /// What is wrong with it.
    pub wrong: Option<Wrong>,
}

/// How somebody agrees, or is about to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hand {
    /// Whether the box is ticked.
    pub ticked: bool,
    /// Whether they type their name, instead of drawing.
    pub types: bool,
    /// What they typed.
    pub typed: String,
    /// What they drew.
    pub drawn: Strokes,
}

/// All that the visitor has entered, each part read.
pub struct Entered {
    /// What they are; nothing where the site has no types.
    pub kind: Option<Key>,
    /// Who they are, the others of their party after them, each with their visit.
    pub visitors: Vec<(VisitId, Visitor)>,
    /// Whom they visit.
    pub host: Option<Host>,
    /// What they answered.
    pub answers: Vec<Answer>,
    /// How they agreed, by the steps in which they did.
    pub hands: Vec<(Step, Hand)>,
    /// The photos that were taken.
    pub photos: Vec<(VisitId, Photo)>,
}

/// What a type of visitor is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Their company, their e-mail address, their telephone number.
    pub particulars: [Ask; 3],
    /// Whom they visit.
    pub host: Ask,
    /// Their photo.
    pub photo: Ask,
    /// Whether whom they visit is asked on a screen of its own: where name and company are not all that is asked before.
    pub is_host_apart: bool,
}

impl Asked {
    /// Of visitors of that type; as usual where there is none.
    pub fn of(settings: &SiteSettings, kind: Option<&Key>) -> Self {
        let Some(kind) = settings.type_of(kind) else {
            let particulars = [Ask::Optional, Ask::Off, Ask::Off];
            return Self { particulars, host: Ask::Optional, photo: Ask::Off, is_host_apart: false };
        };
        let has_more = !kind.fields.is_empty() || kind.email != Ask::Off || kind.phone != Ask::Off;
        Self {
            particulars: [kind.company, kind.email, kind.phone],
            host: kind.host,
            photo: kind.photo,
            is_host_apart: kind.host != Ask::Off && has_more,
        }
    }
}

/// The site's own questions to visitors of that type.
pub fn questions<'a>(settings: &'a SiteSettings, kind: Option<&Key>) -> &'a [Field] {
    settings.type_of(kind).map_or(&[], |kind| &kind.fields)
}

/// The steps for a visitor of that type and those with them, in order.
pub fn steps(settings: &SiteSettings, kind: Option<&Key>, party: &[VisitId]) -> Vec<Step> {
    let mut steps = Vec::new();
    if settings.visitor_types.len() > 1 {
        steps.push(Step::Type);
    }
    steps.push(Step::Details);
    let asked = Asked::of(settings, kind);
    if asked.is_host_apart {
        steps.push(Step::Host);
    }
    for (number, agreement) in settings.agreements_for(kind).enumerate() {
        match agreement.by {
            Consent::Tick => steps.push(Step::Agreement { number, by: None }),
            Consent::Signature => {
                steps.extend(party.iter().map(|visit| Step::Agreement { number, by: Some(*visit) }));
            }
        }
    }
    if asked.photo != Ask::Off {
        steps.extend(party.iter().map(|visit| Step::Photo { of: *visit }));
    }
    steps
}

/// The answers to the site's questions, or what is wrong, for each question in its place. `typed`, in the same order, holds
/// a line of text as it is, the id of a choice, and [`YES`] or [`NO`].
pub fn answers(fields: &[Field], typed: &[String], staff: &str) -> Result<Vec<Answer>, Vec<Option<Wrong>>> {
    let (mut answers, mut wrongs) = (Vec::new(), Vec::new());
    for (place, field) in fields.iter().enumerate() {
        let typed = typed.get(place).map_or("", String::as_str);
        wrongs.push(match answer(field, typed, staff) {
            Ok(Some(value)) => {
                answers.push(Answer { field: named(&field.id, &field.label, staff), value });
                None
            }
            Ok(None) => field.required.then_some(Wrong::Missing),
            Err(wrong) => Some(wrong),
        });
    }
    if wrongs.iter().all(Option::is_none) { Ok(answers) } else { Err(wrongs) }
}

/// How a question is answered with yes.
pub const YES: &str = "yes";
/// How a question is answered with no.
pub const NO: &str = "no";

fn answer(field: &Field, typed: &str, staff: &str) -> Result<Option<AnswerValue>, Wrong> {
    match &field.kind {
        FieldKind::Text => match Text::new(typed) {
            Ok(text) => Ok(Some(AnswerValue::Text(text))),
            Err(InvalidText::Empty) => Ok(None),
            Err(too_long) => Err(too_long.into()),
        },
        FieldKind::Choice(choices) => {
            let chosen = choices.iter().find(|choice| choice.id.as_str() == typed);
            Ok(chosen.map(|choice| AnswerValue::Choice(named(&choice.id, &choice.label, staff))))
        }
        FieldKind::YesNo => Ok(match typed {
            YES => Some(AnswerValue::YesNo(true)),
            NO => Some(AnswerValue::YesNo(false)),
            _ => None,
        }),
    }
}

impl Hand {
    /// How they agreed, as the agreement wants it; nothing if they have not.
    ///
    /// # Errors
    /// What is wrong with the name that was typed.
    pub fn signature(&self, by: Consent) -> Result<Signature, Wrong> {
        match by {
            Consent::Tick if self.ticked => Ok(Signature::Ticked),
            Consent::Tick => Err(Wrong::NotAgreed),
            Consent::Signature if self.types => Ok(Signature::Typed(Name::new(&self.typed)?)),
            Consent::Signature => {
                let path = self.drawn.path().ok_or(Wrong::NotSigned)?;
                Ok(Signature::Drawn(Drawing { width: Strokes::WIDTH, height: Strokes::HEIGHT, path }))
            }
        }
    }
}

impl Entered {
    /// What is to be kept, in this order: what everybody signed and their photos, then that they are here, the leader of a
    /// party last. Should the device fail in between, nobody is here who has not signed.
    pub fn events(&self, settings: &SiteSettings, language: &LanguageTag) -> Vec<(VisitId, EventData)> {
        let staff = settings.staff_language();
        let asked = settings.type_of(self.kind.as_ref());
        let leader = self.visitors.first().map(|(visit, _)| *visit);
        let details = Details {
            visitor_type: asked.map(|asked| named(&asked.id, &asked.label, staff)),
            answers: self.answers.clone(),
            party: leader.filter(|_| self.visitors.len() > 1),
        };
        let (mut papers, mut arrivals) = (Vec::new(), Vec::new());
        for (visit, visitor) in self.visitors.iter().rev() {
            for (number, agreement) in settings.agreements_for(self.kind.as_ref()).enumerate() {
                let by = (agreement.by == Consent::Signature).then_some(*visit);
                let step = Step::Agreement { number, by };
                let hand = self.hands.iter().find(|(held, _)| *held == step);
                if let Some(signature) = hand.and_then(|(_, hand)| hand.signature(agreement.by).ok()) {
                    let signed = signed(agreement, signature, language, staff);
                    papers.push((*visit, EventData::AgreementSigned(signed)));
                }
            }
            if let Some((_, photo)) = self.photos.iter().find(|(of, _)| of == visit) {
                papers.push((*visit, EventData::Photographed(Photographed { photo: Some(photo.clone()) })));
            }
            let checked_in = CheckedIn { visitor: visitor.clone(), host: self.host.clone(), details: details.clone() };
            arrivals.push((*visit, EventData::CheckedIn(checked_in)));
        }
        papers.append(&mut arrivals);
        papers
    }
}

fn signed(agreement: &Agreement, signature: Signature, language: &LanguageTag, staff: &str) -> AgreementSigned {
    let Named { id, label: title } = named(&agreement.id, &agreement.title, staff);
    AgreementSigned {
        agreement: id,
        version: agreement.version,
        title,
        language: language.clone(),
        signature: Some(signature),
    }
}

fn named(id: &Key, label: &Label, staff: &str) -> Named {
    Named { id: id.clone(), label: label.text_in(staff, staff).clone() }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::{id::ENTROPY_BYTES, json, timestamp::Timestamp};

    use super::*;

    const SITE: &str = r#"{"languages":["nl","en"],
        "visitor_types":[
            {"id":"guest","label":{"en":"Guest","nl":"Bezoeker"}},
            {"id":"contractor","label":{"en":"Contractor","nl":"Aannemer"},"photo":"optional","fields":[
                {"id":"area","label":{"en":"Where?","nl":"Waar?"},"kind":{"choice":[{"id":"roof","label":{"en":"Roof","nl":"Dak"}}]},"required":true},
                {"id":"plate","label":{"en":"Plate"},"kind":"text"},
                {"id":"hot","label":{"en":"Hot work?"},"kind":"yes_no"}]}],
        "agreements":[
            {"id":"house","version":2,"title":{"en":"House rules"},"text":{"en":"Be kind."},"by":"tick"},
            {"id":"safety","version":1,"title":{"en":"Safety","nl":"Veiligheid"},"text":{"en":"Wear a helmet."},"for_types":["contractor"]}]}"#;

    fn site() -> SiteSettings {
        json::read(SITE).unwrap()
    }

    fn key(text: &str) -> Key {
        Key::new(text).unwrap()
    }

    fn visit(number: u8) -> VisitId {
        VisitId::new(Timestamp::default(), [number; ENTROPY_BYTES])
    }

    fn visitor(name: &str) -> Visitor {
        Visitor { name: Name::new(name).unwrap(), company: None, email: None, phone: None }
    }

    #[test]
    fn a_site_that_has_decided_nothing_has_one_step() {
        assert_eq!(steps(&SiteSettings::default(), None, &[visit(1)]), [Step::Details]);
    }

    #[test]
    fn each_type_goes_through_what_is_asked_of_it() {
        let rules = Step::Agreement { number: 0, by: None };
        assert_eq!(steps(&site(), Some(&key("guest")), &[visit(1)]), [Step::Type, Step::Details, rules]);
        let safety = Step::Agreement { number: 1, by: Some(visit(1)) };
        let photo = Step::Photo { of: visit(1) };
        assert_eq!(
            steps(&site(), Some(&key("contractor")), &[visit(1)]),
            [Step::Type, Step::Details, Step::Host, rules, safety, photo]
        );
    }

    #[test]
    fn each_of_a_party_signs_and_is_photographed() {
        let of_each = |step: fn(VisitId) -> Step| [step(visit(1)), step(visit(2))];
        let steps = steps(&site(), Some(&key("contractor")), &[visit(1), visit(2)]);
        assert_eq!(steps[4..6], of_each(|by| Step::Agreement { number: 1, by: Some(by) }));
        assert_eq!(steps[6..], of_each(|of| Step::Photo { of }));
    }

    #[rstest]
    #[case::nothing(&[], Err(Wrong::Missing))]
    #[case::the_least(&["roof"], Ok(1))]
    #[case::all(&["roof", " AE 1843 ", NO], Ok(3))]
    #[case::not_on_the_list(&["cellar"], Err(Wrong::Missing))]
    fn questions_are_answered_as_they_are_meant(#[case] typed: &[&str], #[case] expected: Result<usize, Wrong>) {
        let expected = expected.map_err(|wrong| vec![Some(wrong), None, None]);
        assert_eq!(answered(typed).map(|answers| answers.len()), expected);
    }

    fn answered(typed: &[&str]) -> Result<Vec<Answer>, Vec<Option<Wrong>>> {
        let typed: Vec<_> = typed.iter().map(|typed| (*typed).to_owned()).collect();
        answers(questions(&site(), Some(&key("contractor"))), &typed, "nl")
    }

    #[test]
    fn an_answer_that_is_too_long_is_no_answer() {
        assert_eq!(answered(&["roof", &"x".repeat(201)]), Err(vec![None, Some(Wrong::TooLong), None]));
    }

    #[test]
    fn labels_are_kept_in_the_language_of_the_staff() {
        let answers = answered(&["roof"]).unwrap();
        assert_eq!(answers[0].field.label.as_str(), "Waar?");
        assert!(matches!(&answers[0].value, AnswerValue::Choice(chosen) if chosen.label.as_str() == "Dak"));
    }

    #[test]
    fn everybody_of_a_party_arrives_with_what_they_signed() {
        let (settings, kind) = (site(), key("contractor"));
        let rules = Step::Agreement { number: 0, by: None };
        let safety = |by| Step::Agreement { number: 1, by: Some(by) };
        let typed = |name: &str| Hand { types: true, typed: name.to_owned(), ..Hand::default() };
        let entered = Entered {
            kind: Some(kind),
            visitors: vec![(visit(1), visitor("Ada")), (visit(2), visitor("Grace"))],
            host: None,
            answers: Vec::new(),
            hands: vec![
                (rules, Hand { ticked: true, ..Hand::default() }),
                (safety(visit(1)), typed("Ada")),
                (safety(visit(2)), typed("Grace")),
            ],
            photos: Vec::new(),
        };
        let events = entered.events(&settings, &LanguageTag::new("de").unwrap());
        let told: Vec<_> = events
            .iter()
            .map(|(visit, data)| match data {
                EventData::AgreementSigned(data) => (*visit, format!("{} {}", data.title, data.version)),
                EventData::CheckedIn(data) => {
                    assert_eq!(data.details.party, Some(self::visit(1)));
                    (*visit, data.visitor.name.to_string())
                }
                other => panic!("{other:?}"),
            })
            .collect();
        let expected = [
            (2, "House rules 2"),
            (2, "Veiligheid 1"),
            (1, "House rules 2"),
            (1, "Veiligheid 1"),
            (2, "Grace"),
            (1, "Ada"),
        ];
        assert_eq!(told, expected.map(|(of, what)| (visit(of), what.to_owned())).collect::<Vec<_>>());
    }

    #[test]
    fn who_comes_alone_is_of_no_party() {
        let entered = Entered {
            kind: None,
            visitors: vec![(visit(1), visitor("Ada"))],
            host: None,
            answers: Vec::new(),
            hands: Vec::new(),
            photos: Vec::new(),
        };
        let events = entered.events(&SiteSettings::default(), &LanguageTag::new("en").unwrap());
        let checked_in = CheckedIn { visitor: visitor("Ada"), host: None, details: Details::default() };
        assert_eq!(events, [(visit(1), EventData::CheckedIn(checked_in))]);
    }

    #[test]
    fn nobody_agrees_by_going_on() {
        let hand = Hand::default();
        assert_eq!(hand.signature(Consent::Tick), Err(Wrong::NotAgreed));
        assert_eq!(hand.signature(Consent::Signature), Err(Wrong::NotSigned));
        assert_eq!(Hand { types: true, ..hand }.signature(Consent::Signature), Err(Wrong::Missing));
    }
}
