//! Brings in by hand what a kiosk can't deliver: a visitor's pass, the codes on its screen, or its file.

use std::collections::VecDeque;

use leptos::{html::Input, prelude::*, task::spawn_local};
use vestibule_protocol::{
    batch::Outcome,
    code::Code,
    id::DeviceId,
    parcels::{CarriedEvent, Contents},
};
use wasm_bindgen_futures::JsFuture;

use vestibule_app::{
    api::{self, Failure},
    clock, field,
    field::Notice,
    focus, handing_over,
    icon::{self, Icon},
    live,
    scanner::{Camera, Facing, Scanner},
    times, words,
};

use crate::{dashboard::sheet::Sheet, wording};

/// Most entries that are listed one by one, the latest first: more than anybody reads.
const MOST_LISTED: usize = 50;

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Stage {
    /// For the next code.
    Ready,
    /// The server is asked.
    Busy,
    /// Somebody decides on what was scanned.
    Asked { code: String, contents: Contents },
}

/// What is done in the sheet. Copies are one and the same.
#[derive(Clone, Copy)]
struct BringIn {
    stage: RwSignal<Stage>,
    problem: RwSignal<Option<String>>,
    brought: RwSignal<VecDeque<CarriedEvent>>,
    /// How many entries, and how many of them the server had not heard of.
    count: RwSignal<(usize, usize)>,
    /// The device whose codes are brought in without asking again: it shows one after the other.
    trusted: StoredValue<Option<DeviceId>>,
    last: StoredValue<String>,
}

/// A field, a camera and a file; then what came of it.
#[component]
pub fn BringInSheet(on_close: impl Fn() + Copy + 'static) -> impl IntoView {
    let work = BringIn {
        stage: RwSignal::new(Stage::Ready),
        problem: RwSignal::new(None),
        brought: RwSignal::new(VecDeque::new()),
        count: RwSignal::new((0, 0)),
        trusted: StoredValue::new(None),
        last: StoredValue::new(String::new()),
    };
    let typed = RwSignal::new(String::new());
    let camera = RwSignal::new(Camera::Starting);
    let wants_camera = RwSignal::new(false);
    let first = field::focus_on_arrival();
    let file = NodeRef::<Input>::new();
    let on_submit = move || {
        work.take(typed.get_untracked());
        typed.set(String::new());
    };
    let on_file = move |_| {
        let chosen = file.get_untracked().and_then(|input| input.files()?.get(0));
        let Some(chosen) = chosen else { return };
        spawn_local(async move {
            let text = JsFuture::from(chosen.text()).await.ok().and_then(|text| text.as_string());
            work.take_file(&text.unwrap_or_default()).await;
        });
    };
    let is_asked = Memo::new(move |_| matches!(work.stage.get(), Stage::Asked { .. }));
    let scan = move || {
        view! {
            <form class="form" novalidate on:submit=live::submit(on_submit)>
                <p>{wording::BRING_IN_LEAD}</p>
                <div class="field">
                    <label for="carried-code">{wording::CARRIED_CODE}</label>
                    <input
                        id="carried-code"
                        type="text"
                        autocomplete="off"
                        {..field::uncorrected()}
                        spellcheck="false"
                        node_ref=first
                        bind:value=typed
                    />
                    <p class="field-hint">{wording::CARRIED_CODE_HINT}</p>
                </div>
                {live::part(move || wants_camera.get().then(|| view! {
                    <div class="bring-in-camera">
                        <Scanner facing=Facing::World camera on_text=move |text| work.see(text) />
                        <p class="field-hint" role="status">{live::part(move || wording::camera(camera.get()))}</p>
                    </div>
                }))}
                <div class="form-end bring-in-ways">
                    <button
                        id="open-camera"
                        type="button"
                        disabled=live::flag(move || wants_camera.get())
                        on:click=live::click(move || wants_camera.set(true))
                    >
                        {wording::OPEN_CAMERA}
                    </button>
                    <label class="file-button">
                        {wording::CHOOSE_FILE}
                        <input
                            id="carried-file"
                            class="unseen"
                            type="file"
                            accept=".txt,.vestibule,text/plain"
                            node_ref=file
                            on:change=on_file
                        />
                    </label>
                    <button
                        id="look-at-code"
                        type="submit"
                        class="primary"
                        disabled=live::flag(move || work.stage.get() == Stage::Busy)
                    >
                        {wording::LOOK}
                    </button>
                </div>
            </form>
        }
    };
    view! {
        <Sheet title=wording::BRING_IN on_close=on_close>
            <Notice text=Signal::derive(move || work.problem.get()) />
            {live::part(move || match work.stage.get() {
                Stage::Asked { code, contents } => view! { <Question work code contents /> }.into_any(),
                Stage::Ready | Stage::Busy => ().into_any(),
            })}
            // It stays while a question is asked: the camera would have to start anew.
            <div hidden=live::flag(move || is_asked.get())>{scan()}</div>
            {live::part(move || brought(work))}
        </Sheet>
    }
}

