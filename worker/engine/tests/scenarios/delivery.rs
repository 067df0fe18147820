//! Fair weather: what goes when, and in which order.

use vestibule_engine::{Input, policy};
use vestibule_protocol::{limits, message::LinkState};

use crate::world::World;

#[test]
fn an_event_is_delivered_as_soon_as_it_is_captured() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture();
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.outbox.pending(), []);
    assert!(world.everything_arrived());
    assert_eq!(engine.link(), LinkState::Connected);
}

#[test]
fn equal_chains_prove_the_delivery() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(7);
    world.drive(&mut engine);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), 7);
}

#[test]
fn a_long_backlog_is_sent_until_nothing_is_left() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(3 * limits::BATCH_MAX_EVENTS);
    world.drive(&mut engine);
    assert_eq!(world.sent.len(), 3);
    assert!(world.everything_arrived());
}

#[test]
fn of_a_long_backlog_the_newest_and_the_oldest_go_first() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(3 * limits::BATCH_MAX_EVENTS);
    world.drive(&mut engine);
    let (_, first) = &world.sent[0];
    assert_eq!(first[0], *events.last().unwrap());
    assert!(first.contains(&events[0]));
    assert!(!first.contains(&events[events.len() / 2]));
}

#[test]
fn an_event_captured_while_a_backlog_goes_out_is_in_the_next_batch() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(4 * limits::BATCH_MAX_EVENTS);
    world.step_until(&mut engine, |world| !world.sent.is_empty());
    let now = world.capture();
    engine.handle(Input::Captured, world.now);
    world.drive(&mut engine);
    assert_eq!(world.sent[1].1[0], now);
}

#[test]
fn an_idle_device_gives_a_sign_of_life_every_minute() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.drive(&mut engine);
    let from = world.now;
    while world.now.ms_since(from) < 10 * policy::HEARTBEAT_EVERY_MS {
        world.pass(5_000);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.sent.len(), 11);
    assert!(world.sent.iter().all(|(_, events)| events.is_empty()));
}

#[test]
fn rests_until_the_next_sign_of_life() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let until = world.drive(&mut engine);
    assert_eq!(until.ms_since(world.now), policy::HEARTBEAT_EVERY_MS);
}

#[test]
fn a_burst_of_nudges_sends_one_batch() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.drive(&mut engine);
    world.pass(policy::NUDGE_AGAIN_AFTER_MS);
    for _ in 0..10 {
        world.tell(&mut engine, Input::Nudged);
    }
    assert_eq!(world.sent.len(), 2);
}

#[test]
fn measures_the_servers_clock_against_its_own() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.drive(&mut engine);
    assert_eq!(world.outbox.memory.clock_offset_ms, Some(2_000));
}

#[test]
fn a_clock_that_is_set_while_a_batch_is_out_is_not_measured() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.drive(&mut engine);
    world.capture();
    engine.handle(Input::Captured, world.now);
    world.step(&mut engine);
    let entropy = world.entropy();
    let action = engine.next(world.now, entropy);
    let answer = world.perform(action).unwrap();
    world.now = world.now.plus_ms(-3_600_000);
    engine.handle(answer, world.now);
    world.drive(&mut engine);
    assert_eq!(world.outbox.pending(), []);
    assert_eq!(world.outbox.memory.clock_offset_ms, Some(2_000));
}

#[test]
fn a_fleet_that_is_asked_to_come_back_slowly_does() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.server.resume_after_ms = 30_000;
    world.capture_many(2 * limits::BATCH_MAX_EVENTS);
    let until = world.drive(&mut engine);
    assert_eq!(until.ms_since(world.now), 30_000);
    world.pass(29_000);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.sent.len(), 1);
    world.pass(1_000);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.everything_arrived());
}

#[test]
fn a_capture_goes_ahead_of_a_backlog_that_must_wait() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.server.resume_after_ms = 30_000;
    world.capture_many(2 * limits::BATCH_MAX_EVENTS);
    world.drive(&mut engine);
    let event = world.capture();
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.last_sent()[0], event);
    assert!(world.last_sent().len() <= policy::INTERACTIVE_MAX_EVENTS);
}

#[test]
fn large_events_go_in_batches_that_the_server_takes() {
    let (mut world, mut engine) = (World::new(), World::engine());
    for _ in 0..64 {
        world.capture_of(limits::EVENT_MAX_BYTES);
    }
    world.drive(&mut engine);
    assert!(world.everything_arrived());
    assert!(world.largest_body <= limits::BATCH_MAX_BYTES);
    assert!(world.sent.len() <= 6);
}
