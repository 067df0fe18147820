//! The fold, tried: every crossing as a sentence, and any order, any duplicates, the same visit.
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fmt::Write as _;

use expect_test::expect;
use proptest::prelude::*;
use rstest::rstest;
use vestibule_protocol::{
    details::{Details, Named},
    event::{
        Cancelled, CheckedIn, CheckedOut, Event, EventData, Host, Name, Registered, Source, Updated, Visitor,
        Written as _,
    },
    id::{DeviceId, EventId, HostId, RollCallId, SiteId, VisitId},
    json,
    papers::{AgreementSigned, Photographed, Signature},
    roll_call::{self, Mark, RollCallEnded, RollCallMarked, RollCallStarted},
    settings::{Key, LanguageTag},
    text::Text,
    timestamp::Timestamp,
    visit::{EXPECTED_FOR_MS, Oddity, State, Visit},
};

#[rstest]
#[case::nothing_but_an_update(&[updated(1)], State::Expected, &[])]
#[case::registered(&[registered(1)], State::Expected, &[])]
#[case::cancelled(&[registered(1), cancelled(2)], State::Cancelled, &[])]
#[case::registered_again(&[registered(1), cancelled(2), registered(3)], State::Expected, &[])]
#[case::walk_in(&[checked_in(1)], State::OnSite, &[])]
#[case::gone(&[checked_in(1), checked_out(2)], State::Left, &[])]
#[case::back_again(&[checked_in(1), checked_out(2), checked_in(3)], State::OnSite, &[])]
#[case::updated_after_leaving(&[checked_in(1), checked_out(2), updated(3)], State::Left, &[])]
#[case::signed_and_checked_in(&[signed(1, 1), photographed(1), checked_in(2)], State::OnSite, &[])]
#[case::signed_and_gone_away(&[signed(1, 1), photographed(1)], State::Expired, &[])]
#[case::check_out_alone(&[checked_out(2)], State::Left, &[Oddity::CheckedOutUnseen])]
#[case::two_kiosks(&[checked_in(1), checked_in(2)], State::OnSite, &[Oddity::CheckedInTwice])]
#[case::two_kiosks_then_gone(&[checked_in(1), checked_in(2), checked_out(3)], State::Left, &[Oddity::CheckedInTwice])]
#[case::arrived_then_cancelled(&[checked_in(1), cancelled(2)], State::OnSite, &[Oddity::ArrivedThoughCancelled])]
#[case::cancelled_then_arrived(&[cancelled(1), checked_in(2)], State::OnSite, &[Oddity::ArrivedThoughCancelled])]
fn crossings_have_one_result(#[case] events: &[Event], #[case] state: State, #[case] oddities: &[Oddity]) {
    let visit = fold(events.iter().rev());
    assert_eq!(visit.state(minute(10)), state);
    assert_eq!(visit.oddities(), oddities);
}

