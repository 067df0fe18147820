//! The worker in real browsers, spoken to as a page does, without the app: what becomes of it and of its database.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use rstest::rstest;
use serde_json::{Value, json, value::RawValue};
use vestibule_protocol::{
    account::Credentials,
    batch::Link,
    chain::event_hash,
    event::Event,
    export::Export,
    id::{ENTROPY_BYTES, EventId},
    message::ParkedReason,
};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    network::{Network, REFUSED_WORD, Weather},
    people::now,
    server::Server,
    wait,
};

/// From the end of a trouble until all is delivered.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(10);

/// From a server that went away until an idle device says so: a look at the server every ten seconds, and a bit.
const NOTICE_DEADLINE: Duration = Duration::from_secs(15);

/// From a change of the quota until Chromium heeds it: it looks at most every half minute.
const QUOTA_DEADLINE: Duration = Duration::from_secs(45);

/// A page on the origin of the server, in which the app does not run, and the workers that it has started.
struct Page {
    browser: Browser,
}

/// Which worker is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// The service worker.
    Service,
    /// The dedicated worker of the page.
    Dedicated,
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_workers_on_one_database_lose_and_double_nothing(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    const EACH: usize = 15;
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let page = Page::open(engine, &server.url()).await;
    page.start(Host::Service).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Service, &server.add_device("Lobby 1")).await;

    let kept = page.capture_at_once(&[Host::Service, Host::Dedicated], EACH).await;
    assert_eq!(kept, 2 * EACH);
    page.until_delivered(Host::Dedicated, 2 * EACH).await;
    page.until_delivered(Host::Service, 2 * EACH).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits.len(), 2 * EACH);
    assert!(visits.iter().all(|visit| visit.timeline.len() == 1));
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_is_ended_in_the_midst_of_an_upload_is_followed_by_one_that_goes_on(
    #[values((Engine::Chromium, Host::Service), (Engine::Chromium, Host::Dedicated), (Engine::WebKit, Host::Dedicated))]
    which: (Engine, Host),
) {
    let (engine, host) = which;
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let witness = server.add_device("witness");
    let page = Page::open(engine, &network.url()).await;
    page.start(host).await;
    page.enrol(host, &server.add_device("Lobby 1")).await;

    network.set(Weather::Hanging);
    assert_eq!(page.capture_at_once(&[host], 3).await, 3);
    let before = page.status(host, "tick").await;
    assert_eq!(before["pending"], 3);
    page.end(host).await;
    network.set(Weather::Fair);
    page.until_delivered(host, 3).await;
    assert_ne!(page.status(host, "tick").await["boot"], before["boot"], "it is another one");
    assert_eq!(server.visits(&witness).await.expect("the server answers").len(), 3);
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_pauses_the_delivery_and_loses_nothing(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let page = Page::open(engine, &network.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;

    network.set(Weather::Unauthorized);
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 2).await, 2);
    page.until_status(CATCH_UP_DEADLINE, "tick", |status| status["link"] == "unauthorized").await;
    assert_eq!(page.status(Host::Dedicated, "tick").await["pending"], 2);

    network.set(Weather::Fair);
    page.until_status(CATCH_UP_DEADLINE, "sync_now", |status| status["proven"] == 2 && status["link"] == "connected")
        .await;
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_too_large_for_what_lies_between_goes_through_in_parts(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    const WAITING: usize = 20;
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let witness = server.add_device("witness");
    let page = Page::open(engine, &network.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;

    network.set(Weather::CaptivePortal);
    assert_eq!(page.capture_at_once(&[Host::Dedicated], WAITING).await, WAITING);
    network.set(Weather::SmallBodies);
    page.until_delivered(Host::Dedicated, WAITING).await;
    assert_eq!(page.status(Host::Dedicated, "tick").await["parked"], 0);
    assert_eq!(server.visits(&witness).await.expect("the server answers").len(), WAITING);
    page.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_said_and_nothing_is_confirmed_until_there_is_room() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let page = Page::open(Engine::Chromium, &server.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);

    page.set_quota(&server, Some(1)).await;
    let refused = || async {
        page.begin_anew().await;
        page.ask(Host::Dedicated, &capture()).await["refused"].as_str().map(str::to_owned)
    };
    let (refusal, _) = wait::until("an event is refused", QUOTA_DEADLINE, refused).await;
    assert_eq!(refusal, "storage_full");
    assert_eq!(page.status(Host::Dedicated, "tick").await["storage"], "failed");

    page.set_quota(&server, None).await;
    page.until_status(QUOTA_DEADLINE, "tick", |status| status["storage"] != "failed").await;
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);
    let is_delivered = |status: &Value| status["pending"] == 0 && status["proven"] == status["captured"];
    page.until_status(CATCH_UP_DEADLINE, "tick", is_delivered).await;
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_version_may_upgrade_the_database_at_any_time_and_the_older_goes_on(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let page = Page::open(engine, &server.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);

    assert_eq!(page.browser.run_async(UPGRADE).await, "upgraded");
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);
    page.until_delivered(Host::Dedicated, 2).await;
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_idle_device_says_that_the_server_is_gone_and_that_it_is_back(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    let page = Page::open(engine, &server.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;
    page.until_status(CATCH_UP_DEADLINE, "tick", |status| status["link"] == "connected").await;

    server.kill();
    page.until_status(NOTICE_DEADLINE, "tick", |status| status["link"] == "unreachable").await;
    server.start_again().await;
    page.until_status(NOTICE_DEADLINE, "tick", |status| status["link"] == "connected").await;
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_was_set_aside_can_be_exported_and_sent_again(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let witness = server.add_device("witness");
    let page = Page::open(engine, &network.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;

    network.set(Weather::Allergic);
    let refused = capture_of(&format!("Bobby {REFUSED_WORD}"));
    assert!(page.ask(Host::Dedicated, &refused).await["captured"].is_object());
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 2).await, 2);
    page.until_status(CATCH_UP_DEADLINE, "tick", |status| status["parked"] == 1 && status["pending"] == 0).await;

    let exported = page.ask(Host::Dedicated, &json!("export")).await["exported"].as_str().map(str::to_owned);
    let export: Export<&RawValue> = serde_json::from_str(exported.as_deref().expect("a file")).expect("an export");
    assert_eq!((export.events.len(), export.left_out, export.head.seq), (1, 0, 3));
    assert_eq!(export.events[0].parked, Some(ParkedReason::RefusedByServer { status: 422 }));
    let event = Event::parse(export.events[0].event.get()).expect("the event's text");
    assert_eq!(json!(event.id), refused["capture"]["event"]);
    assert_eq!(Link::START.then(event_hash(export.events[0].event.get())).chain, export.events[0].chain);

    network.set(Weather::Fair);
    page.status(Host::Dedicated, "send_again").await;
    page.until_delivered(Host::Dedicated, 3).await;
    assert_eq!(page.status(Host::Dedicated, "tick").await["parked"], 0);
    assert_eq!(server.visits(&witness).await.expect("the server answers").len(), 3);
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_fails_is_replaced_and_loses_nothing(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let witness = server.add_device("witness");
    let page = Page::open(engine, &network.url()).await;
    network.set(Weather::LittleMemory);
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;

    network.set(Weather::BatchesRefused);
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 3).await, 3);
    let before = page.status(Host::Dedicated, "tick").await;
    let told = page.browser.run_async(ASK_MORE_THAN_LITTLE_MEMORY).await;
    assert_eq!(told, "nothing", "it has failed");
    let after = page.status(Host::Dedicated, "tick").await;
    assert_ne!(after["boot"], before["boot"], "it is another one");
    assert_eq!(after["pending"], 3);
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);

    network.set(Weather::Fair);
    page.until_delivered(Host::Dedicated, 4).await;
    assert_eq!(server.visits(&witness).await.expect("the server answers").len(), 4);
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_access_is_withdrawn_lets_go_of_everybody_as_soon_as_nobody_needs_it(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.add_demo_day();
    server.decide(r#"{"welcome":{"en":"Ask for Ottilie"}}"#);
    let device = server.add_device("Lobby 1");
    let page = Page::open(engine, &server.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &device).await;
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 2).await, 2);
    page.until_delivered(Host::Dedicated, 2).await;
    let has_pulled = |kept: &Kept| kept.rows("visits") > 2 && kept.rows("hosts") > 0 && kept.names("Ottilie");
    page.until_kept("a copy of the site", has_pulled).await;

    // One more that the server has not heard of when it withdraws the access.
    let before = page.status(Host::Dedicated, "tick").await;
    assert_eq!(before["revoked_at"], Value::Null);
    server.revoke(device.device);
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);
    page.until_status(CATCH_UP_DEADLINE, "refresh", |status| status["revoked_at"].is_string()).await;
    page.until_delivered(Host::Dedicated, 3).await;
    let is_wiped = |kept: &Kept| kept.rows("visits") == 0 && kept.rows("hosts") == 0 && !kept.names("Ottilie");
    page.until_kept("no copy of the site", is_wiped).await;
    // A server that is restored would need them: no backup has them yet.
    assert_eq!(page.kept().await.rows("events"), 3);
    let told = page.browser.run_async(WATCH).await;
    assert_eq!(told["view"]["whole"], true);
    assert!(told["view"]["visits"].is_null() && told["view"]["own"].is_null(), "pages see nobody: {told}");
    assert!(told["view"]["site"]["name"].is_string(), "and are told which site it was");

    let _backup = server.backup();
    let beats = || async {
        page.status(Host::Dedicated, "sync_now").await;
        (page.kept().await.rows("events") == 0).then_some(())
    };
    wait::until("nothing of people is left", CATCH_UP_DEADLINE, beats).await;
    assert!(!page.kept().await.names("Lovelace"));
    assert_eq!(page.status(Host::Dedicated, "tick").await["proven"], 3);

    // Paired again, it is as good as new.
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;
    page.until_kept("a copy of the site", has_pulled).await;
    assert_eq!(page.status(Host::Dedicated, "tick").await["revoked_at"], Value::Null);
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_delivered_stays_on_a_device_whose_access_is_withdrawn_until_staff_have_it_in_a_file(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let network = Network::before(server.url()).await;
    let device = server.add_device("Lobby 1");
    let page = Page::open(engine, &network.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &device).await;
    network.set(Weather::Allergic);
    let refused = capture_of(&format!("Bobby {REFUSED_WORD}"));
    assert!(page.ask(Host::Dedicated, &refused).await["captured"].is_object());
    page.until_status(CATCH_UP_DEADLINE, "tick", |status| status["parked"] == 1 && status["pending"] == 0).await;
    let event = refused["capture"]["event"].clone();
    // A device that has access keeps what it will deliver itself.
    page.ask(Host::Dedicated, &json!({ "handed_over": [event] })).await;
    assert_eq!(page.kept().await.rows("events"), 1);

    server.revoke(device.device);
    page.until_status(CATCH_UP_DEADLINE, "sync_now", |status| status["revoked_at"].is_string()).await;
    let exported = page.ask(Host::Dedicated, &json!("export")).await["exported"].as_str().map(str::to_owned);
    let export: Export<&RawValue> = serde_json::from_str(exported.as_deref().expect("a file")).expect("an export");
    assert_eq!(export.events.len(), 1);
    assert!(page.kept().await.names("Bobby"), "an export alone deletes nothing");
    let status = page.ask(Host::Dedicated, &json!({ "handed_over": [event] })).await;
    assert_eq!((&status["status"]["parked"], &status["status"]["pending"]), (&json!(0), &json!(0)));
    assert!(!page.kept().await.names("Bobby"));
    page.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_long_gone_is_on_the_device_no_longer(#[values(Engine::Chromium, Engine::WebKit)] engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let page = Page::open(engine, &server.url()).await;
    page.start(Host::Dedicated).await;
    page.enrol(Host::Dedicated, &server.add_device("Lobby 1")).await;
    assert_eq!(page.capture_at_once(&[Host::Dedicated], 1).await, 1);
    page.until_delivered(Host::Dedicated, 1).await;
    page.until_kept("a copy of the site", |kept| kept.rows("visits") == 1 && kept.rows("hosts") > 0).await;

    // As when a day has passed: somebody who was there the day before is in the copy, and out of the server's view.
    assert_eq!(page.browser.run_async(A_DAY_LATER).await, "a day later");
    assert!(page.kept().await.names("Yesterday"));
    page.status(Host::Dedicated, "refresh").await;
    page.until_kept("nobody of the day before", |kept| !kept.names("Yesterday")).await;
    assert_eq!(page.kept().await.rows("visits"), 1, "who is on site stays");
    page.browser.close().await;
}

/// What is in the device's database.
struct Kept(Value);

impl Kept {
    fn rows(&self, store: &str) -> usize {
        self.0[store].as_array().map_or(0, Vec::len)
    }

    /// Whether the word stands anywhere in it.
    fn names(&self, word: &str) -> bool {
        self.0.to_string().contains(word)
    }
}

impl Page {
    async fn kept(&self) -> Kept {
        Kept(self.browser.database().await)
    }

    /// Waits until there is `what` in the database, asking the worker for changes meanwhile.
    async fn until_kept(&self, what: &str, is_so: impl Fn(&Kept) -> bool) {
        let look = || async {
            self.status(Host::Dedicated, "tick").await;
            is_so(&self.kept().await).then_some(())
        };
        wait::until(what, CATCH_UP_DEADLINE, look).await;
    }

    async fn open(engine: Engine, url: &str) -> Self {
        let browser = Browser::start(engine).await;
        browser.open(&format!("{url}/robots.txt")).await;
        Self { browser }
    }

    /// Starts a worker, or another one in place of one that ended.
    async fn start(&self, host: Host) {
        let started = self.browser.run_async(&format!("{ASK}\n{}", host.start())).await;
        assert_eq!(started, "started");
    }

    /// Sets how much the origin may store, in bytes, or takes that back. Chromium only.
    async fn set_quota(&self, server: &Server, bytes: Option<u64>) {
        let origin = server.url();
        let parameters = match bytes {
            Some(bytes) => json!({ "origin": origin, "quotaSize": bytes }),
            None => json!({ "origin": origin }),
        };
        self.browser.devtools("Storage.overrideQuotaForOrigin", parameters).await;
    }

    /// Ends the worker, and starts another when the browser has let go of the database: Chromium then asks anew how much
    /// room there is, which it otherwise does twice a minute.
    async fn begin_anew(&self) {
        self.browser.run("window.workers.Dedicated.terminate()").await;
        self.browser.run_async("setTimeout(arguments[arguments.length - 1], 3000)").await;
        self.start(Host::Dedicated).await;
    }

    /// Ends the worker, whatever it is doing. The next message finds another one.
    async fn end(&self, host: Host) {
        match host {
            Host::Service => self.browser.stop_service_workers().await,
            Host::Dedicated => {
                self.browser.run("window.workers.Dedicated.terminate()").await;
                self.start(host).await;
            }
        }
    }

    async fn ask(&self, host: Host, ask: &Value) -> Value {
        let script = "const done = arguments[arguments.length - 1];";
        self.browser.run_async(&format!("{script} window.ask({:?}, {ask}).then(done);", format!("{host:?}"))).await
    }

    async fn enrol(&self, host: Host, credentials: &Credentials) {
        let status = self.ask(host, &json!({ "enrol": credentials })).await;
        assert!(status["status"]["source"].is_string(), "{status}");
    }

    /// Has each of the workers keep so many check-ins, all asked at once; gives how many were confirmed.
    async fn capture_at_once(&self, hosts: &[Host], each: usize) -> usize {
        let asks: Vec<_> =
            hosts.iter().flat_map(|host| (0..each).map(move |_| (format!("{host:?}"), capture()))).collect();
        let script = format!(
            "const done = arguments[arguments.length - 1];
             Promise.all({}.map(([host, what]) => window.ask(host, what)))
                 .then((told) => done(told.filter((word) => word.captured).length));",
            json!(asks)
        );
        let kept = self.browser.run_async(&script).await;
        kept.as_u64().and_then(|kept| usize::try_from(kept).ok()).expect("a count")
    }

    async fn status(&self, host: Host, ask: &str) -> Value {
        self.ask(host, &json!(ask)).await["status"].clone()
    }

    /// Waits until so many events are captured and all of them proven to be delivered.
    async fn until_delivered(&self, host: Host, events: usize) {
        let last = Mutex::new(Value::Null);
        let delivered = || async {
            let told = self.ask(host, &json!("tick")).await;
            let status = &told["status"];
            let is_so = status["captured"] == events && status["proven"] == events && status["pending"] == 0;
            *last.lock().expect("nobody panics with it") = told;
            is_so.then_some(())
        };
        let came = wait::within(CATCH_UP_DEADLINE, delivered).await;
        assert!(came.is_some(), "{events} events are not delivered; the worker says {last:?}");
    }

    /// Asks until the status is so.
    async fn until_status(&self, deadline: Duration, ask: &str, is_so: impl Fn(&Value) -> bool) {
        let asked = || async { is_so(&self.status(Host::Dedicated, ask).await).then_some(()) };
        wait::until("the status is so", deadline, asked).await;
    }
}

impl Host {
    const fn start(self) -> &'static str {
        match self {
            Self::Service => {
                r#"navigator.serviceWorker.register("/sw.js")
                    .then(() => navigator.serviceWorker.ready)
                    .then(({ active }) => { window.workers.Service = active; done("started"); }, (error) => done(`${error}`));"#
            }
            Self::Dedicated => r#"window.workers.Dedicated = new Worker("/sw.js"); done("started");"#,
        }
    }
}

/// Speaks to workers as the app does.
const ASK: &str = r#"
    const done = arguments[arguments.length - 1];
    window.workers ??= {};
    window.ask = (host, what) => new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(JSON.parse(data));
        // As the app does: what is not answered is asked again.
        setTimeout(() => resolve({ unanswered: what }), 6000);
        window.workers[host].postMessage(JSON.stringify(what), [port2]);
    });
