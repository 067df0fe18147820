//! Foul weather: whatever is no receipt is no answer, and nobody needs to press anything once it clears.

use rstest::rstest;
use vestibule_engine::{Input, Probed, memory::Why, policy};
use vestibule_protocol::{limits, message::LinkState};

use crate::world::{Weather, World};

#[rstest]
#[case::no_network(Weather::Down)]
#[case::answer_lost(Weather::AnswerLost)]
#[case::answer_truncated(Weather::AnswerTruncated)]
#[case::receipt_of_another_batch(Weather::OtherBatch)]
#[case::receipt_of_another_protocol(Weather::OtherProtocol)]
#[case::captive_portal(Weather::Portal)]
#[case::receipt_of_another_media_type(Weather::OtherMediaType)]
#[case::portal_that_wants_a_login(Weather::Html(401))]
#[case::firewall(Weather::Html(403))]
#[case::proxy_that_understands_nothing(Weather::Html(400))]
#[case::not_found(Weather::Problem(404))]
#[case::timeout(Weather::Problem(408))]
#[case::server_error(Weather::Problem(500))]
#[case::bad_gateway(Weather::Html(502))]
#[case::read_only(Weather::Problem(503))]
#[case::down_for_an_hour(Weather::RetryAfter(503, 3_600_000))]
fn what_is_no_receipt_acknowledges_nothing_and_is_over_in_ten_seconds(#[case] weather: Weather) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = weather;
    world.capture();
    world.tell(&mut engine, Input::Captured);
    for _ in 0..(4 * 60 * 60 / 5) {
        world.pass(5_000);
        world.tell(&mut engine, Input::Ticked);
        assert_eq!(world.outbox.pending().len(), 1);
    }
    assert_eq!(world.outbox.parked(), []);
    assert_eq!(engine.link(), LinkState::Unreachable);
    world.weather = Weather::Fine;
    world.pass(5_000);
    assert!(world.ms_until_delivered(&mut engine) <= 5_000);
    assert!(world.everything_arrived());
    assert_eq!(engine.link(), LinkState::Connected);
}

#[test]
fn however_long_an_outage_was_the_second_tick_after_it_has_delivered() {
    for seconds in 1..=200 {
        let (mut world, mut engine) = (World::new(), World::engine());
        world.weather = Weather::Down;
        world.capture();
        world.tell(&mut engine, Input::Captured);
        for second in 1..=seconds {
            world.pass(1_000);
            if second % 5 == 0 {
                world.tell(&mut engine, Input::Ticked);
            }
        }
        world.weather = Weather::Fine;
        assert!(world.ms_until_delivered(&mut engine) <= 5_000, "after an outage of {seconds} s");
    }
}

#[test]
fn another_workers_try_is_no_outage() {
    let (mut world, mut busy, mut idle) = (World::new(), World::engine(), World::engine());
    world.capture();
    world.step(&mut busy);
    world.tell(&mut idle, Input::Ticked);
    assert_eq!((world.sent.len(), world.probes), (0, 0));
}

#[test]
fn an_outage_is_not_answered_with_a_storm() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture();
    for _ in 0..3_600 {
        world.pass(1_000);
        world.tell(&mut engine, Input::Ticked);
    }
    // A full jitter up to a minute is half a minute on average.
    assert!((60..=200).contains(&world.sent.len()), "{} batches in an hour", world.sent.len());
}

#[test]
fn each_capture_in_an_outage_is_tried_at_once_and_alone() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture_many(2 * limits::BATCH_MAX_EVENTS);
    world.drive(&mut engine);
    for tries in 2..10 {
        let event = world.capture();
        world.tell(&mut engine, Input::Captured);
        assert_eq!(world.sent.len(), tries);
        assert_eq!(world.last_sent()[0], event);
        assert!(world.last_sent().len() <= policy::INTERACTIVE_MAX_EVENTS);
    }
}

#[test]
fn without_ticks_the_backoff_alone_delivers() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture();
    for _ in 0..10 {
        let until = world.drive(&mut engine);
        let wait = until.ms_since(world.now);
        assert!((policy::BACKOFF_MIN_MS..=policy::BACKOFF_MAX_MS).contains(&wait));
        world.pass(wait);
    }
    assert_eq!(world.sent.len(), 10);
    world.weather = Weather::Fine;
    world.drive(&mut engine);
    assert!(world.everything_arrived());
    assert_eq!(world.probes, 0);
}

#[test]
fn a_nudge_tries_at_once() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture();
    world.drive(&mut engine);
    world.weather = Weather::Fine;
    world.tell(&mut engine, Input::Nudged);
    assert!(world.everything_arrived());
}

#[test]
fn a_server_that_is_ready_but_gives_no_receipt_is_not_hammered() {
    let (mut world, mut engine) = (World::new(), World::engine());
    (world.weather, world.ready) = (Weather::Problem(500), Some(Probed::Ready));
    world.capture();
    for _ in 0..(60 * 60 / 5) {
        world.pass(5_000);
        world.tell(&mut engine, Input::Ticked);
    }
    assert!(world.sent.len() <= 250, "{} batches in an hour", world.sent.len());
}

#[test]
fn an_idle_device_does_not_probe() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    for _ in 0..100 {
        world.pass(5_000);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.probes, 0);
}

#[rstest]
#[case::by_a_capture(Input::Captured)]
#[case::by_a_tick(Input::Ticked)]
fn a_busy_server_is_left_alone_as_long_as_it_asks(#[case] input: Input) {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::RetryAfter(429, 120_000);
    world.capture();
    let until = world.drive(&mut engine);
    assert!((120_000..=180_000).contains(&until.ms_since(world.now)));
    assert_eq!(world.outbox.memory.hold.unwrap().why, Why::Busy);
    world.weather = Weather::Fine;
    world.pass(119_000);
    world.tell(&mut engine, input);
    assert_eq!((world.sent.len(), world.probes), (1, 0));
    world.pass(61_000);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.everything_arrived());
}

#[test]
fn devices_that_were_refused_together_come_back_apart() {
    let mut waits = std::collections::BTreeSet::new();
    let mut world = World::new();
    for _ in 0..50 {
        let mut engine = World::engine();
        world.outbox = crate::world::Outbox::new(1);
        world.weather = Weather::RetryAfter(503, 60_000);
        world.capture();
        waits.insert(world.drive(&mut engine).ms_since(world.now));
    }
    assert!(waits.len() > 40);
    assert!(waits.iter().all(|wait| (60_000..=90_000).contains(wait)));
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_a_wait() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Down;
    world.capture();
    world.drive(&mut engine);
    world.now = world.now.plus_ms(-365 * 24 * 60 * 60 * 1_000);
    world.weather = Weather::Fine;
    world.drive(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn a_storage_that_fails_is_left_alone_for_a_moment_and_tried_again() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture();
    let entropy = world.entropy();
    engine.next(world.now, entropy);
    engine.handle(Input::OutboxFailed, world.now);
    let until = world.drive(&mut engine);
    assert_eq!(until.ms_since(world.now), policy::OUTBOX_RETRY_MS);
    world.pass(policy::OUTBOX_RETRY_MS);
    world.drive(&mut engine);
    assert!(world.everything_arrived());
}
