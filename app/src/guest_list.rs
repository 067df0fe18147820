//! A list of guests, typed one a line or as somebody sends it by mail: which columns it has, and of each line who comes,
//! or what is wrong.

use std::collections::BTreeMap;

use vestibule_protocol::event::{Host, Visitor};

use crate::{
    case,
    csv::{self, Line, Unreadable},
    form::{LocalTime, VisitorFields, Wrong},
};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Column {
    Name,
    Company,
    Email,
    Host,
    Date,
    Time,
}

/// The words by which a column is known, in the languages of the kiosk: as [`column_name`] makes them.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Name, &["name", "fullname", "visitor", "guest", "nom", "naam", "nombre", "besucher", "gast", "الاسم"]),
    (
        Column::Company,
        &["company", "organisation", "organization", "firma", "unternehmen", "bedrijf", "société", "empresa", "الشركة"],
    ),
    (Column::Email, &["email", "mail", "emailaddress", "courriel", "correo", "البريد"]),
    (Column::Host, &["host", "visiting", "gastgeber", "hôte", "gastheer", "anfitrión", "المضيف"]),
    (Column::Date, &["date", "day", "datum", "fecha", "jour", "التاريخ"]),
    (Column::Time, &["time", "uhrzeit", "zeit", "heure", "hora", "tijd", "الوقت"]),
];

/// The columns of a list that doesn't name them, as one types it.
const USUAL: [Option<Column>; 3] = [Some(Column::Name), Some(Column::Company), Some(Column::Email)];

/// What holds of a guest where the list doesn't say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usual {
    /// Whom they visit.
    pub host: Option<Host>,
    /// When.
    pub at: LocalTime,
}

/// A guest who can be announced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guest {
    /// Who.
    pub visitor: Visitor,
    /// Whom they visit.
    pub host: Option<Host>,
    /// When.
    pub at: LocalTime,
}

/// A line of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the file.
    pub line: usize,
    /// What stands there, for the preview: name, company, host.
    pub shown: [String; 3],
    /// Who comes, or all that is wrong.
    pub read: Result<Guest, Vec<(Column, Wrong)>>,
}

/// Why a file is no list of guests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoList {
    /// It is no table.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// It names its columns, and none has the names of the guests.
    #[error("no column is called name")]
    NoNames,
}

/// Reads the list; empty if there is nobody on it. Hosts are looked up among `hosts` by their names.
///
/// # Errors
/// [`NoList`] if it is none.
pub fn read(text: &str, hosts: &[Host], usual: &Usual) -> Result<Vec<Entry>, NoList> {
    let lines = csv::read(text)?;
    let named: Vec<_> = lines.first().into_iter().flat_map(|head| &head.fields).map(|title| column(title)).collect();
    let is_named = named.iter().flatten().count() > 0;
    if is_named && !named.contains(&Some(Column::Name)) {
        return Err(NoList::NoNames);
    }
    let columns = if is_named { &named[..] } else { &USUAL };
    let by_name = if columns.contains(&Some(Column::Host)) { by_name(hosts) } else { BTreeMap::new() };
    let guests = lines.iter().skip(usize::from(is_named));
    Ok(guests.map(|line| entry(line, columns, &by_name, usual)).collect())
}

/// The title of a column as it is looked up: in lower case, without what stands between its words.
pub(crate) fn column_name(title: &str) -> String {
    case::lower(title).replace([' ', '-', '_', '.', ':', '*'], "")
}

fn column(title: &str) -> Option<Column> {
    let title = column_name(title);
    COLUMNS.iter().find(|(_, words)| words.contains(&title.as_str())).map(|(column, _)| *column)
}

/// The hosts by their names, however they are capitalised; none where several have one name: guessing among them would
/// send somebody to the wrong one.
fn by_name(hosts: &[Host]) -> BTreeMap<String, Option<&Host>> {
    let mut by_name = BTreeMap::new();
    for host in hosts {
        by_name.entry(case::lower(host.name.as_str())).and_modify(|only| *only = None).or_insert(Some(host));
    }
    by_name
}

