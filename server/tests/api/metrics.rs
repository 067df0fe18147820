//! `GET /metrics`, and the alerts and the dashboard that go by it.

use std::{collections::BTreeSet, fs, path::Path};

use reqwest::header;
use vestibule_protocol::{batch::Link, id::StreamId};

use crate::fixture::{TestServer, checked_out, fresh_uuid};

async fn scrape(server: &TestServer) -> String {
    let response = server.get("/metrics").send().await.unwrap();
    let kind = response.headers()[header::CONTENT_TYPE].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text; version=1.0.0"), "{kind}");
    response.text().await.unwrap()
}

/// A server to which something of everything has happened.
async fn eventful() -> (TestServer, String) {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let mut events = kiosk.check_ins(5);
    events.push(kiosk.append("{}"));
    server.deliver(&kiosk, &events[..2]).await;
    server.deliver(&kiosk, &events[1..2]).await;
    server.deliver(&kiosk, &events[5..]).await;
    let backup = server.dist.path().join("backup.db");
    vestibule::backup::make(server.data.path(), &backup, vestibule::clock::now(), &mut |_| {}).unwrap();
    let device = kiosk.credentials.device.to_string();
    (server, device)
}

#[tokio::test]
async fn what_happened_and_how_the_devices_stand_is_told() {
    let (server, device) = eventful().await;
    server.post("/api/v1/sync").bearer_auth("guessed").send().await.unwrap();
    let text = scrape(&server).await;
    for line in [
        r#"vestibule_sync_requests_total{status="200"} 3"#,
        r#"vestibule_sync_requests_total{status="401"} 1"#,
        r#"vestibule_ingest_events_total{outcome="accepted"} 2"#,
        r#"vestibule_ingest_events_total{outcome="duplicate"} 1"#,
        r#"vestibule_ingest_events_total{outcome="quarantined"} 1"#,
        r#"vestibule_quarantined_events{reason="invalid_event"} 1"#,
        &format!(r#"vestibule_device_missing_events{{device="{device}"}} 3"#),
        &format!(r#"vestibule_device_broken_heads{{device="{device}"}} 0"#),
        "vestibule_commit_jobs_count 3",
        "vestibule_commit_failures_total 0",
        "vestibule_write_queue_jobs 0",
        "vestibule_backup_age_seconds 0",
        "# EOF",
    ] {
        assert!(text.lines().any(|told| told == line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn what_a_device_told_of_and_has_not_any_more_is_missed_until_staff_settle_it() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let kept = kiosk.check_ins(2);
    let before = kiosk.head;
    kiosk.check_ins(3);
    server.deliver(&kiosk, &kept).await;
    // Its storage is set back, and other people take the numbers.
    kiosk.head = before;
    let others = kiosk.check_ins(4);
    server.deliver(&kiosk, &others).await;
    let device = kiosk.credentials.device;
    let lines = |missing| {
        [
            format!(r#"vestibule_device_missing_events{{device="{device}"}} {missing}"#),
            format!(r#"vestibule_device_broken_heads{{device="{device}"}} {missing}"#),
        ]
    };
    let text = scrape(&server).await;
    assert!(lines(1).iter().all(|line| text.lines().any(|told| told == line)), "{text}");
    let gaps = vestibule::gap::unsettled(&server.database()).unwrap();
    assert_eq!(gaps.iter().map(|gap| (gap.first, gap.last)).collect::<Vec<_>>(), [(3, 5)]);
    assert!(gaps[0].broken_at.is_some());

    assert!(vestibule::gap::settle(&server.database(), gaps[0].number, vestibule::clock::now()).unwrap());
    assert!(!vestibule::gap::settle(&server.database(), gaps[0].number, vestibule::clock::now()).unwrap());
    let text = scrape(&server).await;
    assert!(lines(0).iter().all(|line| text.lines().any(|told| told == line)), "{text}");
}

#[tokio::test]
async fn a_device_that_begins_anew_leaves_word_of_what_it_never_delivered() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(5);
    server.deliver(&kiosk, &events[..2]).await;
    // Its storage is wiped.
    (kiosk.stream, kiosk.head) = (StreamId(fresh_uuid()), Link::START);
    let first = kiosk.check_in();
    server.deliver(&kiosk, &[first]).await;
    let line = format!(r#"vestibule_device_missing_events{{device="{}"}} 3"#, kiosk.credentials.device);
    let text = scrape(&server).await;
    assert!(text.lines().any(|told| told == line), "{text}");
    let gaps = vestibule::gap::unsettled(&server.database()).unwrap();
    vestibule::gap::settle(&server.database(), gaps[0].number, vestibule::clock::now()).unwrap();
    let text = scrape(&server).await;
    assert!(text.contains(&line.replace("} 3", "} 0")), "{text}");
}

#[tokio::test]
async fn no_visitor_and_no_place_is_named() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let events = kiosk.check_ins(1);
    server.deliver(&kiosk, &events).await;
    let leaving = kiosk.event(vestibule_protocol::id::VisitId(fresh_uuid()), checked_out());
    let leaving = kiosk.append(leaving.to_text());
    server.deliver(&kiosk, &[leaving]).await;
    let text = scrape(&server).await;
    for name in ["Ada", "Head office", "Lobby"] {
        assert!(!text.contains(name), "{name} is in\n{text}");
    }
}

/// The names that begin with `vestibule_` in a text.
fn names(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split(|c| !is_part(c)).filter(|word| word.starts_with("vestibule_")).collect()
}

#[tokio::test]
async fn every_metric_that_an_alert_or_the_dashboard_asks_for_is_told_and_every_alert_has_a_page() {
    let (server, _) = eventful().await;
    let text = scrape(&server).await;
    let told = names(&text);
    let ops = Path::new(env!("CARGO_MANIFEST_DIR")).join("ops");
    for file in ["alerts.yml", "alerts_test.yml", "grafana-dashboard.json"] {
        let asking = fs::read_to_string(ops.join(file)).unwrap();
        let unknown: Vec<_> = names(&asking).difference(&told).copied().collect();
        assert_eq!(unknown, [""; 0], "in {file}");
    }
    let alerts = fs::read_to_string(ops.join("alerts.yml")).unwrap();
    let pages: BTreeSet<String> = alerts
        .lines()
        .filter_map(|line| line.trim().strip_prefix("runbook: server/ops/runbook/"))
        .map(str::to_owned)
        .collect();
    let there = fs::read_dir(ops.join("runbook")).unwrap();
    let there: BTreeSet<String> = there.map(|page| page.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(pages, there);
    assert_eq!(pages.len(), alerts.matches("- alert:").count());
}
