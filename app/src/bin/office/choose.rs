//! One of a few, chosen from a list that the browser draws.

use leptos::prelude::*;

/// A choice of `options`, each with its words. `chosen` follows what is chosen.
pub fn choose<T: Copy + PartialEq + Send + Sync + 'static>(
    label: &'static str,
    options: &'static [(T, &'static str)],
    chosen: RwSignal<T>,
) -> AnyView {
    let at = options.iter().position(|(one, _)| *one == chosen.get_untracked()).unwrap_or(0);
    let take = move |place: String| {
        if let Some((one, _)) = place.parse().ok().and_then(|place: usize| options.get(place)) {
            chosen.set(*one);
        }
    };
    let option = |(place, (_, words)): (usize, &(T, &'static str))| {
        view! { <option value=place.to_string() selected=place == at>{*words}</option> }.into_any()
    };
    labelled(
        label,
        view! {
            <select on:change:target=move |change| take(change.target().value())>
                {options.iter().enumerate().map(option).collect_view()}
            </select>
        }
        .into_any(),
    )
}

/// What is chosen, under its label.
pub fn labelled(label: &'static str, control: AnyView) -> AnyView {
    view! {
        <label class="field">
            <span class="texts-label">{label}</span>
            {control}
        </label>
    }
    .into_any()
}

/// A box to tick.
pub fn tick(label: String, ticked: RwSignal<bool>) -> AnyView {
    view! {
        <label class="tick">
            <input type="checkbox" bind:checked=ticked />
            <span>{label}</span>
        </label>
    }
    .into_any()
}
