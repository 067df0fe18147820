//! Accounts: made, changed, closed; passwords, links, second factors; and what guessing brings.

use reqwest::{Method, RequestBuilder, Response, StatusCode, header};
use rstest::rstest;
use serde_json::{Value, json};
use totp_rs::{Builder, Secret};
use vestibule::{clock, limits};
use vestibule_protocol::{
    account::{RecoveryCodes, Role, SecondFactor, Session},
    admin::{Member, OneTimeLink},
};

use crate::fixture::{PASSWORD, TestServer, cookie, problem, problem_is};

const GRACE: &str = "grace@example.com";
const OTHER_PASSWORD: &str = "another long password";

fn request(server: &TestServer, method: Method, path: &str, cookie: &str) -> RequestBuilder {
    server.client.request(method, format!("{}{path}", server.base)).header(header::COOKIE, cookie)
}

async fn sign_in(server: &TestServer, body: &Value, from: &str) -> Response {
    server.post("/api/v1/session").header("x-forwarded-for", from).json(body).send().await.unwrap()
}

async fn try_password(server: &TestServer, password: &str, from: &str) -> Response {
    sign_in(server, &json!({"email": GRACE, "password": password}), from).await
}

async fn is_signed_in(server: &TestServer, cookie: &str) -> bool {
    request(server, Method::GET, "/api/v1/session", cookie).send().await.unwrap().status() == StatusCode::OK
}

async fn add(server: &TestServer, admin: &str, body: &Value) -> Response {
    request(server, Method::POST, "/api/v1/staff", admin).json(body).send().await.unwrap()
}

async fn choose(server: &TestServer, link: &OneTimeLink, password: &str) -> Response {
    let body = json!({"token": link.token, "password": password});
    server.post("/api/v1/password").json(&body).send().await.unwrap()
}

#[tokio::test]
async fn a_new_colleague_chooses_a_password_by_a_link_that_works_once() {
    let server = TestServer::start().await;
    let site = server.site("Harbour");
    server.site("Head office");
    let admin = server.signed_in(Role::Admin).await;
    let new = json!({"name": "Grace Hopper", "email": GRACE, "role": "receptionist", "sites": [site]});
    let response = add(&server, &admin, &new).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let link: OneTimeLink = response.json().await.unwrap();
    assert_eq!(problem(add(&server, &admin, &new).await).await, problem_is(409, "account_exists"));
    for password in ["", "!", OTHER_PASSWORD] {
        assert_eq!(try_password(&server, password, "192.0.2.1").await.status(), StatusCode::UNAUTHORIZED);
    }
    for unfit in ["short", "Password123"] {
        assert_eq!(problem(choose(&server, &link, unfit).await).await, problem_is(400, "unfit_password"));
    }
    assert_eq!(choose(&server, &link, OTHER_PASSWORD).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(problem(choose(&server, &link, PASSWORD).await).await, problem_is(403, "wrong_link"));
    let session: Session = try_password(&server, OTHER_PASSWORD, "192.0.2.1").await.json().await.unwrap();
    assert_eq!(session.sites.iter().map(|site| site.name.as_str()).collect::<Vec<_>>(), ["Harbour"]);
}

#[tokio::test]
async fn a_receptionist_of_one_site_is_nobody_at_another() {
    let server = TestServer::start().await;
    let (here, there) = (server.site("Head office"), server.site("Harbour"));
    let cookie = server.signed_in_at(Role::Receptionist, &["Head office"]).await;
    let at = |site| format!("/api/v1/sites/{site}/changes");
    assert_eq!(request(&server, Method::GET, &at(here), &cookie).send().await.unwrap().status(), StatusCode::OK);
    let refused = request(&server, Method::GET, &at(there), &cookie).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "other_site"));
    let enrol = json!({"site": there, "name": "Desk"});
    let refused = request(&server, Method::POST, "/api/v1/devices", &cookie).json(&enrol).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "other_site"));
    let visits = format!("/api/v1/visits?site={there}");
    let refused = request(&server, Method::GET, &visits, &cookie).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(403, "other_site"));
}

