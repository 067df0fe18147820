//! A directory of hosts as a table: what people systems export, with a column for the name and one for the department.

use vestibule_protocol::{directory::NewHost, event::Name, text::InvalidText};

use crate::{
    csv,
    form::Wrong,
    guest_list::{NoList, column_name},
};

/// The words by which the columns are known, as [`column_name`] makes them.
const NAMES: &[&str] = &["name", "fullname", "displayname", "host", "employee", "nom", "naam", "nombre", "mitarbeiter"];
const DEPARTMENTS: &[&str] =
    &["department", "team", "unit", "abteilung", "afdeling", "service", "département", "departamento"];

/// A line of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its number in the file.
    pub line: usize,
    /// The name and the department, as they stand there.
    pub shown: [String; 2],
    /// The host, or what is wrong.
    pub read: Result<NewHost, Wrong>,
}

/// Reads the table, which may be empty. Who stands in it twice is in it once.
///
/// # Errors
/// [`NoList`] if it is none.
pub fn read(text: &str) -> Result<Vec<Entry>, NoList> {
    let lines = csv::read(text)?;
    let Some((head, lines)) = lines.split_first() else { return Ok(Vec::new()) };
    let place = |words: &[&str]| head.fields.iter().position(|title| words.contains(&column_name(title).as_str()));
    let name = place(NAMES).ok_or(NoList::NoNames)?;
    let department = place(DEPARTMENTS);
    let mut entries: Vec<Entry> = Vec::new();
    for line in lines {
        let field = |place: Option<usize>| place.and_then(|place| line.fields.get(place)).cloned().unwrap_or_default();
        let shown = [field(Some(name)), field(department)];
        if entries.iter().all(|entry| entry.shown != shown) {
            entries.push(Entry { line: line.number, read: host(&shown), shown });
        }
    }
    Ok(entries)
}

/// The host of a name and a department, of which the latter may be empty.
pub fn host([name, department]: &[String; 2]) -> Result<NewHost, Wrong> {
    let department = match Name::new(department) {
        Ok(department) => Some(department),
        Err(InvalidText::Empty) => None,
        Err(error) => return Err(error.into()),
    };
    Ok(NewHost { name: Name::new(name)?, department })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stands_in_the_table_twice_is_in_it_once() {
        let table = "Employee ID;Display name;Abteilung\n1;Amara Okafor;Sales\n2;Jürgen Groß;\n1;Amara Okafor;Sales\n";
        let entries = read(table).unwrap_or_default();
        let hosts: Vec<_> = entries.iter().filter_map(|entry| entry.read.as_ref().ok()).collect();
        let told: Vec<_> = hosts.iter().map(|host| (host.name.as_str(), host.department.is_some())).collect();
        assert_eq!(told, [("Amara Okafor", true), ("Jürgen Groß", false)]);
    }

    #[test]
    fn says_which_line_has_no_name() {
        let entries = read("name,team\n,Sales\nAda,\n").unwrap_or_default();
        let wrong: Vec<_> = entries.iter().map(|entry| (entry.line, entry.read.is_err())).collect();
        assert_eq!(wrong, [(2, true), (3, false)]);
        assert_eq!(read("team\nSales\n"), Err(NoList::NoNames));
    }
}
