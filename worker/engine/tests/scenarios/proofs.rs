//! Copies, restores and gaps: how a device and its server find out that they do not hold the same, and mend it.

use vestibule_engine::{Input, Memory, policy};
use vestibule_protocol::limits;

use crate::world::{Server, State, Weather, World};

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

#[test]
fn a_store_that_was_cloned_goes_on_under_a_numbering_of_its_own() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(3);
    world.drive(&mut engine);
    let clone = world.outbox.clone();
    let here = world.capture();
    world.tell(&mut engine, Input::Captured);

    let original = std::mem::replace(&mut world.outbox, clone);
    let there = world.capture_many(2);
    world.ms_until_delivered(&mut World::engine());
    assert_ne!(world.outbox.stream, original.stream);
    for event in [here, there[0], there[1]] {
        assert!(world.server.text_of(event).is_some());
    }
    // What comes after goes on in the new stream, and is proven there.
    world.capture();
    world.ms_until_delivered(&mut World::engine());
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut World::engine(), Input::Ticked);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
}

#[test]
fn a_store_that_was_set_back_finds_out_even_when_idle() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(3);
    world.drive(&mut engine);
    let before = world.outbox.clone();
    world.capture();
    world.tell(&mut engine, Input::Captured);

    let stream = before.stream;
    world.outbox = before;
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_ne!(world.outbox.stream, stream);
}

#[test]
fn a_conflict_above_a_gap_is_reason_enough_for_a_new_numbering() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let clone = world.outbox.clone();
    world.server.silent_about = Some(1);
    world.capture_many(2);
    world.drive(&mut engine);

    world.outbox = clone;
    world.capture_many(2);
    let stream = world.outbox.stream;
    world.drive(&mut World::engine());
    assert_ne!(world.outbox.stream, stream);
}

#[test]
fn the_same_event_under_a_new_numbering_is_counted_once() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let clone = world.outbox.clone();
    world.capture();
    world.drive(&mut engine);
    world.outbox = clone;
    world.weather = Weather::AnswerLost;
    let events = world.capture_many(4);
    world.drive(&mut World::engine());
    world.weather = Weather::Fine;
    world.pass(policy::BACKOFF_MAX_MS);
    world.ms_until_delivered(&mut World::engine());
    assert!(events.iter().all(|event| world.server.text_of(*event) == world.outbox.text_of(*event)));
    assert!(world.outbox.is_sound());
}

#[test]
fn a_server_whose_chain_never_agrees_is_not_hammered() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.server.garbles_chains = true;
    world.capture_many(20);
    for _ in 0..(60 * 60 / 5) {
        world.pass(5_000);
        world.tell(&mut engine, Input::Ticked);
    }
    assert!(world.sent.len() <= 250, "{} batches in an hour", world.sent.len());
    assert!(world.everything_arrived());
    assert!(world.outbox.is_sound());
}

#[test]
fn what_the_server_names_as_missing_is_sent_again() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(5);
    world.drive(&mut engine);
    world.server.disowns = vec![(2, 3)];
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.step_until(&mut engine, |world| !world.outbox.pending().is_empty());
    assert_eq!(world.outbox.pending(), events[1..=2]);
    world.server.disowns.clear();
    world.drive(&mut engine);
    assert!(world.outbox.pending().is_empty() && world.everything_arrived());
}

#[test]
fn absurd_ranges_are_no_work() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(2);
    world.server.claims_missing = vec![(0, u64::MAX), (5, 3), (u64::MAX, u64::MAX)];
    world.drive(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn a_server_that_was_restored_is_refilled_by_its_devices() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(5);
    world.drive(&mut engine);
    let backup = world.server.clone();
    world.capture_many(700);
    world.tell(&mut engine, Input::Captured);
    assert!(world.everything_arrived());

    world.server = Server::restored(&backup, 2, world.server.now);
    assert!(!world.everything_arrived());
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.pending(), []);
}