"#;

/// Asks something that takes more memory than there is in [`Weather::LittleMemory`]; calls back what the worker told.
const ASK_MORE_THAN_LITTLE_MEMORY: &str = r#"
    const done = arguments[arguments.length - 1];
    window.ask("Dedicated", "x".repeat(8 * 1024 * 1024)).then((told) => done("unanswered" in told ? "nothing" : told));
"#;

/// Makes the copy of the site a day older than it is, with a visit in it that the server shows no longer.
const A_DAY_LATER: &str = r#"
    const done = arguments[arguments.length - 1];
    const request = indexedDB.open("vestibule");
    request.onerror = () => done(`${request.error}`);
    request.onsuccess = () => {
        const database = request.result;
        const transaction = database.transaction(["meta", "visits"], "readwrite");
        const meta = transaction.objectStore("meta");
        meta.get("copy").onsuccess = ({ target }) => {
            const copy = JSON.parse(target.result);
            const dayAgo = new Date(Date.parse(copy.whole_at) - 24 * 60 * 60 * 1000 - 1000).toISOString();
            meta.put(JSON.stringify({ ...copy, whole_at: dayAgo }), "copy");
        };
        const id = "0195b3a4-0000-7000-8000-000000000001";
        const visitor = { value: { name: "Yvonne Yesterday" } };
        transaction.objectStore("visits").put({ id, json: JSON.stringify({ id, visitor }), revision: 0 });
        transaction.oncomplete = () => { database.close(); done("a day later"); };
    };
