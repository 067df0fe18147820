//! Choosing a host from the directory on the device: type a few letters, tap a name. By keyboard too.

use leptos::{ev::KeyboardEvent, prelude::*};
use vestibule_protocol::{changes::DirectoryHost, event::Host};

use crate::{
    field::{self, FieldError},
    focus,
    form::Wrong,
    icon,
    icon::Icon,
    live,
    outbox::Outbox,
    words,
};

/// Most names offered at once: what fits above the keyboard of a tablet. Who is not among them types one letter more.
const OFFERED: usize = 6;

/// What is chosen, or typed on the way to it.
#[derive(Clone, Copy)]
pub struct HostChoice {
    /// The host, once chosen.
    pub chosen: RwSignal<Option<Host>>,
    /// What was typed.
    pub typed: RwSignal<String>,
    /// Whether "nobody in particular" was chosen.
    pub nobody: RwSignal<bool>,
}

impl HostChoice {
    /// Nothing yet.
    pub fn nobody_yet() -> Self {
        Self { chosen: RwSignal::new(None), typed: RwSignal::default(), nobody: RwSignal::new(false) }
    }

    /// Chooses `host`.
    pub fn choose(self, host: Option<Host>) {
        self.typed.set(String::new());
        self.nobody.set(host.is_none());
        self.chosen.set(host);
    }

    fn clear(self) {
        self.typed.set(String::new());
        self.nobody.set(false);
        self.chosen.set(None);
        focus::soon(".host-picker input");
    }

    /// Chooses `host` by hand: the field that had the focus gives way to the name that was chosen.
    fn settle(self, host: Option<Host>) {
        self.choose(host);
        focus::soon(".host-picker .chosen button");
    }
}

/// The field, the names that fit, and what was chosen.
#[component]
pub fn HostPicker(
    id: &'static str,
    label: &'static str,
    choice: HostChoice,
    #[prop(into)] error: Signal<Option<Wrong>>,
) -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let list_id = format!("{id}-list");
    let error_id = format!("{id}-error");
    let hint_id = format!("{id}-hint");
    let option_id = move |n: usize| format!("{id}-{n}");

    let offered = Memo::new(move |_| {
        let typed = choice.typed.get();
        outbox.directory.with(|directory| directory.search(&typed, OFFERED))
    });
    let is_typing = move || !choice.typed.with(|typed| typed.trim().is_empty());
    let is_settled = move || choice.nobody.get() || choice.chosen.with(Option::is_some);

    // The name that Enter chooses; one past the last is "nobody in particular".
    let marked = RwSignal::new(0_usize);
    let choose_marked = move || {
        let host = offered.with_untracked(|offered| offered.get(marked.get_untracked()).map(host_of));
        choice.settle(host);
    };
    let on_key = move |key: KeyboardEvent| {
        let last = offered.with_untracked(Vec::len);
        match key.key().as_str() {
            "ArrowDown" => marked.update(|n| *n = if *n >= last { 0 } else { *n + 1 }),
            "ArrowUp" => marked.update(|n| *n = n.checked_sub(1).unwrap_or(last)),
            "Enter" if is_typing() => choose_marked(),
            "Escape" if is_typing() => choice.clear(),
            _ => return,
        }
        key.prevent_default();
    };

    let search = {
        let (list_id, described_by) = (list_id.clone(), format!("{hint_id} {error_id}"));
        move || {
            view! {
                <div class="search-field">
                    {icon::drawn(Icon::SEARCH)}
                    <input
                        id=id
                        name=id
                        type="text"
                        role="combobox"
                        autocomplete="off"
                        {..field::uncorrected()}
                        autocapitalize="words"
                        spellcheck="false"
                        aria-autocomplete="list"
                        aria-controls=list_id.clone()
                        aria-expanded=live::text(move || is_typing().to_string())
                        aria-activedescendant=live::text(move || if is_typing() { option_id(marked.get()) } else { String::new() })
                        aria-describedby=described_by.clone()
                        aria-invalid=live::text(move || error.get().is_some().to_string())
                        prop:value=live::text(move || choice.typed.get())
                        on:input:target=move |event| {
                            marked.set(0);
                            choice.typed.set(event.target().value());
                        }
                        on:keydown=on_key
                    />
                </div>
                <p class="field-hint" id=hint_id.clone()>{words::shared().host_hint}</p>
            }
        }
    };
    let chosen_id = format!("{id}-chosen");
    let settled = move || {
        let name = choice.chosen.with(|host| host.as_ref().map(|host| host.name.to_string()));
        let name = name.unwrap_or_else(|| words::shared().nobody.to_owned());
        view! {
            <div class="chosen">
                <span class="chosen-name" id=chosen_id.clone()>
                    {name}
                </span>
                <button
                    type="button"
                    class="quiet icon-button"
                    aria-label=words::shared().other_host
                    aria-describedby=chosen_id.clone()
                    title=words::shared().other_host
                    on:click=live::click(move || choice.clear())
                >
                    {icon::drawn(Icon::CLOSE)}
                </button>
            </div>
        }
    };
    let option = move |n: usize, host: DirectoryHost| {
        let choose = host_of(&host);
        view! {
            <li
                id=option_id(n)
                role="option"
                class="option"
                class:marked=live::flag(move || marked.get() == n)
                aria-selected=live::text(move || (marked.get() == n).to_string())
                data-host=host.id.to_string()
                on:click=live::click(move || choice.settle(Some(choose.clone())))
            >
                <span class="option-name">{host.name.to_string()}</span>
                <span class="option-more">{host.department.map(|department| department.to_string())}</span>
            </li>
        }
    };
    let options = move || {
        let hosts = offered.get();
        let none = hosts.is_empty();
        let last = hosts.len();
        view! {
            <ul class="options" id=list_id.clone() role="listbox" aria-label=label>
                {hosts.into_iter().enumerate().map(|(n, host)| option(n, host)).collect_view()}
                <li
                    id=option_id(last)
                    role="option"
                    class="option option-nobody"
                    class:marked=live::flag(move || marked.get() == last)
                    aria-selected=live::text(move || (marked.get() == last).to_string())
                    data-host="nobody"
                    on:click=live::click(move || choice.settle(None))
                >
                    <span class="option-name">{words::shared().nobody}</span>
                    <span class="option-more">{words::shared().nobody_hint}</span>
                </li>
            </ul>
            <p class="field-hint" aria-live="polite">{none.then_some(words::shared().no_host_found)}</p>
        }
    };

    view! {
        <div class="field host-picker" class:wrong=live::flag(move || error.get().is_some())>
            <label for=id>{label} " " <span class="field-optional">{words::shared().optional}</span></label>
            {live::part(move || if is_settled() { settled().into_any() } else { search().into_any() })}
            {live::part(move || (is_typing() && !is_settled()).then(&options))}
            <FieldError id=error_id error=error />
        </div>
    }
}

fn host_of(host: &DirectoryHost) -> Host {
    Host { id: host.id, name: host.name.clone() }
}
