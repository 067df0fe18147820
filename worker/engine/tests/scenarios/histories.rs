//! Any history: whatever a device, its workers, its server and the network between them do, once it is over everything
//! that was confirmed is on the server, once and verbatim.

use proptest::prelude::*;
use vestibule_engine::{Engine, Input};

use crate::world::{Outbox, Server, Weather, World};

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
    /// The other device acts from now on: at first a copy of this one's store, taken now.
    SwapDevices,
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
        1 => Just(Happening::SwapDevices),
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
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_confirmed_is_ever_lost(history in prop::collection::vec(happenings(), 0..80)) {
        let mut region = Region::new();
        for happening in history {
            region.happen(happening);
            prop_assert!(region.world.outbox.is_sound());
            prop_assert!(region.holds_all_that_was_confirmed());
        }

        region.world.weather = Weather::Fine;
        for _device in 0..2 {
            region.let_half_an_hour_pass();
            let outbox = &region.world.outbox;
            prop_assert_eq!(outbox.pending(), []);
            prop_assert_eq!(outbox.parked(), []);
            prop_assert_eq!(outbox.memory.proven_in(outbox.stream), outbox.head.seq);
            region.happen(Happening::SwapDevices);
        }
        prop_assert!(region.world.everything_arrived());
    }
}

/// Up to two devices, the one a copy of the other; each has two workers.
struct Region {
    world: World,
    engines: [Engine; 2],
    other_device: Option<Outbox>,
    backup: Server,
    histories: u16,
}

impl Region {
    fn new() -> Self {
        let world = World::new();
        let backup = world.server.clone();
        Self { world, engines: [World::engine(), World::engine()], other_device: None, backup, histories: 1 }
    }

    fn happen(&mut self, happening: Happening) {
        let Self { world, engines, .. } = self;
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
            Happening::BackUp => self.backup = world.server.clone(),
            Happening::Restore => {
                self.histories += 1;
                world.server = Server::restored(&self.backup, self.histories, world.server.now);
            }
            Happening::SwapDevices => {
                let other = self.other_device.take().unwrap_or_else(|| world.outbox.clone());
                self.other_device = Some(std::mem::replace(&mut world.outbox, other));
                *engines = [World::engine(), World::engine()];
            }
        }
    }

    /// Longer than any wait that is in force, and long enough for the heartbeats that find a gap.
    fn let_half_an_hour_pass(&mut self) {
        for _ in 0..(30 * 60 / 20) {
            self.world.pass(20_000);
            for engine in &mut self.engines {
                self.world.tell(engine, Input::Ticked);
            }
        }
    }

    fn holds_all_that_was_confirmed(&self) -> bool {
        let devices = [Some(&self.world.outbox), self.other_device.as_ref()];
        let holds = |event, text: &str| devices.iter().flatten().any(|device| device.text_of(event) == Some(text));
        self.world.confirmed.iter().all(|(event, text)| holds(*event, text))
    }
}
