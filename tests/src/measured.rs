//! A page in a real browser that drives the worker and, beside it, a bare database of its own: for measurements of the
//! worker beside what the browser can do at best.

use std::time::Duration;

use serde_json::{Value, json};
use vestibule_protocol::account::Credentials;

use crate::{
    backlog,
    browser::{Browser, Engine},
    wait,
};

/// Appends that one script makes at once: each must be on the disk within the worker's deadline, also on a busy machine.
const APPENDS_A_SCRIPT: usize = 50;
/// How long anything that is measured may take.
const LONG: Duration = Duration::from_secs(20 * 60);

/// A page with a worker of its own, which is the device of the credentials that it was opened with.
pub struct Page {
    browser: Browser,
}

/// What a number of measurements come to, in ms.
#[derive(Clone, Copy, Debug)]
pub struct Figures {
    /// Half of them took longer.
    pub median: f64,
    /// One in a hundred took longer.
    pub p99: f64,
    /// The longest.
    pub worst: f64,
}

impl Page {
    /// Opens it at `url`, any page of the server's origin that is not the app; starts the worker and opens the bare
    /// database.
    pub async fn open(engine: Engine, url: &str, credentials: &Credentials) -> Self {
        let browser = Browser::start(engine).await;
        browser.open(url).await;
        let script = format!("{BEGIN}\nbegin({}).then(() => done(true), fail);", json!(credentials));
        assert_eq!(browser.run_async(&script).await, true);
        Self { browser }
    }

    /// What a promise comes to; see `BEGIN` for what there is to call.
    pub async fn run(&self, promise: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; {promise}.then(done, (error) => done(`${{error}}`));"
        );
        self.browser.run_async(&script).await
    }

    /// The ms that a promise comes to.
    pub async fn measure(&self, promise: &str) -> Vec<f64> {
        let told = self.run(promise).await;
        let numbers = told.as_array().unwrap_or_else(|| panic!("not measured: {told}"));
        numbers.iter().map(|number| number.as_f64().expect("ms")).collect()
    }

    /// The ms that a promise comes to which takes longer than a driver waits for a script.
    pub async fn measure_long(&self, promise: &str) -> f64 {
        let begin = format!(
            "window.outcome = null; {promise}.then((ms) => {{ outcome = ms; }}, (error) => {{ outcome = `${{error}}`; }});"
        );
        self.browser.run(&begin).await;
        let outcome =
            || async { Some(self.browser.run("return window.outcome;").await).filter(|told| !told.is_null()) };
        let (told, _) = wait::until(promise, LONG, outcome).await;
        told.as_f64().unwrap_or_else(|| panic!("not measured: {told}"))
    }

    /// Loads a script into the page.
    pub async fn load(&self, script: &str) {
        let script = format!(
            "const done = arguments[arguments.length - 1]; const script = document.createElement('script'); \
             script.src = {script:?}; script.onload = () => done(true); script.onerror = () => done(false); \
             document.head.append(script);"
        );
        assert_eq!(self.browser.run_async(&script).await, true);
    }

    /// Has the worker keep so many events, and a few more.
    pub async fn append_many(&self, events: usize) {
        for _ in 0..events.div_ceil(APPENDS_A_SCRIPT) {
            self.measure(&format!("Promise.all(Array.from({{ length: {APPENDS_A_SCRIPT} }}, append))")).await;
        }
    }

    /// Has so many events wait beside one that the worker keeps itself: written by their own schema.
    pub async fn fill_outbox(&self, events: u32) {
        self.run("append()").await;
        for (count, script) in backlog::scripts(events) {
            assert_eq!(self.browser.run_async(&script).await, count, "all are in the database");
        }
    }

    /// How many events wait.
    pub async fn pending(&self) -> u64 {
        self.run(r#"ask("tick")"#).await["status"]["pending"].as_u64().expect("a status")
    }

    /// Ends the browser.
    pub async fn close(self) {
        self.browser.close().await;
    }
}

impl Figures {
    /// Of these.
    pub fn of(times: &[f64]) -> Self {
        let mut times = times.to_vec();
        times.sort_by(f64::total_cmp);
        let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize];
        Self { median: at(0.5), p99: at(0.99), worst: at(1.0) }
    }
}

impl std::fmt::Display for Figures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.1} / {:.1} / {:.1}", self.median, self.p99, self.worst)
    }
}

