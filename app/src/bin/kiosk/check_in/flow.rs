//! What the visitor has entered so far, and where they are. Going back keeps all of it; leaving the screen forgets it.
//!
//! What a drawn page holds is read from the page when it is left, whichever way, and before it is drawn anew.

use leptos::prelude::*;
use vestibule_protocol::{
    event::Host,
    id::VisitId,
    papers::Photo,
    settings::{Agreement, Ask, Consent, Key, LanguageTag, Localized, SiteSettings},
    visit::Visit,
};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

use vestibule_app::{
    clock, focus,
    form::{self, VisitorErrors, VisitorFields, Wrong},
    host_picker::HostChoice,
    lists, look_up,
    outbox::Outbox,
    route::Router,
    saving::Saving,
    walk_in::{self, Asked, Companion, Entered, Hand, Step},
    words::{self, Language},
};

use super::{pages, photo::Sight};
use crate::screen::KioskScreen;

/// Copies are one and the same.
#[derive(Clone, Copy)]
pub(super) struct Flow {
    pub(super) outbox: Outbox,
    pub(super) saving: Saving,
    /// The visit that was announced, if theirs was.
    pub(super) expected: RwSignal<Option<Visit>>,
    pub(super) name: RwSignal<String>,
    pub(super) company: RwSignal<String>,
    pub(super) email: RwSignal<String>,
    pub(super) phone: RwSignal<String>,
    pub(super) errors: RwSignal<VisitorErrors>,
    pub(super) host: HostChoice,
    pub(super) host_error: RwSignal<Option<Wrong>>,
    form: StoredValue<Form, LocalStorage>,
    /// Counts what makes a page be drawn anew.
    drawn: RwSignal<u32>,
    router: Router<KioskScreen>,
}

/// What is entered, the fields of the first form apart.
pub(super) struct Form {
    /// As they were when the visitor began: what an admin changes meanwhile is for the next one.
    pub(super) settings: SiteSettings,
    /// The place among the steps.
    at: usize,
    /// What the visitor is; nothing where the site has no types, or before they chose.
    pub(super) kind: Option<Key>,
    /// Their visit: of a walk-in, or the one that was announced. Fixed before the first try, so that trying again can't
    /// make a second one.
    visit: VisitId,
    pub(super) companions: Vec<Companion>,
    /// What was answered, in the order of the questions, and what is wrong with it.
    pub(super) typed: Vec<String>,
    pub(super) wrongs: Vec<Option<Wrong>>,
    hands: Vec<(Step, Hand)>,
    photos: Vec<(VisitId, Photo)>,
    /// What is wrong with the agreement that is shown.
    pub(super) unsigned: Option<Wrong>,
    pub(super) sight: Sight,
}

impl Form {
    pub(super) fn steps(&self) -> Vec<Step> {
        let others = self.companions.iter().map(|companion| companion.visit);
        let party: Vec<_> = std::iter::once(self.visit).chain(others).collect();
        walk_in::steps(&self.settings, self.kind.as_ref(), &party)
    }

    /// The step, its place, and how many there are.
    pub(super) fn here(&self) -> (Step, usize, usize) {
        let steps = self.steps();
        let at = self.at.min(steps.len() - 1);
        (steps[at], at, steps.len())
    }

    pub(super) fn asked(&self) -> Asked {
        Asked::of(&self.settings, self.kind.as_ref())
    }

    pub(super) fn agreement(&self, number: usize) -> Option<&Agreement> {
        self.settings.agreements_for(self.kind.as_ref()).nth(number)
    }

    /// A text of the site in the language of the visitor.
    pub(super) fn said<'a, const MAX: usize>(&'a self, text: &'a Localized<MAX>) -> &'a str {
        text.in_language(Language::spoken().tag(), self.settings.staff_language())
    }

    /// How somebody agrees at the step.
    pub(super) fn hand(&self, step: Step) -> Option<&Hand> {
        self.hands.iter().find(|(held, _)| *held == step).map(|(_, hand)| hand)
    }

    fn hand_mut(&mut self, step: Step) -> &mut Hand {
        let place = self.hands.iter().position(|(held, _)| *held == step).unwrap_or(self.hands.len());
        if place == self.hands.len() {
            self.hands.push((step, Hand::default()));
        }
        &mut self.hands[place].1
    }

    pub(super) fn photo(&self, of: VisitId) -> Option<&Photo> {
        self.photos.iter().find(|(held, _)| *held == of).map(|(_, photo)| photo)
    }

