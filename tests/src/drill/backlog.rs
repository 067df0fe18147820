//! A backlog of a size that no kiosk should ever have: weeks of visitors at a busy entrance.

use std::time::Duration;

use serde_json::json;

use super::Scene;
use crate::{backlog, network::Weather};

/// How many events wait.
const EVENTS: u32 = 10_000;

/// How long the kiosk may take to show itself with all that waiting, which it reads whole, on a machine that is busy.
const OPENS_WITHIN: Duration = Duration::from_secs(3 * 60);

/// How long the whole may take to go out: some 20 batches, on two cores that are the server's and the browser's.
const OUT_WITHIN: Duration = Duration::from_secs(5 * 60);

pub(super) async fn weeks_of_visitors(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::WritesRefused);
    let first = scene.check_in(kiosk).await;
    for (count, script) in backlog::scripts(EVENTS) {
        assert_eq!(scene.at(kiosk).browser.run_async(&script).await, json!(count), "all are in the database");
    }
    scene.have_come((0..EVENTS).map(backlog::name));
    let browser = &scene.at(kiosk).browser;
    browser.reload().await;
    let opened_in = browser.until_count("#check-in", 1, OPENS_WITHIN).await;
    println!("opens in {:.1} s with {EVENTS} events that wait", opened_in.as_secs_f64());
    let waiting = format!("#sync-pill[data-pending='{}']", EVENTS + 1);
    browser.until_count(&waiting, 1, OPENS_WITHIN).await;
    scene.check_in(kiosk).await;

    scene.is_over();
    scene.at(kiosk).browser.until_count("#sync-pill[data-pending='0']", 1, OUT_WITHIN).await;
    scene.check_out(kiosk, &first).await;
}
