//! What follows signals, behind one type each.
//!
//! Leptos compiles its machinery anew for every closure in a view. Behind these few types it is compiled once, which is
//! a good part of what a kiosk downloads.

use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::*,
};

/// A part of a screen that is drawn anew when a signal that it read changes.
pub fn part<View: IntoAny>(mut draw: impl FnMut() -> View + Send + 'static) -> Box<dyn FnMut() -> AnyView + Send> {
    Box::new(move || draw().into_any())
}

/// An attribute or a class that comes and goes.
pub fn flag(is_set: impl FnMut() -> bool + Send + 'static) -> Box<dyn FnMut() -> bool + Send> {
    Box::new(is_set)
}

/// The changing value of an attribute.
pub fn text<Value: Into<String>>(
    mut value: impl FnMut() -> Value + Send + 'static,
) -> Box<dyn FnMut() -> String + Send> {
    Box::new(move || value().into())
}

/// What a button does.
pub fn click(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| act())
}

/// What a form does instead of loading another page.
pub fn submit(mut act: impl FnMut() + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(move |submit| {
        submit.prevent_default();
        act();
    })
}
