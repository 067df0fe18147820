//! A sheet over what staff work at: the browser's own dialog, which keeps the focus inside and closes on Escape.

use leptos::{html::Dialog, prelude::*};

use crate::{
    icon::{self, Icon},
    live, words,
};

/// Shows its children over the page until it is closed.
#[component]
pub fn Sheet(#[prop(into)] title: String, on_close: impl Fn() + Copy + 'static, children: Children) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            let _ = dialog.show_modal();
        }
    });
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="sheet-title" on:close=move |_| on_close()>
            <header class="sheet-top">
                <h2 id="sheet-title">{title}</h2>
                <button
                    type="button"
                    class="quiet icon-button"
                    aria-label=words::shared().close
                    on:click=live::click(on_close)
                >
                    {icon::drawn(Icon::CLOSE)}
                </button>
            </header>
            {children()}
        </dialog>
    }
}
