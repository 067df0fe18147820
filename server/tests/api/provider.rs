//! Signing in by an identity provider: a real one, with its forms, from `tests/peers/oidc`.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

use reqwest::{Client, Method, Response, StatusCode, header, redirect::Policy};
use serde_json::{Value, json};
use url::Url;
use vestibule::access::provider::{Addresses, CALLBACK_PATH, Newcomers, NewcomersRole, Options, Provider};
use vestibule_protocol::account::{PROVIDER_SIGN_IN_PATH, ProviderName, REFUSED, Role, Session};

use crate::fixture::{DEADLINE, TestServer, name};

const CLIENT_SECRET: &str = "a secret + of Vestibule's";

/// The provider, as a process.
struct Peer {
    process: Child,
    issuer: Url,
}

/// Where a provider puts what it says of a person.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ClaimsIn {
    Token,
    UserInfo,
}

impl Peer {
    fn start(port: u16, redirect_uri: &str, claims: ClaimsIn) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers/oidc");
        let mut process = Command::new("node")
            .arg("server.js")
            .args([&port.to_string(), redirect_uri])
            .env("CLAIMS_IN_TOKEN", if claims == ClaimsIn::Token { "yes" } else { "no" })
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("scripts/setup tests installs node");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let said =
            lines.by_ref().map_while(Result::ok).find_map(|line| Some(line.split("listening on ").nth(1)?.to_owned()));
        std::thread::spawn(move || lines.for_each(drop));
        let issuer = said.expect("scripts/setup tests installs the provider").parse().unwrap();
        Self { process, issuer }
    }

    fn stop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // Stopped already in some tests.
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn options(base: &str, issuer: Url) -> Options {
    Options {
        name: ProviderName::new("Example").unwrap(),
        issuer,
        client_id: "vestibule".to_owned(),
        client_secret: Some(CLIENT_SECRET.to_owned()),
        public_url: base.parse().unwrap(),
        prompt: Some("login".to_owned()),
        addresses: Addresses::Verified,
        newcomers: Vec::new(),
    }
}

/// A server and its provider, with options changed.
async fn start(claims: ClaimsIn, change: impl FnOnce(&mut Options)) -> (TestServer, Peer) {
    let mut peer = None;
    let server = TestServer::start_with_provider(async |base: &str| {
        let redirect_uri = format!("{base}{CALLBACK_PATH}");
        let started = tokio::task::spawn_blocking(move || Peer::start(0, &redirect_uri, claims)).await.unwrap();
        let mut options = options(base, started.issuer.clone());
        change(&mut options);
        peer = Some(started);
        Provider::new(options).unwrap()
    })
    .await;
    (server, peer.unwrap())
}

async fn usual() -> (TestServer, Peer) {
    start(ClaimsIn::Token, |_| {}).await
}

/// Somebody's browser, as far as cookies and redirects go.
struct Browser {
    client: Client,
    cookies: HashMap<(String, String), String>,
}

impl Browser {
    fn new() -> Self {
        let client = Client::builder().timeout(DEADLINE).no_proxy().redirect(Policy::none()).build().unwrap();
        Self { client, cookies: HashMap::new() }
    }

