//! The door of the office: whoever hears from the server that nobody is signed in shuts it.

use leptos::prelude::*;
use vestibule_app::{api::Failure, staff::Standing, words};

/// Who is signed in, for whatever hears from the server that nobody is. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Door(RwSignal<Standing>);

impl Door {
    /// By which `standing` is changed.
    pub const fn of(standing: RwSignal<Standing>) -> Self {
        Self(standing)
    }

    /// In words what the server said, or did not say. Where it knows nobody here any more, the sign-in takes the page's
    /// place.
    pub fn told(self, failure: &Failure) -> String {
        if failure.is_signed_out() {
            self.0.try_set(Standing::SignedOut);
        }
        words::failure(failure)
    }
}
