//! Which screen the address means, and how to go from one to another.
//!
//! Each half of the app names its screens by a type of its own, its [`Screen`]. A handful of addresses: a general router
//! would be a quarter of what a kiosk downloads.

use leptos::{ev::MouseEvent, leptos_dom::helpers::window_event_listener_untyped, prelude::*};
use wasm_bindgen::JsValue;

/// The screens of one half that have an address.
pub trait Screen: Copy + PartialEq + Send + Sync + 'static {
    /// The path of its address.
    fn path(self) -> &'static str;

    /// The screen at a path that has no slash at its end; `None` if this half has nothing there.
    fn at(path: &str) -> Option<Self>;
}

/// Where the app is. Copies are one and the same.
pub struct Router<S: Screen>(RwSignal<Option<S>>);

impl<S: Screen> Clone for Router<S> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: Screen> Copy for Router<S> {}

impl<S: Screen> Router<S> {
    /// Begins where the address says, and follows the browser's back and forward for as long as its owner lives.
    pub fn start() -> Self {
        let current = RwSignal::new(addressed());
        let listener = window_event_listener_untyped("popstate", move |_| current.set(addressed()));
        on_cleanup(move || listener.remove());
        Self(current)
    }

    /// The screen to show; `None` if there is nothing at the address. Reactive.
    pub fn current(self) -> Option<S> {
        self.0.get()
    }

    /// Goes on: back leads here again.
    pub fn push(self, to: S) {
        if let Ok(history) = window().history() {
            let _ = history.push_state_with_url(&JsValue::NULL, "", Some(to.path()));
        }
        self.show(to);
    }

    /// Goes on without a way back.
    pub fn replace(self, to: S) {
        if let Ok(history) = window().history() {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(to.path()));
        }
        self.show(to);
    }

    fn show(self, to: S) {
        self.0.set(Some(to));
        window().scroll_to_with_x_and_y(0.0, 0.0);
    }
}

fn addressed<S: Screen>() -> Option<S> {
    let path = window().location().pathname().unwrap_or_default();
    S::at(without_slash(&path))
}

/// A path, a slash at its end or not, without one.
fn without_slash(path: &str) -> &str {
    if path == "/" { path } else { path.trim_end_matches('/') }
}

/// A link to another screen of the same half, a real one: it can be opened in a new tab. To the other half leads a plain
/// `<a href>`, since that is another page.
#[component]
pub fn Link<S: Screen>(
    to: S,
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let router = expect_context::<Router<S>>();
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
    fn a_slash_at_the_end_makes_no_other_address() {
        assert_eq!(["/kiosk/", "/kiosk", "/"].map(without_slash), ["/kiosk", "/kiosk", "/"]);
    }
}