fn entry(line: &Line, columns: &[Option<Column>], hosts: &BTreeMap<String, Option<&Host>>, usual: &Usual) -> Entry {
    let field = |wanted: Column| {
        let place = columns.iter().position(|column| *column == Some(wanted));
        place.and_then(|place| line.fields.get(place)).map_or("", String::as_str)
    };
    let [name, company, email, host] = [Column::Name, Column::Company, Column::Email, Column::Host].map(field);
    let mut wrongs = Vec::new();
    let fields = VisitorFields { name: name.to_owned(), company: company.to_owned(), email: email.to_owned() };
    let visitor = fields.read().map_err(|errors| {
        let said = [(Column::Name, errors.name), (Column::Company, errors.company), (Column::Email, errors.email)];
        wrongs.extend(said.into_iter().filter_map(|(column, wrong)| Some((column, wrong?))));
    });
    let host = match host {
        "" => Ok(usual.host.clone()),
        name => hosts.get(&case::lower(name)).copied().flatten().cloned().map(Some).ok_or(Wrong::NobodyChosen),
    };
    let mut noted = |column: Column, wrong: Wrong| wrongs.push((column, wrong));
    let host = host.map_err(|wrong| noted(Column::Host, wrong));
    let date = date(field(Column::Date), usual.at).map_err(|wrong| noted(Column::Date, wrong));
    let time = time(field(Column::Time), usual.at).map_err(|wrong| noted(Column::Time, wrong));
    let read = match (visitor, host, date, time) {
        (Ok(visitor), Ok(host), Ok((year, month, day)), Ok((hour, minute))) => {
            Ok(Guest { visitor, host, at: LocalTime { year, month, day, hour, minute } })
        }
        _ => Err(wrongs),
    };
    Entry { line: line.number, shown: [name, company, field(Column::Host)].map(str::to_owned), read }
}

/// `2026-03-20` or `20.3.2026`; with slashes only where the numbers leave no doubt which is the month.
fn date(typed: &str, at: LocalTime) -> Result<(u32, u32, u32), Wrong> {
    if typed.is_empty() {
        return Ok((at.year, at.month, at.day));
    }
    let parts = |mark: char| -> Option<[u32; 3]> {
        let parts: Vec<u32> = typed.split(mark).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        parts.try_into().ok()
    };
    let (year, month, day) = match (parts('-'), parts('.'), parts('/')) {
        (Some([year, month, day]), ..) => (year, month, day),
        (_, Some([day, month, year]), _) => (year, month, day),
        (.., Some([year, month, day])) if year >= 1000 => (year, month, day),
        (.., Some([day, month, year])) if day > 12 || day == month => (year, month, day),
        (.., Some([month, day, year])) if day > 12 => (year, month, day),
        _ => return Err(Wrong::NotATime),
    };
    let is_day =
        (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day) && (2000..=9999).contains(&year);
    if is_day { Ok((year, month, day)) } else { Err(Wrong::NotATime) }
}

