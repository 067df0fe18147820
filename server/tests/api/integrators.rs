//! The API for integrators: visits, events, and the document that describes them.

use std::collections::BTreeSet;

use reqwest::{RequestBuilder, Response, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    account::Role,
    event::EventData,
    id::{RollCallId, VisitId},
    roll_call::{self, Mark, RollCallMarked, RollCallStarted},
};

use crate::fixture::{TestDevice, TestServer, altered, checked_in, checked_out, fresh_uuid, problem, problem_is};

const ONE: &str = "application/cloudevents+json";
const BATCH: &str = "application/cloudevents-batch+json";

async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    (response.status(), response.json().await.unwrap())
}

async fn hand_in(server: &TestServer, device: &TestDevice, kind: &str, body: String) -> Response {
    let request = server.post("/api/v1/events").bearer_auth(&device.credentials.token);
    request.header(header::CONTENT_TYPE, kind).body(body).send().await.unwrap()
}

async fn page(server: &TestServer, device: &TestDevice, path: &str) -> Value {
    let (status, page) = answer(server.get(path).bearer_auth(&device.credentials.token)).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    page
}

#[tokio::test]
async fn a_visit_is_registered_checked_in_and_out_and_every_step_can_be_repeated() {
    let server = TestServer::start().await;
    let kiosk = server.device();
    let post = |path: &str| server.post(path).bearer_auth(&kiosk.credentials.token);
    let id = fresh_uuid();
    let new = json!({"id": id, "visitor": {"name": "Ada Lovelace"}, "expected_at": "2026-03-20T15:00:00+01:00"});
    let (status, visit) = answer(post("/api/v1/visits").json(&new)).await;
    assert_eq!((status, &visit["visitor"]["name"]), (StatusCode::CREATED, &json!("Ada Lovelace")));
    assert_eq!(visit["expected_at"], "2026-03-20T14:00:00.000Z");
    let (status, again) = answer(post("/api/v1/visits").json(&new)).await;
    assert_eq!((status, &again), (StatusCode::OK, &visit));
    for (verb, state) in
        [("check-in", "on_site"), ("check-in", "on_site"), ("check-out", "left"), ("check-out", "left")]
    {
        let (status, visit) = answer(post(&format!("/api/v1/visits/{id}/{verb}"))).await;
        assert_eq!((status, &visit["state"], &visit["oddities"]), (StatusCode::OK, &json!(state), &json!([])));
    }
    let shown = page(&server, &kiosk, &format!("/api/v1/visits/{id}")).await;
    assert_eq!(shown["timeline"].as_array().unwrap().len(), 3, "what was repeated counts once");
    let desk = server.changes(&kiosk, "").await;
    assert_eq!(desk.visits.len(), 1, "desks see it as any other");
}

#[tokio::test]
async fn staff_act_at_the_site_that_they_name_under_a_device_of_their_own() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    let cookie = server.signed_in(Role::Receptionist).await;
    let post = |body: &Value| server.post("/api/v1/visits").header(header::COOKIE, &cookie).json(body);
    let mut new = json!({"visitor": {"name": "Ada Lovelace"}, "expected_at": "2026-03-20T15:00:00Z"});
    assert_eq!(problem(post(&new).send().await.unwrap()).await, problem_is(400, "malformed_body"));
    new["site"] = json!(fresh_uuid());
    assert_eq!(problem(post(&new).send().await.unwrap()).await, problem_is(404, "not_found"));
    new["site"] = json!(site);
    let devices: Vec<Value> = [answer(post(&new)).await, answer(post(&new)).await]
        .into_iter()
        .map(|(status, visit)| {
            assert_eq!(status, StatusCode::CREATED);
            visit["timeline"][0]["device"].clone()
        })
        .collect();
    assert_eq!(devices[0], devices[1]);
    let foreign = post(&new).header("sec-fetch-site", "cross-site").send().await.unwrap();
    assert_eq!(problem(foreign).await, problem_is(403, "foreign_origin"));
}

