//! Things of one kind, in an order: each can be opened, taken away, or moved up; more can be added.

use leptos::prelude::*;
use vestibule_protocol::settings::LanguageTag;

use vestibule_app::{
    form::Wrong,
    icon::{self, Icon},
    live,
};

use crate::wording::settings as said;

/// One of them while it is edited.
pub trait Item: Copy + Send + Sync + 'static {
    /// What the settings hold of it.
    type Held;

    /// One that says nothing yet.
    fn new(staff: &LanguageTag) -> Self;

    /// As it is held.
    fn of(held: &Self::Held, staff: &LanguageTag) -> Self;

    /// By what one knows it. Reactive.
    fn title(self) -> String;

    /// Its fields.
    fn view(self) -> AnyView;
}

/// All of them. Copies are one and the same.
pub struct Several<T: Item> {
    items: RwSignal<Vec<T>>,
    /// The one that was added last is open.
    added: RwSignal<Option<usize>>,
    staff: StoredValue<LanguageTag>,
    /// What is added lives as long as the others, and not only until the button that added it is drawn anew.
    owner: StoredValue<Owner>,
}

impl<T: Item> Clone for Several<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Item> Copy for Several<T> {}

impl<T: Item> Several<T> {
    /// As they are held.
    pub fn of(held: &[T::Held], staff: &LanguageTag) -> Self {
        Self {
            items: RwSignal::new(held.iter().map(|held| T::of(held, staff)).collect()),
            added: RwSignal::new(None),
            staff: StoredValue::new(staff.clone()),
            owner: StoredValue::new(Owner::current().unwrap_or_default()),
        }
    }

    /// All of them, read one by one.
    pub fn read<R>(self, read: impl Fn(T) -> Result<R, Wrong>) -> Result<Vec<R>, Wrong> {
        // Each is read, so that each says what is wrong with it.
        let all: Vec<_> = self.items.with_untracked(|items| items.iter().map(|item| read(*item)).collect());
        all.into_iter().collect()
    }

    /// All of them. Reactive.
    pub fn get(self) -> Vec<T> {
        self.items.get()
    }

    /// Each folded under its title, and a button for one more.
    pub fn view(self, title: &'static str, add: &'static str) -> AnyView {
        let new = move || {
            self.added.set(Some(self.items.with_untracked(Vec::len)));
            let item = self.owner.with_value(|owner| owner.with(|| self.staff.with_value(T::new)));
            self.items.update(|items| items.push(item));
        };
        let items = move || {
            let items = self.items.get().into_iter().enumerate();
            items.map(|(place, item)| self.one(place, item)).collect_view()
        };
        view! {
            <section class="several">
                <h3>{title}</h3>
                {live::part(items)}
                <button type="button" class="quiet" data-add=title on:click=live::click(new)>
                    {icon::drawn(Icon::PLUS)}
                    {add}
                </button>
            </section>
        }
        .into_any()
    }

    fn one(self, place: usize, item: T) -> AnyView {
        let take_away = move || {
            self.added.set(None);
            self.items.update(|items| {
                items.remove(place);
            });
        };
        let up = move || {
            self.added.set(None);
            self.items.update(|items| items.swap(place - 1, place));
        };
        let title = move || Some(item.title()).filter(|title| !title.trim().is_empty()).unwrap_or(said::NEW.to_owned());
        let is_open = self.added.get_untracked() == Some(place);
        view! {
            <details class="item" open=is_open>
                <summary>{live::part(title)}</summary>
                <div class="item-fields">{item.view()}</div>
                <div class="item-acts">
                    {(place > 0)
                        .then(|| {
                            view! {
                                <button type="button" class="quiet" on:click=live::click(up)>
                                    {said::MOVE_UP}
                                </button>
                            }
                        })}
                    <button type="button" class="quiet" data-action="take-away" on:click=live::click(take_away)>
                        {said::TAKE_AWAY}
                    </button>
                </div>
            </details>
        }
        .into_any()
    }
}