#[test]
fn another_history_is_reason_enough_to_send_again() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(5);
    world.drive(&mut engine);
    let backup = world.server.clone();
    world.capture_many(5);
    world.tell(&mut engine, Input::Captured);

    world.server = Server::restored(&backup, 2, world.server.now);
    world.server.names_nothing_missing = true;
    world.pass(policy::HEARTBEAT_EVERY_MS);
    let before = world.sent.len();
    let history = Some(world.server.history);
    world.step_until(&mut engine, |world| world.outbox.memory.history == history);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), 5);
    world.drive(&mut engine);
    assert!(world.everything_arrived());
    // Only what lies above the watermark.
    assert_eq!(world.sent[before..].iter().map(|(_, events)| events.len()).sum::<usize>(), 5);
}

#[test]
fn a_restored_server_that_holds_other_events_in_the_slots_gets_all_that_is_held() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let (clone, empty) = (world.outbox.clone(), world.server.clone());
    world.capture_many(5);
    world.drive(&mut engine);

    // The backup is from before; meanwhile a copy of the store has filled the slots.
    world.server = Server::restored(&empty, 2, world.server.now);
    world.server.names_nothing_missing = true;
    let original = std::mem::replace(&mut world.outbox, clone);
    world.capture_many(5);
    world.drive(&mut World::engine());
    world.outbox = original;
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.ms_until_delivered(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn a_restored_server_gets_back_what_was_sent_under_earlier_numberings_too() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let empty = world.server.clone();
    let clone = world.outbox.clone();
    world.capture();
    world.drive(&mut engine);
    world.outbox = clone;
    let first = world.capture_many(3);
    world.ms_until_delivered(&mut engine);
    world.pass(policy::BACKOFF_MAX_MS);
    let second = world.capture_many(3);
    world.ms_until_delivered(&mut engine);

    world.server = Server::restored(&empty, 2, world.server.now);
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    world.pass(policy::BACKOFF_MAX_MS);
    world.ms_until_delivered(&mut engine);
    let arrived = [first, second].concat();
    assert!(arrived.iter().all(|event| world.server.text_of(*event) == world.outbox.text_of(*event)));
    assert!(world.outbox.is_sound());
}

#[test]
fn a_receipt_from_before_the_restore_that_comes_late_does_not_hide_the_loss() {
    let (mut world, mut late, mut engine) = (World::new(), World::engine(), World::engine());
    let backup = world.server.clone();
    let event = world.capture();
    let receipt = loop {
        let entropy = world.entropy();
        let action = late.next(world.now, entropy);
        let outcome = world.perform(action).unwrap();
        if let Input::Answered(_) = outcome {
            break outcome;
        }
        late.handle(outcome, world.now);
    };
    world.server = Server::restored(&backup, 2, world.server.now);
    world.outbox.memory.history = Some(world.server.history);

    late.handle(receipt, world.now);
    world.step(&mut late);
    assert!(matches!(world.outbox.state_of(event), Some(State::Acknowledged { .. })));
    assert!(!world.everything_arrived());
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.drive(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn acknowledged_events_stay_a_week_and_until_the_server_lets_go() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(10);
    world.drive(&mut engine);
    world.server.keep_from = 8;
    for _ in 0..7 {
        assert_eq!(world.outbox.len(), 10);
        world.pass(limits::ACKNOWLEDGED_KEPT_MS / 7);
        world.tell(&mut engine, Input::Ticked);
    }
    world.pass(policy::FORGET_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 3);
}

#[test]
fn a_restored_server_makes_the_device_forget_nothing_with_its_first_word() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(10);
    world.drive(&mut engine);
    world.server = Server::restored(&world.server, 2, world.server.now);
    world.server.keep_from = u64::MAX;
    world.pass(8 * DAY_MS);
    let history = Some(world.server.history);
    world.step_until(&mut engine, |world| world.outbox.memory.history == history);
    assert_eq!(world.outbox.len(), 10);
}

#[test]
fn earlier_numberings_are_forgotten_once_the_server_lets_go_of_the_present_one() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let clone = world.outbox.clone();
    world.capture();
    world.drive(&mut engine);
    world.outbox = clone;
    world.capture();
    world.ms_until_delivered(&mut World::engine());
    world.capture_many(3);
    world.tell(&mut engine, Input::Captured);
    world.pass(8 * DAY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 4);
    world.server.keep_from = 3;
    world.pass(policy::FORGET_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 1);
}

