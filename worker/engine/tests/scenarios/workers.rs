//! Workers: several at once on one outbox, and each ended at any instant.

use vestibule_engine::{Action, Input, policy};
use vestibule_protocol::limits;

use crate::world::{Server, Step, Weather, World};

#[test]
fn a_worker_that_is_ended_after_any_effect_loses_nothing() {
    for effects in 0..40 {
        let mut world = World::new();
        let mut engine = World::engine();
        world.capture_many(2 * limits::BATCH_MAX_EVENTS);
        for _ in 0..effects {
            world.step(&mut engine);
        }
        // The effect happens; nobody lives to hear of it.
        let entropy = world.entropy();
        let action = engine.next(world.now, entropy);
        let _unheard = world.perform(action);

        let mut engine = World::engine();
        world.pass(5_000);
        assert!(world.ms_until_delivered(&mut engine) <= 5_000, "ended after {effects} effects");
        assert!(world.everything_arrived() && world.outbox.is_sound());
    }
}

#[test]
fn a_worker_that_is_ended_in_the_middle_of_every_try_backs_off_all_the_same() {
    let mut world = World::new();
    world.weather = Weather::AnswerLost;
    world.capture();
    for _ in 0..(10 * 60) {
        let mut engine = World::engine();
        for _ in 0..10 {
            let entropy = world.entropy();
            let action = engine.next(world.now, entropy);
            let is_last = matches!(action, Action::Send(_) | Action::Rest { .. });
            match world.perform(action) {
                Ok(outcome) if !is_last => engine.handle(outcome, world.now),
                Ok(_) | Err(_) => break,
            }
        }
        world.pass(1_000);
    }
    assert!((10..=60).contains(&world.sent.len()), "{} batches in ten minutes", world.sent.len());
}

#[test]
fn a_worker_that_starts_anew_goes_on_with_the_backoff_of_the_last() {
    let mut world = World::new();
    world.weather = Weather::Down;
    world.capture();
    let until = world.drive(&mut World::engine());
    for _ in 0..100 {
        assert_eq!(world.drive(&mut World::engine()), until);
    }
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn an_engine_whose_driver_lost_an_outcome_looks_again() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(3);
    for _ in 0..3 {
        let entropy = world.entropy();
        let action = engine.next(world.now, entropy);
        let _lost = world.perform(action);
    }
    world.ms_until_delivered(&mut engine);
    assert!(world.everything_arrived());
}

#[test]
fn outcomes_that_nobody_waits_for_change_nothing() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture();
    let rests = world.drive(&mut engine);
    for stray in [Input::Recorded, Input::OutboxFailed, Input::Answered(vestibule_engine::Answer::None)] {
        engine.handle(stray, world.now);
        assert_eq!(world.drive(&mut engine), rests);
    }
    assert_eq!(world.sent.len(), 1);
}

#[test]
fn two_workers_that_drain_one_outbox_share_the_work() {
    let mut world = World::new();
    let mut engines = [World::engine(), World::engine()];
    world.capture_many(4 * limits::BATCH_MAX_EVENTS);
    for turn in 0..200 {
        world.step(&mut engines[turn % 2]);
    }
    assert!(world.everything_arrived() && world.outbox.is_sound());
    assert_eq!(world.outbox.pending(), []);
    assert_eq!(world.outbox.stream, World::new().outbox.stream);
}

#[test]
fn every_interleaving_of_two_workers_a_capture_an_end_and_a_lost_answer_delivers() {
    const STEPS: u32 = 8;
    for (schedule, lost, ended) in (0..1_u32 << STEPS)
        .flat_map(|schedule| (0..3).flat_map(move |lost| (0..STEPS).map(move |end| (schedule, lost, end))))
    {
        let mut world = World::new();
        world.loses_answer_of = Some(lost);
        let mut engines = [World::engine(), World::engine()];
        world.capture_many(2);
        for step in 0..STEPS {
            let worker = (schedule >> step & 1) as usize;
            if step == STEPS / 2 {
                world.capture();
                engines[worker].handle(Input::Captured, world.now);
            }
            if step == ended {
                let entropy = world.entropy();
                let action = engines[worker].next(world.now, entropy);
                let _unheard = world.perform(action);
                engines[worker] = World::engine();
            } else {
                world.step(&mut engines[worker]);
            }
        }
        let [first, second] = &mut engines;
        world.drive(first);
        world.drive(second);
        world.ms_until_delivered(first);
        assert!(world.everything_arrived() && world.outbox.is_sound(), "{schedule:b} {lost} {ended}");
    }
}