/// Every pair, whatever the order in which they are delivered. Marks and roll calls change no stay; they have tests of
/// their own below.
#[test]
fn every_pair_of_events_has_one_result() {
    type Kind = (&'static str, fn(i64) -> Event);
    let kinds: [Kind; 5] = [
        ("registered", registered),
        ("updated", updated),
        ("cancelled", cancelled),
        ("checked in", checked_in),
        ("checked out", checked_out),
    ];
    let mut table = String::from("\n");
    let pairs = kinds.iter().flat_map(|first| kinds.iter().map(move |then| (first, then)));
    for ((first, make_first), (then, make_then)) in pairs {
        let events = [make_first(1), make_then(2)];
        let (visit, reversed) = (fold(events.iter()), fold(events.iter().rev()));
        assert_eq!(visit, reversed, "{first}, then {then}");
        let (state, oddities) = (visit.state(minute(10)), visit.oddities());
        writeln!(table, "{first:<11} then {then:<11} {state:?} {oddities:?}").unwrap();
    }
    expect![[r#"

        registered  then registered  Expected []
        registered  then updated     Expected []
        registered  then cancelled   Cancelled []
        registered  then checked in  OnSite []
        registered  then checked out Left [CheckedOutUnseen]
        updated     then registered  Expected []
        updated     then updated     Expected []
        updated     then cancelled   Cancelled []
        updated     then checked in  OnSite []
        updated     then checked out Left [CheckedOutUnseen]
        cancelled   then registered  Expected []
        cancelled   then updated     Cancelled []
        cancelled   then cancelled   Cancelled []
        cancelled   then checked in  OnSite [ArrivedThoughCancelled]
        cancelled   then checked out Left [CheckedOutUnseen]
        checked in  then registered  OnSite []
        checked in  then updated     OnSite []
        checked in  then cancelled   OnSite [ArrivedThoughCancelled]
        checked in  then checked in  OnSite [CheckedInTwice]
        checked in  then checked out Left []
        checked out then registered  Left [CheckedOutUnseen]
        checked out then updated     Left [CheckedOutUnseen]
        checked out then cancelled   Left [CheckedOutUnseen]
        checked out then checked in  OnSite [CheckedOutUnseen]
        checked out then checked out Left [CheckedOutUnseen]
    "#]]
    .assert_eq(&table);
}

#[test]
fn a_check_out_that_is_delivered_first_keeps_both_times() {
    let visit = fold([checked_out(2), checked_in(1)].iter());
    assert_eq!(visit.arrived_at(), Some(minute(1)));
    assert_eq!(visit.left_at(), Some(minute(2)));
}

#[test]
fn an_expected_visit_expires() {
    let visit = fold([registered(1)].iter());
    let expected = visit.expected_at.as_ref().unwrap().value;
    assert_eq!(visit.state(expected.plus_ms(EXPECTED_FOR_MS)), State::Expected);
    assert_eq!(visit.state(expected.plus_ms(EXPECTED_FOR_MS + 1)), State::Expired);
}

#[test]
fn a_clock_years_ahead_puts_nothing_after_its_receipt() {
    let mut visit = fold([checked_in(1)].iter());
    let mut far = checked_out(2);
    far.time = minute(60 * 24 * 365 * 5);
    visit.apply(&far, Some(minute(3)));
    visit.apply(&checked_in(4), Some(minute(5)));
    assert_eq!(visit.state(minute(10)), State::OnSite);
}

#[test]
fn a_clock_years_behind_puts_an_event_where_it_says_and_says_when_it_was_received() {
    let mut visit = fold([checked_in(1)].iter());
    let mut long_ago = checked_out(2);
    long_ago.time = minute(-60 * 24 * 365 * 5);
    visit.apply(&long_ago, Some(minute(3)));
    // Nobody knows better: staff see the oddity, and both clocks in the timeline.
    assert_eq!((visit.state(minute(10)), visit.oddities()), (State::OnSite, vec![Oddity::CheckedOutUnseen]));
    assert_eq!(visit.timeline[0].received_at, Some(minute(3)));
    // A device that has measured how far its clock is off says so, and is corrected.
    long_ago.id = EventId(uuid(77));
    long_ago.clock_offset_ms = Some(minute(2).ms_since(long_ago.time));
    visit.apply(&long_ago, Some(minute(3)));
    assert_eq!(visit.state(minute(10)), State::Left);
}

#[test]
fn of_two_events_with_one_id_the_first_counts() {
    // Which of them that is, is decided once, by the ledger, which keeps the other apart.
    let (first, other) = (checked_in(1), Event { data: checked_out(1).data, ..checked_in(1) });
    assert_eq!(fold([first.clone(), other].iter()), fold([first].iter()));
}

#[test]
fn an_event_waits_until_the_server_has_it() {
    let mut visit = fold([checked_in(1)].iter());
    assert!(!visit.is_waiting());
    visit.apply(&checked_out(2), None);
    assert!(visit.is_waiting());
}

#[test]
fn marks_of_two_marshals_merge_and_the_latest_stands() {
    let visit =
        fold([marked(4, 7, Mark::Safe), checked_in(1), marked(3, 7, Mark::NotFound), marked(2, 8, Mark::Safe)].iter());
    let marks: Vec<_> = visit.marks.iter().map(|marked| (marked.roll_call.0, marked.mark.value)).collect();
    assert_eq!(marks, [(uuid(7), Mark::Safe), (uuid(8), Mark::Safe)]);
    assert_eq!((visit.timeline.len(), visit.state(minute(10))), (4, State::OnSite));
    let taken_back = fold([marked(5, 7, Mark::Open), marked(4, 7, Mark::Safe)].iter());
    assert_eq!(taken_back.marks[0].mark.value, Mark::Open);
}

#[test]
fn each_version_of_an_agreement_is_signed_once_and_the_latest_signature_stands() {
    let visit =
        fold([signed(4, 2), signed(3, 1), checked_in(5), signed(2, 2), photographed(3), photographed(1)].iter());
    let held: Vec<_> = visit.signed.iter().map(|signed| (signed.version, signed.at)).collect();
    assert_eq!(held, [(1, minute(3)), (2, minute(4))]);
    assert_eq!(visit.photo.map(|photo| photo.at), Some(minute(3)));
}

#[test]
fn what_is_known_besides_stays_until_something_else_is_said() {
    let details = Details { visitor_type: Some(named("guest", "Guest")), ..Details::default() };
    let mut booked = registered(1);
    if let EventData::Registered(data) = &mut booked.data {
        data.details = details.clone();
    }
    let visit = fold([checked_in(2), booked].iter());
    assert_eq!(visit.details.map(|held| held.value), Some(details));
}

#[rstest]
#[case::under_way(&[started(1)], Some((1, None)))]
#[case::over(&[started(1), ended(5)], Some((1, Some(5))))]
#[case::taken_up_again(&[started(1), ended(5), started(6)], Some((1, None)))]
#[case::only_its_end_has_arrived(&[ended(5)], Some((5, Some(5))))]
#[case::a_stay(&[checked_in(1), seen(2)], None)]
#[case::a_stay_in_whose_name_one_was_started(&[checked_in(1), started(2)], None)]
fn a_roll_call_is_read_off_its_events(#[case] events: &[Event], #[case] expected: Option<(i64, Option<i64>)>) {
    let roll_call = roll_call::of(&fold(events.iter().rev()));
    let told = roll_call.map(|call| (call.started_at, call.ended_at));
    assert_eq!(told, expected.map(|(start, end)| (minute(start), end.map(minute))));
}

#[test]
fn an_event_of_another_visit_changes_nothing() {
    let mut visit = fold([checked_in(1)].iter());
    let before = visit.clone();
    visit.apply(&Event { visit: VisitId(uuid(99)), ..checked_out(2) }, None);
    assert_eq!(visit, before);
}

proptest! {
    #[test]
    fn any_order_and_any_duplicates_fold_to_the_same_visit(
        (events, shuffled) in histories()
            .prop_flat_map(|events| {
                let twice = [events.clone(), events.clone()].concat();
                (Just(events), Just(twice).prop_shuffle())
            })
    ) {
        prop_assert_eq!(fold(events.iter()), fold(shuffled.iter()));
    }

    /// As a server folds: each batch into the visit as the one before it left it, in the database.
    #[test]
    fn any_split_into_batches_folds_to_the_same_visit(
        (events, shuffled) in histories().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        sizes in prop::collection::vec(1_usize..4, 10),
    ) {
        let mut stored = json::write(&fold([].into_iter()));
        let mut left = shuffled.as_slice();
        for size in sizes {
            let (batch, others) = left.split_at(size.min(left.len()));
            left = others;
            let mut visit: Visit = json::read(&stored).unwrap();
            batch.iter().for_each(|event| apply(&mut visit, event));
            stored = json::write(&visit);
        }
        prop_assert_eq!(fold(events.iter()), json::read(&stored).unwrap());
    }
}

/// Up to ten events of one visit, with colliding times, clocks that are years off or corrected, and distinct ids.
fn histories() -> impl Strategy<Value = Vec<Event>> {
    let kinds =
        [registered, updated, cancelled, checked_in, checked_out, started, ended, seen, signed_once, photographed];
    let years = prop_oneof![8 => Just(0), 1 => Just(-5), 1 => Just(5)];
    let offset = prop::option::of(prop_oneof![Just(0), Just(-90_000), Just(1_000_000_000_000)]);
    let kind = (0..kinds.len(), 0_i64..4, years, offset).prop_map(move |(kind, at, years, offset)| {
        let time = minute(at + years * 60 * 24 * 365);
        Event { time, clock_offset_ms: offset, ..kinds[kind](at) }
    });
    prop::collection::vec(kind, 0..10).prop_map(|mut events| {
        for (number, event) in (0_u8..).zip(&mut events) {
            event.id = EventId(uuid(number));
            rename(event, number);
        }
        events
    })
}

/// Gives the event a name of its own, so that a wrong winner shows.
fn rename(event: &mut Event, number: u8) {
    match &mut event.data {
        EventData::Registered(Registered { visitor, details, .. })
        | EventData::CheckedIn(CheckedIn { visitor, details, .. }) => {
            *visitor = visitor_named(&format!("Visitor {number}"));
            // Some say nothing besides, which must not win over who does.
            details.party = number.is_multiple_of(2).then(|| VisitId(uuid(number)));
        }
        EventData::Updated(data) => data.visitor = Some(visitor_named(&format!("Visitor {number}"))),
        EventData::RollCallMarked(data) => {
            data.mark = [Mark::Safe, Mark::NotFound, Mark::Open][usize::from(number % 3)];
            data.roll_call = RollCallId(uuid(number % 2));
        }
        EventData::AgreementSigned(data) => data.version = u32::from(number % 2),
        EventData::Cancelled(_)
        | EventData::Photographed(_)
        | EventData::CheckedOut(_)
        | EventData::RollCallStarted(_)
        | EventData::RollCallEnded(_) => {}
    }
}

fn fold<'a>(events: impl Iterator<Item = &'a Event>) -> Visit {
    let mut visit = Visit::new(VisitId(uuid(1)), SiteId(uuid(2)));
    events.for_each(|event| apply(&mut visit, event));
    visit
}

/// Whatever its device's clock says, the server's is right, and has an event half a second after its place in the hour.
fn apply(visit: &mut Visit, event: &Event) {
    const HOUR_MS: i64 = 60 * 60_000;
    let received_at = minute(0).plus_ms(event.time.ms_since(minute(0)).rem_euclid(HOUR_MS) + 500);
    visit.apply(event, Some(received_at));
}

fn registered(at: i64) -> Event {
    let host = Some(Host { id: HostId(uuid(5)), name: Name::new("Charles").unwrap() });
    event(
        at,
        EventData::Registered(Registered {
            visitor: visitor_named("Ada"),
            host,
            expected_at: minute(30),
            details: Details::default(),
        }),
    )
}

fn updated(at: i64) -> Event {
    event(at, EventData::Updated(Updated { visitor: Some(visitor_named("Augusta")), ..Updated::default() }))
}

fn cancelled(at: i64) -> Event {
    event(at, EventData::Cancelled(Cancelled::default()))
}

fn checked_in(at: i64) -> Event {
    event(
        at,
        EventData::CheckedIn(CheckedIn { visitor: visitor_named("Ada"), host: None, details: Details::default() }),
    )
}

fn checked_out(at: i64) -> Event {
    event(at, EventData::CheckedOut(CheckedOut {}))
}

fn signed_once(at: i64) -> Event {
    signed(at, 1)
}

fn signed(at: i64, version: u32) -> Event {
    let Named { id: agreement, label: title } = named("house", "House rules");
    let language = LanguageTag::new("en").unwrap();
    let signature = Some(Signature::Ticked);
    let data = AgreementSigned { agreement, version, title, language, signature };
    let event = event(at, EventData::AgreementSigned(data));
    Event { id: EventId::new(minute(at), [u8::try_from(version).unwrap(); 10]), ..event }
}

fn photographed(at: i64) -> Event {
    event(at, EventData::Photographed(Photographed { photo: None }))
}

fn named(id: &str, label: &str) -> Named {
    Named { id: Key::new(id).unwrap(), label: Text::new(label).unwrap() }
}

fn started(at: i64) -> Event {
    event(at, EventData::RollCallStarted(RollCallStarted {}))
}

fn ended(at: i64) -> Event {
    event(at, EventData::RollCallEnded(RollCallEnded {}))
}

fn seen(at: i64) -> Event {
    marked(at, 7, Mark::Safe)
}

fn marked(at: i64, roll_call: u8, mark: Mark) -> Event {
    let data = RollCallMarked { roll_call: RollCallId(uuid(roll_call)), mark };
    let event = event(at, EventData::RollCallMarked(data));
    Event { id: EventId::new(minute(at), [roll_call; 10]), ..event }
}

fn event(at: i64, data: EventData) -> Event {
    Event {
        id: EventId::new(minute(at), [u8::try_from(data.type_name().len()).unwrap(); 10]),
        source: Source { site: SiteId(uuid(2)), device: DeviceId(uuid(3)) },
        visit: VisitId(uuid(1)),
        time: minute(at),
        clock_offset_ms: None,
        data,
    }
}

fn visitor_named(name: &str) -> Visitor {
    Visitor { name: Name::new(name).unwrap(), company: None, email: None, phone: None }
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_unix_ms(1_774_000_000_000).plus_ms(minute * 60_000)
}

fn uuid(last: u8) -> uuid::Uuid {
    uuid::Uuid::from_u128(0x0195_b3a4_0000_7000_8000_0000_0000_0000 | u128::from(last))
}
