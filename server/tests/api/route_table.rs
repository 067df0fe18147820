//! Who may do what: every route there is, asked by everybody there is. What was answered stands in docs/access.md; where
//! a change is meant, `UPDATE_EXPECT=1 cargo test -p vestibule --test api route_table` writes it anew.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use reqwest::{Method, header};
use serde_json::{Value, json};
use vestibule::{
    access::keys,
    audit::By,
    clock,
    router::routes,
    site::{
        self,
        settings::{self as site_settings, InPlaceOf},
    },
};
use vestibule_protocol::{
    account::{Email, Role},
    admin::{NewApiKey, Scope},
    id::{HostId, SiteId, VisitId},
};

use crate::fixture::{Slotted, TestDevice, TestServer, checked_in, fresh_uuid, name};

/// Everybody there is, as the columns of the table.
const EVERYBODY: [(&str, Who); 9] = [
    ("anonymous", Who::Anonymous),
    ("kiosk", Who::Kiosk),
    ("other site's kiosk", Who::OtherKiosk),
    ("revoked kiosk", Who::RevokedKiosk),
    ("receptionist", Who::Staff(Role::Receptionist)),
    ("marshal", Who::Staff(Role::Marshal)),
    ("admin", Who::Staff(Role::Admin)),
    ("key: read", Who::Key(Scope::Read)),
    ("key: write", Who::Key(Scope::Write)),
];

/// What nobody may be kept from: the doors, which look at what is brought; what watchmen ask; the description of the
/// API; the public keys by which anybody can check a statement; and how to trust the server (not found here, where it
/// has no authority of its own, and no identity provider).
const OPEN: [(&str, &str); 19] = [
    ("POST", "/api/v1/devices/pair"),
    ("POST", "/api/v1/setup"),
    ("POST", "/api/v1/session"),
    ("POST", "/api/v1/password"),
    ("GET", "/api/v1/sign-in"),
    ("GET", "/api/v1/sign-in/provider"),
    ("GET", "/api/v1/sign-in/provider/callback"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/docs"),
    ("GET", "/api/v1/docs.css"),
    ("GET", "/api/v1/docs.js"),
    ("GET", "/api/v1/statement-keys"),
    ("GET", "/trust"),
    ("GET", "/trust/page.css"),
    ("GET", "/trust/authority.crt"),
    ("GET", "/trust/vestibule.mobileconfig"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
];

/// The routes by which accounts, devices and keys are changed: whoever changes one leaves a line in the audit trail.
const TRAILED: [&str; 6] =
    ["/api/v1/device/", "/api/v1/devices", "/api/v1/keys", "/api/v1/pairing-codes", "/api/v1/session", "/api/v1/staff"];

/// What is among them and changes nothing yet: the secret of a second factor holds once a code of it was shown.
const OFFERS: (&str, &str) = ("POST", "/api/v1/session/second-factor");

#[derive(Clone, Copy)]
enum Who {
    Anonymous,
    Kiosk,
    OtherKiosk,
    RevokedKiosk,
    Staff(Role),
    Key(Scope),
}

/// What a request can be about, made anew for each, so that none finds what another has done.
struct Stage {
    here: SiteId,
    kiosk: TestDevice,
    visit: VisitId,
    colleague: String,
    key: String,
    doubt: i64,
    gap: i64,
    host: HostId,
}

#[tokio::test]
async fn every_route_is_as_open_as_the_table_says() {
    let server = TestServer::start().await;
    let mut table = String::from(HEAD);
    let (names, lines): (Vec<_>, Vec<_>) = EVERYBODY.iter().map(|(name, _)| (*name, "---")).unzip();
    writeln!(table, "| route | {} |\n|---|{}|", names.join(" | "), lines.join("|")).unwrap();
    let mut number = 0_u32;
    for (method, path) in all_routes() {
        let mut statuses = Vec::new();
        for (_, who) in EVERYBODY {
            number += 1;
            let stage = Stage::set(&server).await;
            let body = body(&stage, &method, path);
            let path = path
                .replace("{site}", &stage.here.to_string())
                .replace("/agreements/{id}/{version}", "/agreements/house/1")
                .replace("/devices/{id}", &format!("/devices/{}", stage.kiosk.credentials.device))
                .replace("/staff/{id}", &format!("/staff/{}", stage.colleague))
                .replace("/keys/{id}", &format!("/keys/{}", stage.key))
                .replace("/visits/{id}", &format!("/visits/{}", stage.visit))
                .replace("/attention/{number}", &format!("/attention/{}", stage.doubt))
                .replace("/hosts/{host}", &format!("/hosts/{}", stage.host))
                .replace("/gaps/{number}", &format!("/gaps/{}", stage.gap));
            let query = if matches!(path.as_str(), "/api/v1/visits" | "/api/v1/events") && method == Method::GET {
                format!("?site={}", stage.here)
            } else {
                String::new()
            };
            let url = format!("{}{path}{query}", server.base);
            // Each from an address of its own: wrong tries are counted by it.
            let from = format!("10.0.{}.{}", number / 250, number % 250 + 1);
            let mut request = server.client.request(method.clone(), url).header("x-forwarded-for", from);
            request = show(&server, &stage, who, request);
            if let Some((kind, body)) = body {
                request = request.header(header::CONTENT_TYPE, kind).body(body);
            }
            if method == Method::PUT && path.ends_with("/settings") {
                request = request.header(header::IF_MATCH, "*");
            }
            let lines = || server.count("SELECT count(*) FROM audit");
            let before = lines();
            let status = request.send().await.unwrap().status();
            let is_trailed = method != Method::GET && TRAILED.iter().any(|start| path.starts_with(start));
            if status.is_success() && is_trailed && (method.as_str(), path.as_str()) != OFFERS {
                assert!(lines() > before, "{method} {path} leaves no line in the audit trail");
            }
            statuses.push(status.as_u16());
        }
        let is_open = OPEN.contains(&(method.as_str(), path));
        assert!(is_open || statuses[0] == 401, "{method} {path} is open to whoever comes: {}", statuses[0]);
        assert!(statuses.iter().all(|status| *status < 500), "{method} {path} fails: {statuses:?}");
        let statuses: Vec<String> = statuses.iter().map(u16::to_string).collect();
        writeln!(table, "| `{method} {path}` | {} |", statuses.join(" | ")).unwrap();
    }
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/access.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&document, &table).unwrap();
    }
    let held = fs::read_to_string(&document).unwrap_or_default();
    assert!(held == table, "docs/access.md is not what the routes answer now; it would be:\n{table}");
}

