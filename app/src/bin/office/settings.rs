//! What a site has decided, as forms: saved whole in the place of what was read, and heard of by every kiosk at once.

mod agreements;
mod draft;
mod joined;
mod key;
mod several;
mod texts;
mod types;

use leptos::{prelude::*, task::spawn_local};
use vestibule_protocol::{id::SiteId, settings::SiteSettings};

use vestibule_app::{
    api::{self, Failure, Tagged},
    field::Notice,
    focus, live,
};

use self::{draft::Draft, joined::joined};
use crate::{door::Door, wording::settings as said};

/// How often a version is counted further, at the most, where others' texts stand under those that come next: more often
/// than anybody has set settings back.
const VERSIONS_TRIED: usize = 20;

/// The form, for the button that stands outside it: what was saved is drawn anew, and the button keeps the focus.
const FORM: &str = "settings";

/// The page.
#[component]
pub fn SettingsPage(site: SiteId) -> impl IntoView {
    let page = Page {
        site,
        held: StoredValue::new(None),
        draft: RwSignal::new(None),
        notice: RwSignal::new(None),
        told: RwSignal::new(None),
        is_busy: RwSignal::new(false),
        door: expect_context(),
    };
    page.load();
    view! {
        <main class="page settings">
            <p class="lead">{said::LEAD}</p>
            <div class="banner">
                <p>{said::NOT_YET}</p>
            </div>
            {live::part(move || page.draft.get().map(|settings| form(page, Draft::of(&settings))))}
            <div class="save-bar">
                <div class="save-said">
                    <Notice text=page.notice />
                    <p role="status">{live::part(move || page.told.get())}</p>
                </div>
                <button
                    id="show-held"
                    type="button"
                    class="quiet"
                    disabled=live::flag(move || page.is_busy.get())
                    on:click=live::click(move || page.load())
                >
                    {said::SHOW_HELD}
                </button>
                <button
                    id="save-settings"
                    type="submit"
                    form=FORM
                    class="primary"
                    disabled=live::flag(move || page.is_busy.get())
                >
                    {said::SAVE}
                </button>
            </div>
        </main>
    }
}

fn form(page: Page, draft: Draft) -> AnyView {
    view! {
        <form id=FORM novalidate on:submit=live::submit(move || page.save(draft))>
            {draft.view()}
        </form>
    }
    .into_any()
}

/// The page's state. Copies are one and the same.
#[derive(Clone, Copy)]
struct Page {
    site: SiteId,
    /// What holds, with the tag that a change must name.
    held: StoredValue<Option<Tagged<SiteSettings>>>,
    /// What the form begins with: what holds, or what was joined with it.
    draft: RwSignal<Option<SiteSettings>>,
    notice: RwSignal<Option<String>>,
    told: RwSignal<Option<String>>,
    is_busy: RwSignal<bool>,
    door: Door,
}

impl Page {
    fn path(self) -> String {
        format!("/api/v1/sites/{}/settings", self.site)
    }

    /// Shows what holds, and forgets what was typed.
    fn load(self) {
        self.notice.set(None);
        self.told.set(None);
        spawn_local(async move {
            match api::read_tagged::<SiteSettings>(&self.path()).await {
                Ok(held) => self.begin(held.value.clone(), held),
                Err(failure) => self.failed(&failure),
            }
        });
    }

    fn begin(self, with: SiteSettings, held: Tagged<SiteSettings>) {
        self.held.try_set_value(Some(held));
        self.draft.try_set(Some(with));
    }

    fn failed(self, failure: &Failure) {
        self.notice.try_set(Some(self.door.told(failure)));
    }

    fn save(self, draft: Draft) {
        if self.is_busy.get_untracked() {
            return;
        }
        self.told.set(None);
        self.notice.set(None);
        let Ok(mine) = draft.read() else {
            self.notice.set(Some(said::SOMETHING_WRONG.to_owned()));
            return focus::soon(".wrong input, .wrong textarea");
        };
        let Some(base) = self.held.get_value() else { return };
        self.is_busy.set(true);
        spawn_local(async move {
            self.send(draft, base, mine).await;
            self.is_busy.try_set(false);
        });
    }

    async fn send(self, draft: Draft, base: Tagged<SiteSettings>, mut mine: SiteSettings) {
        for _ in 0..VERSIONS_TRIED {
            match api::put(&self.path(), &mine, &base.tag).await {
                Ok(held) => {
                    self.begin(held.value.clone(), held);
                    self.told.try_set(Some(said::SAVED.to_owned()));
                    return;
                }
                Err(failure) if failure.code() == "agreement_version_taken" => {
                    draft.count_versions_further();
                    let Ok(further) = draft.read() else { return };
                    mine = further;
                }
                Err(failure) if failure.code() == "other_settings_hold" => return self.join(base.value, mine).await,
                Err(failure) => return self.failed(&failure),
            }
        }
    }

    /// Somebody else saved meanwhile: their changes and mine, joined, to be looked at and saved again.
    async fn join(self, base: SiteSettings, mine: SiteSettings) {
        match api::read_tagged::<SiteSettings>(&self.path()).await {
            Ok(theirs) => {
                let all = joined(&base, mine, theirs.value.clone());
                self.begin(all.settings, theirs);
                self.notice.try_set(Some(said::others_hold(&all.theirs, &all.both)));
            }
            Err(failure) => self.failed(&failure),
        }
    }
}