    pub(super) fn has_room(&self) -> bool {
        self.companions.len() + 1 < self.settings.party_max.map_or(1, usize::from)
    }

    /// Takes over what the page shows.
    fn read_page(&mut self) {
        let (step, ..) = self.here();
        match step {
            Step::Details => {
                for (n, companion) in self.companions.iter_mut().enumerate() {
                    companion.name = value(&format!("#companion-{}", n + 2)).unwrap_or_default();
                }
                let fields = walk_in::questions(&self.settings, self.kind.as_ref());
                self.typed = fields
                    .iter()
                    .map(|field| {
                        let id = field.id.as_str();
                        value(&format!("#field-{id}, [name=field-{id}]:checked")).unwrap_or_default()
                    })
                    .collect();
            }
            Step::Agreement { .. } => {
                let (typed, ticked) = (value("#signature-name"), value("#agree:checked").is_some());
                let hand = self.hand_mut(step);
                hand.ticked = ticked;
                hand.typed = typed.unwrap_or(std::mem::take(&mut hand.typed));
            }
            Step::Type | Step::Host | Step::Photo { .. } => {}
        }
    }
}

impl Flow {
    pub(super) fn begin(outbox: Outbox) -> Self {
        let settings = outbox.settings.get_untracked();
        let only = if let [only] = &*settings.visitor_types { Some(only.id.clone()) } else { None };
        let form = Form {
            settings,
            at: 0,
            kind: only,
            visit: VisitId::new(clock::now(), clock::entropy()),
            companions: Vec::new(),
            typed: Vec::new(),
            wrongs: Vec::new(),
            hands: Vec::new(),
            photos: Vec::new(),
            unsigned: None,
            sight: Sight::Opening,
        };
        Self {
            outbox,
            saving: Saving::new(outbox),
            expected: RwSignal::new(None),
            name: RwSignal::default(),
            company: RwSignal::default(),
            email: RwSignal::default(),
            phone: RwSignal::default(),
            errors: RwSignal::default(),
            host: HostChoice::nobody_yet(),
            host_error: RwSignal::new(None),
            form: StoredValue::new_local(form),
            drawn: RwSignal::new(0),
            router: expect_context(),
        }
    }

    /// What is drawn here is drawn anew with the page. Reactive.
    pub(super) fn follow(self) {
        self.drawn.track();
    }

    pub(super) fn with<T>(self, read: impl FnOnce(&Form) -> T) -> T {
        self.form.with_value(read)
    }

    fn change(self, change: impl FnOnce(&mut Form)) {
        self.form.update_value(change);
    }

    /// Draws the page anew, and moves the focus.
    pub(super) fn draw(self, focus: &'static str) {
        self.drawn.update(|drawn| *drawn += 1);
        focus::soon(focus);
    }

    pub(super) fn step(self) -> Step {
        self.with(|form| form.here().0)
    }

    pub(super) fn asked(self) -> Asked {
        self.with(Form::asked)
    }

    /// The page of the step: its head, and all of it where nothing of it follows what is typed.
    pub(super) fn page(self) -> String {
        self.with(|form| pages::page(form, &self.name.get_untracked()))
    }

    /// The site's questions, and the others of a party.
    pub(super) fn questions(self) -> String {
        self.with(pages::questions)
    }

