//! What sites decide of their kiosks: set by admins, told to devices, and the texts that were signed kept.

use reqwest::{RequestBuilder, Response, StatusCode, header};
use serde_json::{Value, json};
use vestibule_protocol::{
    account::Role,
    settings::{AgreementText, SiteSettings},
};

use crate::fixture::{TestServer, problem, problem_is};

const SITE: &str = "Head office";

fn house_rules(version: u32, text: &str) -> Value {
    json!({"agreements": [{"id": "house", "version": version, "title": {"en": "House rules"}, "text": {"en": text}}]})
}

/// Puts settings in the place of whatever holds.
async fn put(server: &TestServer, cookie: &str, settings: &Value) -> Response {
    put_in_place_of(server, cookie, settings, "*").await
}

async fn put_in_place_of(server: &TestServer, cookie: &str, settings: &Value, tag: &str) -> Response {
    request(server, cookie, settings).header(header::IF_MATCH, tag).send().await.unwrap()
}

fn request(server: &TestServer, cookie: &str, settings: &Value) -> RequestBuilder {
    let url = format!("{}/api/v1/sites/{}/settings", server.base, server.site(SITE));
    server.client.put(url).header(header::COOKIE, cookie).json(settings)
}

fn tag(response: &Response) -> String {
    response.headers()[header::ETAG].to_str().unwrap().to_owned()
}

async fn get(server: &TestServer, cookie: &str, path: &str) -> Response {
    let path = format!("/api/v1/sites/{}/{path}", server.site(SITE));
    server.get(&path).header(header::COOKIE, cookie).send().await.unwrap()
}

#[tokio::test]
async fn what_an_admin_decides_every_device_of_the_site_hears_and_no_other() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let (kiosk, elsewhere) = (server.device_at(SITE), server.device_at("Harbour"));
    let before = server.changes(&kiosk, "").await;
    assert_eq!(before.settings, None, "nothing is decided yet");
    let before_elsewhere = server.changes(&elsewhere, "").await;

    let decided = json!({"languages": ["nl", "en"], "party_max": 4, "look_up": "full_name"});
    assert_eq!(put(&server, &admin, &decided).await.status(), StatusCode::OK);
    let expected: SiteSettings = serde_json::from_value(decided).unwrap();
    let increment = server.changes(&kiosk, &format!("after={}", before.cursor)).await;
    assert_eq!((increment.snapshot, increment.settings.as_ref()), (false, Some(&expected)));
    let nothing = server.changes(&kiosk, &format!("after={}", increment.cursor)).await;
    assert_eq!(nothing.settings, None, "told once");
    assert_eq!(server.changes(&kiosk, "").await.settings.as_ref(), Some(&expected), "a snapshot tells them too");
    let elsewhere = server.changes(&elsewhere, &format!("after={}", before_elsewhere.cursor)).await;
    assert_eq!(elsewhere.settings, None);

    let held: SiteSettings = get(&server, &admin, "settings").await.json().await.unwrap();
    assert_eq!(held, expected);
    let lines = "SELECT count(*) FROM audit WHERE action = 'site.settings_changed'";
    assert_eq!(server.count(lines), 1);
}

#[tokio::test]
async fn settings_are_told_once_however_the_pages_fall() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let mut kiosk = server.device_at(SITE);
    let cursor = server.changes(&kiosk, "").await.cursor;
    let events = kiosk.check_ins(3);
    server.deliver(&kiosk, &events[..2]).await;
    assert_eq!(put(&server, &admin, &json!({"party_max": 4})).await.status(), StatusCode::OK);
    server.deliver(&kiosk, &events).await;
    for first in ["limit=1".to_owned(), format!("limit=1&after={cursor}")] {
        let (mut told, mut visits, mut query) = (0, 0, first);
        loop {
            let page = server.changes(&kiosk, &query).await;
            told += usize::from(page.settings.is_some());
            visits += page.visits.len();
            if !page.more {
                break;
            }
            query = format!("limit=1&after={}", page.cursor);
        }
        assert!(told >= 1 && visits >= 3, "{told} and {visits}");
    }
}