    async fn send(&mut self, method: Method, url: &Url, form: Option<String>) -> Response {
        let origin = url.origin().ascii_serialization();
        let of_origin = self.cookies.iter().filter(|((place, _), _)| *place == origin);
        let cookies: Vec<_> = of_origin.map(|((_, name), value)| format!("{name}={value}")).collect();
        let mut request = self.client.request(method, url.clone()).header(header::COOKIE, cookies.join("; "));
        if let Some(form) = form {
            request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        }
        let response = request.send().await.unwrap();
        for cookie in response.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = cookie.split_once('=').unwrap();
            self.cookies.insert((origin.clone(), name.to_owned()), value.to_owned());
        }
        response
    }

    /// Clicks the button; where it leads.
    async fn begin(&mut self, server: &TestServer) -> Url {
        let url = at(server, PROVIDER_SIGN_IN_PATH);
        let response = self.send(Method::GET, &url, None).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        location(&response, &url)
    }

    /// Goes through the provider's forms as `person`; where the provider sends the browser then.
    async fn walk(&mut self, server: &TestServer, authorization: Url, person: &str) -> Url {
        let mut url = authorization;
        for _ in 0..20 {
            if url.as_str().starts_with(&server.base) {
                return url;
            }
            let response = self.send(Method::GET, &url, None).await;
            if response.status().is_redirection() {
                url = location(&response, &url);
                continue;
            }
            let page = response.text().await.unwrap();
            let action = after(&page, "action=\"").unwrap_or_else(|| panic!("no form at {url}: {page}"));
            let prompt = after(&page, "name=\"prompt\" value=\"").expect("the form says what it is");
            let form = format!("prompt={prompt}&login={person}&password=anything");
            let action = url.join(action).unwrap();
            let response = self.send(Method::POST, &action, Some(form)).await;
            url = location(&response, &action);
        }
        panic!("the provider sends the browser in circles");
    }

    /// The whole way; where the browser ends up.
    async fn sign_in(&mut self, server: &TestServer, person: &str) -> String {
        let to = self.begin(server).await;
        let back = self.walk(server, to, person).await;
        self.come_back(server, &back).await
    }

    async fn come_back(&mut self, server: &TestServer, back: &Url) -> String {
        let response = self.send(Method::GET, back, None).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{response:?}");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let to = location(&response, back).to_string();
        to.strip_prefix(&server.base).unwrap().to_owned()
    }

    async fn session(&mut self, server: &TestServer) -> Option<Session> {
        let response = self.send(Method::GET, &at(server, "/api/v1/session"), None).await;
        if response.status() == StatusCode::OK { Some(response.json().await.unwrap()) } else { None }
    }
}

fn at(server: &TestServer, path: &str) -> Url {
    format!("{}{path}", server.base).parse().unwrap()
}

fn location(response: &Response, from: &Url) -> Url {
    let to = response.headers().get(header::LOCATION).unwrap_or_else(|| panic!("no redirect: {response:?}"));
    from.join(to.to_str().unwrap()).unwrap()
}

fn after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    text.split_once(beginning)?.1.split('"').next()
}

fn refused(code: &str) -> String {
    format!("/dashboard#{REFUSED}{code}")
}

