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

/// Whether that is the code of the visit, as people type it: in small letters, without the dash, an O for a zero.
pub fn is_code_of(typed: &str, visit: VisitId) -> bool {
    let plain = |symbol: char| match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        symbol => symbol,
    };
    let typed = typed.chars().filter(|symbol| !matches!(symbol, '-' | ' ')).map(plain);
    typed.eq(code(visit).chars().filter(|symbol| *symbol != '-'))
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
}
