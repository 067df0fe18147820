//! A server to talk to, and devices that talk to it.

use std::{
    path::Path,
    sync::{Arc, OnceLock},
    time::Duration,
};

use reqwest::{Client, RequestBuilder, Response, StatusCode, header};
use rusqlite::{Connection, params};
use serde_json::{Value, json, value::RawValue};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};
use vestibule::{
    access::{
        device::{self, Kind},
        password::FitPassword,
        provider::Provider,
        reach::Reach,
        secret, session,
        staff::{self, Account},
    },
    clock, server,
    settings::{Rates, Settings},
    site,
    static_files::Dist,
    store::{self, Store},
    verify::{self, Word},
};
use vestibule_protocol::{
    account::{Credentials, Email, Role},
    batch::{Batch, Health, Link, Outcome, Receipt, SYNC_PATH, Seq, SlottedEvent},
    chain::event_hash,
    changes::Changes,
    details::Details,
    event::{CheckedIn, CheckedOut, Event, EventData, Name, Source, Visitor},
    id::{BatchId, EventId, SiteId, StaffId, StreamId, VisitId},
    parcel::{Parcel, ParcelEvent, SealKey},
    problem::Problem,
};

/// Long enough for anything that works, on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);

/// The password of every account made here.
pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) struct TestServer {
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) data: TempDir,
    pub(crate) dist: TempDir,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl TestServer {
    pub(crate) async fn start() -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Rates::Limited).await
    }

    /// The same, for a test that asks faster than anybody should.
    pub(crate) async fn start_unlimited() -> Self {
        Self::start_on(tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Rates::Unlimited).await
    }

    /// The same, by whose settings staff sign in by a provider; they are made from the server's own address.
    pub(crate) async fn start_with_provider(provider: impl AsyncFnOnce(&str) -> Provider) -> Self {
        let (data, dist) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let provider = provider(&format!("http://{}", listener.local_addr().unwrap())).await;
        let settings = Settings { provider: Some(Arc::new(provider)), ..Settings::default() };
        Self::start_at(listener, data, dist, settings)
    }

    async fn start_on(data: TempDir, dist: TempDir, rates: Rates) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::start_at(listener, data, dist, Settings { rates, ..Settings::default() })
    }

    fn start_at(listener: TcpListener, data: TempDir, dist: TempDir, settings: Settings) -> Self {
        let store = Store::open(data.path()).unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let stopped = async { drop(stopped.await) };
        // This machine stands for a proxy that is trusted.
        let trusted_proxies = vec!["127.0.0.1/32".parse().unwrap()];
        let settings = Settings { trusted_proxies, ..settings };
        let serving = tokio::spawn(server::run(listener, store, Dist::new(dist.path()), settings, stopped));
        Self { base, client: client(), data, dist, stop, serving }
    }

    /// Stops it, as SIGTERM would, and starts another on the same data.
    pub(crate) async fn restart(self) -> Self {
        self.restart_after(|_| {}).await
    }

    /// The same, with something done to the data directory while no server runs.
    pub(crate) async fn restart_after(self, work: impl FnOnce(&Path)) -> Self {
        self.stop.send(()).unwrap();
        timeout(DEADLINE, self.serving).await.unwrap().unwrap().unwrap();
        work(self.data.path());
        Self::start_on(self.data, self.dist, Rates::Limited).await
    }

    /// The database, as another process would open it.
    pub(crate) fn database(&self) -> Connection {
        store::connect(self.data.path()).unwrap()
    }

    pub(crate) fn count(&self, sql: &str) -> i64 {
        self.database().query_row(sql, (), |row| row.get(0)).unwrap()
    }

    pub(crate) fn site(&self, name: &str) -> SiteId {
        site::find_or_add(&self.database(), &self::name(name), clock::now(), clock::entropy()).unwrap()
    }

    pub(crate) fn device(&self) -> TestDevice {
        self.device_at("Head office")
    }

    pub(crate) fn device_at(&self, site: &str) -> TestDevice {
        let site = self.site(site);
        let credentials = device::enrol(
            &self.database(),
            site,
            &name("Lobby"),
            Kind::Kiosk,
            clock::now(),
            clock::entropy(),
            clock::entropy(),
        );
        TestDevice::new(credentials.unwrap())
    }

    pub(crate) fn account(&self, email: &str, role: Role) -> StaffId {
        static HASH: OnceLock<String> = OnceLock::new();
        let password_hash = HASH.get_or_init(|| FitPassword::new(PASSWORD).unwrap().hash()).clone();
        let (name, email) = (name("Grace Hopper"), Email::new(email).unwrap());
        let account = Account { name: &name, email: &email, password_hash: &password_hash, role };
        staff::add(&self.database(), &account, clock::now(), clock::entropy()).unwrap().unwrap().id
    }

    /// Makes an account and signs it in; returns its cookie.
    pub(crate) async fn signed_in(&self, role: Role) -> String {
        let email = format!("{}@example.com", fresh_uuid());
        self.account(&email, role);
        self.sign_in(&email).await
    }

    /// The same, for these sites only.
    pub(crate) async fn signed_in_at(&self, role: Role, sites: &[&str]) -> String {
        let email = format!("{}@example.com", fresh_uuid());
        let staff = self.account(&email, role);
        let reach = Reach::Only(sites.iter().map(|site| self.site(site)).collect());
        reach.give(&self.database(), staff).unwrap();
        self.sign_in(&email).await
    }

    async fn sign_in(&self, email: &str) -> String {
        let sign_in = json!({"email": email, "password": PASSWORD});
        let response = self.post("/api/v1/session").json(&sign_in).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        cookie(&response)
    }

    /// Makes an account of one site, or of all, and opens a session for it without the price of a password; returns its
    /// cookie.
    pub(crate) fn session_of(&self, role: Role, site: Option<&str>) -> String {
        let staff = self.account(&format!("{}@example.com", fresh_uuid()), role);
        let database = self.database();
        if let Some(site) = site {
            Reach::Only(vec![self.site(site)]).give(&database, staff).unwrap();
        }
        let token = fresh_uuid().to_string();
        let until = clock::now().plus_ms(60_000).unix_ms();
        let open = "INSERT INTO sessions (token_hash, staff, expires_at) VALUES (?1, ?2, ?3)";
        database.execute(open, params![secret::hash(&token), staff.0, until]).unwrap();
        format!("{}={token}", session::COOKIE)
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(format!("{}{path}", self.base))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(format!("{}{path}", self.base))
    }

    /// Delivers the events of a device in one batch, and expects a receipt.
    pub(crate) async fn deliver(&self, device: &TestDevice, events: &[Slotted]) -> Receipt {
        receipt(self.send(device, events).await).await
    }

    pub(crate) async fn send(&self, device: &TestDevice, events: &[Slotted]) -> Response {
        self.send_body(device, device.batch(events)).await
    }

    pub(crate) async fn send_body(&self, device: &TestDevice, body: impl Into<reqwest::Body>) -> Response {
        let request = self.post(SYNC_PATH).header(header::CONTENT_TYPE, "application/json");
        request.bearer_auth(&device.credentials.token).body(body).send().await.unwrap()
    }

    pub(crate) async fn changes(&self, device: &TestDevice, query: &str) -> Changes {
        let path = format!("/api/v1/sites/{}/changes?{query}", device.credentials.site);
        let response = self.get(&path).bearer_auth(&device.credentials.token).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        response.json().await.unwrap()
    }
}