#[test]
fn a_server_restored_from_before_what_its_device_has_forgotten_is_not_waited_for_in_vain() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let backup = world.server.clone();
    let events = world.capture_many(10);
    world.drive(&mut engine);
    world.server.keep_from = 8;
    world.pass(8 * DAY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 3);

    world.server = Server::restored(&backup, 2, world.server.now);
    let stream = world.outbox.stream;
    for _ in 0..10 {
        world.pass(policy::HEARTBEAT_EVERY_MS);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_ne!(world.outbox.stream, stream, "nobody can fill the hole in that one");
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
    assert!(events[7..].iter().all(|event| world.server.text_of(*event).is_some()));
    // Once is enough.
    let stream = world.outbox.stream;
    world.capture();
    world.tell(&mut engine, Input::Captured);
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.stream, stream);
}

#[test]
fn what_a_device_has_let_go_of_shows_in_its_records_whatever_became_of_its_memory() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let backup = world.server.clone();
    world.capture_many(10);
    world.drive(&mut engine);
    world.server.keep_from = 8;
    world.pass(8 * DAY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert_eq!(world.outbox.len(), 3);

    // As after a newer version wrote it, or an older one that leaves out what it does not know.
    world.outbox.memory = Memory::default();
    world.server = Server::restored(&backup, 2, world.server.now);
    for _ in 0..10 {
        world.pass(policy::HEARTBEAT_EVERY_MS);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
}

#[test]
fn what_was_let_go_between_events_that_are_held_shows_once_those_are_delivered() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture();
    world.drive(&mut engine);
    let backup = world.server.clone();
    let late = world.capture();
    world.weather = Weather::Allergic(late, 422);
    world.tell(&mut engine, Input::Captured);
    world.weather = Weather::Fine;
    world.capture_many(2);
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.outbox.parked(), [late]);
    world.pass(5 * DAY_MS);
    world.outbox.send_again();
    world.tell(&mut engine, Input::Nudged);
    world.server.keep_from = u64::MAX;
    world.pass(4 * DAY_MS);
    world.tell(&mut engine, Input::Ticked);
    // The late one, and the last, at the watermark.
    assert_eq!(world.outbox.len(), 2);

    let stream = world.outbox.stream;
    world.server = Server::restored(&backup, 2, world.server.now);
    for _ in 0..10 {
        world.pass(policy::HEARTBEAT_EVERY_MS);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_ne!(world.outbox.stream, stream);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
}

#[test]
fn a_server_that_misses_what_its_device_never_had_begins_no_stream() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let stream = world.outbox.stream;
    world.capture_many(3);
    world.server.claims_missing = vec![(7, 9)];
    world.drive(&mut engine);
    world.pass(policy::HEARTBEAT_EVERY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.stream, stream);
}

#[test]
fn a_clock_that_runs_ahead_deletes_nothing_by_itself() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(10);
    world.drive(&mut engine);
    for _ in 0..10 {
        world.now = world.now.plus_ms(365 * DAY_MS);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.outbox.len(), 10);
}

#[test]
fn what_is_not_acknowledged_is_never_deleted_whatever_the_server_says() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(10);
    world.weather = Weather::Allergic(events[4], 422);
    world.server.keep_from = u64::MAX;
    world.drive(&mut engine);
    world.weather = Weather::Postponed;
    world.capture_many(3);
    for _ in 0..60 {
        world.pass(DAY_MS);
        world.tell(&mut engine, Input::Ticked);
    }
    assert_eq!(world.outbox.parked(), [events[4]]);
    assert_eq!(world.outbox.pending().len(), 3);
    // And nothing is that is not proven: the parked event keeps the watermark below itself.
    assert!(events[4..].iter().all(|event| world.outbox.state_of(*event).is_some()));
}

#[test]
fn the_event_at_the_watermark_stays_to_prove_the_next_receipt() {
    let (mut world, mut engine) = (World::new(), World::engine());
    let events = world.capture_many(10);
    world.server.keep_from = u64::MAX;
    world.drive(&mut engine);
    world.pass(8 * DAY_MS);
    world.tell(&mut engine, Input::Ticked);
    assert!(world.outbox.state_of(events[9]).is_some());
    assert_eq!(world.outbox.len(), 1);
    world.capture();
    world.tell(&mut engine, Input::Captured);
    assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), 11);
}
