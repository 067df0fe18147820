//! Comma-separated values (RFC 4180), as spreadsheets write them.
//!
//! Spreadsheets put semicolons or tabs where the comma is the decimal sign, and a mark of the encoding in front; both are
//! understood. A line is known by its number in the file, so that an error can be found there.

/// Most lines that are read: a file that is longer is no list of guests or hosts, and a page would choke on it.
pub const MOST_LINES: usize = 5_000;

/// A line with its fields, without the white space around them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the file, from 1.
    pub number: usize,
    /// Its fields.
    pub fields: Vec<String>,
}

/// Why a file can't be read as a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A quotation mark is opened on that line and never closed.
    #[error("a quotation mark on line {line} is never closed")]
    OpenQuote {
        /// Where.
        line: usize,
    },
    /// It has more than [`MOST_LINES`].
    #[error("too many lines")]
    TooLong,
}

/// The lines of the text that are not empty.
pub fn read(text: &str) -> Result<Vec<Line>, Unreadable> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let delimiter = delimiter(text);
    let mut lines = Vec::new();
    let mut fields = Vec::new();
    let mut field = String::new();
    // The line, and where this record and the open quotation mark began.
    let (mut line, mut began, mut opened) = (1, 1, None::<usize>);
    let mut characters = text.chars().peekable();
    loop {
        let character = characters.next();
        match (character, opened) {
            (None, Some(line)) => return Err(Unreadable::OpenQuote { line }),
            (Some('"'), Some(_)) if characters.peek() == Some(&'"') => {
                characters.next();
                field.push('"');
            }
            (Some('"'), Some(_)) => opened = None,
            (Some(character), Some(_)) => {
                line += usize::from(character == '\n');
                field.push(character);
            }
            // A mark within a word is a part of it, as in 5".
            (Some('"'), None) if field.trim().is_empty() => {
                field.clear();
                opened = Some(line);
            }
            (Some(character), None) if character == delimiter => fields.push(std::mem::take(&mut field)),
            (None | Some('\n'), None) => {
                fields.push(std::mem::take(&mut field));
                let fields: Vec<String> = fields.drain(..).map(|field| field.trim().to_owned()).collect();
                if fields.iter().any(|field| !field.is_empty()) {
                    if lines.len() >= MOST_LINES {
                        return Err(Unreadable::TooLong);
                    }
                    lines.push(Line { number: began, fields });
                }
                line += 1;
                began = line;
                if character.is_none() {
                    return Ok(lines);
                }
            }
            (Some(character), None) => field.push(character),
        }
    }
}

/// Of comma, semicolon and tab, the one of which the first line has most outside quotation marks.
fn delimiter(text: &str) -> char {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: char| {
        let mut is_quoted = false;
        first
            .chars()
            .filter(|&character| {
                is_quoted ^= character == '"';
                character == delimiter && !is_quoted
            })
            .count()
    };
    [',', ';', '\t'].into_iter().rev().max_by_key(|&delimiter| count(delimiter)).unwrap_or(',')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn fields(text: &str) -> Vec<Vec<String>> {
        read(text).unwrap_or_default().into_iter().map(|line| line.fields).collect()
    }

    #[rstest]
    #[case::plain("a,b\r\nc,d\r\n", vec![vec!["a", "b"], vec!["c", "d"]])]
    #[case::no_end("a,b\nc,d", vec![vec!["a", "b"], vec!["c", "d"]])]
    #[case::semicolons("a;b;c,d\ne;f;g", vec![vec!["a", "b", "c,d"], vec!["e", "f", "g"]])]
    #[case::tabs("a\tb\n", vec![vec!["a", "b"]])]
    #[case::mark_of_the_encoding("\u{feff}a,b", vec![vec!["a", "b"]])]
    #[case::quoted("\"Lovelace, Ada\",\"5\"\" pipe\"", vec![vec!["Lovelace, Ada", "5\" pipe"]])]
    #[case::a_mark_within("5\" pipe,b", vec![vec!["5\" pipe", "b"]])]
    #[case::white_space(" a , b ", vec![vec!["a", "b"]])]
    #[case::empty_fields("a,,\n,b,", vec![vec!["a", "", ""], vec!["", "b", ""]])]
    fn reads_what_spreadsheets_write(#[case] text: &str, #[case] expected: Vec<Vec<&str>>) {
        assert_eq!(fields(text), expected);
    }

    #[test]
    fn a_line_is_known_by_its_number_in_the_file() {
        let lines = read("name\n\n\"two\nlines\"\nAda\n").unwrap_or_default();
        let numbers: Vec<_> = lines.iter().map(|line| (line.number, line.fields[0].as_str())).collect();
        assert_eq!(numbers, [(1, "name"), (3, "two\nlines"), (5, "Ada")]);
    }

    #[test]
    fn says_where_a_quotation_mark_was_left_open() {
        assert_eq!(read("a\nb,\"c\nd\n"), Err(Unreadable::OpenQuote { line: 2 }));
        assert_eq!(read(&"a\n".repeat(MOST_LINES + 1)), Err(Unreadable::TooLong));
    }
}