#[tokio::test]
async fn what_is_at_another_site_is_not_there() {
    let server = TestServer::start().await;
    let (mut here, elsewhere) = (server.device_at("Head office"), server.device_at("Harbour"));
    let arrival = here.arrival(VisitId(fresh_uuid()));
    let slotted = here.append(arrival.to_text());
    server.deliver(&here, &[slotted]).await;
    let token = &elsewhere.credentials.token;
    let visit = format!("/api/v1/visits/{}", arrival.visit);
    for request in
        [server.get(&visit), server.post(&format!("{visit}/check-out")), server.post(&format!("{visit}/check-in"))]
    {
        assert_eq!(problem(request.bearer_auth(token).send().await.unwrap()).await, problem_is(404, "not_found"));
    }
    assert_eq!(page(&server, &elsewhere, "/api/v1/visits").await["visits"], json!([]));
    assert_eq!(page(&server, &elsewhere, "/api/v1/events").await["events"], json!([]));
    let asked = server.get(&format!("/api/v1/visits?site={}", here.credentials.site)).bearer_auth(token);
    assert_eq!(problem(asked.send().await.unwrap()).await, problem_is(403, "other_site"));
    let taken = json!({"id": arrival.visit, "visitor": {"name": "Eve"}, "expected_at": "2026-03-20T15:00:00Z"});
    let taken = server.post("/api/v1/visits").bearer_auth(token).json(&taken).send().await.unwrap();
    assert_eq!(problem(taken).await, problem_is(409, "id_conflict"));
}

#[tokio::test]
async fn nobody_is_checked_in_of_whom_nothing_is_known() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let seen_off = kiosk.event(VisitId(fresh_uuid()), checked_out());
    let slotted = kiosk.append(seen_off.to_text());
    server.deliver(&kiosk, &[slotted]).await;
    let path = format!("/api/v1/visits/{}/check-in", seen_off.visit);
    let response = server.post(&path).bearer_auth(&kiosk.credentials.token).send().await.unwrap();
    assert_eq!(problem(response).await, problem_is(409, "visitor_unknown"));
}

#[tokio::test]
async fn pages_of_visits_follow_each_other_and_can_hold_one_state_only() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let mut events = kiosk.check_ins(5);
    let gone = kiosk.arrival(VisitId(fresh_uuid()));
    events.push(kiosk.append(gone.to_text()));
    let departure = kiosk.event(gone.visit, checked_out()).to_text();
    events.push(kiosk.append(departure));
    server.deliver(&kiosk, &events).await;
    for (state, expected) in [("", 6), ("&state=on_site", 5), ("&state=left", 1), ("&state=expected", 0)] {
        let (mut after, mut found) = (0, Vec::new());
        loop {
            let page = page(&server, &kiosk, &format!("/api/v1/visits?limit=2&after={after}{state}")).await;
            found.extend(page["visits"].as_array().unwrap().iter().map(|visit| visit["id"].clone()));
            match page["next"].as_i64() {
                Some(next) => after = next,
                None => break,
            }
        }
        let count = found.len();
        found.sort_by_key(Value::to_string);
        found.dedup();
        assert_eq!((count, found.len()), (expected, expected), "{state}");
    }
}

#[tokio::test]
async fn an_event_is_taken_once_whichever_way_it_comes() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let event = kiosk.arrival(VisitId(fresh_uuid()));
    let text = event.to_text().into_string();
    for expected in [(StatusCode::CREATED, "accepted"), (StatusCode::OK, "duplicate")] {
        let response = hand_in(&server, &kiosk, ONE, text.clone()).await;
        let status = response.status();
        let taken: Value = response.json().await.unwrap();
        assert_eq!((status, taken["outcome"].as_str().unwrap()), expected);
        assert_eq!(taken["id"], json!(event.id));
    }
    let slotted = kiosk.append(text);
    let receipt = server.deliver(&kiosk, &[slotted]).await;
    assert_eq!(crate::fixture::outcomes(&receipt), [vestibule_protocol::batch::Outcome::Duplicate]);
    let other = altered(&event, |value| value["data"]["visitor"]["name"] = json!("Eve"));
    assert_eq!(problem(hand_in(&server, &kiosk, ONE, other).await).await, problem_is(409, "id_conflict"));
    assert_eq!(server.count("SELECT count(*) FROM events"), 1);
    assert_eq!(server.count("SELECT count(*) FROM quarantine"), 0);
}