#[tokio::test]
async fn another_password_ends_all_sessions_but_this_one() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Receptionist);
    let here = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let elsewhere = cookie(&try_password(&server, PASSWORD, "192.0.2.2").await);
    let change = |current: &str| {
        let body = json!({"current": current, "new": OTHER_PASSWORD});
        request(&server, Method::PUT, "/api/v1/session/password", &here).json(&body).send()
    };
    assert_eq!(problem(change("a guess of mine").await.unwrap()).await, problem_is(403, "wrong_password"));
    assert_eq!(change(PASSWORD).await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!((is_signed_in(&server, &here).await, is_signed_in(&server, &elsewhere).await), (true, false));
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(try_password(&server, OTHER_PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn signing_out_everywhere_ends_every_session_of_ones_own() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Receptionist);
    let other = server.signed_in(Role::Receptionist).await;
    let one = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let two = cookie(&try_password(&server, PASSWORD, "192.0.2.2").await);
    let response = request(&server, Method::DELETE, "/api/v1/sessions", &one).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(!is_signed_in(&server, &one).await && !is_signed_in(&server, &two).await);
    assert!(is_signed_in(&server, &other).await);
}

#[tokio::test]
async fn an_admins_link_signs_out_who_used_the_old_password() {
    let server = TestServer::start().await;
    let staff = server.account(GRACE, Role::Receptionist);
    let stolen = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let admin = server.signed_in(Role::Admin).await;
    let path = format!("/api/v1/staff/{staff}/password-link");
    let link: OneTimeLink = request(&server, Method::POST, &path, &admin).send().await.unwrap().json().await.unwrap();
    assert!(is_signed_in(&server, &stolen).await, "until it is used, nothing changes");
    assert_eq!(choose(&server, &link, OTHER_PASSWORD).await.status(), StatusCode::NO_CONTENT);
    assert!(!is_signed_in(&server, &stolen).await);
}

#[tokio::test]
async fn a_session_and_a_link_end_by_themselves() {
    let server = TestServer::start().await;
    let admin = server.signed_in(Role::Admin).await;
    let id = server.account(GRACE, Role::Receptionist);
    let session = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let path = format!("/api/v1/staff/{id}/password-link");
    let link: OneTimeLink = request(&server, Method::POST, &path, &admin).send().await.unwrap().json().await.unwrap();
    assert_eq!(link.expires_in_s, 24 * 60 * 60);
    let now = clock::now().unix_ms();
    server.database().execute("UPDATE password_links SET expires_at = ?1", [now]).unwrap();
    assert_eq!(problem(choose(&server, &link, OTHER_PASSWORD).await).await, problem_is(403, "wrong_link"));
    assert!(is_signed_in(&server, &session).await);
    server.database().execute("UPDATE sessions SET expires_at = ?1", [now]).unwrap();
    assert!(!is_signed_in(&server, &session).await);
}

#[tokio::test]
async fn a_closed_account_is_out_at_once_and_can_be_opened_again() {
    let server = TestServer::start().await;
    let staff = server.account(GRACE, Role::Marshal);
    let marshal = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let admin = server.signed_in(Role::Admin).await;
    let change =
        |body: Value| request(&server, Method::PATCH, &format!("/api/v1/staff/{staff}"), &admin).json(&body).send();
    let member: Member = change(json!({"closed": true})).await.unwrap().json().await.unwrap();
    assert!(member.closed_at.is_some());
    assert!(!is_signed_in(&server, &marshal).await);
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::UNAUTHORIZED);
    let member: Member = change(json!({"closed": false, "role": "admin"})).await.unwrap().json().await.unwrap();
    assert_eq!((member.closed_at, member.role), (None, Role::Admin));
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
}

#[rstest]
#[case::closed(json!({"closed": true}))]
#[case::another_role(json!({"role": "marshal"}))]
#[case::fewer_sites(json!({"sites": {"only": []}}))]
#[tokio::test]
async fn the_last_admin_of_every_site_cannot_be(#[case] change: Value) {
    let server = TestServer::start().await;
    let staff = server.account(GRACE, Role::Admin);
    let admin = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let path = format!("/api/v1/staff/{staff}");
    let refused = request(&server, Method::PATCH, &path, &admin).json(&change).send().await.unwrap();
    assert_eq!(problem(refused).await, problem_is(409, "last_admin"));
    server.signed_in(Role::Admin).await;
    let done = request(&server, Method::PATCH, &path, &admin).json(&change).send().await.unwrap();
    assert_eq!(done.status(), StatusCode::OK);
}

#[tokio::test]
async fn an_admin_of_some_sites_keeps_no_accounts() {
    let server = TestServer::start().await;
    let admin = server.signed_in_at(Role::Admin, &["Head office"]).await;
    let new = json!({"name": "Mallory", "email": "mallory@example.com", "role": "admin"});
    assert_eq!(problem(add(&server, &admin, &new).await).await, problem_is(403, "forbidden"));
    let list = request(&server, Method::GET, "/api/v1/staff", &admin).send().await.unwrap();
    assert_eq!(problem(list).await, problem_is(403, "forbidden"));
}

