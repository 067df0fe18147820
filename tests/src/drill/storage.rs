//! Troubles of the device's storage: it is full, and somebody deletes it.

use std::time::Duration;

use super::Scene;
use crate::{network::Weather, people::Desk, wait};

/// From a batch to what the server tells of it.
const TOLD_WITHIN: Duration = Duration::from_secs(60);

pub(super) async fn full(scene: &mut Scene) {
    let url = scene.network.url();
    let kiosk = scene.kiosk().await;
    scene.check_in(kiosk).await;
    scene.network.set(Weather::WritesRefused);
    let here = scene.check_in_some(kiosk, 1, 2).await;
    scene.at(kiosk).browser.close_store(&url).await;
    scene.fail_to_check_in(kiosk).await;
    scene.at(kiosk).browser.open_store(&url).await;
    scene.at(kiosk).until_it_works().await;
    scene.at(kiosk).open().await;
    scene.check_out(kiosk, &here[0]).await;
    scene.check_in(kiosk).await;
    scene.is_over();
}

pub(super) async fn cleared(scene: &mut Scene) {
    /// What a server can know of what nobody has any more: how far the device said that its numbering went.
    const MISSING: &str = "vestibule_device_missing_events";
    let url = scene.network.url();
    let kiosk = scene.kiosk().await;
    scene.check_in(kiosk).await;
    scene.network.set(Weather::BatchesRefused);
    // More than passes in one small batch.
    scene.check_in_some(kiosk, 5, 7).await;
    scene.network.set(Weather::OneSmallBatch);
    let device = scene.server.device_called("Lobby 1");
    let missing = || async { scene.server.metric(MISSING, device).await.filter(|missing| *missing > 0) };
    let (missing, _) = wait::until("the server has heard of what it lacks", TOLD_WITHIN, missing).await;

    scene.at(kiosk).browser.clear_store(&url).await;
    let gone = scene.give_up_what_is_missing().await;
    assert_eq!(u64::try_from(gone), Ok(missing), "the server says how many are gone");
    scene.is_over();
    scene.at(kiosk).pair_anew(&scene.server, "Lobby 1, again").await;
    scene.check_in(kiosk).await;

    // With the device silent, and with another in its place, the alarm stays.
    assert_eq!(scene.server.metric(MISSING, device).await, Some(missing));
    let desk = Desk::sign_in(scene.engine, &scene.server, &url).await;
    desk.go("devices").await;
    desk.until_it_says_of(device, &format!("{missing} missing")).await;
    desk.browser.close().await;
}
