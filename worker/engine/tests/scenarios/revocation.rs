//! A device whose access is withdrawn: what it holds of people goes as soon as nobody needs it, and not before.

use vestibule_engine::{Action, Engine, Input, policy};

use crate::world::{Outbox, State, Weather, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// A device that is told with its next receipt that its access was withdrawn.
fn revoked() -> (World, Engine) {
    let mut world = World::new();
    world.server.has_revoked = true;
    (world, World::engine())
}

/// Lets the next heartbeat go out.
fn beat(world: &mut World, engine: &mut Engine) {
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(engine, Input::Ticked);
}

#[test]
fn the_copy_of_the_site_goes_with_the_first_receipt_that_says_so() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.drive(&mut engine);
    assert!(world.outbox.has_copy);
    world.server.has_revoked = true;
    beat(&mut world, &mut engine);
    assert!(!world.outbox.has_copy);
    let revoked = world.outbox.memory.revoked.unwrap();
    assert_eq!((revoked.heard_at, revoked.wiped), (world.now, true));
    // Once is enough, and it is heard since when it has been so.
    world.outbox.has_copy = true;
    beat(&mut world, &mut engine);
    assert!(world.outbox.has_copy);
    assert_eq!(world.outbox.memory.revoked, Some(revoked));
}

#[test]
fn what_is_not_delivered_stays_until_it_is() {
    let (mut world, mut engine) = revoked();
    let events = world.capture_many(5);
    world.server.keep_from = u64::MAX;
    world.weather = Weather::Allergic(events[2], 422);
    world.drive(&mut engine);
    assert!(!world.outbox.has_copy);
    assert_eq!(world.outbox.parked(), [events[2]]);
    for _ in 0..100 {
        beat(&mut world, &mut engine);
    }
    assert_eq!(world.outbox.parked(), [events[2]]);

    world.weather = Weather::Fine;
    world.outbox.send_again();
    world.tell(&mut engine, Input::Nudged);
    assert!(world.everything_arrived());
    world.pass(policy::FORGET_REVOKED_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 0);
}

#[test]
fn what_is_delivered_stays_as_long_as_a_restored_server_would_need_it_and_no_longer() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(10);
    world.drive(&mut engine);
    world.server.keep_from = 8;
    world.server.has_revoked = true;
    beat(&mut world, &mut engine);
    // Not a week old, and gone.
    assert_eq!(world.outbox.acknowledged(), events[7..]);

    world.server.keep_from = u64::MAX;
    world.pass(policy::FORGET_REVOKED_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 0, "the last one too: the head has its chain");
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), 10);
}

#[test]
fn a_restored_server_is_refilled_by_a_device_that_it_had_revoked() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(4);
    world.drive(&mut engine);
    let backup = world.server.clone();
    world.capture_many(3);
    world.tell(&mut engine, Input::Captured);
    // What the backup holds.
    world.server.keep_from = 5;
    world.server.has_revoked = true;
    beat(&mut world, &mut engine);
    assert_eq!(world.outbox.len(), 3);

    world.server = crate::world::Server::restored(&backup, 2, world.server.now);
    beat(&mut world, &mut engine);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.memory.revoked, None, "the restored server knows nothing of it");
}

#[test]
fn what_a_visitor_does_all_the_same_is_kept_and_delivered() {
    let (mut world, mut engine) = revoked();
    world.server.keep_from = u64::MAX;
    world.drive(&mut engine);
    let event = world.capture();
    assert_eq!(world.outbox.state_of(event), Some(State::Pending));
    world.tell(&mut engine, Input::Captured);
    assert!(world.everything_arrived());
    // The chain goes on from what was let go.
    world.pass(policy::FORGET_REVOKED_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    let stream = world.outbox.stream;
    world.capture();
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.outbox.memory.proven_in(stream), 2);
    assert_eq!(world.outbox.stream, stream);
}

#[test]
fn a_worker_that_is_ended_at_any_effect_is_followed_by_one_that_wipes() {
    for effects in 0..20 {
        let (mut world, mut engine) = revoked();
        world.server.keep_from = u64::MAX;
        world.capture_many(3);
        for _ in 0..effects {
            world.step(&mut engine);
        }
        // The effect happens; nobody lives to hear of it.
        let entropy = world.entropy();
        let action = engine.next(world.now, entropy);
        let _unheard = world.perform(action);

        let mut engine = World::engine();
        world.pass(policy::BACKOFF_MAX_MS);
        world.tell(&mut engine, Input::Ticked);
        assert!(!world.outbox.has_copy, "ended after {effects} effects");
        assert!(world.everything_arrived() && world.outbox.is_sound());
        world.pass(policy::FORGET_REVOKED_EVERY_MS);
        world.tell(&mut engine, Input::Ticked);
        assert_eq!(world.outbox.len(), 0, "ended after {effects} effects");
    }
}

