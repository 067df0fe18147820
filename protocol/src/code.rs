//! What the square codes say that people carry from one screen to another: on an invitation, on a badge, on the screen
//! of a kiosk that reaches nobody.
//!
//! A code is three letters, which say what it is, and then its bytes in Crockford's base 32. Only capitals and digits:
//! QR packs those tightest (ISO/IEC 18004 §7.4.4), a scanner that types them as a keyboard would gets them right, and
//! people can. Read, it may be in any case, with spaces and hyphens, and with letters for the digits that they look like.

use uuid::Uuid;

use crate::{id::VisitId, parcel::Sealed};

/// Digits and letters that can't be taken for one another.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Before the id of a visit.
const VISIT: &str = "VBV";

/// Before a sealed parcel, in the layout of this version.
const PARCEL: &str = "VBP";

/// What a code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Code {
    /// Which visit it is: on an invitation. Who holds it can check in for that visit, and learn no more than that.
    Visit(VisitId),
    /// Events of a device, sealed: on a badge or a screen.
    Parcel(Sealed),
}

/// A text that is no code of Vestibule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a code of Vestibule")]
pub struct InvalidCode;

impl Code {
    /// Reads what was scanned or typed.
    ///
    /// # Errors
    /// [`InvalidCode`] if it is none, or broke off.
    pub fn read(text: &str) -> Result<Self, InvalidCode> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let (kind, rest) = text.split_at_checked(VISIT.len()).ok_or(InvalidCode)?;
        let bytes = unspell(rest).ok_or(InvalidCode)?;
        if kind.eq_ignore_ascii_case(VISIT) {
            let id = Uuid::from_slice(&bytes).map_err(|_| InvalidCode)?;
            Ok(Self::Visit(VisitId(id)))
        } else if kind.eq_ignore_ascii_case(PARCEL) {
            Sealed::from_bytes(bytes).map(Self::Parcel).ok_or(InvalidCode)
        } else {
            Err(InvalidCode)
        }
    }

    /// What a code says that says this.
    pub fn text(&self) -> String {
        match self {
            Self::Visit(visit) => spell(VISIT, visit.0.as_bytes()),
            Self::Parcel(sealed) => spell(PARCEL, sealed.bytes()),
        }
    }

    /// The visit that it is about; of a parcel, that of its first event.
    pub fn visit(&self) -> VisitId {
        match self {
            Self::Visit(visit) => *visit,
            Self::Parcel(sealed) => sealed.visit(),
        }
    }
}

/// Five bits a symbol, the first ones first; what is left over is filled up with zeros.
fn spell(kind: &str, bytes: &[u8]) -> String {
    let mut text = String::with_capacity(kind.len() + (bytes.len() * 8).div_ceil(5));
    text.push_str(kind);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(symbol(held >> bits));
        }
    }
    if bits > 0 {
        text.push(symbol(held << (5 - bits)));
    }
    text
}

fn symbol(bits: u32) -> char {
    char::from(SYMBOLS[bits as usize & 31])
}

fn unspell(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for symbol in text.bytes() {
        let symbol = match symbol.to_ascii_uppercase() {
            b'O' => b'0',
            b'I' | b'L' => b'1',
            symbol => symbol,
        };
        let value = SYMBOLS.iter().position(|known| *known == symbol)?;
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn visit() -> Code {
        Code::Visit("0195b3a4-0f9d-7c3e-8a51-0c2d4e6f8a02".parse().expect("the id in this test is good"))
    }

    #[test]
    fn the_code_of_a_visit_is_its_id() {
        assert_eq!(visit().text(), "VBV06AV790FKNY3X2JH1GPMWVWA08");
        assert_eq!(Code::read(&visit().text()), Ok(visit()));
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let text = visit().text().to_lowercase().replace('0', "o").replace('1', "l");
        let grouped: Vec<_> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group)).collect();
        assert_eq!(Code::read(&grouped.join(" - ")), Ok(visit()));
    }

    #[test]
    fn what_is_no_code_is_no_code() {
        for text in ["", "VB", "VBV", "VBV0", "VBP0123", "https://example.com", "VBX06AV", "WIFI:S:guest;;", "Ünïcöde"]
        {
            assert_eq!(Code::read(text), Err(InvalidCode), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_spelled_is_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(unspell(&spell("", &bytes)), Some(bytes));
        }
    }
}
