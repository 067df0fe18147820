//! Visitors who ask what is held of them, or to be forgotten; and those whose time has run out.

use reqwest::{Response, StatusCode, header};
use serde_json::{Value, json};
use vestibule::{
    privacy::SOMEBODY,
    verify::{self, Word},
};
use vestibule_protocol::{
    account::Role,
    batch::Outcome,
    details::Details,
    event::{CheckedIn, Event, EventData, Visitor},
    id::VisitId,
    privacy::{Erased, Export},
    text::Text,
    visit::State,
};

use crate::fixture::{TestDevice, TestServer, fresh_uuid, name, outcomes, problem, problem_is};

const ADDRESS: &str = "Ada@Example.com";

/// Somebody who gave an address came a minute ago.
fn arrival(kiosk: &TestDevice, visit: VisitId) -> Event {
    let email = Some(Text::new(ADDRESS).unwrap());
    let visitor = Visitor { name: name("Ada Lovelace"), company: Some(name("Engines")), email, phone: None };
    Event {
        data: EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() }),
        ..kiosk.arrival(visit)
    }
}

async fn ask(server: &TestServer, cookie: &str, what: &str, whom: &Value) -> Response {
    let request = server.post(&format!("/api/v1/visitors/{what}")).header(header::COOKIE, cookie);
    request.json(whom).send().await.unwrap()
}

async fn erase(server: &TestServer, cookie: &str, whom: &Value) -> u64 {
    let response = ask(server, cookie, "erase", whom).await;
    assert_eq!(response.status(), StatusCode::OK);
    response.json::<Erased>().await.unwrap().visits
}

/// That nothing of her is in the database any more, and that everything else in it is as it should be.
fn assert_forgotten(server: &TestServer) {
    let mut database = server.database();
    database.execute_batch("PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let file = std::fs::read(server.data.path().join("vestibule.db")).unwrap();
    for word in ["Lovelace", "Ada@Example.com", "ada@example.com", "Engines"] {
        assert!(!file.windows(word.len()).any(|window| window == word.as_bytes()), "{word} is still there");
    }
    let mut differences = Vec::new();
    let mut hear = |word| {
        if let Word::Difference(difference) = word {
            differences.push(difference);
        }
    };
    verify::everything(&mut database, &mut hear).unwrap();
    assert_eq!(differences, []);
}

async fn visit(server: &TestServer, kiosk: &TestDevice, id: VisitId) -> vestibule_protocol::visit::Visit {
    server.changes(kiosk, "").await.visits.into_iter().find(|visit| visit.id == id).unwrap()
}

#[tokio::test]
async fn a_visitor_who_is_forgotten_is_nobody_everywhere_and_the_ledger_still_proves_itself() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let id = VisitId(fresh_uuid());
    let event = arrival(&kiosk, id);
    let event = kiosk.append(event.to_text());
    let before = server.deliver(&kiosk, std::slice::from_ref(&event)).await;
    let cursor = server.changes(&kiosk, "").await.cursor;
    assert_eq!(erase(&server, &admin, &json!({"visit": id})).await, 1);
    let told = server.changes(&kiosk, &format!("after={cursor}")).await.visits;
    assert_eq!(told[0].visitor.as_ref().unwrap().value.name.as_str(), SOMEBODY, "desks hear of it");
    assert_eq!(told[0].state(vestibule::clock::now()), State::OnSite, "somebody is still on site");
    assert_forgotten(&server);
    let again = server.deliver(&kiosk, &[event]).await;
    assert_eq!(outcomes(&again), [Outcome::Duplicate]);
    assert_eq!(again.watermark, before.watermark, "the chain is what it was");
    assert_eq!(erase(&server, &admin, &json!({"visit": id})).await, 1, "repeating it does no harm");
    assert_forgotten(&server);
    let trail = server.count("SELECT count(*) FROM audit WHERE action = 'visitor.erased'");
    assert_eq!(trail, 2);
}

