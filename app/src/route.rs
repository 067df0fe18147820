//! Which screen the address means, and how to go from one to another.
//!
//! Six addresses without parameters: a general router would be a quarter of what a kiosk downloads.

use leptos::{ev::MouseEvent, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::JsValue;

/// A screen that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// `/`
    Chooser,
    /// `/setup`
    SetUp,
    /// `/dashboard`
    Dashboard,
    /// `/kiosk`
    Welcome,
    /// `/kiosk/check-in`
    CheckIn,
    /// `/kiosk/check-out`
    CheckOut,
}

impl Route {
    const ALL: [Self; 6] = [Self::Chooser, Self::SetUp, Self::Dashboard, Self::Welcome, Self::CheckIn, Self::CheckOut];

    /// The path of its address.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Chooser => "/",
            Self::SetUp => "/setup",
            Self::Dashboard => "/dashboard",
            Self::Welcome => "/kiosk",
            Self::CheckIn => "/kiosk/check-in",
            Self::CheckOut => "/kiosk/check-out",
        }
    }

    /// The screen at a path, a slash at its end or not; `None` if there is nothing.
    pub fn at(path: &str) -> Option<Self> {
        let path = if path == "/" { path } else { path.trim_end_matches('/') };
        Self::ALL.into_iter().find(|route| route.path() == path)
    }
}

/// Where the app is. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Router(RwSignal<Option<Route>>);

impl Router {
    /// Begins where the address says, and follows the browser's back and forward. Call once, at the root.
    pub fn start() -> Self {
        let current = RwSignal::new(addressed());
        let _ = window_event_listener_untyped("popstate", move |_| current.set(addressed()));
        Self(current)
    }

    /// The screen to show; `None` if there is nothing at the address. Reactive.
    pub fn current(self) -> Option<Route> {
        self.0.get()
    }

    /// Goes on: back leads here again.
    pub fn push(self, to: Route) {
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(to.path()));
        }
        self.show(to);
    }

    /// Goes on without a way back.
    pub fn replace(self, to: Route) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(to.path()));
        }
        self.show(to);
    }

    fn show(self, to: Route) {
        self.0.set(Some(to));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

fn addressed() -> Option<Route> {
    Route::at(&window().location().pathname().unwrap_or_default())
}

/// A link to another screen, a real one: it can be opened in a new tab.
#[component]
pub fn Link(
    to: Route,
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let router = expect_context::<Router>();
    let follow = move |click: MouseEvent| {
        if !(click.ctrl_key() || click.meta_key() || click.shift_key() || click.alt_key()) {
            click.prevent_default();
            router.push(to);
        }
    };
    view! {
        <a id=id class=class href=to.path() on:click=follow>
            {children()}
        </a>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_at_its_address() {
        for route in Route::ALL {
            assert_eq!(Route::at(route.path()), Some(route));
        }
        assert_eq!(Route::at("/kiosk/"), Some(Route::Welcome));
        assert_eq!(Route::at("/kiosk/cellar"), None);
    }
}