    /// What the button says that goes on; nothing where something else does.
    pub(super) fn goes_on(self) -> Option<&'static str> {
        self.with(|form| {
            let (step, at, of) = form.here();
            match step {
                Step::Type => None,
                Step::Photo { of } if form.photo(of).is_none() => None,
                _ if at + 1 == of => Some(words::shared().check_in),
                _ => Some(words::kiosk().next),
            }
        })
    }

    /// Does what a button of a drawn page asks for.
    pub(super) fn act(self, act: &str, value: &str) {
        self.change(Form::read_page);
        let step = self.step();
        match act {
            "kind" => {
                self.change(|form| form.kind = Key::new(value).ok());
                self.on();
            }
            "add" => {
                let visit = VisitId::new(clock::now(), clock::entropy());
                self.change(|form| form.companions.push(Companion { visit, name: String::new(), wrong: None }));
                self.draw(".companion:last-of-type input");
            }
            "remove" => {
                let place: usize = value.parse().unwrap_or(usize::MAX);
                self.change(|form| {
                    if place < form.companions.len() {
                        form.companions.remove(place);
                    }
                });
                self.draw("#add-companion");
            }
            "undo" => {
                self.change(|form| form.hand_mut(step).drawn.undo());
                self.draw("#signature-pad");
            }
            "clear" => {
                self.change(|form| form.hand_mut(step).drawn = Default::default());
                self.draw("#signature-pad");
            }
            "type" | "draw" => {
                self.change(|form| {
                    form.unsigned = None;
                    form.hand_mut(step).types = act == "type";
                });
                self.draw(if act == "type" { "#signature-name" } else { "[data-act=type]" });
            }
            "take" => super::photo::take(self, step),
            "retake" => self.keep_photo(step, None),
            "skip" => {
                self.keep_photo(step, None);
                self.on();
            }
            _ => {}
        }
    }

    /// What somebody draws at the step that is shown.
    pub(super) fn draw_with(self, draw: impl FnOnce(&mut vestibule_app::signature::Strokes)) {
        let step = self.step();
        if let Step::Agreement { .. } = step {
            self.change(|form| draw(&mut form.hand_mut(step).drawn));
        }
    }

    /// The photo of a step, or that there is none.
    pub(super) fn keep_photo(self, step: Step, photo: Option<Photo>) {
        let Step::Photo { of } = step else { return };
        let has_photo = photo.is_some();
        self.change(|form| {
            form.photos.retain(|(held, _)| *held != of);
            form.photos.extend(photo.map(|photo| (of, photo)));
        });
        if !has_photo {
            super::photo::look(self);
        }
        self.draw(if has_photo { "#confirm" } else { "main h1" });
    }

    pub(super) fn see(self, sight: Sight) {
        self.change(|form| form.sight = sight);
    }

    /// One step back; from the first, to the welcome.
    pub(super) fn back(self) {
        self.change(Form::read_page);
        match self.with(|form| form.here().1) {
            0 => self.router.replace(KioskScreen::Welcome),
            at => self.go_to(at - 1),
        }
    }

    fn on(self) {
        let (_, at, of) = self.with(Form::here);
        if at + 1 == of { self.save() } else { self.go_to(at + 1) }
    }

    fn go_to(self, place: usize) {
        self.change(|form| {
            form.at = place;
            form.unsigned = None;
        });
        window().scroll_to_with_x_and_y(0.0, 0.0);
        let step = self.step();
        if let Step::Photo { .. } = step {
            super::photo::look(self);
        } else {
            super::photo::look_away();
        }
        // The first field of a form that is typed into takes the focus itself.
        self.draw(match step {
            Step::Host => "#host-search",
            Step::Details => "#visitor-name",
            Step::Type | Step::Agreement { .. } | Step::Photo { .. } => "main h1",
        });
    }

    /// Reads the page, and goes on if it can be taken.
    pub(super) fn go_on(self) {
        self.change(Form::read_page);
        let asked = self.asked();
        let is_right = match self.step() {
            Step::Details => {
                let is_host_right = asked.is_host_apart || self.read_host(asked).is_ok();
                self.read_details(asked) && is_host_right
            }
            Step::Host => self.read_host(asked).is_ok(),
            step @ Step::Agreement { number, .. } => {
                let wrong = self.with(|form| {
                    let by = form.agreement(number).map_or(Consent::Tick, |agreement| agreement.by);
                    form.hand(step).cloned().unwrap_or_default().signature(by).err()
                });
                self.change(|form| form.unsigned = wrong);
                wrong.is_none()
            }
            Step::Type | Step::Photo { .. } => true,
        };
        if is_right { self.on() } else { self.draw("[aria-invalid=true]") }
    }

    fn read_details(self, asked: Asked) -> bool {
        let errors = self.fields().read_as(asked.particulars).err();
        let is_visitor_right = errors.is_none();
        self.errors.set(errors.unwrap_or_default());
        self.change(|form| {
            for companion in &mut form.companions {
                companion.wrong = form::name(&companion.name).err();
            }
            let fields = walk_in::questions(&form.settings, form.kind.as_ref());
            let answers = walk_in::answers(fields, &form.typed, form.settings.staff_language());
            form.wrongs = answers.err().unwrap_or_default();
        });
        let is_page_right = self
            .with(|form| form.wrongs.is_empty() && form.companions.iter().all(|companion| companion.wrong.is_none()));
        is_visitor_right && is_page_right
    }

    fn read_host(self, asked: Asked) -> Result<Option<Host>, Wrong> {
        let chosen = form::host(&self.host.typed.get_untracked(), self.host.chosen.get_untracked().as_ref());
        let chosen = match (chosen, asked.host) {
            (_, Ask::Off) => Ok(None),
            (Ok(None), Ask::Required) if !self.host.nobody.get_untracked() => Err(Wrong::Missing),
            (chosen, _) => chosen,
        };
        self.host_error.set(chosen.as_ref().err().copied());
        chosen
    }

    fn fields(self) -> VisitorFields {
        let [name, company, email, phone] =
            [self.name, self.company, self.email, self.phone].map(|field| field.get_untracked());
        VisitorFields { name, company, email, phone }
    }

    /// Makes the announced visit theirs.
    pub(super) fn choose(self, visit: Visit) {
        self.name.set(lists::name(&visit).unwrap_or_default().to_owned());
        self.company.set(lists::company(&visit).unwrap_or_default().to_owned());
        if let Some(known) = &visit.host {
            self.host.choose(Some(known.value.clone()));
        }
        let announced_as = visit.details.as_ref().and_then(|details| details.value.visitor_type.as_ref());
        self.change(|form| {
            form.read_page();
            form.visit = visit.id;
            if let Some(kind) = announced_as.filter(|kind| form.settings.type_of(Some(&kind.id)).is_some()) {
                form.kind = Some(kind.id.clone());
            }
        });
        self.expected.set(Some(visit));
        self.draw("#confirm");
    }

    /// It was not theirs.
    pub(super) fn unchoose(self) {
        self.change(|form| {
            form.read_page();
            form.visit = VisitId::new(clock::now(), clock::entropy());
        });
        self.expected.set(None);
        self.draw("#visitor-name");
    }

    /// Fills in the company of who has that e-mail address, where there is room for it.
    pub(super) fn recognise(self) {
        if self.company.with_untracked(|company| company.trim().is_empty()) {
            let email = self.email.get_untracked();
            let known = self.outbox.visits.with_untracked(|visits| look_up::company_of(visits, &email));
            if let Some(company) = known {
                self.company.set(company);
            }
        }
    }

    /// Keeps all of it. Each step was read before the next one began, so that nothing can be missing here.
    fn save(self) {
        let asked = self.asked();
        let (Ok(mut visitor), Ok(host)) = (self.fields().read_as(asked.particulars), self.read_host(asked)) else {
            return;
        };
        self.expected.with_untracked(|visit| {
            if let Some(known) = visit.as_ref().and_then(|visit| visit.visitor.as_ref()) {
                visitor.email = visitor.email.take().or_else(|| known.value.email.clone());
                visitor.phone = visitor.phone.take().or_else(|| known.value.phone.clone());
            }
        });
        let Ok(language) = LanguageTag::new(Language::spoken().tag()) else { return };
        let acts = self.with(|form| {
            let fields = walk_in::questions(&form.settings, form.kind.as_ref());
            let answers = walk_in::answers(fields, &form.typed, form.settings.staff_language()).ok()?;
            let mut visitors = vec![(form.visit, visitor)];
            for companion in &form.companions {
                let mut other = visitors[0].1.clone();
                (other.email, other.phone) = (None, None);
                other.name = form::name(&companion.name).ok()?;
                visitors.push((companion.visit, other));
            }
            let (kind, hands, photos) = (form.kind.clone(), form.hands.clone(), form.photos.clone());
            Some(Entered { kind, visitors, host, answers, hands, photos }.events(&form.settings, &language))
        });
        if let Some(acts) = acts {
            self.saving.save_all(acts);
        }
    }

    /// What the confirmation says.
    pub(super) fn heading(self) -> String {
        super::photo::look_away();
        match self.with(|form| form.companions.len()) {
            0 => words::kiosk().checked_in.with([self.name.get_untracked().trim()]),
            others => words::kiosk().checked_in_party.of(others as u64 + 1),
        }
    }

    /// The visit that this is about is left, and so is the first place where its name is said.
    pub(super) fn is_leader(form: &Form, visit: VisitId) -> bool {
        form.visit == visit
    }
}

/// What stands in a field of the page.
fn value(css: &str) -> Option<String> {
    let field = document().query_selector(css).ok()??;
    Some(field.dyn_into::<HtmlInputElement>().ok()?.value())
}