#[tokio::test]
async fn each_event_of_a_batch_has_its_own_outcome() {
    let server = TestServer::start().await;
    let (kiosk, elsewhere) = (server.device(), server.device_at("Harbour"));
    let good = kiosk.arrival(VisitId(fresh_uuid()));
    let unknown = altered(&good, |value| value["type"] = json!("vestibule.unknown.v1"));
    let foreign = elsewhere.arrival(VisitId(fresh_uuid())).to_text();
    let body = format!("[{},{unknown},{foreign},{{}},{}]", good.to_text(), good.to_text());
    let taken: Value = hand_in(&server, &kiosk, BATCH, body).await.json().await.unwrap();
    let outcomes: Vec<_> =
        taken.as_array().unwrap().iter().map(|one| (one["outcome"].clone(), one["reason"].clone())).collect();
    let outcome = |outcome: &str, reason: Value| (json!(outcome), reason);
    let expected = [
        outcome("accepted", Value::Null),
        outcome("refused", json!("unknown_type")),
        outcome("refused", json!("other_site")),
        outcome("refused", json!("invalid_event")),
        outcome("duplicate", Value::Null),
    ];
    assert_eq!(outcomes, expected);
}

#[rstest]
#[case::no_event(ONE, "{}", 422, "unfit_event")]
#[case::no_json(BATCH, "[", 400, "malformed_body")]
#[case::not_a_batch(BATCH, "{}", 400, "malformed_body")]
#[case::another_kind("application/json", "{}", 415, "unsupported_media_type")]
#[tokio::test]
async fn what_is_no_event_is_refused(#[case] kind: &str, #[case] body: &str, #[case] status: u16, #[case] code: &str) {
    let server = TestServer::start().await;
    let response = hand_in(&server, &server.device(), kind, body.to_owned()).await;
    assert_eq!(problem(response).await, problem_is(status, code));
}

#[tokio::test]
async fn the_ledger_is_read_to_its_end_word_for_word() {
    let server = TestServer::start().await;
    let (mut kiosk, mut elsewhere) = (server.device(), server.device_at("Harbour"));
    let text = altered(&kiosk.event(VisitId(fresh_uuid()), checked_in("Ada")), |_| {}).replacen(':', " :  ", 2);
    let mut events = kiosk.check_ins(4);
    events.push(kiosk.append(text));
    let foreign = elsewhere.check_ins(2);
    server.deliver(&kiosk, &events[..2]).await;
    server.deliver(&elsewhere, &foreign).await;
    server.deliver(&kiosk, &events[2..]).await;
    let (mut query, mut read) = ("limit=2".to_owned(), Vec::new());
    loop {
        let response = server.get(&format!("/api/v1/events?{query}")).bearer_auth(&kiosk.credentials.token);
        let body = response.send().await.unwrap().text().await.unwrap();
        let page: Value = serde_json::from_str(&body).unwrap();
        read.push(body);
        query = format!("limit=2&after={}", page["cursor"].as_str().unwrap());
        if page["more"] == json!(false) {
            break;
        }
    }
    let read = read.concat();
    let places: Vec<_> = events.iter().map(|event| read.find(&event.text).expect("word for word")).collect();
    assert!(places.is_sorted());
    assert_eq!(read.matches("received_at").count(), events.len());
    let other_life =
        server.get(&format!("/api/v1/events?after={}/3", fresh_uuid())).bearer_auth(&kiosk.credentials.token);
    assert_eq!(problem(other_life.send().await.unwrap()).await, problem_is(410, "history_changed"));
}