fn actions(server: &TestServer) -> Vec<String> {
    let database = server.database();
    let mut statement = database.prepare("SELECT action FROM audit ORDER BY number").unwrap();
    statement.query_map((), |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The address with one of its parameters changed.
fn with(mut url: Url, name: &str, value: &str) -> Url {
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let changed = pairs.into_iter().map(|(key, old)| if key == name { (key, value.to_owned()) } else { (key, old) });
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(changed).finish();
    url.set_query(Some(&query));
    url
}

#[tokio::test]
async fn who_has_an_account_signs_in_by_the_provider_and_the_trail_says_so() {
    for claims in [ClaimsIn::Token, ClaimsIn::UserInfo] {
        let (server, _peer) = start(claims, |_| {}).await;
        let grace = server.account("Grace@example.com", Role::Receptionist);
        let ways: Value = server.get("/api/v1/sign-in").send().await.unwrap().json().await.unwrap();
        assert_eq!(ways, json!({"provider": "Example"}));
        let mut browser = Browser::new();
        assert_eq!(browser.sign_in(&server, "grace").await, "/dashboard");
        assert_eq!(browser.session(&server).await.unwrap().staff, grace);
        assert_eq!(actions(&server), ["staff.identity_linked", "staff.signed_in_by_provider"]);

        let out = browser.send(Method::DELETE, &at(&server, "/api/v1/session"), None).await;
        assert_eq!(out.status(), StatusCode::NO_CONTENT);
        assert_eq!(browser.session(&server).await, None);
        // "login": the provider, which still knows her, asks her again.
        let to = browser.begin(&server).await;
        let page = browser.send(Method::GET, &to, None).await;
        assert!(location(&page, &to).path().starts_with("/interaction/"));
        assert_eq!(browser.sign_in(&server, "grace").await, "/dashboard");
        assert_eq!(actions(&server)[2..], ["staff.signed_out", "staff.signed_in_by_provider"]);
    }
}

#[tokio::test]
async fn the_session_is_a_cookie_out_of_the_reach_of_scripts_and_the_other_cookie_is_gone() {
    let (server, _peer) = usual().await;
    server.account("grace@example.com", Role::Admin);
    let mut browser = Browser::new();
    let to = browser.begin(&server).await;
    assert_eq!(to.query_pairs().find(|(name, _)| name == "code_challenge_method").unwrap().1, "S256");
    let back = browser.walk(&server, to, "grace").await;
    let response = browser.send(Method::GET, &back, None).await;
    let cookies: Vec<_> = response.headers().get_all(header::SET_COOKIE).iter().collect();
    let [over, session] = cookies.as_slice() else { panic!("{cookies:?}") };
    assert!(over.to_str().unwrap().starts_with("vestibule_sign_in=;"), "{over:?}");
    let session = session.to_str().unwrap();
    assert!(session.starts_with("vestibule_session=") && session.contains("HttpOnly"), "{session}");
    assert!(session.contains("SameSite=Lax"), "{session}");
}

#[tokio::test]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let (server, _peer) = usual().await;
    server.account("grace@example.com", Role::Receptionist);
    let mut browser = Browser::new();
    let to = browser.begin(&server).await;
    let back = browser.walk(&server, to, "grace").await;

    let mut stranger = Browser::new();
    assert_eq!(stranger.come_back(&server, &back).await, refused("sign_in_stale"));
    let mut misled = Browser::new();
    misled.begin(&server).await;
    assert_eq!(misled.come_back(&server, &back).await, refused("sign_in_stale"), "its own state is another");
    let other_state = with(back.clone(), "state", "guessed");
    let cookies = browser.cookies.clone();
    assert_eq!(browser.come_back(&server, &other_state).await, refused("sign_in_stale"));

    browser.cookies = cookies.clone();
    assert_eq!(browser.come_back(&server, &back).await, "/dashboard");
    browser.cookies = cookies;
    assert_eq!(browser.come_back(&server, &back).await, refused("sign_in_stale"), "the code is used");
    assert_eq!(browser.session(&server).await, None);
}

#[tokio::test]
async fn what_was_changed_on_the_way_to_the_provider_opens_nothing() {
    let (server, _peer) = usual().await;
    server.account("grace@example.com", Role::Receptionist);
    for (name, value, code) in [
        ("nonce", "another", "provider_untrusted"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "sign_in_stale"),
        // A code for another program.
        ("client_id", "another", "sign_in_stale"),
        ("state", "another", "sign_in_stale"),
    ] {
        let mut browser = Browser::new();
        let to = with(browser.begin(&server).await, name, value);
        let back = browser.walk(&server, to, "grace").await;
        assert_eq!(browser.come_back(&server, &back).await, refused(code), "{name}");
        assert_eq!(browser.session(&server).await, None, "{name}");
    }
    // The provider's own answer, made to look as another's.
    let mut browser = Browser::new();
    let to = browser.begin(&server).await;
    let back = with(browser.walk(&server, to, "grace").await, "iss", "https://evil.example");
    assert_eq!(browser.come_back(&server, &back).await, refused("provider_untrusted"));
    let mut browser = Browser::new();
    let mut back = browser.begin(&server).await;
    let state = back.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
    let issuer = back.origin().ascii_serialization();
    back = at(&server, CALLBACK_PATH);
    back.query_pairs_mut()
        .append_pair("state", &state)
        .append_pair("error", "access_denied")
        .append_pair("iss", &issuer);
    assert_eq!(browser.come_back(&server, &back).await, refused("provider_refused"));
}

#[tokio::test]
async fn an_address_opens_an_account_only_if_it_is_verified_and_somebodys_own() {
    let (server, _peer) = usual().await;
    server.account("grace@example.com", Role::Admin);
    let no_account = Browser::new().sign_in(&server, "ada").await;
    assert_eq!(no_account, refused("no_account"));
    assert_eq!(Browser::new().sign_in(&server, "mallory").await, refused("email_unverified"));
    assert_eq!(Browser::new().sign_in(&server, "nobody").await, refused("email_unverified"));
    assert_eq!(server.count("SELECT count(*) FROM sessions"), 0);

    assert_eq!(Browser::new().sign_in(&server, "grace").await, "/dashboard");
    assert_eq!(Browser::new().sign_in(&server, "grace-anew").await, refused("account_of_another"));
    assert_eq!(server.count("SELECT count(*) FROM sessions"), 1);
}

#[tokio::test]
async fn an_admin_gives_an_account_to_another_identity_and_closes_it() {
    let (server, _peer) = usual().await;
    let grace = server.account("grace@example.com", Role::Receptionist);
    let admin = server.signed_in(Role::Admin).await;
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in(&server, "grace").await, "/dashboard");
    let unlink = server.client.delete(format!("{}/api/v1/staff/{grace}/identity", server.base));
    let answer = unlink.header(header::COOKIE, &admin).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(browser.session(&server).await, None, "who was signed in is so no more");
    assert_eq!(Browser::new().sign_in(&server, "grace-anew").await, "/dashboard");
    assert_eq!(Browser::new().sign_in(&server, "grace").await, refused("account_of_another"));

    let close = server.client.patch(format!("{}/api/v1/staff/{grace}", server.base)).header(header::COOKIE, &admin);
    assert_eq!(close.json(&json!({"closed": true})).send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(Browser::new().sign_in(&server, "grace-anew").await, refused("account_closed"));
    assert!(actions(&server).contains(&"staff.identity_unlinked".to_owned()));
}

#[tokio::test]
async fn a_newcomer_of_a_domain_that_is_let_in_is_given_what_was_configured_and_no_more() {
    let mut site = None;
    let (server, _peer) = start(ClaimsIn::UserInfo, |options| {
        let harbour = vestibule_protocol::id::SiteId(crate::fixture::fresh_uuid());
        site = Some(harbour);
        options.newcomers = vec![Newcomers {
            domain: "Newcomers.example".to_owned(),
            role: NewcomersRole::Marshal,
            site: Some(harbour),
        }];
    })
    .await;
    let site = site.unwrap();
    server.site("Head office");
    let add = "INSERT INTO sites (id, name, position) VALUES (?1, 'Harbour', 0)";
    server.database().execute(add, [site.0]).unwrap();
    let mut browser = Browser::new();
    assert_eq!(browser.sign_in(&server, "ada").await, "/dashboard");
    let session = browser.session(&server).await.unwrap();
    assert_eq!((session.role, session.name), (Role::Marshal, name("Ada Lovelace")));
    assert_eq!(session.sites.iter().map(|site| site.id).collect::<Vec<_>>(), [site]);
    assert_eq!(actions(&server), ["staff.joined", "staff.identity_linked", "staff.signed_in_by_provider"]);
    let password = json!({"email": "ada@newcomers.example", "password": "!"});
    let by_password = server.post("/api/v1/session").json(&password).send().await.unwrap();
    assert_eq!(by_password.status(), StatusCode::UNAUTHORIZED, "there is no password");
    assert_eq!(Browser::new().sign_in(&server, "grace").await, refused("no_account"), "of another domain");
}

#[tokio::test]
async fn while_the_provider_is_down_it_is_said_so_and_its_new_keys_are_noticed_after() {
    let (server, mut peer) = usual().await;
    server.account("grace@example.com", Role::Receptionist);
    assert_eq!(Browser::new().sign_in(&server, "grace").await, "/dashboard");

    let mut browser = Browser::new();
    let to = browser.begin(&server).await;
    let back = browser.walk(&server, to, "grace").await;
    peer.stop();
    assert_eq!(browser.come_back(&server, &back).await, refused("provider_unreachable"));

    let (port, redirect_uri) = (peer.issuer.port().unwrap(), format!("{}{CALLBACK_PATH}", server.base));
    let _peer = tokio::task::spawn_blocking(move || Peer::start(port, &redirect_uri, ClaimsIn::Token)).await.unwrap();
    assert_eq!(Browser::new().sign_in(&server, "grace").await, "/dashboard", "it has other keys now");
}

#[tokio::test]
async fn a_server_whose_provider_was_never_there_starts_and_says_so() {
    let server = TestServer::start_with_provider(async |base: &str| {
        // A port of which nobody speaks any more.
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        Provider::new(options(base, issuer.parse().unwrap())).unwrap()
    })
    .await;
    for _ in 0..2 {
        let to = Browser::new().begin(&server).await;
        assert_eq!(to.as_str(), format!("{}{}", server.base, refused("provider_unreachable")));
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_such_door() {
    let server = TestServer::start().await;
    let ways: Value = server.get("/api/v1/sign-in").send().await.unwrap().json().await.unwrap();
    assert_eq!(ways, json!({}));
    assert_eq!(server.get(PROVIDER_SIGN_IN_PATH).send().await.unwrap().status(), StatusCode::NOT_FOUND);
}