#[test]
fn a_wipe_that_fails_is_tried_again_after_a_while() {
    let (mut world, mut engine) = revoked();
    let wipe = loop {
        let entropy = world.entropy();
        let action = engine.next(world.now, entropy);
        if let Action::Wipe(_) = action {
            break action;
        }
        let outcome = world.perform(action).unwrap();
        engine.handle(outcome, world.now);
    };
    drop(wipe);
    let until = world.tell(&mut engine, Input::OutboxFailed);
    assert_eq!(until, world.now.plus_ms(policy::OUTBOX_RETRY_MS));
    assert!(world.outbox.has_copy);
    world.pass(policy::OUTBOX_RETRY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert!(!world.outbox.has_copy);
}

#[test]
fn a_device_that_has_its_access_back_by_the_time_of_the_wipe_keeps_its_copy() {
    let (mut world, mut engine) = revoked();
    let wipe = loop {
        let entropy = world.entropy();
        let action = engine.next(world.now, entropy);
        if let Action::Wipe(_) = action {
            break action;
        }
        let outcome = world.perform(action).unwrap();
        engine.handle(outcome, world.now);
    };
    // Somebody pairs it again just now.
    world.outbox.memory = world.outbox.memory.clone().enrolled();
    world.server.has_revoked = false;
    let outcome = world.perform(wipe).unwrap();
    world.tell(&mut engine, outcome);
    assert!(world.outbox.has_copy);
}

#[test]
fn who_pairs_the_device_again_sees_so_at_once() {
    let (mut world, mut engine) = revoked();
    world.drive(&mut engine);
    assert!(world.outbox.memory.revoked.is_some());
    world.server.has_revoked = false;
    // A receipt for the earlier token may have come last.
    world.tell(&mut engine, Input::Nudged);
    assert_eq!(world.outbox.memory.revoked, None);
}

#[test]
fn a_device_that_forgot_that_it_was_revoked_is_told_again() {
    let (mut world, mut engine) = revoked();
    world.drive(&mut engine);
    // As an older version writes it, which then reads the site again.
    world.outbox.memory.revoked = None;
    world.outbox.has_copy = true;
    beat(&mut world, &mut engine);
    assert!(!world.outbox.has_copy);
}

#[test]
fn an_answer_that_is_no_receipt_wipes_nothing() {
    let (mut world, mut engine) = revoked();
    for weather in [
        Weather::Down,
        Weather::AnswerLost,
        Weather::AnswerTruncated,
        Weather::OtherBatch,
        Weather::OtherMediaType,
        Weather::Portal,
        Weather::Problem(401),
        Weather::Problem(403),
        Weather::Html(403),
    ] {
        world.weather = weather;
        world.pass(DAY_MS);
        world.tell(&mut engine, Input::Nudged);
        assert!(world.outbox.has_copy, "{weather:?}");
    }
}

#[test]
fn what_staff_have_in_a_file_and_say_that_they_keep_goes_too() {
    let (mut world, mut engine) = revoked();
    let events = world.capture_many(4);
    world.weather = Weather::Allergic(events[1], 422);
    world.server.keep_from = u64::MAX;
    world.drive(&mut engine);
    assert_eq!(world.outbox.parked(), [events[1]]);
    let file = world.outbox.parked();
    // Meanwhile somebody does something that is not in the file.
    world.weather = Weather::Down;
    let late = world.capture();
    world.outbox.hand_over(file);
    assert_eq!(world.outbox.state_of(events[1]), None);
    assert_eq!(world.outbox.pending(), [late]);

    // The server is told of a number that nobody can bring it any more, which it says to staff.
    world.weather = Weather::Fine;
    let stream = world.outbox.stream;
    world.pass(policy::BACKOFF_MAX_MS);
    world.tell(&mut engine, Input::Nudged);
    beat(&mut world, &mut engine);
    assert!(world.server.text_of(late).is_some());
    assert_ne!(world.outbox.stream, stream);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
}

#[test]
fn a_device_that_has_access_hands_nothing_over() {
    let mut world = World::new();
    let events = world.capture_many(3);
    world.outbox.hand_over(events.clone());
    assert_eq!(world.outbox.pending(), events);
}

#[test]
fn what_is_delivered_is_not_handed_over_but_let_go_like_everything_else() {
    let (mut world, mut engine) = revoked();
    let events = world.capture_many(3);
    world.drive(&mut engine);
    let before: Outbox = world.outbox.clone();
    world.outbox.hand_over(events.clone());
    assert_eq!(before.acknowledged(), events);
    assert_eq!(world.outbox.acknowledged(), events);
}
