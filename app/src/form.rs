//! What people typed, read once, at the edge: raw text in, values that cannot be wrong out.

use vestibule_protocol::{
    account::{Email, Pair},
    event::{Host, Name, Visitor},
    limits,
    settings::Ask,
    text::{InvalidText, Text},
};

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It must not stay empty.
    #[error("missing")]
    Missing,
    /// It is longer than anybody's.
    #[error("too long")]
    TooLong,
    /// It is no e-mail address.
    #[error("not an e-mail address")]
    NotAnEmail,
    /// Fewer than [`limits::PASSWORD_MIN_CHARS`].
    #[error("too short a password")]
    PasswordTooShort,
    /// It is not in the list.
    #[error("nobody chosen")]
    NobodyChosen,
    /// It is no date and time.
    #[error("not a time")]
    NotATime,
    /// It is no telephone number.
    #[error("not a telephone number")]
    NotAPhone,
    /// Nothing was drawn that is a signature.
    #[error("not signed")]
    NotSigned,
    /// The box is not ticked.
    #[error("not agreed")]
    NotAgreed,
}

impl From<InvalidText> for Wrong {
    fn from(error: InvalidText) -> Self {
        match error {
            InvalidText::Empty => Self::Missing,
            InvalidText::TooLong { .. } => Self::TooLong,
        }
    }
}

/// The visitor as they typed themselves.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct VisitorFields {
    /// Must be there.
    pub name: String,
    /// May be empty.
    pub company: String,
    /// May be empty.
    pub email: String,
    /// May be empty.
    pub phone: String,
}

/// What is wrong with which field of [`VisitorFields`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VisitorErrors {
    /// Of the name.
    pub name: Option<Wrong>,
    /// Of the company.
    pub company: Option<Wrong>,
    /// Of the e-mail address.
    pub email: Option<Wrong>,
    /// Of the telephone number.
    pub phone: Option<Wrong>,
}

impl VisitorFields {
    /// The visitor, or all that is wrong at once, where only the name must be there.
    pub fn read(&self) -> Result<Visitor, VisitorErrors> {
        self.read_as([Ask::Optional; 3])
    }

    /// The same where company, e-mail address and telephone number are asked for so: what is not asked is left out, what is
    /// required must be there.
    pub fn read_as(&self, [company_asked, email_asked, phone_asked]: [Ask; 3]) -> Result<Visitor, VisitorErrors> {
        let name = name(&self.name);
        let company = asked(company_asked, &self.company, |typed| Ok(Text::new(typed)?));
        let email = asked(email_asked, &self.email, email);
        let phone = asked(phone_asked, &self.phone, phone);
        match (name, company, email, phone) {
            (Ok(name), Ok(company), Ok(email), Ok(phone)) => Ok(Visitor { name, company, email, phone }),
            (name, company, email, phone) => {
                let (name, company, email, phone) = (name.err(), company.err(), email.err(), phone.err());
                Err(VisitorErrors { name, company, email, phone })
            }
        }
    }
}

/// A name.
pub fn name(typed: &str) -> Result<Name, Wrong> {
    Ok(Name::new(typed)?)
}

/// The host whose name was chosen, and nobody if nothing was typed. A name that was typed but not chosen is an error:
/// guessing would send the visitor to the wrong person.
pub fn host(typed: &str, chosen: Option<&Host>) -> Result<Option<Host>, Wrong> {
    match chosen {
        Some(host) => Ok(Some(host.clone())),
        None if typed.trim().is_empty() => Ok(None),
        None => Err(Wrong::NobodyChosen),
    }
}

/// An e-mail address, checked kindly: something, an @, something with a dot or none at all, and no space.
pub fn email(typed: &str) -> Result<Email, Wrong> {
    let email = Email::new(typed)?;
    match email.as_str().split_once('@') {
        Some((user, place))
            if !user.is_empty() && !place.is_empty() && !email.as_str().contains(char::is_whitespace) =>
        {
            Ok(email)
        }
        _ => Err(Wrong::NotAnEmail),
    }
}

/// A telephone number, checked kindly: a handful of digits, and what people write between them.
pub fn phone(typed: &str) -> Result<Text<{ limits::PHONE_MAX_CHARS }>, Wrong> {
    /// Fewest digits: an extension within the house.
    const DIGITS_MIN: usize = 3;
    let phone = Text::new(typed)?;
    let is_between = |symbol: char| matches!(symbol, ' ' | '\u{a0}' | '+' | '-' | '(' | ')' | '/' | '.' | '#' | '*');
    let is_right = |symbol: char| symbol.is_numeric() || is_between(symbol);
    let digits = phone.as_str().chars().filter(|symbol| symbol.is_numeric()).count();
    if digits >= DIGITS_MIN && phone.as_str().chars().all(is_right) { Ok(phone) } else { Err(Wrong::NotAPhone) }
}

/// A password for a new account.
pub fn new_password(typed: &str) -> Result<String, Wrong> {
    if typed.chars().count() < limits::PASSWORD_MIN_CHARS {
        Err(Wrong::PasswordTooShort)
    } else if typed.len() > limits::PASSWORD_MAX_BYTES {
        Err(Wrong::TooLong)
    } else {
        Ok(typed.to_owned())
    }
}

/// A pairing code as it is shown while it is typed: upper case, in groups of four.
pub fn grouped_code(typed: &str) -> String {
    /// Symbols in a group: as many as one keeps in mind between two screens.
    const GROUP: usize = 4;
    /// Longest code shown, in symbols; far beyond any that a server gives.
    const MOST: usize = 32;
    let mut grouped = String::new();
    for (n, symbol) in typed.chars().filter(char::is_ascii_alphanumeric).take(MOST).enumerate() {
        if n > 0 && n % GROUP == 0 {
            grouped.push('-');
        }
        grouped.push(symbol.to_ascii_uppercase());
    }
    grouped
}

