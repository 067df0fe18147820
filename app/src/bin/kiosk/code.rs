//! A visitor comes or goes with a code: of an invitation, a pass or a badge.

use leptos::prelude::*;
use vestibule_protocol::{
    code::Code,
    event::{CheckedOut, EventData},
    id::VisitId,
    timestamp::Timestamp,
    visit::{State, Visit},
};

use vestibule_app::{
    clock,
    field::{self, Notice},
    focus, lists, live,
    outbox::Outbox,
    reference,
    route::Router,
    saving::{Saving, Stage},
    scanner::{Camera, Facing, Scanner},
    times, words,
};

use crate::{
    confirmation::Confirmation,
    screen::KioskScreen,
    shell::{Broken, TopBar},
};

/// The expected visit whose code was shown, on its way to the screen that checks in.
#[derive(Clone, Copy)]
pub struct Announced(RwSignal<Option<Visit>>);

impl Announced {
    /// Nobody yet.
    pub fn nobody() -> Self {
        Self(RwSignal::new(None))
    }

    /// The visit, once.
    pub fn take(self) -> Option<Visit> {
        self.0.try_update_untracked(Option::take).flatten()
    }
}

/// What a code comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Meant {
    /// Somebody who is expected arrives.
    Arriving(Visit),
    /// Somebody who is here leaves.
    Leaving(Visit),
    /// This device knows nothing of the visit, as when the visitor came past another one that reaches nobody. Their pass
    /// says which it is.
    LeavingUnknown(VisitId),
    /// They have left, or will not come.
    Over,
    /// It is a code, and of no visit here.
    NotKnown,
    /// It is no code.
    NotOurs,
}

