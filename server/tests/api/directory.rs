//! `/api/v1/sites` and `…/hosts`: what admins change, and that devices hear of it.

use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use vestibule_protocol::{
    account::Role,
    changes::Site,
    directory::{HostPage, HostsAdded},
};

use crate::fixture::{TestServer, problem, problem_is};

async fn send(server: &TestServer, method: reqwest::Method, cookie: &str, path: &str, body: Value) -> Response {
    let request = server.client.request(method, format!("{}{path}", server.base));
    request.header("cookie", cookie).json(&body).send().await.unwrap()
}

#[tokio::test]
async fn hosts_are_added_once_leave_and_return_and_kiosks_hear_of_it() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    let kiosk = server.device();
    let hosts = format!("/api/v1/sites/{}/hosts", kiosk.credentials.site);
    let people = json!({"hosts": [
        {"name": "Amara Okafor", "department": "Sales"}, {"name": "Ana Silva"}, {"name": "Ana Silva", "department": "Legal"}
    ]});
    let add = || send(&server, reqwest::Method::POST, &cookie, &hosts, people.clone());
    let told: HostsAdded = add().await.json().await.unwrap();
    assert_eq!(told, HostsAdded { added: 3, known: 0 });
    let told: HostsAdded = add().await.json().await.unwrap();
    assert_eq!(told, HostsAdded { added: 0, known: 3 });

    let heard = server.changes(&kiosk, "").await;
    assert_eq!(heard.hosts.len(), 3);
    let amara = heard.hosts.iter().find(|host| host.name.as_str() == "Amara Okafor").unwrap();
    let path = format!("{hosts}/{}", amara.id);
    let left = send(&server, reqwest::Method::PATCH, &cookie, &path, json!({"gone": true})).await;
    assert_eq!(left.status(), StatusCode::OK);
    let later = server.changes(&kiosk, &format!("after={}", heard.cursor)).await;
    assert_eq!(later.hosts.iter().map(|host| (host.id, host.gone)).collect::<Vec<_>>(), [(amara.id, true)]);
    let told: HostsAdded = add().await.json().await.unwrap();
    assert_eq!(told, HostsAdded { added: 1, known: 2 }, "who left has come back");
    let later = server.changes(&kiosk, &format!("after={}", later.cursor)).await;
    assert_eq!(later.hosts.iter().map(|host| (host.id, host.gone)).collect::<Vec<_>>(), [(amara.id, false)]);
}

#[tokio::test]
async fn an_admin_reads_the_hosts_page_by_page_and_a_receptionist_does_not() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    let hosts = format!("/api/v1/sites/{}/hosts", server.site("Head office"));
    let people = json!({"hosts": [{"name": "Amara Okafor"}, {"name": "Ana Silva"}, {"name": "Mary Somerville"}]});
    send(&server, reqwest::Method::POST, &cookie, &hosts, people).await;
    let (mut names, mut query) = (Vec::new(), "?limit=2".to_owned());
    loop {
        let answer = server.get(&format!("{hosts}{query}")).header("cookie", &cookie).send().await.unwrap();
        let page: HostPage = answer.json().await.unwrap();
        names.push(page.hosts.iter().map(|host| host.name.to_string()).collect::<Vec<_>>());
        let Some(next) = page.next else { break };
        query = format!("?limit=2&after={next}");
    }
    assert_eq!(names.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    let mut all = names.concat();
    all.sort_unstable();
    assert_eq!(all, ["Amara Okafor", "Ana Silva", "Mary Somerville"]);
    let cookie = server.signed_in(Role::Receptionist).await;
    let refused = server.get(&hosts).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "forbidden"));
}

#[tokio::test]
async fn of_a_list_with_one_that_does_not_fit_none_is_added() {
    let server = TestServer::start().await;
    let cookie = server.signed_in(Role::Admin).await;
    let hosts = format!("/api/v1/sites/{}/hosts", server.site("Head office"));
    let people = json!({"hosts": [{"name": "Amara Okafor"}, {"name": " "}]});
    let refused = send(&server, reqwest::Method::POST, &cookie, &hosts, people).await;
    assert_eq!(problem(refused).await, problem_is(400, "malformed_body"));
    assert_eq!(server.count("SELECT count(*) FROM hosts"), 0);
}

#[tokio::test]
async fn a_site_is_made_and_renamed_by_whose_it_is_and_kiosks_hear_of_it() {
    let server = TestServer::start().await;
    let head = server.signed_in(Role::Admin).await;
    let made = send(&server, reqwest::Method::POST, &head, "/api/v1/sites", json!({"name": "Harbour"})).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    let again = send(&server, reqwest::Method::POST, &head, "/api/v1/sites", json!({"name": "Harbour"})).await;
    assert_eq!(problem(again).await, problem_is(409, "name_taken"));
    let kiosk = server.device_at("Harbour");
    let heard = server.changes(&kiosk, "").await;
    let path = format!("/api/v1/sites/{}", kiosk.credentials.site);
    let elsewhere = server.signed_in_at(Role::Admin, &["Head office"]).await;
    let rename = |cookie: String| {
        let (server, path) = (&server, &path);
        async move { send(server, reqwest::Method::PATCH, &cookie, path, json!({"name": "Docks"})).await }
    };
    assert_eq!(problem(rename(elsewhere).await).await, problem_is(403, "other_site"));
    let renamed: Site = rename(head).await.json().await.unwrap();
    assert_eq!((renamed.id, renamed.name.as_str()), (kiosk.credentials.site, "Docks"));
    let later = server.changes(&kiosk, &format!("after={}", heard.cursor)).await;
    assert_eq!(later.site.map(|site| site.name.to_string()).as_deref(), Some("Docks"));
}