/// A device and its outbox, all of it on paper.
pub(crate) struct TestDevice {
    pub(crate) credentials: Credentials,
    pub(crate) stream: StreamId,
    pub(crate) head: Link,
}

#[derive(Clone, Debug)]
pub(crate) struct Slotted {
    pub(crate) seq: Seq,
    pub(crate) text: String,
}

impl TestDevice {
    pub(crate) fn new(credentials: Credentials) -> Self {
        Self { credentials, stream: StreamId(fresh_uuid()), head: Link::START }
    }

    pub(crate) fn source(&self) -> Source {
        Source { site: self.credentials.site, device: self.credentials.device }
    }

    /// An event that is not in the outbox yet.
    pub(crate) fn event(&self, visit: VisitId, data: EventData) -> Event {
        let id = EventId(fresh_uuid());
        Event { id, source: self.source(), visit, time: clock::now(), clock_offset_ms: None, data }
    }

    /// Puts a text into the outbox.
    pub(crate) fn append(&mut self, text: impl Into<String>) -> Slotted {
        let text = text.into();
        self.head = self.head.then(event_hash(&text));
        Slotted { seq: self.head.seq, text }
    }

    /// Somebody came a minute ago: before anything that happens now.
    pub(crate) fn arrival(&self, visit: VisitId) -> Event {
        let event = self.event(visit, checked_in("Ada Lovelace"));
        Event { time: event.time.plus_ms(-60_000), ..event }
    }

