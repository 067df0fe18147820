//! The app's own icons: 24 by 24, one stroke, in the colour of the text.

use leptos::prelude::*;

/// What there is an icon for, by the path that draws it. Each is a constant of its own and no case of one list, so that a
/// program carries those that it draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Icon(&'static str);

impl Icon {
    pub const ARRIVE: Self = Self("M14 4h4a2 2 0 0 1 2 2v12a2 2 0 0 1-2 2h-4M4 12h11m0 0-4-4m4 4-4 4");
    pub const ASSEMBLY: Self =
        Self("M9 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zm7.5-.5a2.5 2.5 0 1 0 0-5M3 19a6 6 0 0 1 12 0M17.5 14a5 5 0 0 1 3.5 5");
    pub const BACK: Self = Self("M15 5l-7 7 7 7");
    pub const CHECK: Self = Self("M5 12.5l4.5 4.5L19 7.5");
    pub const CLOCK: Self = Self("M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3.5 2");
    pub const CLOSE: Self = Self("M6 6l12 12M18 6 6 18");
    pub const DESK: Self = Self("M3 11h18M5 11v8m14-8v8M8 11V6h8v5M12 15v.01");
    pub const KEYS: Self = Self(
        "M4 7h16a1 1 0 0 1 1 1v8a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1V8a1 1 0 0 1 1-1zm2.5 3.5v.01m3.5 0v.01m4 0v.01m3.5 0v.01M8 14h8",
    );
    pub const KIOSK: Self = Self(
        "M7 3h10a1.5 1.5 0 0 1 1.5 1.5v11A1.5 1.5 0 0 1 17 17H7a1.5 1.5 0 0 1-1.5-1.5v-11A1.5 1.5 0 0 1 7 3zm5 14v4m-4 0h8",
    );
    pub const LEAVE: Self = Self("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4m-1-8h11m0 0-4-4m4 4-4 4");
    pub const PERSON: Self = Self("M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm-7.5 8a7.5 7.5 0 0 1 15 0");
    pub const PLUS: Self = Self("M12 5v14M5 12h14");
    pub const PRINT: Self =
        Self("M7 8V4h10v4M7 16H5a1 1 0 0 1-1-1v-5a2 2 0 0 1 2-2h12a2 2 0 0 1 2 2v5a1 1 0 0 1-1 1h-2M7 14h10v6H7z");
    pub const PROOF: Self = Self("M12 3l7 3v5.5c0 4.4-3 7.6-7 9.5-4-1.9-7-5.1-7-9.5V6zm-3.2 8.7 2.4 2.4 4.2-4.6");
    pub const SEARCH: Self = Self("M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4.5 4.5");
    pub const SETTINGS: Self = Self(
        "M4 7h9m4 0h3M4 17h3m4 0h9M15 9.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zm-6 10a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
    );
    pub const SIGN_OUT: Self = Self("M10 4H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h4m5-4 4-4-4-4m4 4H9");
    pub const SYNC: Self = Self("M20 5v5h-5M4 19v-5h5M19.3 10A8 8 0 0 0 5.5 7.5L4 10m16 4-1.5 2.5A8 8 0 0 1 4.7 14");
    pub const WARNING: Self = Self(
        "M12 9v4.5m0 3v.01M10.5 4.4 2.7 18a1.7 1.7 0 0 0 1.5 2.5h15.6a1.7 1.7 0 0 0 1.5-2.5L13.5 4.4a1.7 1.7 0 0 0-3 0z",
    );
}

/// Draws an icon beside words that say the same; screen readers skip it.
pub fn drawn(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
            <path d={icon.0} />
        </svg>
    }
    .into_any()
}

/// The mark of the product: a doorway with somebody coming in.
pub fn mark() -> AnyView {
    view! {
        <svg class="mark" viewBox="0 0 48 48" aria-hidden="true">
            <rect class="mark-ground" width="48" height="48" rx="12" />
            <path class="mark-door" d="M15 38V20a9 9 0 0 1 18 0v18z" />
            <circle class="mark-head" cx="24" cy="24" r="3.2" />
            <path class="mark-body" d="M18.5 38a5.5 8.5 0 0 1 11 0z" />
        </svg>
    }
    .into_any()
}
