//! Troubles with clocks, and an outage as long as the one in 2019 by clocks that run fast. How they are set:
//! [`crate::clock`].

use std::{ops::RangeInclusive, time::Duration};

use super::{Scene, scene::Place};
use crate::{network::Weather, people::now, wait};

const DAY_S: i64 = 24 * 60 * 60;

/// How long the outage of 20 March 2019 took, in minutes.
const OUTAGE_MIN: i64 = 95;

/// How far all clocks go on at once, in minutes.
const STEP_MIN: i64 = 5;

/// How long each step lasts: a page that waits for its server looks for it once in that time, and the server has looked
/// at its clock.
const STEP_LASTS: Duration = Duration::from_secs(5);

/// How exactly a device measures its server's clock here, in s: both are set in steps, a moment apart.
const MEASURED_TO_S: i64 = 10;

/// How long it may take to measure it: an idle device sends a batch a minute.
const MEASURED_WITHIN: Duration = Duration::from_secs(90);

/// How long a server may take to go by another clock: the library looks at it every second.
const SET_WITHIN: Duration = Duration::from_secs(20);

pub(super) async fn server_stepped(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    let before = scene.check_in(kiosk).await;
    let ahead_s = a_day_either_way(scene);
    set_server(scene, ahead_s).await;
    let during = scene.check_in_some(kiosk, 1, 3).await;
    scene.check_out(kiosk, &before).await;
    until_measured(scene, kiosk, ahead_s).await;
    set_server(scene, 0).await;
    scene.check_out(kiosk, &during[0]).await;
    scene.is_over();
}

pub(super) async fn device_stepped(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    let before = scene.check_in(kiosk).await;
    // With something on its way and nobody to take it: what waits is due by another clock than it was kept by.
    scene.network.set(Weather::WritesRefused);
    let waiting = scene.check_in(kiosk).await;
    let ahead_s = a_day_either_way(scene);
    scene.set_device_clock(kiosk, ahead_s).await;
    scene.check_in_some(kiosk, 1, 3).await;
    scene.network.set(Weather::Fair);
    scene.check_out(kiosk, &waiting).await;
    until_measured(scene, kiosk, -ahead_s).await;
    scene.set_device_clock(kiosk, 0).await;
    scene.check_out(kiosk, &before).await;
    scene.is_over();
}

pub(super) async fn ninety_five_minutes(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    let mut here = vec![scene.check_in(kiosk).await];
    scene.network.set(Weather::WritesRefused);
    let mut steps = tokio::time::interval(STEP_LASTS);
    for minutes in (STEP_MIN..=OUTAGE_MIN).step_by(usize::try_from(STEP_MIN).expect("a few")) {
        steps.tick().await;
        set_all(scene, kiosk, minutes * 60).await;
        // Somebody comes every half an hour or so, and now and then somebody goes.
        match scene.random.below(6) {
            0 => here.push(scene.check_in(kiosk).await),
            1 if here.len() > 1 => {
                let name = here.pop().expect("somebody is here");
                scene.check_out(kiosk, &name).await;
            }
            _ => {}
        }
    }
    scene.check_in(kiosk).await;
    scene.is_over();
    // The next receipt says that both clocks are where they were set.
    until_measured(scene, kiosk, 0).await;
}

fn a_day_either_way(scene: &mut Scene) -> i64 {
    if scene.random.below(2) == 0 { DAY_S } else { -DAY_S }
}

/// Waits until the device has measured that the server's clock is so far ahead of its own: then both have been set.
async fn until_measured(scene: &Scene, kiosk: Place, ahead_s: i64) {
    let range: RangeInclusive<i64> = ahead_s - MEASURED_TO_S..=ahead_s + MEASURED_TO_S;
    let measured = || async { scene.at(kiosk).clock_offset_s().await.filter(|offset_s| range.contains(offset_s)) };
    wait::until(format!("the server's clock is {ahead_s} s ahead"), MEASURED_WITHIN, measured).await;
}

async fn set_all(scene: &Scene, kiosk: Place, ahead_s: i64) {
    scene.server.clock().set(ahead_s);
    scene.set_device_clock(kiosk, ahead_s).await;
}

/// Sets the server's clock, and waits until it goes by it.
async fn set_server(scene: &Scene, ahead_s: i64) {
    scene.server.clock().set(ahead_s);
    let witness = scene.witness();
    let goes_by_it = || async {
        let off_s = witness.heartbeat(&scene.server).await.ms_since(now()) / 1_000 - ahead_s;
        (off_s.abs() <= MEASURED_TO_S).then_some(())
    };
    wait::until(format!("the server goes by a clock that is {ahead_s} s ahead"), SET_WITHIN, goes_by_it).await;
}
