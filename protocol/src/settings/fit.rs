//! Whether the parts of settings fit together.

use super::{FieldKind, Key, OpeningHours, SiteSettings};
use crate::{json, limits};

/// Why settings don't fit together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// More of something than its limit.
    #[error("more visitor types, fields, choices, agreements or languages than there can be")]
    TooMany,
    /// Two of one kind with one id.
    #[error("two visitor types, fields, choices or agreements have the same id")]
    SameId,
    /// A question that can't be answered.
    #[error("a field offers no choices")]
    NoChoices,
    /// An agreement for visitors that there are not.
    #[error("an agreement is for a visitor type that does not exist")]
    NoSuchType,
    /// An agreement whose version is 0.
    #[error("an agreement's version counts from 1")]
    NoVersion,
    /// A party of fewer than two, or of more than its limit.
    #[error("a party is of 2 to 12 visitors")]
    PartySize,
    /// An hour or a day that there is not, or hours that end before they begin.
    #[error("the hours are not of a day, or end before they begin")]
    Hours,
    /// A PIN whose hash takes too long.
    #[error("the hash of the PIN takes too many rounds")]
    Pin,
    /// As JSON they are over [`limits::SETTINGS_MAX_BYTES`].
    #[error("the settings are too large")]
    TooLarge,
}

impl SiteSettings {
    /// Whether the parts fit together and within the limits. What is of a wrong form can't be read in the first place.
    ///
    /// # Errors
    /// [`Unfit`] says what does not fit.
    pub fn check(&self) -> Result<(), Unfit> {
        within(self.languages.len(), limits::TEXT_MAX_LANGUAGES)?;
        within(self.visitor_types.len(), limits::VISITOR_TYPES_MAX)?;
        within(self.agreements.len(), limits::AGREEMENTS_MAX)?;
        each_once(self.visitor_types.iter().map(|kind| &kind.id))?;
        each_once(self.agreements.iter().map(|agreement| &agreement.id))?;
        for field in self.visitor_types.iter().flat_map(|kind| &kind.fields) {
            let FieldKind::Choice(choices) = &field.kind else { continue };
            within(choices.len(), limits::CHOICES_MAX)?;
            each_once(choices.iter().map(|choice| &choice.id))?;
            if choices.is_empty() {
                return Err(Unfit::NoChoices);
            }
        }
        for kind in &self.visitor_types {
            within(kind.fields.len(), limits::FIELDS_MAX)?;
            each_once(kind.fields.iter().map(|field| &field.id))?;
        }
        for agreement in &self.agreements {
            if agreement.version == 0 {
                return Err(Unfit::NoVersion);
            }
            if !agreement.for_types.iter().all(|id| self.visitor_types.iter().any(|kind| kind.id == *id)) {
                return Err(Unfit::NoSuchType);
            }
        }
        if self.party_max.is_some_and(|most| !(2..=limits::PARTY_MAX).contains(&most)) {
            return Err(Unfit::PartySize);
        }
        let is_of_a_day = |hours: &OpeningHours| {
            hours.opens_min < hours.closes_min
                && hours.closes_min <= 24 * 60
                && hours.days.iter().all(|day| (1..=7).contains(day))
        };
        if self.auto_check_out_hour.is_some_and(|hour| hour > 23) || !self.opening_hours.iter().all(is_of_a_day) {
            return Err(Unfit::Hours);
        }
        within(self.opening_hours.len(), 7)?;
        if self.staff_pin.is_some_and(|pin| !(1..=limits::PIN_MAX_ROUNDS).contains(&pin.rounds)) {
            return Err(Unfit::Pin);
        }
        if json::write(self).len() > limits::SETTINGS_MAX_BYTES {
            return Err(Unfit::TooLarge);
        }
        Ok(())
    }
}

fn within(count: usize, most: usize) -> Result<(), Unfit> {
    if count <= most { Ok(()) } else { Err(Unfit::TooMany) }
}

fn each_once<'a>(ids: impl Iterator<Item = &'a Key>) -> Result<(), Unfit> {
    let mut ids: Vec<_> = ids.collect();
    ids.sort_unstable();
    if ids.windows(2).all(|pair| pair[0] != pair[1]) { Ok(()) } else { Err(Unfit::SameId) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::settings::tests::{SITE, read};

    #[rstest]
    #[case::same_type("\"id\":\"guest\"", "\"id\":\"contractor\"", Unfit::SameId)]
    #[case::same_choice("\"id\":\"cellar\"", "\"id\":\"roof\"", Unfit::SameId)]
    #[case::same_agreement("\"id\":\"safety\"", "\"id\":\"house\"", Unfit::SameId)]
    #[case::no_such_type("[\"contractor\"]", "[\"driver\"]", Unfit::NoSuchType)]
    #[case::no_version("\"version\":2", "\"version\":0", Unfit::NoVersion)]
    #[case::no_choices("\"yes_no\"", "{\"choice\":[]}", Unfit::NoChoices)]
    #[case::party_of_one("{\"visitor_types\"", "{\"party_max\":1,\"visitor_types\"", Unfit::PartySize)]
    #[case::no_such_hour("{\"visitor_types\"", "{\"auto_check_out_hour\":24,\"visitor_types\"", Unfit::Hours)]
    #[case::no_such_day(
        "{\"visitor_types\"",
        "{\"opening_hours\":[{\"days\":[0],\"opens_min\":1,\"closes_min\":2}],\"visitor_types\"",
        Unfit::Hours
    )]
    fn what_does_not_fit_together_is_refused(#[case] part: &str, #[case] instead: &str, #[case] why: Unfit) {
        assert!(SITE.contains(part), "{part}");
        assert_eq!(read(&SITE.replacen(part, instead, 1)).unwrap().check(), Err(why));
    }
}
