//! Firewalls: something on the way that answers with a page of its own to a visitor's name, and to nothing else. Nobody
//! waits for that visitor, and nobody else is accused.

use rstest::rstest;
use vestibule_engine::Input;
use vestibule_protocol::message::{LinkState, ParkedReason};

use crate::world::{State, Weather, World};

/// Ticks in ten minutes.
const TEN_MINUTES: usize = 10 * 60 / 5;

fn tick(world: &mut World, engine: &mut vestibule_engine::Engine, times: usize) {
    for _ in 0..times {
        world.pass(5_000);
        world.tell(engine, Input::Ticked);
    }
}

#[rstest]
#[case::bad_request(400)]
#[case::forbidden(403)]
#[case::not_found(404)]
#[case::not_acceptable(406)]
#[case::too_long(414)]
#[case::unsupported(415)]
#[case::unprocessable(422)]
#[case::unavailable_for_legal_reasons(451)]
fn an_event_that_a_firewall_refuses_holds_up_nobody_and_is_parked(#[case] status: u16) {
    for bad in [0, 17, 39] {
        let (mut world, mut engine) = (World::new(), World::engine());
        let events = world.capture_many(40);
        world.weather = Weather::Blocks(events[bad], status);
        world.drive(&mut engine);
        assert_eq!(world.outbox.acknowledged().len(), 39, "its neighbours wait for nothing");
        tick(&mut world, &mut engine, TEN_MINUTES);
        let parked = State::Parked(ParkedReason::RefusedByServer { status });
        assert_eq!(world.outbox.state_of(events[bad]), Some(parked));
        assert_eq!(world.outbox.parked(), [events[bad]]);
        assert!(world.sent.len() <= 60, "{} batches", world.sent.len());
    }
}

#[test]
fn several_at_once_hold_up_nobody_either() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(100);
    world.weather = Weather::Picky(9);
    tick(&mut world, &mut engine, TEN_MINUTES / 5);
    assert_eq!(world.outbox.acknowledged().len(), 89);
    tick(&mut world, &mut engine, 6 * TEN_MINUTES);
    assert_eq!((world.outbox.parked().len(), world.outbox.pending().len()), (11, 0));
}

#[test]
fn who_comes_next_is_delivered_at_once() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let bad = world.capture();
    world.weather = Weather::Blocks(bad, 403);
    tick(&mut world, &mut engine, TEN_MINUTES);
    for _ in 0..5 {
        let good = world.capture();
        world.tell(&mut engine, Input::Captured);
        assert!(matches!(world.outbox.state_of(good), Some(State::Acknowledged { .. })));
        world.pass(1_000);
    }
    tick(&mut world, &mut engine, TEN_MINUTES);
    assert_eq!(world.outbox.parked(), [bad]);
}

#[test]
fn one_alone_is_not_accused_and_is_delivered_once_the_firewall_lets_it_pass() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let event = world.capture();
    world.weather = Weather::Blocks(event, 403);
    tick(&mut world, &mut engine, TEN_MINUTES);
    assert_eq!(world.outbox.pending(), [event]);
    assert!(world.sent.len() <= 60, "{} batches in ten minutes", world.sent.len());
    world.weather = Weather::Fine;
    world.pass(60_000);
    world.ms_until_delivered(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn a_portal_that_refuses_everything_is_a_plain_outage() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Html(403);
    world.capture_many(40);
    tick(&mut world, &mut engine, 6 * TEN_MINUTES);
    assert_eq!(world.outbox.pending().len(), 40);
    assert_eq!(engine.link(), LinkState::Unreachable);
    // A batch and the empty one after it, each half a minute or so.
    assert!(world.sent.len() <= 400, "{} batches in an hour", world.sent.len());
    world.weather = Weather::Fine;
    world.pass(5_000);
    assert!(world.ms_until_delivered(&mut engine) <= 5_000);
}

#[test]
fn a_firewall_that_lets_nothing_but_empty_batches_pass_parks_nothing_and_is_not_hammered() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.weather = Weather::Firewall(403);
    world.capture_many(100);
    tick(&mut world, &mut engine, 6 * TEN_MINUTES);
    assert_eq!(world.outbox.pending().len(), 100);
    assert!(world.sent.len() <= 600, "{} batches in an hour", world.sent.len());
    world.weather = Weather::Fine;
    world.pass(60_000);
    assert!(world.ms_until_delivered(&mut engine) <= 5_000);
    assert_eq!(world.outbox.parked(), []);
}

#[test]
fn a_worker_that_is_ended_again_and_again_finds_out_all_the_same() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(40);
    world.weather = Weather::Blocks(events[20], 403);
    for round in 0..3 * TEN_MINUTES {
        if round % 7 == 0 {
            engine = World::engine();
        }
        tick(&mut world, &mut engine, 1);
    }
    assert_eq!(world.outbox.acknowledged().len(), 39);
}