/// Gives who is signed in a second factor: the codes of the app, by steps from now, and the recovery codes.
async fn second_factor(server: &TestServer, cookie: &str) -> (impl Fn(u64) -> String, Vec<String>) {
    let path = "/api/v1/session/second-factor";
    let offered: SecondFactor = request(server, Method::POST, path, cookie).send().await.unwrap().json().await.unwrap();
    assert!(offered.uri.starts_with("otpauth://totp/Vestibule:"), "{}", offered.uri);
    let totp = Builder::new().with_secret(Secret::try_from_base32(&offered.secret).unwrap()).build().unwrap();
    let code = move |steps: u64| {
        let seconds = u64::try_from(clock::now().unix_ms() / 1_000).unwrap();
        totp.generate(seconds + 30 * steps).to_string()
    };
    let wrong = request(server, Method::PUT, path, cookie).json(&json!({"code": "000000x"})).send().await.unwrap();
    assert_eq!(problem(wrong).await, problem_is(401, "wrong_second_factor"));
    let confirmed = request(server, Method::PUT, path, cookie).json(&json!({"code": code(0)})).send().await.unwrap();
    let RecoveryCodes { recovery_codes } = confirmed.json().await.unwrap();
    (code, recovery_codes)
}

#[tokio::test]
async fn with_a_second_factor_the_password_alone_opens_nothing_and_a_code_counts_once() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Admin);
    let first = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    let (code, recovery_codes) = second_factor(&server, &first).await;
    assert_eq!(problem(try_password(&server, PASSWORD, "192.0.2.1").await).await, problem_is(401, "code_needed"));
    let with = |code: String| json!({"email": GRACE, "password": PASSWORD, "code": code});
    // The next step's code: that of the step in which it was set up has been used.
    let next = code(1);
    assert_eq!(sign_in(&server, &with(next.clone()), "192.0.2.1").await.status(), StatusCode::OK);
    let again = sign_in(&server, &with(next), "192.0.2.1").await;
    assert_eq!(problem(again).await, problem_is(401, "wrong_second_factor"));
    let recovery = recovery_codes[3].to_lowercase();
    assert_eq!(sign_in(&server, &with(recovery.clone()), "192.0.2.1").await.status(), StatusCode::OK);
    let again = sign_in(&server, &with(recovery), "192.0.2.1").await;
    assert_eq!(problem(again).await, problem_is(401, "wrong_second_factor"));
    let remove = |password: &str| {
        let body = json!({"password": password});
        request(&server, Method::DELETE, "/api/v1/session/second-factor", &first).json(&body).send()
    };
    assert_eq!(problem(remove("a borrowed screen").await.unwrap()).await, problem_is(403, "wrong_password"));
    assert_eq!(remove(PASSWORD).await.unwrap().status(), StatusCode::NO_CONTENT);
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
}

/// Guesses on. The first waits are seconds, which a busy machine may spend on the guess itself; they double, so that
/// soon one is refused.
async fn until_refused(guess: impl AsyncFn(u32) -> (u16, String)) {
    for number in 0..8 {
        if guess(number).await == problem_is(429, "too_many_tries") {
            return;
        }
    }
    panic!("guessing goes on and on");
}

#[tokio::test]
async fn guessing_codes_with_a_known_password_takes_longer_each_time_wherever_it_comes_from() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Admin);
    let first = cookie(&try_password(&server, PASSWORD, "192.0.2.1").await);
    drop(second_factor(&server, &first).await);
    let guess = async |number: u32| {
        let body = json!({"email": GRACE, "password": PASSWORD, "code": format!("{number:06}")});
        problem(sign_in(&server, &body, &format!("198.51.100.{number}")).await).await
    };
    for number in 0..=limits::TRIES_WITHOUT_WAIT {
        assert_eq!(guess(number).await, problem_is(401, "wrong_second_factor"));
    }
    until_refused(async |number| guess(100 + number).await).await;
}

#[tokio::test]
async fn whoever_guesses_a_password_waits_longer_and_longer_and_its_owner_does_not() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Receptionist);
    let guess = async |_| problem(try_password(&server, "a guess of mine", "198.51.100.1").await).await;
    for number in 0..=limits::TRIES_WITHOUT_WAIT {
        assert_eq!(guess(number).await, problem_is(401, "wrong_credentials"));
    }
    until_refused(guess).await;
    let refused = try_password(&server, PASSWORD, "198.51.100.1").await;
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(problem(refused).await, problem_is(429, "too_many_tries"), "also with the right one");
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn many_machines_that_guess_one_password_do_not_shut_its_owner_out() {
    let server = TestServer::start().await;
    server.account(GRACE, Role::Receptionist);
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
    let mut refused = 0;
    for guess in 0..limits::STRANGERS_TRIES_MAX + 5 {
        let from = format!("198.51.100.{guess}");
        refused += u32::from(try_password(&server, "a guess of mine", &from).await.status() == 429);
    }
    assert_eq!(refused, 5 + 1, "its owner's first sign-in came from a new address too");
    assert_eq!(try_password(&server, PASSWORD, "192.0.2.1").await.status(), StatusCode::OK);
    let failed = server.count("SELECT count(*) FROM audit WHERE action = 'staff.sign_in_failed'");
    assert_eq!(failed, i64::from(limits::STRANGERS_TRIES_MAX) - 1);
}
