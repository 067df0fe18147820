//! Reads.

use std::{borrow::Cow, fmt};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, Visitor},
    forward_to_deserialize_any,
};

use super::{Invalid, RAW};

/// How deep what is skipped may be nested: what a stack bears, and as deep as `serde_json` goes.
const MAX_DEPTH: u32 = 128;

/// Where in a text the reading is.
pub(super) struct Reader<'de> {
    text: &'de str,
    at: usize,
}

impl<'de> Reader<'de> {
    pub(super) const fn new(text: &'de str) -> Self {
        Self { text, at: 0 }
    }

    /// Only white space may be left.
    pub(super) fn end(&mut self) -> Result<(), Invalid> {
        if self.peek().is_none() { Ok(()) } else { Err(Invalid) }
    }

    /// The next byte, if there is one.
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(byte) = self.byte() {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Goes past `byte` if it is next.
    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.at += 1;
        }
        is_next
    }

    fn expect(&mut self, byte: u8) -> Result<(), Invalid> {
        if self.take(byte) { Ok(()) } else { Err(Invalid) }
    }

    /// Goes past `word` if it is next.
    fn take_word(&mut self, word: &str) -> bool {
        self.peek();
        let is_next = self.since(self.at).is_some_and(|rest| rest.starts_with(word));
        if is_next {
            self.at += word.len();
        }
        is_next
    }

    /// The text from there on.
    fn since(&self, start: usize) -> Option<&'de str> {
        self.text.get(start..)
    }

    /// The text from there to here.
    fn from(&self, start: usize) -> Result<&'de str, Invalid> {
        self.text.get(start..self.at).ok_or(Invalid)
    }

    /// A string, from its first quotation mark.
    fn string(&mut self) -> Result<Cow<'de, str>, Invalid> {
        self.expect(b'"')?;
        let mut start = self.at;
        let mut unescaped = None::<String>;
        loop {
            match self.byte().ok_or(Invalid)? {
                b'"' => {
                    let part = self.from(start)?;
                    self.at += 1;
                    return Ok(match unescaped {
                        None => Cow::Borrowed(part),
                        Some(before) => Cow::Owned(before + part),
                    });
                }
                b'\\' => {
                    let unescaped = unescaped.get_or_insert_default();
                    unescaped.push_str(self.from(start)?);
                    self.at += 1;
                    unescaped.push(self.escaped()?);
                    start = self.at;
                }
                ..0x20 => return Err(Invalid),
                _ => self.at += 1,
            }
        }
    }

    /// What an escape stands for, past its backslash.
    fn escaped(&mut self) -> Result<char, Invalid> {
        let byte = self.byte().ok_or(Invalid)?;
        self.at += 1;
        Ok(match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\x08',
            b'f' => '\x0c',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.utf16_unit()?;
                if !matches!(unit, 0xd800..0xdc00) {
                    return char::from_u32(unit).ok_or(Invalid);
                }
                // The first of a pair.
                if !self.since(self.at).is_some_and(|rest| rest.starts_with("\\u")) {
                    return Err(Invalid);
                }
                self.at += 2;
                let low = self.utf16_unit()?.checked_sub(0xdc00).filter(|low| *low < 0x400).ok_or(Invalid)?;
                char::from_u32(0x1_0000 + ((unit - 0xd800) << 10) + low).ok_or(Invalid)?
            }
            _ => return Err(Invalid),
        })
    }

    /// Four hex digits.
    fn utf16_unit(&mut self) -> Result<u32, Invalid> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte().ok_or(Invalid)?).to_digit(16).ok_or(Invalid)?;
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn digits(&mut self) -> Result<(), Invalid> {
        let start = self.at;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Invalid) }
    }

    /// A number, as it stands there.
    fn number(&mut self) -> Result<&'de str, Invalid> {
        self.peek();
        let start = self.at;
        self.at += usize::from(self.byte() == Some(b'-'));
        let has_leading_zero = self.byte() == Some(b'0');
        let integer = self.at;
        self.digits()?;
        if has_leading_zero && self.at > integer + 1 {
            return Err(Invalid);
        }
        if self.byte() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.byte() {
            self.at += 1;
            self.at += usize::from(matches!(self.byte(), Some(b'+' | b'-')));
            self.digits()?;
        }
        self.from(start)
    }

    /// Any value, unread.
    fn skip(&mut self, depth: u32) -> Result<(), Invalid> {
        match self.peek().ok_or(Invalid)? {
            b'"' => self.string().map(drop),
            b'[' => self.skip_members(depth, b'[', b']'),
            b'{' => self.skip_members(depth, b'{', b'}'),
            b'-' | b'0'..=b'9' => self.number().map(drop),
            _ if self.take_word("null") || self.take_word("true") || self.take_word("false") => Ok(()),
            _ => Err(Invalid),
        }
    }

    fn skip_members(&mut self, depth: u32, start: u8, end: u8) -> Result<(), Invalid> {
        if depth == MAX_DEPTH {
            return Err(Invalid);
        }
        let mut members = Members::open(self, start, end)?;
        while members.next()? {
            if end == b'}' {
                members.reader.string()?;
                members.reader.expect(b':')?;
            }
            members.reader.skip(depth + 1)?;
        }
        Ok(())
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Invalid;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.peek().ok_or(Invalid)? {
            b'"' => self.deserialize_str(visitor),
            b'[' => self.deserialize_seq(visitor),
            b'{' => self.deserialize_map(visitor),
            b'-' | b'0'..=b'9' => {
                let number = self.number()?;
                if let Ok(number) = number.parse() {
                    visitor.visit_u64(number)
                } else if let Ok(number) = number.parse() {
                    visitor.visit_i64(number)
                } else {
                    visitor.visit_f64(number.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Invalid)?)
                }
            }
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_bool(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        if self.take_word("true") {
            visitor.visit_bool(true)
        } else if self.take_word("false") {
            visitor.visit_bool(false)
        } else {
            Err(Invalid)
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_i64(self.number()?.parse().map_err(|_| Invalid)?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        visitor.visit_u64(self.number()?.parse().map_err(|_| Invalid)?)
    }

    fn deserialize_i8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        match self.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_str(&text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        if self.take_word("null") { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        if self.take_word("null") { visitor.visit_unit() } else { Err(Invalid) }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Invalid> {
        if name != RAW {
            return visitor.visit_newtype_struct(self);
        }
        self.peek();
        let start = self.at;
        self.skip(0)?;
        visitor.visit_map(Raw { text: Some(self.from(start)?) })
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let mut members = Members::open(self, b'[', b']')?;
        let value = visitor.visit_seq(&mut members)?;
        members.close()?;
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Invalid> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        let mut members = Members::open(self, b'{', b'}')?;
        let value = visitor.visit_map(&mut members)?;
        members.close()?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Invalid> {
        if !self.take(b'{') {
            return visitor.visit_enum(Bare(self));
        }
        let value = visitor.visit_enum(Tagged(&mut *self))?;
        self.expect(b'}')?;
        Ok(value)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Invalid> {
        self.skip(0)?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! { i128 u128 f32 f64 char bytes byte_buf }
}

/// The members of an array or object.
struct Members<'a, 'de> {
    reader: &'a mut Reader<'de>,
    end: u8,
    place: Place,
}

/// Where among the members the reading is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Past the opening bracket.
    First,
    /// Past a member.
    Later,
    /// Past the closing bracket.
    End,
}

impl<'a, 'de> Members<'a, 'de> {
    /// Of what ends with `end`, from its opening bracket.
    fn open(reader: &'a mut Reader<'de>, start: u8, end: u8) -> Result<Self, Invalid> {
        reader.expect(start)?;
        Ok(Self { reader, end, place: Place::First })
    }

    /// Goes to the next member, or past the closing bracket if there is none.
    fn next(&mut self) -> Result<bool, Invalid> {
        if self.place == Place::End || self.reader.take(self.end) {
            self.place = Place::End;
            return Ok(false);
        }
        if self.place == Place::Later {
            self.reader.expect(b',')?;
        }
        self.place = Place::Later;
        Ok(true)
    }

    /// Whoever read the members must have read all of them.
    fn close(mut self) -> Result<(), Invalid> {
        if self.next()? { Err(Invalid) } else { Ok(()) }
    }
}

impl<'de> de::SeqAccess<'de> for &mut Members<'_, 'de> {
    type Error = Invalid;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Invalid> {
        if self.next()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'de> de::MapAccess<'de> for &mut Members<'_, 'de> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Invalid> {
        if self.next()? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Invalid> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

/// A variant that is only a name.
struct Bare<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for Bare<'_, 'de> {
    type Error = Invalid;
    type Variant = NoContent;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, NoContent), Invalid> {
        Ok((seed.deserialize(self.0)?, NoContent))
    }
}

/// What a variant that is only a name holds.
struct NoContent;

impl<'de> de::VariantAccess<'de> for NoContent {
    type Error = Invalid;

    fn unit_variant(self) -> Result<(), Invalid> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Invalid> {
        Err(Invalid)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Invalid> {
        Err(Invalid)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Invalid> {
        Err(Invalid)
    }
}

/// A variant as the one member of an object, past the opening bracket.
struct Tagged<'a, 'de>(&'a mut Reader<'de>);

impl<'de> de::EnumAccess<'de> for Tagged<'_, 'de> {
    type Error = Invalid;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Invalid> {
        let variant = seed.deserialize(&mut *self.0)?;
        self.0.expect(b':')?;
        Ok((variant, self))
    }
}

impl<'de> de::VariantAccess<'de> for Tagged<'_, 'de> {
    type Error = Invalid;

    fn unit_variant(self) -> Result<(), Invalid> {
        if self.0.take_word("null") { Ok(()) } else { Err(Invalid) }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Invalid> {
        seed.deserialize(self.0)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Invalid> {
        self.0.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Invalid> {
        self.0.deserialize_map(visitor)
    }
}

/// A value as it stands there, in the shape in which `serde_json`'s raw value reads itself: an object whose one member
/// has the mark for its name.
struct Raw<'de> {
    text: Option<&'de str>,
}

impl<'de> de::MapAccess<'de> for Raw<'de> {
    type Error = Invalid;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Invalid> {
        if self.text.is_none() {
            return Ok(None);
        }
        seed.deserialize(de::value::BorrowedStrDeserializer::new(RAW)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Invalid> {
        seed.deserialize(de::value::BorrowedStrDeserializer::new(self.text.take().ok_or(Invalid)?))
    }
}

impl de::Error for Invalid {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}
