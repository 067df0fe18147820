//! The server is killed under load. `make bench BENCH="kill"` does it fifty times, with a whole fleet.

use vestibule_tests::kills::{Load, kill_under_load};

const KILLS: usize = 5;

#[tokio::test]
async fn what_was_acknowledged_is_there_after_every_kill() {
    let drilled = kill_under_load(Load { devices: 40, events: 100 }, KILLS).await;
    assert!(drilled.unanswered > 0, "the kills hit deliveries under way: {drilled:?}");
}
