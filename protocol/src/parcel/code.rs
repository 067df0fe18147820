//! A sealed parcel as a text: a line of a file.
//!
//! Three letters, which say what it is, and then its bytes in Crockford's base 32: only capitals and digits, which come
//! through every mail and editor, and which square codes pack tightest (ISO/IEC 18004 §7.4.4). Read, it may be in any
//! case, with spaces and hyphens, and with letters for the digits that they look like.

use super::Sealed;

/// Digits and letters that can't be taken for one another.
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Before a sealed parcel, in the layout of this version.
const PARCEL: &str = "VBP";

/// A text that is no sealed parcel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a sealed parcel of Vestibule")]
pub struct NotAParcel;

impl Sealed {
    /// Reads a line of a file.
    ///
    /// # Errors
    /// [`NotAParcel`] if it is none, or broke off.
    pub fn read(text: &str) -> Result<Self, NotAParcel> {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let (kind, rest) = text.split_at_checked(PARCEL.len()).ok_or(NotAParcel)?;
        if !kind.eq_ignore_ascii_case(PARCEL) {
            return Err(NotAParcel);
        }
        unspell(rest).and_then(Self::from_bytes).ok_or(NotAParcel)
    }

    /// The text that [`Self::read`] reads.
    pub fn text(&self) -> String {
        spell(PARCEL, self.bytes())
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

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let sealed = Sealed::from_bytes((0..100).collect()).expect("it is long enough");
        let text = sealed.text().to_lowercase().replace('0', "o").replace('1', "l");
        let grouped: Vec<_> = text.as_bytes().chunks(4).map(|group| String::from_utf8_lossy(group)).collect();
        assert_eq!(Sealed::read(&grouped.join(" - ")), Ok(sealed));
    }

    #[test]
    fn what_is_no_parcel_is_none() {
        for text in ["", "VB", "VBP", "VBP0123", "https://example.com", "VBX06AV", "WIFI:S:guest;;", "Ünïcöde"] {
            assert_eq!(Sealed::read(text), Err(NotAParcel), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_spelled_is_read(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(unspell(&spell("", &bytes)), Some(bytes));
        }
    }
}