/// The camera, and a field for whoever types or has a scanner that does; then what the code asks for.
#[component]
pub fn ByCode() -> impl IntoView {
    let outbox = expect_context::<Outbox>();
    let router = expect_context::<Router<KioskScreen>>();
    let announced = expect_context::<Announced>();
    let saving = Saving::new(outbox);
    let leaving = RwSignal::new(None::<Visit>);
    let problem = RwSignal::new(None::<&'static str>);
    let last = StoredValue::new(String::new());

    let take = move |text: &str| {
        let meant = outbox
            .visits
            .with_untracked(|visits| meant(text, |id| visits.get(&id).cloned(), visits.values(), clock::now()));
        problem.set(None);
        match meant {
            Meant::Arriving(visit) => {
                announced.0.set(Some(visit));
                router.replace(KioskScreen::CheckIn);
            }
            Meant::Leaving(visit) => {
                leaving.set(Some(visit));
                focus::soon(".ask h1");
            }
            Meant::LeavingUnknown(id) => {
                let site = outbox.status.with_untracked(|status| Some(status.as_ref()?.source?.site));
                leaving.set(site.map(|site| Visit::new(id, site)));
                focus::soon(".ask h1");
            }
            Meant::Over => problem.set(Some(words::kiosk().code_over)),
            Meant::NotKnown => problem.set(Some(words::kiosk().code_not_known)),
            Meant::NotOurs => problem.set(Some(words::kiosk().code_not_ours)),
        }
    };
    // A code stays in sight for many looks.
    let on_text = move |text: String| {
        if leaving.with_untracked(Option::is_none) && last.with_value(|last| *last != text) {
            last.set_value(text.clone());
            take(&text);
        }
    };
    let is_broken = Memo::new(move |_| outbox.is_broken());
    let kept = Memo::new(move |_| match saving.stage.get() {
        Stage::Kept(kept) => Some(kept),
        Stage::Ready | Stage::Busy | Stage::NotKept(_) => None,
    });
    let body = move || match leaving.get() {
        _ if is_broken.get() => view! { <Broken /> }.into_any(),
        Some(visit) => {
            let back = move || {
                last.set_value(String::new());
                leaving.set(None);
            };
            view! { <Leaving visit saving on_back=back /> }.into_any()
        }
        None => view! { <Show problem on_text on_typed=move |typed: String| take(&typed) /> }.into_any(),
    };
    live::part(move || match kept.get() {
        Some(kept) => {
            let heading = leaving.with_untracked(|visit| match visit.as_ref().and_then(lists::name) {
                Some(name) => words::kiosk().goodbye.with([name]),
                None => words::kiosk().goodbye_unnamed.to_owned(),
            });
            view! { <Confirmation heading kept /> }.into_any()
        }
        None => view! {
            <TopBar />
            <main class="screen form-screen">{live::part(body)}</main>
        }
        .into_any(),
    })
}

/// Where the code is shown, or typed.
#[component]
fn Show(
    problem: RwSignal<Option<&'static str>>,
    on_text: impl Fn(String) + Copy + 'static,
    on_typed: impl Fn(String) + Copy + 'static,
) -> impl IntoView {
    let camera = RwSignal::new(Camera::Starting);
    let typed = RwSignal::new(String::new());
    let first = field::focus_on_arrival();
    let hint = move || match camera.get() {
        Camera::Starting => Some(words::kiosk().code_opening),
        Camera::Looking => None,
        Camera::Refused => Some(words::kiosk().code_refused),
        Camera::Missing | Camera::Failed => Some(words::kiosk().code_no_camera),
    };
    view! {
        <h1 tabindex="-1">{words::kiosk().code_heading}</h1>
        <div class="by-code">
            <Scanner facing=Facing::Person camera on_text />
            <form class="form" novalidate on:submit=live::submit(move || on_typed(typed.get_untracked()))>
                <p class="lead" role="status">{live::part(hint)}</p>
                <div class="field">
                    <label for="code">{words::kiosk().code_label}</label>
                    <input
                        id="code"
                        class="code-input"
                        type="text"
                        autocomplete="off"
                        autocapitalize="characters"
                        {..field::uncorrected()}
                        spellcheck="false"
                        node_ref=first
                        bind:value=typed
                    />
                </div>
                <Notice text=Signal::derive(move || problem.get().map(str::to_owned)) />
                <div class="form-end">
                    <button id="use-code" type="submit" class="primary large">
                        {words::kiosk().code_go_on}
                    </button>
                </div>
            </form>
        </div>
    }
}

/// The question before somebody leaves.
#[component]
fn Leaving(visit: Visit, saving: Saving, on_back: impl Fn() + Copy + 'static) -> impl IntoView {
    let id = visit.id;
    let question = match lists::name(&visit) {
        Some(name) => words::shared().check_out_whom.with([name]),
        None => words::kiosk().check_out_by_code.to_owned(),
    };
    let arrived = visit.arrived_at().map(|at| words::shared().arrived_at.with([&times::time_or_day(at, clock::now())]));
    view! {
        <div class="ask">
            <h1 tabindex="-1">{question}</h1>
            <p class="lead">{arrived}</p>
            <Notice text=Signal::derive(move || saving.failure().map(|why| words::not_kept(why).to_owned())) />
            <div class="form-end">
                <button
                    type="button"
                    class="large"
                    disabled=live::flag(move || saving.is_busy())
                    on:click=live::click(on_back)
                >
                    {words::kiosk().not_leaving}
                </button>
                <button
                    id="confirm"
                    type="button"
                    class="primary large"
                    disabled=live::flag(move || saving.is_busy())
                    on:click=live::click(move || saving.save(id, EventData::CheckedOut(CheckedOut {})))
                >
                    {live::part(move || if saving.is_busy() { words::shared().saving } else { words::shared().check_out })}
                </button>
            </div>
        </div>
    }
}

/// What was scanned or typed comes to, `known` being the visits of this device.
fn meant<'a>(
    text: &str,
    by_id: impl Fn(VisitId) -> Option<Visit>,
    known: impl Iterator<Item = &'a Visit>,
    now: Timestamp,
) -> Meant {
    let (visit, id_in_pass) = match Code::read(text) {
        Ok(Code::Visit(id)) => (by_id(id), None),
        Ok(Code::Parcel(sealed)) => (by_id(sealed.visit()), Some(sealed.visit())),
        Err(_) if reference::is_code(text) => {
            // Two visits of one code are as rare as it is long; then neither is guessed.
            let mut found = known.filter(|visit| reference::is_code_of(text, visit.id));
            let first = found.next().cloned();
            (first.filter(|_| found.next().is_none()), None)
        }
        Err(_) => return Meant::NotOurs,
    };
    match (visit, id_in_pass) {
        (Some(visit), _) => match visit.state(now) {
            State::Expected => Meant::Arriving(visit),
            State::OnSite => Meant::Leaving(visit),
            State::Left | State::Cancelled | State::Expired => Meant::Over,
        },
        (None, Some(id)) => Meant::LeavingUnknown(id),
        (None, None) => Meant::NotKnown,
    }
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;
    use vestibule_protocol::{
        event::{Event, Source},
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId},
        json,
    };

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_800_000_000_000);

    fn visit(n: u8, happened: &[EventData]) -> Visit {
        let entropy = [n; ENTROPY_BYTES];
        let source =
            Source { site: SiteId::new(NOW, [1; ENTROPY_BYTES]), device: DeviceId::new(NOW, [2; ENTROPY_BYTES]) };
        let mut visit = Visit::new(VisitId::new(NOW, entropy), source.site);
        for (step, data) in happened.iter().enumerate() {
            let time = NOW.plus_ms(step as i64 - 60_000);
            let id = EventId::new(time, [n + step as u8; ENTROPY_BYTES]);
            visit.apply(&Event { id, source, visit: visit.id, time, clock_offset_ms: None, data: data.clone() }, None);
        }
        visit
    }

    fn came() -> EventData {
        EventData::CheckedIn(read(r#"{"visitor":{"name":"Ada Lovelace"}}"#))
    }

    fn expected() -> EventData {
        EventData::Registered(read(r#"{"visitor":{"name":"Ada Lovelace"},"expected_at":"2027-01-15T08:00:00Z"}"#))
    }

    fn read<T: DeserializeOwned>(json: &str) -> T {
        json::read(json).expect("the JSON in tests is good")
    }

    fn of(text: &str, visits: &[Visit]) -> Meant {
        meant(text, |id| visits.iter().find(|visit| visit.id == id).cloned(), visits.iter(), NOW)
    }

    #[test]
    fn a_code_asks_for_what_comes_next_in_its_visit() {
        let [due, here, gone] = [
            visit(10, &[expected()]),
            visit(20, &[came()]),
            visit(30, &[came(), EventData::CheckedOut(CheckedOut {})]),
        ];
        let all = [due.clone(), here.clone(), gone.clone()];
        for spelled in [|id| Code::Visit(id).text(), |id| reference::code(id), |id| reference::code(id).to_lowercase()]
        {
            assert_eq!(of(&spelled(due.id), &all), Meant::Arriving(due.clone()));
            assert_eq!(of(&spelled(here.id), &all), Meant::Leaving(here.clone()));
            assert_eq!(of(&spelled(gone.id), &all), Meant::Over);
            assert_eq!(of(&spelled(due.id), std::slice::from_ref(&here)), Meant::NotKnown);
        }
        assert_eq!(of("https://example.com/menu", &all), Meant::NotOurs);
        assert_eq!(of("", &all), Meant::NotOurs);
    }

    #[test]
    fn who_came_past_another_kiosk_leaves_by_their_pass() {
        let here = visit(20, &[came()]);
        let code = "VBP06AV790001R0100000000000080SBCX40007004000000000005T2YA2049MMFJ0BD0P9BYB059YXAXBJ108YTAT7KCRWERBY0RP1NT0TMYF89RXD8Q2HXY8P59BX8YNA69S051BABCCCEMPEH1BBW1SMH1FCY3EQBEJQ0PX4YA62CJFDBSMCWST2Z7H79BEHQBFG1R1K48B1CFKV9KYN9RCB3XN4R6J6G00S2G";
        let id = "0195b3a4-0000-7000-8000-00000000000b".parse().expect("it is an id");
        assert_eq!(of(code, &[here]), Meant::LeavingUnknown(id));
    }
}
