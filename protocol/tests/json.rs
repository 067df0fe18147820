//! The reader and the writer of JSON, held against `serde_json`.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use rstest::rstest;
use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use vestibule_protocol::json;

/// One of each shape that a type can have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Shape {
    Unit,
    Newtype(Option<Box<Self>>),
    Struct {
        text: String,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pairs: Vec<(i64, u64)>,
    },
    Tuple(bool, ()),
    Map(BTreeMap<String, u16>),
}

fn shape() -> impl Strategy<Value = Shape> {
    let leaf = prop_oneof![
        Just(Shape::Unit),
        Just(Shape::Newtype(None)),
        (any::<String>(), any::<Vec<(i64, u64)>>()).prop_map(|(text, pairs)| Shape::Struct { text, pairs }),
        any::<bool>().prop_map(|yes| Shape::Tuple(yes, ())),
        any::<BTreeMap<String, u16>>().prop_map(Shape::Map),
    ];
    leaf.prop_recursive(4, 8, 1, |inner| inner.prop_map(|inner| Shape::Newtype(Some(Box::new(inner)))))
}

/// Values with everything in them but fractions, which no type of the protocol has.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Texts that are nearly JSON, and some that are.
fn nearly_json() -> impl Strategy<Value = String> {
    let token = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"a\"",
        "\"\\n\"",
        "\"\\u00e9\"",
        "\"\\ud83d\\ude00\"",
        "\\u",
        "d800",
        "\u{7f}",
        "\u{1f}",
        "é",
        " ",
        "\n",
        "\t",
        "\u{a0}",
        "0",
        "-",
        "1",
        "10",
        "01",
        ".",
        "5",
        "e",
        "E+",
        "1e400",
        "null",
        "true",
        "false",
        "nul",
        "18446744073709551616",
        "\"struct\"",
        "\"text\"",
        "\"pairs\"",
        "\"unit\"",
    ]);
    prop_oneof![
        prop::collection::vec(token, 0..12).prop_map(|tokens| tokens.concat()),
        (value(), any::<prop::sample::Index>(), "[\\[\\]{}:,\"\\\\0-9.eE+ -]").prop_map(|(value, at, instead)| {
            let mut text: Vec<char> = value.to_string().chars().collect();
            let at = at.index(text.len());
            text[at] = instead.chars().next().unwrap();
            text.into_iter().collect()
        }),
    ]
}

proptest! {
    #[test]
    fn a_type_is_written_and_read_as_serde_json_does(shape in shape()) {
        let text = serde_json::to_string(&shape).unwrap();
        prop_assert_eq!(json::write(&shape), text.clone());
        prop_assert_eq!(json::read::<Shape>(&text), Ok(shape.clone()));
        prop_assert_eq!(json::read::<Shape>(&serde_json::to_string_pretty(&shape).unwrap()), Ok(shape));
    }

    #[test]
    fn any_value_is_written_and_read_as_serde_json_does(value in value()) {
        let text = value.to_string();
        prop_assert_eq!(json::write(&value), text.clone());
        prop_assert_eq!(json::read::<Value>(&text), Ok(value));
    }

    #[test]
    fn what_serde_json_does_not_take_for_json_is_invalid_here_too(text in nearly_json()) {
        // Whether, not what: without a feature of its own serde_json rounds the last digit of a fraction.
        prop_assert_eq!(json::read::<Value>(&text).is_ok(), serde_json::from_str::<Value>(&text).is_ok());
        prop_assert!(json::raw(&text).is_none() || RawValue::from_string(text.clone()).is_ok());
        prop_assert_eq!(json::read::<Shape>(&text).ok(), serde_json::from_str::<Shape>(&text).ok());
    }

    #[test]
    fn a_raw_value_is_the_text_that_stands_there(value in value(), at in 0..3_usize) {
        let text = serde_json::to_string_pretty(&value).unwrap();
        let list = vec![json::raw(&text).unwrap(); 3];
        let written = json::write(&list);
        prop_assert_eq!(&written, &format!("[{text},{text},{text}]"));
        let read: Vec<&RawValue> = json::read(&written).unwrap();
        prop_assert_eq!(read[at].get(), text);
    }
}

#[rstest]
#[case::no_json("{")]
#[case::two_values("1 2")]
#[case::nothing("")]
fn a_text_that_would_spoil_what_it_is_put_into_is_not_raw(#[case] text: &str) {
    assert!(json::raw(text).is_none());
}

#[test]
fn what_is_nested_beyond_reason_is_invalid_and_ends_nobody() {
    let deep = |levels| "[".repeat(levels) + &"]".repeat(levels);
    assert!(json::raw(&deep(128)).is_some());
    assert!(json::raw(&deep(129)).is_none());
    assert!(json::raw(&deep(1_000_000)).is_none());
}
