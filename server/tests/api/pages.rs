//! Lists that grow with an installation come by pages, and whole.

use std::collections::BTreeSet;

use reqwest::header;
use rstest::rstest;
use rusqlite::params;
use serde_json::Value;
use vestibule::{
    access::{keys, staff},
    audit::By,
    clock,
    limits::ADMIN_PAGE_ROWS,
};
use vestibule_protocol::{
    account::{Email, Role},
    admin::{NewApiKey, Scope},
};

use crate::fixture::{TestServer, fresh_uuid, name, problem, problem_is};

/// A list of what admins keep.
#[derive(Clone, Copy)]
struct List {
    path: &'static str,
    /// The member of a page that holds its rows.
    rows: &'static str,
    /// The parameter that takes a page's `next`.
    goes_on: &'static str,
    add: fn(&TestServer),
}

const DEVICES: List = List { path: "/api/v1/devices", rows: "devices", goes_on: "after", add: add_device };
const STAFF: List = List { path: "/api/v1/staff", rows: "staff", goes_on: "after", add: add_account };
const KEYS: List = List { path: "/api/v1/keys", rows: "keys", goes_on: "before", add: add_key };

fn add_device(server: &TestServer) {
    server.device();
}

fn add_account(server: &TestServer) {
    let (name, email) = (name("Grace Hopper"), Email::new(&format!("{}@example.com", fresh_uuid())).unwrap());
    let account = staff::Account { name: &name, email: &email, password_hash: "!", role: Role::Marshal };
    staff::add(&server.database(), &account, clock::now(), clock::entropy()).unwrap().unwrap();
}

fn add_key(server: &TestServer) {
    let new = NewApiKey { name: name("Wallboard"), scope: Scope::Read, site: None, days: 1 };
    keys::add(&server.database(), By::COMMAND_LINE, &new, clock::now(), clock::entropy()).unwrap();
}

async fn page(server: &TestServer, admin: &str, list: List, query: &str) -> Value {
    let path = format!("{}?{query}", list.path);
    server.get(&path).header(header::COOKIE, admin).send().await.unwrap().json().await.unwrap()
}

fn ids(page: &Value, list: List) -> Vec<String> {
    page[list.rows].as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

#[rstest]
#[case::devices(DEVICES)]
#[case::staff(STAFF)]
#[case::keys(KEYS)]
#[tokio::test]
async fn page_by_page_a_list_comes_whole_and_in_order_while_it_grows(#[case] list: List) {
    let server = TestServer::start().await;
    let admin = server.session_of(Role::Admin, None);
    (0..5).for_each(|_| (list.add)(&server));
    let before = ids(&page(&server, &admin, list, "").await, list);
    let (mut told, mut query) = (Vec::new(), "limit=2".to_owned());
    loop {
        let page = page(&server, &admin, list, &query).await;
        let rows = ids(&page, list);
        assert!(rows.len() <= 2);
        told.extend(rows);
        (list.add)(&server);
        let Some(next) = page["next"].as_str() else { break };
        query = format!("limit=2&{}={next}", list.goes_on);
        assert!(told.len() < 100, "it comes to an end");
    }
    let known: Vec<_> = told.iter().filter(|id| before.contains(id)).cloned().collect();
    assert_eq!(known, before, "what was there comes once, in the order of the whole list");
    assert_eq!(told.iter().collect::<BTreeSet<_>>().len(), told.len(), "and nothing comes twice");
}

#[rstest]
#[case::devices(
    DEVICES,
    "INSERT INTO devices (id, site, name, kind, token_hash, created_at) SELECT ?1, id, 'Lobby', 'kiosk', ?1, 0 FROM sites"
)]
#[case::staff(
    STAFF,
    "INSERT INTO staff (id, name, email, password_hash, role, created_at) \
     SELECT ?1, 'Grace', hex(?1) || '@example.com', '!', 'marshal', 0 FROM sites"
)]
#[case::keys(
    KEYS,
    "INSERT INTO api_keys (id, name, key_hash, scope, created_at, expires_at) SELECT ?1, 'Wallboard', ?1, 'read', 0, 0 FROM sites"
)]
#[tokio::test]
async fn who_says_no_limit_or_too_high_a_one_gets_a_first_page_and_how_to_go_on(
    #[case] list: List,
    #[case] insert: &str,
) {
    let server = TestServer::start().await;
    server.site("Head office");
    let admin = server.session_of(Role::Admin, None);
    let mut database = server.database();
    let transaction = database.transaction().unwrap();
    for _ in 0..=ADMIN_PAGE_ROWS {
        transaction.execute(insert, params![fresh_uuid()]).unwrap();
    }
    transaction.commit().unwrap();
    for query in ["", "limit=1000000"] {
        let first = page(&server, &admin, list, query).await;
        assert_eq!(ids(&first, list).len(), ADMIN_PAGE_ROWS);
        let next = format!("{}={}", list.goes_on, first["next"].as_str().unwrap());
        let rest = page(&server, &admin, list, &next).await;
        assert!(!ids(&rest, list).is_empty() && rest["next"].is_null());
    }
    let nonsense = format!("{}?{}=yesterday", list.path, list.goes_on);
    let refused = server.get(&nonsense).header(header::COOKIE, &admin).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(400, "malformed_body"));
}

#[tokio::test]
async fn a_page_of_devices_is_full_although_others_belong_to_sites_that_the_admin_does_not_see() {
    let server = TestServer::start().await;
    let mut here = Vec::new();
    for _ in 0..3 {
        here.push(server.device_at("Head office").credentials.device.to_string());
        server.device_at("Harbour");
    }
    // Two that are made in the same millisecond come in either order.
    here.sort_unstable();
    let of_here = server.session_of(Role::Admin, Some("Head office"));
    let of_all = server.session_of(Role::Admin, None);
    let at_harbour = format!("site={}", server.site("Harbour"));
    let first = page(&server, &of_here, DEVICES, "limit=2").await;
    assert_eq!(ids(&first, DEVICES), here[..2]);
    let rest = page(&server, &of_here, DEVICES, &format!("limit=2&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((ids(&rest, DEVICES), &rest["next"]), (here[2..].to_vec(), &Value::Null));
    assert_eq!(ids(&page(&server, &of_here, DEVICES, &at_harbour).await, DEVICES), [""; 0]);
    assert_eq!(ids(&page(&server, &of_all, DEVICES, &at_harbour).await, DEVICES).len(), 3);
}