#[test]
fn two_workers_in_an_outage_wait_as_one() {
    let mut world = World::new();
    world.weather = Weather::Down;
    world.capture();
    let mut engines = [World::engine(), World::engine()];
    for _ in 0..3_600 {
        world.pass(1_000);
        for engine in &mut engines {
            world.tell(engine, Input::Ticked);
        }
    }
    assert!(world.sent.len() <= 200, "{} batches in an hour", world.sent.len());
}

#[test]
fn a_receipt_for_a_numbering_that_another_worker_has_left_acknowledges_nothing_that_moved() {
    let (mut world, mut slow, mut quick) = (World::new(), World::engine(), World::engine());
    let clone = world.outbox.clone();
    world.capture();
    world.drive(&mut World::engine());
    world.outbox = clone;
    world.capture_many(3);
    // The slow one has its answer, a conflict, but has not recorded it.
    world.server.keep_from = u64::MAX;
    for _ in 0..2 {
        world.step(&mut slow);
    }
    world.server.keep_from = 1;
    world.pass(policy::BACKOFF_MAX_MS);
    world.ms_until_delivered(&mut quick);
    world.capture_many(3);
    world.tell(&mut quick, Input::Captured);
    let (stream, held) = (world.outbox.stream, world.outbox.len());
    world.pass(limits::ACKNOWLEDGED_KEPT_MS + 1);
    assert!(matches!(world.step(&mut slow), Step::Went));
    assert_eq!((world.outbox.stream, world.outbox.len()), (stream, held));
    world.drive(&mut slow);
    assert!(world.outbox.is_sound());
    assert_eq!(world.outbox.pending(), []);
}

#[test]
fn a_worker_that_sleeps_for_hours_in_the_middle_of_a_try_does_no_harm() {
    let (mut world, mut asleep, mut awake) = (World::new(), World::engine(), World::engine());
    world.capture_many(3);
    for _ in 0..2 {
        world.step(&mut asleep);
    }
    world.pass(6 * 60 * 60 * 1_000);
    world.capture_many(3);
    world.ms_until_delivered(&mut awake);
    world.drive(&mut asleep);
    assert!(world.everything_arrived());
    assert_eq!(world.outbox.pending(), []);
    assert_eq!(world.outbox.memory.clock_offset_ms, Some(2_000));
}

#[test]
fn the_receipt_of_a_full_batch_is_recorded_in_parts_between_which_an_append_can_go() {
    let (mut world, mut engine) = (World::new(), World::engine());
    world.capture_many(limits::BATCH_MAX_EVENTS);
    let mut recorded = Vec::new();
    while !world.outbox.pending().is_empty() {
        let before = world.outbox.acknowledged().len();
        world.step(&mut engine);
        recorded.push(world.outbox.acknowledged().len() - before);
    }
    recorded.retain(|&rows| rows > 0);
    assert_eq!(recorded, [policy::RECORD_MAX_ROWS; limits::BATCH_MAX_EVENTS / policy::RECORD_MAX_ROWS]);
    assert!(world.everything_arrived());
}

#[test]
fn what_is_not_recorded_yet_when_another_worker_hears_of_a_restore_is_sent_again() {
    let (mut world, mut slow, mut quick) = (World::new(), World::engine(), World::engine());
    let backup = world.server.clone();
    world.capture_many(limits::BATCH_MAX_EVENTS);
    world.step_until(&mut slow, |world| !world.outbox.acknowledged().is_empty());
    world.server = Server::restored(&backup, 2, world.server.now);
    world.pass(policy::HEARTBEAT_EVERY_MS);
    let history = Some(world.server.history);
    world.step_until(&mut quick, |world| world.outbox.memory.history == history);
    let pending = world.outbox.pending().len();
    for _ in 0..limits::BATCH_MAX_EVENTS / policy::RECORD_MAX_ROWS - 1 {
        world.step(&mut slow);
    }
    assert_eq!(world.outbox.pending().len(), pending, "the server that gave that receipt is no more");
    world.ms_until_delivered(&mut quick);
    assert!(world.everything_arrived());
}