/// The code to pair with.
pub fn pair(typed: &str) -> Result<Pair, Wrong> {
    let code = grouped_code(typed);
    if code.is_empty() { Err(Wrong::Missing) } else { Ok(Pair { code }) }
}

/// A date and time as `<input type="datetime-local">` gives it, in the time zone of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalTime {
    /// Of the common era.
    pub year: u32,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
}

/// Reads `2026-03-20T15:04`, with or without seconds.
pub fn local_time(typed: &str) -> Result<LocalTime, Wrong> {
    let number = |text: &str, least: u32, most: u32| {
        text.parse().ok().filter(|n| (least..=most).contains(n)).ok_or(Wrong::NotATime)
    };
    let (date, time) = typed.trim().split_once('T').ok_or(Wrong::NotATime)?;
    let mut date = date.splitn(3, '-');
    let mut time = time.splitn(3, ':');
    let next = |parts: &mut dyn Iterator<Item = &'_ str>, least, most| {
        number(parts.next().ok_or(Wrong::NotATime)?, least, most)
    };
    Ok(LocalTime {
        year: next(&mut date, 1, 9999)?,
        month: next(&mut date, 1, 12)?,
        day: next(&mut date, 1, 31)?,
        hour: next(&mut time, 0, 23)?,
        minute: next(&mut time, 0, 59)?,
    })
}

/// What was typed, as far as it is asked for.
fn asked<T>(ask: Ask, typed: &str, read: impl Fn(&str) -> Result<T, Wrong>) -> Result<Option<T>, Wrong> {
    match (ask, typed.trim().is_empty()) {
        (Ask::Off, _) | (Ask::Optional, true) => Ok(None),
        (Ask::Optional | Ask::Required, _) => read(typed).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_visitor_needs_only_a_name() {
        let visitor = VisitorFields { name: " Ada Lovelace ".into(), ..VisitorFields::default() }.read();
        let visitor = visitor.map(|visitor| (visitor.name.as_str().to_owned(), visitor.company, visitor.email));
        assert_eq!(visitor, Ok(("Ada Lovelace".to_owned(), None, None)));
    }

    #[test]
    fn says_all_that_is_wrong_at_once() {
        let fields = VisitorFields {
            name: " ".into(),
            company: "x".repeat(limits::NAME_MAX_CHARS + 1),
            email: "ada at home".into(),
            phone: "none".into(),
        };
        let errors = VisitorErrors {
            name: Some(Wrong::Missing),
            company: Some(Wrong::TooLong),
            email: Some(Wrong::NotAnEmail),
            phone: Some(Wrong::NotAPhone),
        };
        assert_eq!(fields.read().map(|_| ()), Err(errors));
    }

    #[test]
    fn each_type_of_visitor_is_asked_its_own() {
        let asked = [Ask::Required, Ask::Off, Ask::Optional];
        let fields = VisitorFields { name: "Ada".into(), email: "ada at home".into(), ..VisitorFields::default() };
        let missing = VisitorErrors { company: Some(Wrong::Missing), ..VisitorErrors::default() };
        assert_eq!(fields.read_as(asked).map(|_| ()), Err(missing), "what is not asked can't be wrong");
        let visitor = VisitorFields { company: "Engines".into(), ..fields }.read_as(asked);
        assert_eq!(visitor.map(|visitor| visitor.email), Ok(None));
    }

    #[rstest]
    #[case::international("+44 (0)20 7946 0018", true)]
    #[case::extension("218", true)]
    #[case::arabic("٠٥٠ ١٢٣ ٤٥٦٧", true)]
    #[case::too_few("12", false)]
    #[case::words("ask my host", false)]
    fn checks_a_telephone_number_kindly(#[case] typed: &str, #[case] good: bool) {
        assert_eq!(phone(typed).is_ok(), good);
    }

    #[test]
    fn a_host_is_chosen_or_nobody_never_guessed() {
        assert_eq!(host("  ", None), Ok(None));
        assert_eq!(host("Grace", None), Err(Wrong::NobodyChosen));
    }

    #[rstest]
    #[case::plain("ada@example.com", true)]
    #[case::local("root@localhost", true)]
    #[case::no_at("ada.example.com", false)]
    #[case::no_user("@example.com", false)]
    #[case::no_place("ada@", false)]
    #[case::space("ada b@example.com", false)]
    fn checks_an_address_kindly(#[case] typed: &str, #[case] good: bool) {
        assert_eq!(email(typed).is_ok(), good);
    }

    #[rstest]
    #[case("", "")]
    #[case("abcd", "ABCD")]
    #[case("abcde", "ABCD-E")]
    #[case("AB cd-e fgh ", "ABCD-EFGH")]
    fn a_code_is_grouped_as_it_is_typed(#[case] typed: &str, #[case] shown: &str) {
        assert_eq!(grouped_code(typed), shown);
    }

    #[rstest]
    #[case::minutes("2026-03-20T15:04", Some((2026, 3, 20, 15, 4)))]
    #[case::seconds("2026-03-20T15:04:59", Some((2026, 3, 20, 15, 4)))]
    #[case::date_only("2026-03-20", None)]
    #[case::no_such_hour("2026-03-20T25:04", None)]
    #[case::signed("2026-03-20T-1:04", None)]
    #[case::empty("", None)]
    fn reads_what_the_browser_gives_for_a_time(#[case] typed: &str, #[case] parts: Option<(u32, u32, u32, u32, u32)>) {
        let read = local_time(typed).ok().map(|t| (t.year, t.month, t.day, t.hour, t.minute));
        assert_eq!(read, parts);
    }
}
