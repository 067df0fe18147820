//! A field that narrows down a list while one types.

use leptos::prelude::*;

use crate::icon::{self, Icon};

/// The field; its label stands in it, until something is typed.
pub fn search_field(id: &'static str, label: &'static str, sought: RwSignal<String>) -> AnyView {
    view! {
        <div class="search-field">
            {icon::drawn(Icon::SEARCH)}
            <input id=id type="search" autocomplete="off" aria-label=label placeholder=label bind:value=sought />
        </div>
    }
    .into_any()
}