#[tokio::test]
async fn what_arrives_later_of_somebody_forgotten_is_forgotten_then_in_any_order() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let (mut kiosk, mut offline) = (server.device(), server.device());
    let (known, unknown) = (VisitId(fresh_uuid()), VisitId(fresh_uuid()));
    let first = arrival(&kiosk, known);
    let first = kiosk.append(first.to_text());
    server.deliver(&kiosk, &[first]).await;
    // On a device that is cut off: more of the same visit, and a visit that nobody has heard of.
    let more = offline.arrival(known);
    let more = offline.append(more.to_text());
    let without_address = offline.arrival(unknown);
    let without_address = offline.append(without_address.to_text());
    let with_address = arrival(&offline, unknown);
    let with_address = offline.append(with_address.to_text());
    assert_eq!(erase(&server, &admin, &json!({"email": "ada@example.COM"})).await, 1);
    let receipt = server.deliver(&offline, &[more, without_address]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Accepted, Outcome::Accepted]);
    let receipt = server.deliver(&offline, &[with_address]).await;
    assert_eq!(outcomes(&receipt), [Outcome::Accepted]);
    assert_eq!(receipt.watermark, offline.head, "proven delivered, as the device wrote it");
    for id in [known, unknown] {
        assert_eq!(visit(&server, &kiosk, id).await.visitor.unwrap().value.name.as_str(), SOMEBODY);
    }
    assert_forgotten(&server);
    // She comes again, of her own will.
    let anew = VisitId(fresh_uuid());
    let again = arrival(&kiosk, anew);
    let again = kiosk.append(Event { time: vestibule::clock::now().plus_ms(60_000), ..again }.to_text());
    server.deliver(&kiosk, &[again]).await;
    assert_eq!(visit(&server, &kiosk, anew).await.visitor.unwrap().value.name.as_str(), "Ada Lovelace");
}

#[tokio::test]
async fn a_visitor_is_shown_everything_that_is_held_of_them_word_for_word() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let text = arrival(&kiosk, VisitId(fresh_uuid())).to_text();
    let events = [kiosk.append(text.clone()), kiosk.check_in()];
    server.deliver(&kiosk, &events).await;
    let export: Export = ask(&server, &admin, "export", &json!({"email": ADDRESS})).await.json().await.unwrap();
    assert_eq!((export.visits.len(), export.events.len()), (1, 1), "and nothing of others");
    assert_eq!(export.events[0].get(), &*text);
}

#[tokio::test]
async fn an_admin_of_one_site_answers_for_its_visitors_only() {
    let server = TestServer::start().await;
    let mut kiosk = server.device_at("Harbour");
    let id = VisitId(fresh_uuid());
    let event = arrival(&kiosk, id);
    let event = kiosk.append(event.to_text());
    server.deliver(&kiosk, &[event]).await;
    let admin = server.signed_in_at(Role::Admin, &["Head office"]).await;
    let refused = ask(&server, &admin, "erase", &json!({"visit": id})).await;
    assert_eq!(problem(refused).await, problem_is(404, "not_found"));
    let refused = ask(&server, &admin, "erase", &json!({"email": ADDRESS})).await;
    assert_eq!(problem(refused).await, problem_is(403, "forbidden"));
    let export: Export = ask(&server, &admin, "export", &json!({"email": ADDRESS})).await.json().await.unwrap();
    assert_eq!(export.visits.len(), 0);
}