#[tokio::test]
async fn the_document_names_every_route_and_its_page_needs_nothing_from_elsewhere() {
    let server = TestServer::start().await;
    let (_, document) = answer(server.get("/api/v1/openapi.json")).await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let described: Vec<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, verbs)| verbs.as_object().unwrap().keys().map(move |verb| format!("{verb} {path}")))
        .collect();
    expect_test::expect![[r#"
        [
            "get /api/v1/events",
            "post /api/v1/events",
            "get /api/v1/events/{id}",
            "get /api/v1/visits",
            "post /api/v1/visits",
            "get /api/v1/visits/{id}",
            "post /api/v1/visits/{id}/check-in",
            "post /api/v1/visits/{id}/check-out",
        ]
    "#]]
    .assert_debug_eq(&described);
    let operations: Vec<&Value> =
        document["paths"].as_object().unwrap().values().flat_map(|verbs| verbs.as_object().unwrap().values()).collect();
    let names: BTreeSet<&str> = operations.iter().map(|one| one["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), operations.len(), "each operation has a name of its own");
    for operation in operations {
        let refusals =
            operation["responses"].as_object().unwrap().iter().filter(|(status, _)| status.starts_with(['4', '5']));
        let mut count = 0;
        for (status, refusal) in refusals {
            let schema = &refusal["content"]["application/problem+json"]["schema"]["$ref"];
            assert_eq!(schema, "#/components/schemas/Problem", "{status}: {refusal}");
            count += 1;
        }
        assert!(count >= 9, "how it fails: {operation}");
    }
    let text = document.to_string();
    let referred = text.split(r##""$ref":"#/components/schemas/"##).skip(1).map(|rest| rest.split('"').next().unwrap());
    for name in referred {
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
    }
    let page = server.get("/api/v1/docs").send().await.unwrap().text().await.unwrap();
    assert!(page.contains("openapi.json") && !page.contains("http"), "nothing is fetched from anywhere else");
}

#[tokio::test]
async fn a_marshal_looks_and_does_not_act() {
    let server = TestServer::start().await;
    let site = server.site("Head office");
    let cookie = server.signed_in(Role::Marshal).await;
    let visits = format!("/api/v1/visits?site={site}");
    assert_eq!(server.get(&visits).header(header::COOKIE, &cookie).send().await.unwrap().status(), StatusCode::OK);
    let new = json!({"site": site, "visitor": {"name": "Ada Lovelace"}, "expected_at": "2026-03-20T15:00:00Z"});
    let refused = server.post("/api/v1/visits").header(header::COOKIE, &cookie).json(&new).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "forbidden"));
}

#[tokio::test]
async fn a_roll_call_is_told_to_devices_and_is_no_visit() {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let seen = VisitId(fresh_uuid());
    let call = VisitId(fresh_uuid());
    let mark = RollCallMarked { roll_call: RollCallId(call.0), mark: Mark::Safe };
    let events = [
        kiosk.arrival(seen),
        kiosk.event(call, EventData::RollCallStarted(RollCallStarted {})),
        kiosk.event(seen, EventData::RollCallMarked(mark)),
    ];
    let events: Vec<_> = events.iter().map(|event| kiosk.append(event.to_text())).collect();
    server.deliver(&kiosk, &events).await;
    let told = server.changes(&kiosk, "").await.visits;
    let marks: usize = told.iter().map(|visit| visit.marks.len()).sum();
    assert_eq!((told.len(), told.iter().filter_map(roll_call::of).count(), marks), (2, 1, 1));
    let listed = page(&server, &kiosk, "/api/v1/visits").await;
    assert_eq!(listed["visits"].as_array().unwrap().len(), 1);
    let alone = server.get(&format!("/api/v1/visits/{call}")).bearer_auth(&kiosk.credentials.token);
    assert_eq!(problem(alone.send().await.unwrap()).await, problem_is(404, "not_found"));
}

/// Found by fuzzing from the document: the two pages had one name, and so one schema.
#[tokio::test]
async fn the_document_tells_a_page_of_visits_from_a_page_of_events() {
    let server = TestServer::start().await;
    let document: Value = server.get("/api/v1/openapi.json").send().await.unwrap().json().await.unwrap();
    for (path, member) in [("visits", "visits"), ("events", "events")] {
        let answer = &document["paths"][format!("/api/v1/{path}")]["get"]["responses"]["200"];
        let schema = answer["content"]["application/json"]["schema"]["$ref"].as_str().unwrap();
        let schema = document.pointer(schema.trim_start_matches('#')).unwrap();
        assert!(schema["properties"][member].is_object(), "{path}: {schema}");
    }
}
