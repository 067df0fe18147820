//! The short code by which a visitor and the desk can speak of one visit.

use vestibule_protocol::id::VisitId;

/// Digits and letters that can't be taken for one another when read aloud or by hand (Crockford's base 32).
const SYMBOLS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Symbols in each half of the code. Thirty bits in all: among a thousand visits of a day, two share a code once in
/// two thousand days.
const HALF: usize = 3;

/// As in `7K3-QF9`: the last thirty bits of the visit's id, which are random.
pub fn code(visit: VisitId) -> String {
    let bits = visit.0.as_u128();
    let mut code = String::with_capacity(2 * HALF + 1);
    for place in (0..2 * HALF).rev() {
        code.push(char::from(SYMBOLS[(bits >> (5 * place)) as usize & 31]));
        if place == HALF {
            code.push('-');
        }
    }
    code
}

/// Whether somebody who types this means the visit by its code: case, spaces and hyphens don't matter, and neither do the
/// letters that look like digits.
pub fn is_code_of(typed: &str, visit: VisitId) -> bool {
    let symbols = |text: &str| {
        let signs = text.chars().filter(|sign| !matches!(sign, ' ' | '-'));
        let plain = signs.map(|sign| match sign.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            sign => sign,
        });
        plain.collect::<String>()
    };
    symbols(typed) == symbols(&code(visit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_end_of_the_id() {
        let visit = |text: &str| text.parse().map(code);
        assert_eq!(visit("0195b3a4-6f9d-7c3e-8a51-0c2d00000000"), Ok("000-000".to_owned()));
        assert_eq!(visit("0195b3a4-6f9d-7c3e-8a51-0c2d3fffffff"), Ok("ZZZ-ZZZ".to_owned()));
        assert_eq!(visit("0195b3a4-6f9d-7c3e-8a51-0c2d4e6f8a02"), Ok("76Z-2G2".to_owned()));
    }

    #[test]
    fn is_known_again_as_people_type_it() {
        let visit: VisitId = "0195b3a4-6f9d-7c3e-8a51-0c2d00000001".parse().unwrap();
        assert_eq!(code(visit), "000-001");
        for typed in ["000-001", " 000 001", "oooool", "OOO-00i"] {
            assert!(is_code_of(typed, visit), "{typed}");
        }
        for typed in ["", "000-00", "000-0011", "000-002", "001"] {
            assert!(!is_code_of(typed, visit), "{typed}");
        }
    }
}
