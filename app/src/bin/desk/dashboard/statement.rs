//! The delivery statement: captured = delivered + waiting + needs attention, for each device and in sum.

use leptos::prelude::*;
use vestibule_protocol::{
    id::SiteId,
    statement::{Interruption, Statement, Tally},
    timestamp::Timestamp,
};

use vestibule_app::{
    clock,
    icon::{self, Icon},
    live, times, words,
};

use crate::{
    dashboard::{
        account::{self, Account},
        kept::{self, Answer, Pace, Question},
    },
    wording,
};

/// How long a day is, in ms; the hour by which two days of a year differ is of no weight in "the last seven days".
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// For when a statement can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Today,
    Yesterday,
    Week,
    Everything,
}

impl Period {
    const ALL: [Self; 4] = [Self::Today, Self::Yesterday, Self::Week, Self::Everything];

    const fn name(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Yesterday => "yesterday",
            Self::Week => "week",
            Self::Everything => "everything",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Today => wording::TODAY,
            Self::Yesterday => wording::YESTERDAY,
            Self::Week => wording::SEVEN_DAYS,
            Self::Everything => wording::EVERYTHING,
        }
    }

    /// Where it begins and ends at `now`; without an end it goes up to the server's now.
    fn bounds(self, now: Timestamp) -> (Option<Timestamp>, Option<Timestamp>) {
        let today = times::start_of_day(now);
        match self {
            Self::Today => (Some(today), None),
            Self::Yesterday => (Some(times::start_of_day(today.plus_ms(-1))), Some(today)),
            Self::Week => (Some(times::start_of_day(today.plus_ms(-6 * DAY_MS))), None),
            Self::Everything => (None, None),
        }
    }

    fn question(self, site: SiteId) -> Question {
        Question { path: self.path(site, clock::now()), name: format!("statement.{site}.{}", self.name()) }
    }

    fn path(self, site: SiteId, now: Timestamp) -> String {
        let (from, to) = self.bounds(now);
        let bound = |name: &str, at: Option<Timestamp>| at.map(|at| format!("{name}={at}&")).unwrap_or_default();
        format!("/api/v1/sites/{site}/statement?{}{}", bound("from", from), bound("to", to))
    }
}

/// The statement of this day, followed: the page of devices says by it where what each captured is.
pub fn today(site: Memo<Option<SiteId>>) -> Answer<Statement> {
    kept::follow(Memo::new(move |_| Some(Period::Today.question(site.get()?))), Pace::WithNews)
}

/// The page.
#[component]
pub fn StatementPage(site: Memo<Option<SiteId>>) -> impl IntoView {
    let period = RwSignal::new(Period::Today);
    let question = Memo::new(move |_| Some(period.get().question(site.get()?)));
    let answer = kept::follow::<Statement>(question, Pace::WithNews);
    let choice = move |which: Period| {
        view! {
            <button
                id=format!("period-{}", which.name())
                type="button"
                class="tab"
                aria-pressed=live::text(move || (period.get() == which).to_string())
                on:click=live::click(move || period.set(which))
            >
                {which.label()}
            </button>
        }
    };
    let signed = move || question.get().map(|question| format!("{}signed", question.path));
    view! {
        <main class="page statement">
            <div class="page-bar">
                <div class="tabs" role="group" aria-label=wording::PERIOD>
                    {Period::ALL.map(choice).collect_view()}
                </div>
                <div class="page-acts">
                    <button id="print" type="button" class="quiet" on:click=live::click(print)>
                        {icon::drawn(Icon::PRINT)}
                        {wording::PRINT}
                    </button>
                    <a class="button quiet" id="signed-statement" href=signed download="">
                        {icon::drawn(Icon::PROOF)}
                        {wording::SIGNED_COPY}
                    </a>
                </div>
            </div>
            {live::part(move || account::copy_notice(answer))}
            {live::part(move || match answer.last.get() {
                Some(kept) => written(kept.value, period.get_untracked()).into_any(),
                None => nothing_yet(answer).into_any(),
            })}
        </main>
    }
}