"#;

/// Watches as a page does, and calls back the first view.
const WATCH: &str = r#"
    const done = arguments[arguments.length - 1];
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = ({ data }) => { const told = JSON.parse(data); if (told.view) done(told); };
    window.workers.Dedicated.postMessage(JSON.stringify("watch"), [port2]);
"#;

/// Opens the database as a newer version would, with something of its own in it, and calls back how that went.
const UPGRADE: &str = r#"
    const done = arguments[arguments.length - 1];
    const request = indexedDB.open("vestibule", 2);
    request.onupgradeneeded = () => request.result.createObjectStore("newer");
    request.onerror = () => done(`${request.error}`);
    request.onsuccess = () => { request.result.close(); done("upgraded"); };
"#;

/// A fresh check-in of a walk-in, as a page asks to keep it.
fn capture() -> Value {
    capture_of("Ada Lovelace")
}

fn capture_of(name: &str) -> Value {
    let (event, visit) = (fresh_id(), fresh_id());
    let what = json!({ "type": "vestibule.visit.checked_in.v1", "data": { "visitor": { "name": name } } });
    json!({ "capture": { "event": event, "visit": visit, "time": now().to_string(), "what": what } })
}

fn fresh_id() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let mut entropy = [0; ENTROPY_BYTES];
    // Not the first bytes: a UUID's version and variant go there.
    entropy[4..8].copy_from_slice(&MADE.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    EventId::new(now(), entropy).to_string()
}
