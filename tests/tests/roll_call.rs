//! The roll call, in the case that it is for: no server, several marshals, and nobody may be forgotten.

use std::time::Duration;

use vestibule_protocol::{account::Credentials, id::VisitId};
use vestibule_tests::{
    browser::{self, Engine},
    people::{Desk, now},
    server::Server,
};

/// From the server's return to everybody's marks on every marshal's device.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(15);

#[tokio::test(flavor = "multi_thread")]
async fn the_marks_of_two_marshals_who_had_no_server_merge_and_nobody_is_lost() {
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let kiosk = server.add_device("Lobby 2");
    let mut inside = Vec::new();
    for name in ["Ada Lovelace", "Mary Somerville", "Emmy Noether", "محمد الخوارزمي"] {
        inside.push(checked_in(&server, &kiosk, name).await);
    }
    let second_engine = if Engine::WebKit.is_here() { Engine::WebKit } else { Engine::Chromium };
    let first = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    let second = Desk::join(second_engine, &server.url()).await;
    for desk in [&first, &second] {
        desk.browser.until_count("[data-visit]", 4, CATCH_UP_DEADLINE).await;
        // The list of kiosks is there when it is needed.
        desk.go("devices").await;
        desk.browser.find(".device").await;
    }

    server.kill();
    for desk in [&first, &second] {
        desk.go("roll-call").await;
        desk.browser.find("#start-roll-call").await;
        desk.browser.until_count("#start-roll-call", 1, CATCH_UP_DEADLINE).await;
        desk.browser.click("#start-roll-call").await;
        desk.browser.until_count(".person", 4, CATCH_UP_DEADLINE).await;
        desk.browser.until_count(".sources .unsure", 1, CATCH_UP_DEADLINE).await;
    }
    say(&first, inside[0], "safe").await;
    say(&first, inside[1], "safe").await;
    say(&second, inside[2], "safe").await;
    say(&second, inside[3], "not-found").await;
    first.browser.until_count(".person[data-state=open]", 2, CATCH_UP_DEADLINE).await;
    second.browser.reload().await;
    second.browser.until_count(".person[data-state=open]", 2, CATCH_UP_DEADLINE).await;

    server.start_again().await;
    for desk in [&first, &second] {
        desk.browser.until_count(".person[data-state=safe]", 3, CATCH_UP_DEADLINE).await;
        desk.browser.until_count(".person[data-state=not-found]", 1, CATCH_UP_DEADLINE).await;
        desk.browser.until_count("#safe-count[data-safe='3'][data-all='4']", 1, CATCH_UP_DEADLINE).await;
    }

    // Whoever comes while it goes on is in it.
    checked_in(&server, &kiosk, "Hedy Lamarr").await;
    second.browser.until_count(".person[data-state=open]", 1, CATCH_UP_DEADLINE).await;
    first.browser.click("#end-roll-call").await;
    first.browser.click("#end-now").await;
    first.browser.until_count("#roll-call-report", 1, CATCH_UP_DEADLINE).await;
    first.browser.until_count(".person", 5, CATCH_UP_DEADLINE).await;
    second.browser.until_count("#start-roll-call", 1, CATCH_UP_DEADLINE).await;
    first.browser.close().await;
    second.browser.close().await;
}

async fn say(desk: &Desk, visit: VisitId, what: &str) {
    desk.browser.click(&format!(".person[data-visit='{visit}'] [data-action={what}]")).await;
    desk.browser.until_count(&format!(".person[data-visit='{visit}'][data-state={what}]"), 1, CATCH_UP_DEADLINE).await;
}

/// Somebody comes, as another system records it.
async fn checked_in(server: &Server, device: &Credentials, name: &str) -> VisitId {
    let client = reqwest::Client::new();
    let visits = format!("{}/api/v1/visits", server.url());
    let new = serde_json::json!({"visitor": {"name": name}, "expected_at": now()});
    let answer = client.post(&visits).bearer_auth(&device.token).json(&new).send().await.expect("the server answers");
    let visit: serde_json::Value = answer.json().await.expect("a visit");
    let id = visit["id"].as_str().expect("it has an id").parse().expect("a UUID");
    let path = format!("{visits}/{id}/check-in");
    let answer = client.post(path).bearer_auth(&device.token).send().await.expect("the server answers");
    assert!(answer.status().is_success(), "{answer:?}");
    id
}
