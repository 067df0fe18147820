//! What was answered stays, whatever happens to the server.

use std::{sync::Arc, time::Duration};

use reqwest::StatusCode;
use rusqlite::TransactionBehavior;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
    time::{sleep, timeout},
};
use vestibule::limits::{BODIES_MAX_BYTES, SMALL_WORK_BYTES};
use vestibule_protocol::{
    batch::{Outcome, SYNC_PATH},
    limits::BATCH_MAX_BYTES,
};

use crate::fixture::{DEADLINE, TestServer, outcomes, problem, problem_is, receipt};

#[tokio::test(flavor = "multi_thread")]
async fn many_devices_at_once_are_all_committed() {
    const DEVICES: usize = 64;
    let server = Arc::new(TestServer::start().await);
    let delivering: Vec<_> = (0..DEVICES)
        .map(|_| {
            let (server, mut kiosk) = (Arc::clone(&server), server.device());
            tokio::spawn(async move {
                let events = kiosk.check_ins(5);
                let receipt = server.deliver(&kiosk, &events).await;
                assert_eq!(outcomes(&receipt), [Outcome::Accepted; 5]);
                assert_eq!(receipt.watermark, kiosk.head);
            })
        })
        .collect();
    for delivery in delivering {
        delivery.await.unwrap();
    }
    assert_eq!(server.count("SELECT count(*) FROM events"), 5 * 64);
    assert_eq!(server.count("SELECT max(position) = (SELECT position FROM meta) FROM events"), 1);
}

#[tokio::test]
async fn a_restart_keeps_everything_and_the_history() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(4);
    let before = server.deliver(&kiosk, &events[..2]).await;
    let cursor = server.changes(&kiosk, "").await.cursor;
    let server = server.restart().await;
    let after = server.deliver(&kiosk, &events).await;
    assert_eq!(outcomes(&after)[..2], [Outcome::Duplicate; 2]);
    assert_eq!(outcomes(&after)[2..], [Outcome::Accepted; 2]);
    assert_eq!((after.history, after.watermark), (before.history, kiosk.head));
    let increment = server.changes(&kiosk, &format!("after={cursor}")).await;
    assert_eq!((increment.snapshot, increment.visits.len()), (false, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_nothing_can_be_written_reads_go_on_and_it_recovers_by_itself() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(1);
    let mut other = server.database();
    let holding = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let not_ready = server.get("/readyz").send().await.unwrap();
    assert_eq!(not_ready.headers()["retry-after"], "2");
    assert_eq!(problem(not_ready).await, problem_is(503, "not_writable"));
    assert_eq!(server.get("/healthz").send().await.unwrap().status(), StatusCode::OK);
    assert!(server.changes(&kiosk, "").await.snapshot);
    let refused = server.send(&kiosk, &events).await;
    assert_eq!(problem(refused).await, problem_is(503, "not_writable"));
    drop(holding);
    let ready = async {
        while server.get("/readyz").send().await.unwrap().status() != StatusCode::OK {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, ready).await.expect("ready again, with nobody's help");
    assert_eq!(outcomes(&server.deliver(&kiosk, &events).await), [Outcome::Accepted]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_has_one_batch_in_work_and_the_next_is_asked_to_wait() {
    let server = Arc::new(TestServer::start_unlimited().await);
    let (mut kiosk, mut neighbour) = (server.device(), server.device());
    let events = kiosk.check_ins(1);
    server.deliver(&kiosk, &[]).await;
    let mut other = server.database();
    let holding = other.transaction_with_behavior(TransactionBehavior::Immediate).unwrap();
    let (token, batch) = (kiosk.credentials.token.clone(), kiosk.batch(&events));
    let first = server.post(SYNC_PATH).bearer_auth(token).body(batch);
    let first = tokio::spawn(async move {
        loop {
            let response = first.try_clone().unwrap().send().await.unwrap();
            if response.status() == StatusCode::OK {
                return receipt(response).await;
            }
        }
    });
    let refused = async {
        loop {
            let response = server.send(&kiosk, &[]).await;
            if response.status() == StatusCode::TOO_MANY_REQUESTS {
                return response;
            }
        }
    };
    // Whichever of the two came first is held up, and the other refused.
    let refused = timeout(DEADLINE, refused).await.expect("refused while one is in work");
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(problem(refused).await, problem_is(429, "batch_in_work"));
    drop(holding);
    assert_eq!(outcomes(&first.await.unwrap()), [Outcome::Accepted]);
    let events = neighbour.check_ins(1);
    assert_eq!(outcomes(&server.deliver(&neighbour, &events).await), [Outcome::Accepted]);
    assert_eq!(server.deliver(&kiosk, &[]).await.watermark, kiosk.head, "its turn has ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_past_what_memory_allows_are_refused_before_they_are_read_and_small_ones_taken() {
    let server = TestServer::start().await;
    let (mut kiosk, mut neighbour) = (server.device(), server.device());
    let events = kiosk.check_ins(SMALL_WORK_BYTES / 300);
    let address = server.base.strip_prefix("http://").unwrap();
    // One more than there is room for: once one of them is turned away, the others have all of it. Nobody else may have
    // sent anything before, or its body could be in the way of the last of them for a moment.
    let begun = BODIES_MAX_BYTES / BATCH_MAX_BYTES + 1;
    let tokens: Vec<_> = (0..begun).map(|_| server.device().credentials.token).collect();
    let mut stalled = JoinSet::new();
    for token in tokens {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let head = format!(
            "POST {SYNC_PATH} HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer {token}\r\nContent-Length: \
             {BATCH_MAX_BYTES}\r\n\r\n{{"
        );
        connection.write_all(head.as_bytes()).await.unwrap();
        stalled.spawn(async move { BufReader::new(connection).lines().next_line().await.unwrap() });
    }
    let turned_away = timeout(DEADLINE, stalled.join_next()).await.expect("answered").unwrap().unwrap();
    assert_eq!(turned_away.as_deref(), Some("HTTP/1.1 503 Service Unavailable"));
    let busy = server.send(&kiosk, &events).await;
    assert_eq!(busy.headers()["connection"], "close", "with a body unread, nothing more can be sent on it");
    assert_eq!(problem(busy).await, problem_is(503, "busy"));
    let small = neighbour.check_ins(1);
    assert_eq!(outcomes(&server.deliver(&neighbour, &small).await), [Outcome::Accepted]);
    drop(stalled);
    let taken = async {
        while server.send(&kiosk, &events).await.status() != StatusCode::OK {
            sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(DEADLINE, taken).await.expect("taken again when there is room");
}