/// What is in the parcel, and whether it is wanted.
#[component]
fn Question(work: BringIn, code: String, contents: Contents) -> impl IntoView {
    let device = contents.device;
    let is_news = contents.events.iter().any(|event| event.result.outcome == Outcome::Accepted);
    let confirm = move || {
        let code = code.clone();
        work.trusted.set_value(Some(device));
        spawn_local(async move { work.bring(&code).await });
    };
    focus::soon("#bring-in");
    view! {
        <section class="carried" data-news=is_news.to_string()>
            <p class="lead">{wording::carried_from(contents.device_name.as_str(), contents.events.len())}</p>
            {contents.revoked_at.map(|_| view! { <p class="notice">{wording::CARRIED_REVOKED}</p> })}
            <ul class="undelivered">{contents.events.into_iter().take(MOST_LISTED).map(line).collect_view()}</ul>
            <div class="form-end">
                <button type="button" on:click=live::click(move || work.stage.set(Stage::Ready))>
                    {wording::NOT_THIS}
                </button>
                <button id="bring-in" type="button" class="primary" on:click=live::click(confirm)>
                    {icon::drawn(Icon::Check)}
                    {if is_news { wording::BRING_IN_NOW } else { wording::BRING_IN_AGAIN }}
                </button>
            </div>
        </section>
    }
}

/// What was brought in so far. Reactive.
fn brought(work: BringIn) -> impl IntoView + use<> {
    let (all, news) = work.count.get();
    (all > 0).then(|| {
        let lines = work.brought.get().into_iter().map(line).collect_view();
        view! {
            <section class="brought" id="brought" data-all=all.to_string() data-news=news.to_string()>
                <h3 role="status">{wording::brought(all, news)}</h3>
                <ul class="undelivered">{lines}</ul>
            </section>
        }
    })
}

fn line(event: CarriedEvent) -> impl IntoView + use<> {
    let name = event.visitor.map_or_else(|| words::UNKNOWN_VISITOR.to_owned(), |name| name.to_string());
    let when = event.occurred_at.map(|at| times::time_or_day(at, clock::now())).unwrap_or_default();
    let host = event.host.map(|host| wording::to_see(host.as_str()));
    view! {
        <li data-visit=event.visit.to_string()>
            <span class="undelivered-name">{name}</span>
            <span class="undelivered-what">{words::act(event.kind)} " " {when} " " {host}</span>
            <span class="undelivered-why">{wording::came_of(event.result.outcome)}</span>
        </li>
    }
}

impl BringIn {
    /// What the camera sees, again and again.
    fn see(self, text: String) {
        let is_free = self.stage.with_untracked(|stage| *stage == Stage::Ready);
        if is_free && self.last.with_value(|last| *last != text) {
            self.last.set_value(text.clone());
            self.take(text);
        }
    }

    /// Looks at a code; brings it in at once if it is the next of a device that somebody has agreed to.
    fn take(self, text: String) {
        self.problem.set(None);
        let device = match Code::read(&text) {
            Ok(Code::Parcel(sealed)) => sealed.device(),
            Ok(Code::Visit(_)) => return self.problem.set(Some(wording::CODE_OF_AN_INVITATION.to_owned())),
            Err(_) => return self.problem.set(Some(wording::NO_CODE.to_owned())),
        };
        let is_trusted = self.trusted.get_value() == Some(device);
        self.stage.set(Stage::Busy);
        spawn_local(async move {
            if is_trusted {
                self.bring(&text).await;
            } else {
                self.ask(text).await;
            }
        });
    }

    /// Brings in a whole file: choosing it was the word that it is wanted.
    async fn take_file(self, text: &str) {
        self.problem.try_set(None);
        let pieces = handing_over::pieces(text);
        if pieces.is_empty() {
            self.problem.try_set(Some(wording::NO_BACKLOG_FILE.to_owned()));
        }
        for piece in pieces {
            self.bring(&piece).await;
            if self.problem.try_get_untracked().flatten().is_some() {
                break;
            }
        }
    }

    async fn ask(self, code: String) {
        match api::parcel_contents(&code).await {
            Ok(contents) => {
                self.stage.try_set(Stage::Asked { code, contents });
            }
            Err(failure) => self.fail(&failure),
        }
    }

    async fn bring(self, code: &str) {
        self.stage.try_set(Stage::Busy);
        match api::bring_in(code).await {
            Ok(contents) => {
                let news = contents.events.iter().filter(|event| event.result.outcome == Outcome::Accepted).count();
                self.count.try_update(|(all, new)| {
                    *all += contents.events.len();
                    *new += news;
                });
                self.brought.try_update(|brought| {
                    contents.events.into_iter().for_each(|event| brought.push_front(event));
                    brought.truncate(MOST_LISTED);
                });
                self.stage.try_set(Stage::Ready);
                focus::soon("#carried-code");
            }
            Err(failure) => self.fail(&failure),
        }
    }

    fn fail(self, failure: &Failure) {
        self.problem.try_set(Some(words::failure(failure)));
        // The same code may be shown again once it is better.
        self.last.try_set_value(String::new());
        self.stage.try_set(Stage::Ready);
    }
}
