//! Refusals: of the device, of a batch for its size, of one event in it. Nothing is deleted, and only what is proven
//! guilty is set aside.

use rstest::rstest;
use vestibule_engine::{Input, policy};
use vestibule_protocol::message::{LinkState, ParkedReason};

use crate::world::{State, Weather, World};

#[rstest]
#[case::unknown_token(401)]
#[case::revoked(403)]
fn a_refused_device_keeps_everything_and_asks_seldom(#[case] status: u16) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Problem(status);
    world.capture_many(3);
    world.drive(&mut engine);
    assert_eq!(engine.link(), LinkState::Unauthorized);
    for _ in 0..(60 * 60 / 5) {
        world.pass(5_000);
        world.capture();
        world.tell(&mut engine, Input::Captured);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.outbox.pending().len(), 3 + 60 * 60 / 5);
    assert!((8..=13).contains(&world.sent.len()), "{} batches in an hour", world.sent.len());
    assert_eq!(world.probes, 0);
}

#[test]
fn a_device_that_is_enrolled_again_sends_at_once() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Problem(401);
    world.capture();
    world.drive(&mut engine);
    world.weather = Weather::Fine;
    world.tell(&mut engine, Input::Nudged);
    assert!(world.everything_arrived());
    assert_eq!(engine.link(), LinkState::Connected);
}

#[test]
fn a_device_whose_stream_is_another_devices_begins_its_own_and_goes_on() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let foreign = world.outbox.stream();
    world.weather = Weather::ForeignStream(Some(foreign));
    world.capture_many(3);
    world.drive(&mut engine);
    assert!(world.everything_arrived());
    assert_ne!(world.outbox.stream(), foreign);
    assert_eq!(world.outbox.pending(), []);
}

#[test]
fn a_foreign_stream_is_left_at_once_however_long_the_outage_before_it_was() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture_many(3);
    for _ in 0..(5 * 60 / 5) {
        world.tell(&mut engine, Input::Ticked);
        world.pass(5_000);
    }
    world.weather = Weather::ForeignStream(Some(world.outbox.stream()));
    world.tell(&mut engine, Input::Nudged);
    assert!(world.everything_arrived());
}

#[test]
fn a_server_that_calls_every_stream_foreign_is_not_hammered() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::ForeignStream(None);
    let captured = world.capture_many(3);
    for _ in 0..(10 * 60 / 5) {
        world.tell(&mut engine, Input::Ticked);
        world.pass(5_000);
    }
    assert_eq!(world.outbox.pending(), captured);
    assert!(world.sent.len() <= 40, "{} batches in ten minutes", world.sent.len());
}

#[test]
fn a_worker_that_starts_anew_knows_that_the_device_is_refused() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Problem(401);
    world.capture();
    world.drive(&mut engine);
    let mut engine = World::engine();
    world.drive(&mut engine);
    assert_eq!(engine.link(), LinkState::Unauthorized);
    assert_eq!(world.sent.len(), 1);
}

#[rstest]
#[case::by_the_server(Weather::AtMost(3, 413))]
#[case::one_at_a_time(Weather::AtMost(1, 413))]
fn batches_that_are_too_large_get_smaller_until_they_fit(#[case] weather: Weather) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = weather;
    world.capture_many(40);
    world.drive(&mut engine);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.parked(), []);
}

#[rstest]
#[case::by_number(Weather::AtMost(60, 413))]
#[case::by_bytes(Weather::AtMostBytes(20_000))]
fn where_only_small_batches_get_through_the_oldest_does_not_wait_for_all_the_others(#[case] weather: Weather) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = weather;
    let oldest = world.capture_of(200);
    for _ in 0..2_000 {
        world.capture_of(200);
    }
    world.step_until(&mut engine, |world| matches!(world.outbox.state_of(oldest), Some(State::Acknowledged { .. })));
    assert!(world.outbox.pending().len() > 1_500, "{} wait still", world.outbox.pending().len());
    // And people go on coming.
    while !world.outbox.pending().is_empty() {
        world.capture_of(200);
        world.tell(&mut engine, Input::Captured);
    }
    assert!(world.everything_arrived());
}

#[rstest]
#[case::too_large(413)]
#[case::bad_request(400)]
#[case::unprocessable(422)]
fn one_event_that_is_always_refused_is_parked_with_the_reason_and_no_other(#[case] status: u16) {
    for bad in [0, 17, 39] {
        let (mut world, mut engine) = (World::new(), World::engine());
        let events = world.capture_many(40);
        world.weather = Weather::Allergic(events[bad], status);
        world.drive(&mut engine);
        let parked = State::Parked(ParkedReason::RefusedByServer { status });
        assert_eq!(world.outbox.state_of(events[bad]), Some(parked));
        assert_eq!(world.outbox.parked(), [events[bad]]);
        assert_eq!(world.outbox.acknowledged().len(), 39);
        assert!(world.sent.len() <= 20, "{} batches", world.sent.len());
    }
}