#[tokio::test]
async fn what_was_signed_can_be_read_whatever_is_decided_later() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    assert_eq!(put(&server, &admin, &house_rules(1, "Be kind.")).await.status(), StatusCode::OK);
    let other_text = put(&server, &admin, &house_rules(1, "Be quick.")).await;
    assert_eq!(problem(other_text).await, problem_is(422, "agreement_version_taken"));
    assert_eq!(put(&server, &admin, &house_rules(2, "Be quick.")).await.status(), StatusCode::OK);
    assert_eq!(put(&server, &admin, &json!({})).await.status(), StatusCode::OK);

    let text: AgreementText = get(&server, &admin, "agreements/house/1").await.json().await.unwrap();
    assert_eq!((text.title.in_language("en", "en"), text.body.in_language("en", "en")), ("House rules", "Be kind."));
    let taken_back = put(&server, &admin, &house_rules(1, "Be kind.")).await;
    assert_eq!(taken_back.status(), StatusCode::OK, "the same text may come back");
    assert_eq!(problem(get(&server, &admin, "agreements/house/3").await).await, problem_is(404, "not_found"));
}

#[tokio::test]
async fn what_does_not_fit_together_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    assert_eq!(put(&server, &admin, &json!({"party_max": 4})).await.status(), StatusCode::OK);
    let unfit = put(&server, &admin, &json!({"party_max": 1})).await;
    assert_eq!(problem(unfit).await, problem_is(422, "unfit_settings"));
    let malformed = put(&server, &admin, &json!({"accent": "red"})).await;
    assert_eq!(problem(malformed).await, problem_is(400, "malformed_body"));
    let too_large = put(&server, &admin, &json!({"rest": "x".repeat(400 * 1024)})).await;
    assert_eq!(problem(too_large).await, problem_is(413, "too_large"));
    let held: SiteSettings = get(&server, &admin, "settings").await.json().await.unwrap();
    assert_eq!(held.party_max, Some(4));
}

#[tokio::test]
async fn of_two_admins_who_save_at_once_one_is_told_and_nothing_is_undone() {
    let server = TestServer::start().await;
    let (grace, hedy) = (server.signed_in(Role::Admin).await, server.signed_in(Role::Admin).await);
    let read = tag(&get(&server, &grace, "settings").await);
    let (party, colour) = (json!({"party_max": 4}), json!({"accent": "#0f5c52"}));
    let (one, other) =
        tokio::join!(put_in_place_of(&server, &grace, &party, &read), put_in_place_of(&server, &hedy, &colour, &read));
    let (taken, told) = if one.status() == StatusCode::OK { (one, other) } else { (other, one) };
    assert_eq!(taken.status(), StatusCode::OK);
    assert_eq!(problem(told).await, problem_is(412, "other_settings_hold"));
    let held = get(&server, &hedy, "settings").await;
    assert_eq!(tag(&held), tag(&taken), "what was taken holds");
    assert_ne!(tag(&held), read);

    let both = json!({"party_max": 4, "accent": "#0f5c52"});
    let weak = format!("\"of-another-server\", W/{}", tag(&held));
    assert_eq!(put_in_place_of(&server, &hedy, &both, &weak).await.status(), StatusCode::OK);
    assert_eq!(server.count("SELECT count(*) FROM audit WHERE action = 'site.settings_changed'"), 2);
}

#[tokio::test]
async fn settings_are_not_replaced_by_who_does_not_say_which() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let settings = json!({"party_max": 4});
    let unsaid = request(&server, &admin, &settings).send().await.unwrap();
    assert_eq!(problem(unsaid).await, problem_is(428, "if_match_needed"));
    for nothing_of_ours in ["", "4", "\"4\"", "*, *"] {
        let refused = put_in_place_of(&server, &admin, &settings, nothing_of_ours).await;
        assert_eq!(problem(refused).await, problem_is(412, "other_settings_hold"), "{nothing_of_ours}");
    }
    let held: SiteSettings = get(&server, &admin, "settings").await.json().await.unwrap();
    assert_eq!(held, SiteSettings::default());
}

#[tokio::test]
async fn an_admin_of_another_site_decides_nothing_here() {
    let server = TestServer::start().await;
    server.site(SITE);
    let elsewhere = server.signed_in_at(Role::Admin, &["Harbour"]).await;
    assert_eq!(problem(put(&server, &elsewhere, &json!({})).await).await, problem_is(403, "other_site"));
    assert_eq!(problem(get(&server, &elsewhere, "settings").await).await, problem_is(403, "other_site"));
}
