//! The way out, at the top of every page of the staff.

use leptos::{prelude::*, task::spawn_local};

use crate::{
    icon::{self, Icon},
    live, staff, words,
};

/// The button. `on_sign_out` shows at once that nobody is signed in, whether or not the server can be told.
pub fn sign_out_button(on_sign_out: impl Fn() + Copy + 'static) -> AnyView {
    let sign_out = move || {
        on_sign_out();
        spawn_local(async {
            // The server hears it now, or the next time that somebody opens a page of the staff.
            let _ = staff::sign_out().await;
        });
    };
    view! {
        <button
            id="sign-out"
            type="button"
            class="quiet icon-button"
            aria-label=words::SIGN_OUT
            title=words::SIGN_OUT
            on:click=live::click(sign_out)
        >
            {icon::drawn(Icon::SIGN_OUT)}
        </button>
    }
    .into_any()
}