/// How many days a month has.
const fn days_in(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// `9:30`, `09.30`, `9:30 pm`.
fn time(typed: &str, at: LocalTime) -> Result<(u32, u32), Wrong> {
    if typed.is_empty() {
        return Ok((at.hour, at.minute));
    }
    let typed = case::lower(typed).replace(['.', 'h'], ":");
    let (clock, half) = match typed.trim_end_matches("m").trim_end() {
        text if text.ends_with(['a', 'p']) => text.split_at(text.len() - 1),
        _ => (typed.as_str(), ""),
    };
    let mut parts = clock.trim().trim_end_matches(':').split(':').map(|part| part.trim().parse::<u32>());
    let hour = parts.next().and_then(Result::ok).ok_or(Wrong::NotATime)?;
    let minute = parts.next().unwrap_or(Ok(0)).map_err(|_| Wrong::NotATime)?;
    let hour = match half {
        "" => hour,
        _ if !(1..=12).contains(&hour) => return Err(Wrong::NotATime),
        "p" => hour % 12 + 12,
        _ => hour % 12,
    };
    if hour < 24 && minute < 60 { Ok((hour, minute)) } else { Err(Wrong::NotATime) }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use vestibule_protocol::{
        event::Name,
        id::{ENTROPY_BYTES, HostId},
        timestamp::Timestamp,
    };

    use super::*;

    const AT: LocalTime = LocalTime { year: 2026, month: 3, day: 20, hour: 9, minute: 0 };
    const USUAL: Usual = Usual { host: None, at: AT };

    fn hosts() -> Vec<Host> {
        let host = |n: u8, name: &str| Host {
            id: HostId::new(Timestamp::from_unix_ms(0), [n; ENTROPY_BYTES]),
            name: Name::new(name).expect("names in tests are good"),
        };
        vec![host(1, "Amara Okafor"), host(2, "Jürgen Groß"), host(3, "Ana Silva"), host(4, "Ana Silva")]
    }

    #[test]
    fn reads_who_comes_to_whom_and_when() {
        let text =
            "Firma;Name;E-Mail;Host;Datum;Zeit\nNavy;Grace Hopper;grace@example.com;JÜRGEN GROß;21.3.2026;14:15\n";
        let entries = read(text, &hosts(), &USUAL).unwrap_or_default();
        let Some(Ok(guest)) = entries.first().map(|entry| &entry.read) else { panic!("{entries:?}") };
        assert_eq!(guest.visitor.name.as_str(), "Grace Hopper");
        assert_eq!(guest.visitor.company.as_ref().map(Name::as_str), Some("Navy"));
        assert_eq!(guest.host.as_ref().map(|host| host.name.as_str()), Some("Jürgen Groß"));
        assert_eq!(guest.at, LocalTime { year: 2026, month: 3, day: 21, hour: 14, minute: 15 });
    }

    #[test]
    fn who_is_typed_one_a_line_needs_no_names_of_columns_and_is_as_usual() {
        let usual = Usual { host: hosts().pop(), at: AT };
        let entries = read("Ada Lovelace, Analytical Engines\n\nMary Somerville\n", &[], &usual).unwrap_or_default();
        let read: Vec<_> = entries.iter().filter_map(|entry| entry.read.as_ref().ok()).collect();
        let told = |guest: &&Guest| (guest.visitor.name.to_string(), guest.visitor.company.is_some());
        let told: Vec<_> = read.iter().map(told).collect();
        assert_eq!(told, [("Ada Lovelace".to_owned(), true), ("Mary Somerville".to_owned(), false)]);
        assert!(read.iter().all(|guest| guest.at == AT && guest.host == usual.host));
    }

    #[test]
    fn says_of_each_line_all_that_is_wrong() {
        let text = "name,email,host,date\n,nowhere,Nobody,31.2.2026\nAda,,Ana Silva,\nMary,,,\n";
        let entries = read(text, &hosts(), &USUAL).unwrap_or_default();
        let wrongs: Vec<_> = entries.iter().map(|entry| (entry.line, entry.read.as_ref().err().cloned())).collect();
        let first = vec![
            (Column::Name, Wrong::Missing),
            (Column::Email, Wrong::NotAnEmail),
            (Column::Host, Wrong::NobodyChosen),
            (Column::Date, Wrong::NotATime),
        ];
        let two_of_that_name = vec![(Column::Host, Wrong::NobodyChosen)];
        assert_eq!(wrongs, [(2, Some(first)), (3, Some(two_of_that_name)), (4, None)]);
    }

    #[rstest]
    #[case::iso("2026-03-21", Some((2026, 3, 21)))]
    #[case::dots("1.3.2026", Some((2026, 3, 1)))]
    #[case::day_first("21/3/2026", Some((2026, 3, 21)))]
    #[case::month_first("3/21/2026", Some((2026, 3, 21)))]
    #[case::in_doubt("3/4/2026", None)]
    #[case::no_doubt("4/4/2026", Some((2026, 4, 4)))]
    #[case::year_first("2026/3/4", Some((2026, 3, 4)))]
    #[case::leap_day("29.2.2028", Some((2028, 2, 29)))]
    #[case::no_such_day("29.2.2026", None)]
    #[case::words("tomorrow", None)]
    fn a_date_is_read_where_there_is_no_doubt(#[case] typed: &str, #[case] expected: Option<(u32, u32, u32)>) {
        assert_eq!(date(typed, AT).ok(), expected);
    }

    #[rstest]
    #[case("9:30", Some((9, 30)))]
    #[case("09.30", Some((9, 30)))]
    #[case("14h15", Some((14, 15)))]
    #[case("9:30 pm", Some((21, 30)))]
    #[case("12 AM", Some((0, 0)))]
    #[case("9", Some((9, 0)))]
    #[case("25:00", None)]
    #[case("13 pm", None)]
    #[case("noon", None)]
    fn a_time_is_read_as_people_write_it(#[case] typed: &str, #[case] expected: Option<(u32, u32)>) {
        assert_eq!(time(typed, AT).ok(), expected);
    }

    #[test]
    fn a_table_without_names_is_no_list_and_an_empty_one_has_nobody_on_it() {
        assert_eq!(read("company\nNavy\n", &[], &USUAL), Err(NoList::NoNames));
        assert_eq!(read("name\n", &[], &USUAL), Ok(Vec::new()));
        assert_eq!(read("", &[], &USUAL), Ok(Vec::new()));
    }
}