    /// Somebody's [`Self::arrival`], in the outbox.
    pub(crate) fn check_in(&mut self) -> Slotted {
        let event = self.arrival(VisitId(fresh_uuid()));
        self.append(event.to_text())
    }

    pub(crate) fn check_ins(&mut self, count: usize) -> Vec<Slotted> {
        (0..count).map(|_| self.check_in()).collect()
    }

    /// What staff carry away: events of the outbox, and where it ends.
    pub(crate) fn backlog(&self, events: &[Slotted]) -> String {
        self.sealed(self.head, events)
    }

    /// Events of the outbox, sealed as the device does it.
    pub(crate) fn sealed(&self, head: Link, events: &[Slotted]) -> String {
        let event = |slotted: &Slotted| ParcelEvent { seq: slotted.seq, text: slotted.text.as_str().into() };
        let events = events.iter().map(event).collect();
        let parcel = Parcel { source: self.source(), stream: self.stream, head, events };
        parcel.seal(&SealKey::of_token(&self.credentials.token)).unwrap().text()
    }

    pub(crate) fn batch(&self, events: &[Slotted]) -> String {
        Batch {
            protocol: 1,
            stream: self.stream,
            batch: BatchId(fresh_uuid()),
            head: self.head,
            sent_at: clock::now(),
            history: None,
            health: Health {
                pending: events.len() as u64,
                parked: 0,
                oldest_pending_at: None,
                persisted: true,
                app_version: "0.1.0".to_owned(),
            },
            events: events
                .iter()
                .map(|event| SlottedEvent { seq: event.seq, event: RawValue::from_string(event.text.clone()).unwrap() })
                .collect(),
        }
        .to_json()
    }
}

pub(crate) fn client() -> Client {
    Client::builder().timeout(DEADLINE).no_proxy().build().unwrap()
}

/// What `vestibule verify` finds in the server's database: nothing.
pub(crate) fn nothing_differs(server: &TestServer) {
    let mut differences = Vec::new();
    let mut hear = |word| {
        if let Word::Difference(difference) = word {
            differences.push(difference);
        }
    };
    verify::everything(&mut server.database(), &mut hear).unwrap();
    assert_eq!(differences, []);
}

pub(crate) fn checked_in(visitor: &str) -> EventData {
    let visitor = Visitor { name: name(visitor), company: None, email: None, phone: None };
    EventData::CheckedIn(CheckedIn { visitor, host: None, details: Details::default() })
}

pub(crate) const fn checked_out() -> EventData {
    EventData::CheckedOut(CheckedOut {})
}

pub(crate) fn name(text: &str) -> Name {
    Name::new(text).unwrap()
}

pub(crate) fn fresh_uuid() -> uuid::Uuid {
    EventId::new(clock::now(), clock::entropy()).0
}

pub(crate) async fn receipt(response: Response) -> Receipt {
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/vnd.vestibule.receipt+json");
    response.json().await.unwrap()
}

pub(crate) fn outcomes(receipt: &Receipt) -> Vec<Outcome> {
    receipt.results.iter().map(|result| result.outcome).collect()
}

/// Expects a problem, and returns its status and code.
pub(crate) async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    let problem: Problem = response.json().await.unwrap();
    assert_eq!(problem.status, status);
    (status, problem.code.into_owned())
}

pub(crate) fn problem_is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// The session's cookie, as a browser would send it back.
pub(crate) fn cookie(response: &Response) -> String {
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

pub(crate) fn write_file(dir: &Path, name: &str, content: &str) {
    std::fs::write(dir.join(name), content).unwrap();
}

/// The JSON of an event with something changed in it.
pub(crate) fn altered(event: &Event, alter: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::from_str(&event.to_text()).unwrap();
    alter(&mut value);
    value.to_string()
}