fn nothing_yet(answer: Answer<Statement>) -> impl IntoView {
    let words = match answer.failure.get() {
        None => words::shared().starting.to_owned(),
        Some(failure) => words::failure(&failure),
    };
    view! {
        <div class="empty">
            <h2>{wording::NO_STATEMENT_YET}</h2>
            <p>{words}</p>
        </div>
    }
}

fn written(statement: Statement, period: Period) -> impl IntoView {
    let Statement { site, from, to, as_of, total, devices, interruptions, .. } = statement;
    let is_empty = total.captured == 0;
    let span = match (period, from) {
        (Period::Today | Period::Yesterday, Some(from)) => times::day(from),
        (_, Some(from)) => wording::from_to(&times::day(from), &times::day(to)),
        (_, None) => wording::FROM_THE_BEGINNING.to_owned(),
    };
    let most = devices.iter().map(|device| device.tally.captured).max().unwrap_or(0);
    view! {
        <header class="statement-top">
            <h2 class="statement-title">{wording::STATEMENT_TITLE}</h2>
            <p class="lead">{format!("{} · {span}", site.name)}</p>
        </header>
        {equation(total)}
        {verdict(total)}
        {(total.dismissed > 0).then(|| view! { <p class="statement-end">{wording::dismissed(total.dismissed)}</p> })}
        {interruptions.into_iter().rev().map(|one| interruption(one, as_of)).collect_view()}
        {is_empty
            .then(|| {
                view! {
                    <div class="empty">
                        <p>{wording::NOTHING_CAPTURED}</p>
                    </div>
                }
            })}
        <ul class="accounts">
            {devices.into_iter().map(|device| view! { <Account device most as_of /> }).collect_view()}
        </ul>
        <p class="statement-end">{wording::drawn_up_at(&times::time_or_day(as_of, clock::now()))}</p>
    }
}

/// The three terms and their sum, so large that one sees across the room whether it closes.
fn equation(total: Tally) -> impl IntoView {
    let attention = total.needs_attention();
    let term = |name: &'static str, count: u64, label: &'static str| {
        view! {
            <div class="term" data-term=name data-count=count.to_string()>
                <span class="term-count">{wording::count(count)}</span>
                <span class="term-label">{label}</span>
            </div>
        }
    };
    let sign = |sign: &'static str| view! { <span class="sign">{sign}</span> };
    view! {
        <div class="equation" data-open=total.open().to_string()>
            {term("captured", total.captured, wording::CAPTURED)}
            {sign("=")}
            {term("delivered", total.delivered, wording::DELIVERED)}
            {sign("+")}
            {term("waiting", total.waiting, wording::WAITING)}
            {sign("+")}
            {term("attention", attention, wording::NEEDS_ATTENTION)}
            {(total.written_off > 0)
                .then(|| [sign("+").into_any(), term("written-off", total.written_off, wording::WRITTEN_OFF).into_any()])}
        </div>
    }
}

fn verdict(total: Tally) -> impl IntoView {
    let (class, icon) = match (total.waiting, total.needs_attention()) {
        (0, 0) => ("verdict closed", Icon::CHECK),
        (_, 0) => ("verdict waits", Icon::CLOCK),
        _ => ("verdict open", Icon::WARNING),
    };
    (total.captured > 0).then(|| {
        view! {
            <p class=class>
                {icon::drawn(icon)}
                {wording::verdict(total)}
            </p>
        }
    })
}

fn interruption(one: Interruption, as_of: Timestamp) -> impl IntoView {
    let shown = |at| times::time_or_day(at, as_of);
    view! { <p class="interruption">{wording::interrupted(&shown(one.from), &shown(one.to), one.late)}</p> }
}

fn print() {
    // A browser that can't print does nothing.
    let _ = window().print();
}