const HEAD: &str = "# Who may do what\n\n\
Every route there is, asked by everybody there is: the status of the answer to a request that makes sense. Written by \
`server/tests/api/route_table.rs`, which walks the router and fails when an answer is another than here. The kiosk, the \
receptionist, the marshal and the keys are of the site that the request is about; the admin is of every site.\n\n";

/// The router's, in its order.
fn all_routes() -> Vec<(Method, &'static str)> {
    let routes = routes();
    assert_eq!(
        routes.iter().map(|(method, path)| format!("{method} {path}")).collect::<BTreeSet<_>>().len(),
        routes.len()
    );
    routes
}

impl Stage {
    async fn set(server: &TestServer) -> Self {
        let here = server.site("Head office");
        let mut kiosk = server.device_at("Head office");
        let database = server.database();
        let visit = VisitId(fresh_uuid());
        let arrival = kiosk.arrival(visit).to_text();
        let arrival = kiosk.append(arrival);
        let damaged = kiosk.append("{}");
        server.deliver(&kiosk, &[arrival, damaged]).await;
        let host =
            site::add_host(&database, here, &name("Amara Okafor"), None, clock::now(), clock::entropy()).unwrap();
        let newest = |table: &str| server.count(&format!("SELECT max(number) FROM {table}"));
        let doubt = newest("doubts");
        // Its store is set back, and gives a number anew that it told of.
        let snapshot = kiosk.head;
        kiosk.check_in();
        server.deliver(&kiosk, &[]).await;
        kiosk.head = snapshot;
        let anew = kiosk.check_in();
        server.deliver(&kiosk, &[anew]).await;
        let gap = newest("told_heads");
        let colleague = server.account(&format!("{}@example.com", fresh_uuid()), Role::Receptionist);
        database.execute("UPDATE staff SET totp_secret = x'00' WHERE id = ?1", [colleague.0]).unwrap();
        let identity = "INSERT INTO staff_identities (issuer, subject, staff, linked_at) VALUES ('issuer', ?1, ?2, 0)";
        database.execute(identity, rusqlite::params![fresh_uuid().to_string(), colleague.0]).unwrap();
        let new = NewApiKey { name: name("Spare"), scope: Scope::Read, site: Some(here), days: 1 };
        let key = keys::add(&database, By::COMMAND_LINE, &new, clock::now(), clock::entropy()).unwrap();
        let rules = json!({"id": "house", "version": 1, "title": {"en": "Rules"}, "text": {"en": "Be kind."}});
        let decided = serde_json::from_value(json!({"agreements": [rules]})).unwrap();
        let whatever = InPlaceOf::Whatever;
        site_settings::set(&database, By::COMMAND_LINE, here, &decided, &whatever, clock::now()).unwrap().unwrap();
        Self { here, kiosk, visit, colleague: colleague.to_string(), key: key.about.id.to_string(), doubt, gap, host }
    }
}

/// Has the request show who asks.
fn show(server: &TestServer, stage: &Stage, who: Who, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
    match who {
        Who::Anonymous => request,
        Who::Kiosk => request.bearer_auth(&stage.kiosk.credentials.token),
        Who::OtherKiosk => request.bearer_auth(&server.device_at("Harbour").credentials.token),
        Who::RevokedKiosk => {
            let kiosk = server.device_at("Head office");
            let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
            server.database().execute(revoke, [kiosk.credentials.device.0]).unwrap();
            request.bearer_auth(&kiosk.credentials.token)
        }
        Who::Staff(role) => {
            let site = (role != Role::Admin).then_some("Head office");
            request.header(header::COOKIE, server.session_of(role, site))
        }
        Who::Key(scope) => {
            let new = NewApiKey { name: name("Program"), scope, site: Some(stage.here), days: 1 };
            let key = keys::add(&server.database(), By::COMMAND_LINE, &new, clock::now(), clock::entropy()).unwrap();
            request.bearer_auth(&key.key)
        }
    }
}