#[test]
fn a_bad_event_does_not_keep_a_visitor_waiting() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let bad = world.capture();
    world.weather = Weather::Allergic(bad, 422);
    world.drive(&mut engine);
    let good = world.capture();
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.outbox.acknowledged(), [good]);
}

#[rstest]
#[case::bad_request(400)]
#[case::unprocessable(422)]
#[case::too_large(413)]
fn a_server_that_refuses_everything_parks_nothing(#[case] status: u16) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Problem(status);
    world.capture_many(20);
    for _ in 0..(60 * 60 / 5) {
        world.tell(&mut engine, Input::Ticked);
        world.pass(5_000);
    }
    assert_eq!(world.outbox.pending().len(), 20);
    world.weather = Weather::Fine;
    assert!(world.ms_until_delivered(&mut engine) <= 5_000);
}

#[rstest]
#[case::bad_request(400)]
#[case::forbidden(403)]
#[case::unprocessable(422)]
fn a_firewall_that_blocks_what_has_content_accuses_no_event(#[case] status: u16) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Firewall(status);
    world.capture_many(3);
    for _ in 0..(10 * 60 / 5) {
        world.tell(&mut engine, Input::Ticked);
        world.pass(5_000);
    }
    assert_eq!(world.outbox.pending().len(), 3);
    world.weather = Weather::Fine;
    world.pass(policy::BACKOFF_MAX_MS);
    assert!(world.ms_until_delivered(&mut engine) <= 5_000);
}

#[test]
fn a_server_that_takes_only_empty_batches_cannot_empty_the_outbox_into_the_parking_lot() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::AtMost(0, 400);
    world.capture_many(100);
    for _ in 0..(10 * 60 / 5) {
        world.tell(&mut engine, Input::Ticked);
        world.pass(5_000);
    }
    assert!(world.outbox.parked().len() <= 40, "{} parked in ten minutes", world.outbox.parked().len());
    assert_eq!(world.outbox.parked().len() + world.outbox.pending().len(), 100);
}

#[test]
fn an_event_that_was_once_refused_is_not_guilty() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let event = world.capture();
    world.weather = Weather::Allergic(event, 400);
    world.step_until(&mut engine, |world| world.sent.len() == 2);
    world.weather = Weather::Fine;
    world.drive(&mut engine);
    assert_eq!(world.outbox.acknowledged(), [event]);
}

#[test]
fn what_the_server_does_not_keep_stays_pending_and_does_not_go_round_in_circles() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Postponed;
    world.capture();
    for _ in 0..600 {
        world.pass(1_000);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.outbox.pending().len(), 1);
    assert!(world.sent.len() <= 60, "{} batches in ten minutes", world.sent.len());
    world.weather = Weather::Fine;
    world.pass(policy::BACKOFF_MAX_MS);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.everything_arrived());
}

#[test]
fn an_event_without_a_result_is_sent_again() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(3);
    world.server.silent_about = Some(2);
    world.drive(&mut engine);
    assert_eq!(world.outbox.pending().len(), 1);
    world.server.silent_about = None;
    world.ms_until_delivered(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn a_damaged_text_is_parked_and_spoils_no_batch() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(3);
    world.outbox.damage(events[1]);
    world.drive(&mut engine);
    assert_eq!(world.outbox.state_of(events[1]), Some(State::Parked(ParkedReason::Unreadable)));
    assert_eq!(world.outbox.acknowledged(), [events[0], events[2]]);
}

#[test]
fn a_parked_event_that_is_sent_again_arrives_once_nothing_stands_in_its_way() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(3);
    world.weather = Weather::Allergic(events[1], 422);
    world.drive(&mut engine);
    assert_eq!(world.outbox.parked(), [events[1]]);

    world.weather = Weather::Fine;
    world.outbox.send_again();
    assert_eq!(world.outbox.pending(), [events[1]]);
    world.tell(&mut engine, Input::Nudged);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.parked(), []);
    assert!(world.outbox.is_sound());
}

#[test]
fn a_parked_event_that_is_sent_again_in_vain_is_parked_again_and_holds_up_no_other() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(3);
    world.weather = Weather::Allergic(events[1], 422);
    world.drive(&mut engine);
    let sent = world.sent.len();
    world.outbox.send_again();
    let later = world.capture();
    world.tell(&mut engine, Input::Nudged);
    world.pass(60_000);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.parked(), [events[1]]);
    assert!(world.outbox.acknowledged().contains(&later));
    assert!(world.sent.len() <= sent + 20, "{} more batches", world.sent.len() - sent);
}
