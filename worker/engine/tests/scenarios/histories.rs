//! Any history: whatever a device, its workers, its server and the network between them do, once it is over everything
//! that was confirmed is on the server, once and verbatim.

use proptest::prelude::*;
use vestibule_engine::{Engine, Input};

use crate::world::{Server, Weather, World};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Happening {
    Capture(usize),
    Tick(usize),
    Nudge(usize),
    /// A worker does so many things.
    Work(usize, usize),
    /// A worker does one thing and is ended before it hears of it.
    End(usize),
    Turn(Weather),
    Pass(i64),
    /// The device's clock is set, the server's is not.
    SetClock(i64),
    BackUp,
    Restore,
}

fn happenings() -> impl Strategy<Value = Happening> {
    let worker = 0_usize..2;
    prop_oneof![
        4 => (1_usize..4).prop_map(Happening::Capture),
        2 => worker.clone().prop_map(Happening::Tick),
        1 => worker.clone().prop_map(Happening::Nudge),
        6 => (worker.clone(), 1_usize..6).prop_map(|(worker, steps)| Happening::Work(worker, steps)),
        2 => worker.prop_map(Happening::End),
        4 => weathers().prop_map(Happening::Turn),
        2 => (0_i64..120_000).prop_map(Happening::Pass),
        1 => (-100_000_000_i64..100_000_000).prop_map(Happening::SetClock),
        1 => Just(Happening::BackUp),
        1 => Just(Happening::Restore),
    ]
}

fn weathers() -> impl Strategy<Value = Weather> {
    prop_oneof![
        8 => Just(Weather::Fine),
        1 => Just(Weather::Down),
        2 => Just(Weather::AnswerLost),
        1 => Just(Weather::AnswerTruncated),
        1 => Just(Weather::OtherBatch),
        1 => Just(Weather::Portal),
        1 => Just(Weather::OtherMediaType),
        1 => prop::sample::select(vec![400, 401, 403, 404, 408, 413, 422, 500]).prop_map(Weather::Problem),
        1 => prop::sample::select(vec![200, 400, 401, 403, 502]).prop_map(Weather::Html),
        1 => (prop::sample::select(vec![429, 503]), 0_u64..100_000)
            .prop_map(|(status, millis)| Weather::RetryAfter(status, millis)),
        1 => (1_usize..4).prop_map(|most| Weather::AtMost(most, 413)),
        1 => Just(Weather::Postponed),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn nothing_confirmed_is_ever_lost(history in prop::collection::vec(happenings(), 0..80)) {
        let mut world = World::new();
        let mut engines = [World::engine(), World::engine()];
        let (mut backup, mut restores) = (world.server.clone(), 1);
        for happening in history {
            happen(happening, &mut world, &mut engines, &mut backup, &mut restores);
            prop_assert!(world.outbox.is_sound());
            prop_assert_eq!(world.outbox.len(), world.confirmed.len());
        }

        world.weather = Weather::Fine;
        // The longest wait that a server may have asked for, and the heartbeat that finds what is missing.
        for _ in 0..(20 * 60 / 5) {
            world.pass(5_000);
            for engine in &mut engines {
                world.tell(engine, Input::Ticked);
            }
        }
        prop_assert_eq!(world.outbox.pending(), []);
        prop_assert_eq!(world.outbox.parked(), []);
        prop_assert!(world.everything_arrived());
        prop_assert_eq!(world.outbox.memory.proven_in(world.outbox.stream), world.outbox.head.seq);
    }
}

fn happen(happening: Happening, world: &mut World, engines: &mut [Engine; 2], backup: &mut Server, restores: &mut u16) {
    match happening {
        Happening::Capture(count) => {
            world.capture_many(count);
            engines[0].handle(Input::Captured, world.now);
        }
        Happening::Tick(worker) => engines[worker].handle(Input::Ticked, world.now),
        Happening::Nudge(worker) => engines[worker].handle(Input::Nudged, world.now),
        Happening::Work(worker, steps) => {
            for _ in 0..steps {
                world.step(&mut engines[worker]);
            }
        }
        Happening::End(worker) => {
            let entropy = world.entropy();
            let action = engines[worker].next(world.now, entropy);
            let _unheard = world.perform(action);
            engines[worker] = World::engine();
        }
        Happening::Turn(weather) => world.weather = weather,
        Happening::Pass(millis) => world.pass(millis),
        Happening::SetClock(by) => world.now = world.now.plus_ms(by),
        Happening::BackUp => *backup = world.server.clone(),
        Happening::Restore => {
            *restores += 1;
            world.server = Server::restored(backup, *restores, world.server.now);
        }
    }
}