/// A body that makes sense, with its media type. A route that takes one must have one here.
fn body(stage: &Stage, method: &Method, path: &str) -> Option<(&'static str, String)> {
    let json = |body: Value| Some(("application/json", body.to_string()));
    let site = stage.here;
    let email = Email::new(&format!("{}@example.com", fresh_uuid())).unwrap();
    match (method.as_str(), path) {
        ("GET", _) | ("DELETE", "/api/v1/session" | "/api/v1/sessions" | "/api/v1/keys/{id}") => None,
        (
            "DELETE",
            "/api/v1/staff/{id}/sessions" | "/api/v1/staff/{id}/second-factor" | "/api/v1/staff/{id}/identity",
        ) => None,
        (
            "POST",
            "/api/v1/devices/{id}/revoke"
            | "/api/v1/device/token"
            | "/api/v1/staff/{id}/password-link"
            | "/api/v1/session/second-factor"
            | "/api/v1/visits/{id}/check-in"
            | "/api/v1/visits/{id}/check-out",
        ) => None,
        ("POST", "/api/v1/sync") => {
            // Whoever sends it begins a stream with it.
            let begins = TestDevice::new(stage.kiosk.credentials.clone());
            Some(("application/json", begins.batch(&[])))
        }
        ("POST", "/api/v1/devices" | "/api/v1/pairing-codes") => json(json!({"site": site, "name": "Lobby"})),
        ("PATCH", "/api/v1/devices/{id}") => json(json!({"name": "Door"})),
        ("POST", "/api/v1/devices/pair") => json(json!({"code": "0000-0000-0"})),
        ("POST", "/api/v1/parcels") => {
            let event = stage.kiosk.arrival(VisitId(fresh_uuid())).to_text().into();
            let event = Slotted { seq: stage.kiosk.head.seq + 1, text: event };
            json(json!({"parcel": stage.kiosk.backlog(&[event])}))
        }
        ("POST", "/api/v1/setup") => {
            let account = json!({"name": "Grace", "email": email, "password": "a long password"});
            json(json!({"token": "guessed", "account": account}))
        }
        ("POST", "/api/v1/session") => json(json!({"email": email, "password": "a guess of mine"})),
        ("PUT", "/api/v1/session/password") => json(json!({"current": "a guess of mine", "new": "a long password"})),
        ("PUT", "/api/v1/session/second-factor") => json(json!({"code": "000000"})),
        ("DELETE", "/api/v1/session/second-factor") => json(json!({"password": "a guess of mine"})),
        ("POST", "/api/v1/password") => json(json!({"token": "guessed", "password": "a long password"})),
        ("POST", "/api/v1/staff") => json(json!({"name": "Grace", "email": email, "role": "marshal"})),
        ("PATCH", "/api/v1/staff/{id}") => json(json!({"role": "marshal"})),
        ("POST", "/api/v1/keys") => json(json!({"name": "Wallboard", "scope": "read", "days": 1})),
        ("POST", "/api/v1/sites") => json(json!({"name": fresh_uuid().to_string()})),
        ("PATCH", "/api/v1/sites/{site}") => json(json!({"name": "Head office"})),
        ("POST", "/api/v1/sites/{site}/hosts") => json(json!({"hosts": [{"name": "Ana Silva"}]})),
        ("PATCH", "/api/v1/sites/{site}/hosts/{host}") => json(json!({"gone": true})),
        ("POST", "/api/v1/sites/{site}/attention/{number}") => json(json!({"dismiss": {"note": "Seen"}})),
        ("POST", "/api/v1/sites/{site}/gaps/{number}") => json(json!({"note": "Taken from the paper list"})),
        ("POST", "/api/v1/visitors/export" | "/api/v1/visitors/erase") => json(json!({"visit": stage.visit})),
        ("PUT", "/api/v1/sites/{site}/settings") => json(json!({"party_max": 4})),
        ("PUT", "/api/v1/sites/{site}/retention") => json(json!({"days": 90})),
        ("POST", "/api/v1/visits") => {
            let visitor = json!({"name": "Ada Lovelace"});
            json(json!({"site": site, "visitor": visitor, "expected_at": "2026-03-20T15:00:00Z"}))
        }
        ("POST", "/api/v1/events") => {
            let event = stage.kiosk.event(VisitId(fresh_uuid()), checked_in("Ada Lovelace"));
            Some(("application/cloudevents+json", event.to_text().into()))
        }
        (method, path) => panic!("{method} {path} has no row: say here what a request to it brings"),
    }
}