/// What scripts find in the page:
///
/// - `ask(what)`: the worker's answer;
/// - `append()`: the ms until the worker says that one more event is kept;
/// - `put()`: the ms until a strict transaction with a text of the same length has completed;
/// - `several(what, times, pauseMs)`: the ms of each, one after the other;
/// - `drained()`: the ms until nothing waits any more, for a page that watches as the app does;
/// - `fill(events)`, `bareDrain()`: the same by hand;
/// - `filled(events, peer)`: the same events kept by a peer (`tests/peers/drain`), which drains them by itself.
const BEGIN: &str = r#"
    const done = arguments[arguments.length - 1];
    const fail = (error) => done(`${error}`);
    const worker = new Worker("/sw.js");
    let database;

    window.ask = (what) => new Promise((resolve, reject) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => { port1.close(); resolve(JSON.parse(data)); };
        setTimeout(reject, 20000, "not answered");
        worker.postMessage(JSON.stringify(what), [port2]);
    });

    const data = { visitor: { name: "Ada Lovelace", company: "Analytical Engines" } };
    const type = "vestibule.visit.checked_in.v1";

    // The ms until the worker says that it is kept.
    window.append = async () => {
        const began = performance.now();
        const time = new Date().toISOString();
        const what = { event: uuid(), visit: uuid(), time, what: { type, data } };
        const told = await ask({ capture: what });
        if (!told.captured) throw JSON.stringify(told);
        return performance.now() - began;
    };

    // The ms until a transaction with nothing but a text of the same length has completed.
    window.put = () => new Promise((resolve, reject) => {
        const began = performance.now();
        const text = JSON.stringify({ id: uuid(), source: "s".repeat(93), type, time: new Date().toISOString(), data });
        const transaction = database.transaction("texts", "readwrite", { durability: "strict" });
        transaction.objectStore("texts").put(text.padEnd(430), uuid());
        transaction.oncomplete = () => resolve(performance.now() - began);
        transaction.onabort = () => reject(transaction.error);
    });

    // Visitors don't come in the same instant: the worker has sent the last one meanwhile, or found that it can't.
    window.PAUSE_MS = 50;

    window.several = async (what, times, pauseMs) => {
        const took = [];
        while (took.length < times) {
            if (pauseMs) await new Promise((resolve) => setTimeout(resolve, pauseMs));
            took.push(await what());
        }
        return took;
    };

    // Version 7, as the page makes them; crypto.randomUUID makes version 4.
    const uuid = () => {
        const time = Date.now().toString(16).padStart(12, "0");
        return `${time.slice(0, 8)}-${time.slice(8)}-7${crypto.randomUUID().slice(15)}`;
    };

    let device;

    const text = () => {
        const source = `/sites/${device.site}/devices/${device.device}`;
        const event = { specversion: "1.0", id: uuid(), source, type, subject: uuid(), time: new Date().toISOString() };
        return JSON.stringify({ ...event, datacontenttype: "application/json", data });
    };

    window.filled = async (events, peer) => {
        const began = performance.now();
        await peer.fill(Array.from({ length: events }, text));
        return performance.now() - began;
    };

    // Events of this device in the bare database, numbered from 1; only their texts are stored.
    window.fill = async (events) => {
        const transaction = database.transaction("outbox", "readwrite", { durability: "relaxed" });
        const outbox = transaction.objectStore("outbox");
        for (let seq = 1; seq <= events; seq += 1) outbox.put(text(), seq);
        await completed(transaction);
    };

    // The ms until nothing waits any more, by the shortest loop that can be written: read 500, post them to where the
    // worker posts them, believe any answer that is no error, delete them.
    window.bareDrain = async () => {
        const began = performance.now();
        const stream = uuid();
        const headers = { Authorization: `Bearer ${device.token}`, "Content-Type": "application/json" };
        const health = { pending: 0, parked: 0, oldest_pending_at: null, persisted: false, app_version: "bare" };
        for (let first = 1; ; first += 500) {
            const range = IDBKeyRange.bound(first, first + 499);
            const texts = await answered(database.transaction("outbox").objectStore("outbox").getAll(range));
            if (texts.length === 0) return performance.now() - began;
            const head = `{"seq":${first + texts.length - 1},"chain":"${"0".repeat(64)}"}`;
            const events = texts.map((text, at) => `{"seq":${first + at},"event":${text}}`).join();
            const body = `{"protocol":1,"stream":"${stream}","batch":"${uuid()}","head":${head},`
                + `"sent_at":"${new Date().toISOString()}","history":null,"health":${JSON.stringify(health)},`
                + `"events":[${events}]}`;
            const answer = await fetch("/api/v1/sync", { method: "POST", headers, body });
            if (!answer.ok) throw `${answer.status}: ${await answer.text()}`;
            await answer.json();
            const transaction = database.transaction("outbox", "readwrite", { durability: "relaxed" });
            transaction.objectStore("outbox").delete(range);
            await completed(transaction);
        }
    };

    // The ms from "sync now" until the worker tells who watches that nothing waits any more.
    window.drained = () => new Promise((resolve, reject) => {
        const began = performance.now();
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => {
            const { status } = JSON.parse(data);
            if (status?.pending === 0) resolve(performance.now() - began);
        };
        worker.postMessage(JSON.stringify("watch"), [port2]);
        ask("sync_now").catch(reject);
    });

    const answered = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });

    const completed = (transaction) => new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error);
    });

    const begin = async (credentials) => {
        device = credentials;
        database = await new Promise((resolve, reject) => {
            const request = indexedDB.open("bare", 1);
            request.onupgradeneeded = () => {
                request.result.createObjectStore("texts");
                request.result.createObjectStore("outbox");
            };
            request.onsuccess = () => resolve(request.result);
            request.onerror = () => reject(request.error);
        });
        const told = await ask({ enrol: credentials });
        if (!told.status.source) throw "not enrolled";
    };
"#;