#[tokio::test]
async fn visitors_are_forgotten_after_as_many_days_as_the_site_says_and_still_count() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let (old, recent) = (VisitId(fresh_uuid()), VisitId(fresh_uuid()));
    let [first, second] = [old, recent].map(|id| arrival(&kiosk, id).to_text());
    let events = [kiosk.append(first), kiosk.append(second)];
    server.deliver(&kiosk, &events).await;
    let retention = format!("{}/api/v1/sites/{}/retention", server.base, kiosk.credentials.site);
    let set = |days: Value| {
        let request = server.client.put(&retention).header(header::COOKIE, &admin);
        request.json(&json!({"days": days})).send()
    };
    assert_eq!(problem(set(json!(0)).await.unwrap()).await, problem_is(400, "malformed_body"));
    assert_eq!(set(json!(30)).await.unwrap().status(), StatusCode::OK);
    let database = server.database();
    // As if it had come a month ago.
    let aged = "UPDATE events SET received_at = received_at - 31 * 86400000 WHERE visit = ?1";
    assert_eq!(database.execute(aged, [old.0]).unwrap(), 1);
    drop(database);
    let server = server.restart().await;
    let forgotten = async {
        while server.count("SELECT count(*) FROM visits WHERE erased_at IS NOT NULL") == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(crate::fixture::DEADLINE, forgotten).await.expect("it is looked at the start");
    assert_eq!(visit(&server, &kiosk, old).await.visitor.unwrap().value.name.as_str(), SOMEBODY);
    assert_eq!(visit(&server, &kiosk, recent).await.visitor.unwrap().value.name.as_str(), "Ada Lovelace");
    assert_eq!(server.count("SELECT count(*) FROM visits"), 2);
}

/// What a visitor leaves beside their name: answers, a signature, a photo.
fn papers(kiosk: &TestDevice, visit: VisitId) -> Vec<Event> {
    let answers = json!([{"field": {"id": "plate", "label": "Number plate"}, "value": {"text": "LOVELACE 1"}}]);
    let details =
        serde_json::from_value(json!({"visitor_type": {"id": "guest", "label": "Guest"}, "answers": answers}));
    let signed = json!({"agreement": "nda", "version": 3, "title": "Secrets", "language": "en", "signature": {"typed": "Ada Lovelace"}});
    let photo = json!({"photo": "/9j/4AAQSkZJRgABfaceface"});
    let email = Some(Text::new(ADDRESS).unwrap());
    let visitor = Visitor { name: name("Ada Lovelace"), company: None, email, phone: None };
    vec![
        kiosk.event(visit, EventData::AgreementSigned(serde_json::from_value(signed).unwrap())),
        kiosk.event(visit, EventData::Photographed(serde_json::from_value(photo).unwrap())),
        kiosk.event(visit, EventData::CheckedIn(CheckedIn { visitor, host: None, details: details.unwrap() })),
    ]
}

#[tokio::test]
async fn with_a_visitor_their_answers_their_signature_and_their_photo_are_forgotten() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let id = VisitId(fresh_uuid());
    let events: Vec<_> = papers(&kiosk, id).iter().map(|event| kiosk.append(event.to_text())).collect();
    server.deliver(&kiosk, &events).await;
    let held = visit(&server, &kiosk, id).await;
    assert_eq!((held.signed.len(), held.photo.is_some()), (1, true));
    assert_eq!(held.details.unwrap().value.answers.len(), 1);

    assert_eq!(erase(&server, &admin, &json!({"visit": id})).await, 1);
    let held = visit(&server, &kiosk, id).await;
    let details = held.details.unwrap().value;
    assert_eq!((details.answers.len(), details.visitor_type.unwrap().label.as_str()), (0, "Guest"));
    assert_eq!(held.signed[0].version, 3, "that somebody agreed stays");
    assert_forgotten(&server);
    assert_no_paper_is_left(&server);
    server.deliver(&kiosk, &events).await;
    assert_no_paper_is_left(&server);
}

#[tokio::test]
async fn papers_that_arrive_before_it_is_known_whose_they_are_are_forgotten_with_their_visitor() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device();
    let events: Vec<_> =
        papers(&kiosk, VisitId(fresh_uuid())).iter().map(|event| kiosk.append(event.to_text())).collect();
    assert_eq!(erase(&server, &admin, &json!({"email": ADDRESS})).await, 0);
    server.deliver(&kiosk, &events[..2]).await;
    server.deliver(&kiosk, &events).await;
    assert_forgotten(&server);
    assert_no_paper_is_left(&server);
}

fn assert_no_paper_is_left(server: &TestServer) {
    for word in ["LOVELACE 1", "typed", "/9j/"] {
        let found = format!("SELECT count(*) FROM events WHERE instr(text, '{word}') > 0");
        assert_eq!(server.count(&found), 0, "{word} is still there");
    }
}
