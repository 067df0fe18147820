//! Property-based fuzzing of the API from its own OpenAPI document, by schemathesis: as an admin, as a program with a key
//! of one site, and as nobody. No answer may be a fault of the server's, of a status, a kind or a shape that the document
//! does not name.
//!
//!   make fuzz-api                        some 39,000 requests
//!   make fuzz-api CASES=20               a first look

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Parser;
use serde_json::{Value, json};
use tempfile::TempDir;
use vestibule_tests::{
    server::{DEMO_SITE, Server},
    workspace,
};

const EMAIL: &str = "grace@example.com";
const PASSWORD: &str = "correct horse battery";

/// What every answer is held to.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
                      response_headers_conformance,response_schema_conformance";

#[derive(Parser)]
struct Options {
    /// The program.
    #[arg(long, value_name = "FILE")]
    schemathesis: PathBuf,
    /// Most requests to each operation in each phase, as each of the three.
    #[arg(long, default_value_t = 900)]
    cases: u32,
    /// Makes the same requests again.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    let server = Server::start_with(&["--no-rate-limits"]).await;
    server.add_admin(EMAIL, PASSWORD);
    server.add_demo_day();
    let stage = Stage::set(&server).await;
    let folder = TempDir::new().expect("a directory for the reports");
    fs::write(folder.path().join("schemathesis.toml"), stage.configuration()).expect("a file");
    let everybody = [
        ("an admin", Some(format!("Cookie: {}", stage.cookie))),
        ("a key", Some(format!("Authorization: Bearer {}", stage.key))),
        ("nobody", None),
    ];
    let mut sum = Outcome::default();
    for (who, header) in everybody {
        let outcome = fuzz(&options, &server, folder.path(), header.as_deref());
        println!("as {who}: {} requests, {} kinds of failures", outcome.requests, outcome.failures);
        sum.requests += outcome.requests;
        sum.failures += outcome.failures;
    }
    println!("{} requests, {} kinds of failures", sum.requests, sum.failures);
    if sum.failures == 0 && sum.requests > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[derive(Default)]
struct Outcome {
    requests: u64,
    failures: u64,
}

/// What there is for requests to be about, and what those show who ask.
struct Stage {
    cookie: String,
    key: String,
    site: String,
    visits: Vec<Value>,
}

impl Stage {
    async fn set(server: &Server) -> Self {
        let client = reqwest::Client::new();
        let at = |path: &str| format!("{}{path}", server.url());
        let sign_in = json!({"email": EMAIL, "password": PASSWORD});
        let answer = client.post(at("/api/v1/session")).json(&sign_in).send().await.expect("an answer");
        let cookie = answer.headers()["set-cookie"].to_str().expect("a cookie").split(';').next().unwrap_or_default();
        let cookie = cookie.to_owned();
        let session: Value = answer.json().await.expect("a session");
        let sites = session["sites"].as_array().expect("sites");
        let site = sites.iter().find(|site| site["name"] == DEMO_SITE).expect("the demo site")["id"].clone();
        let new = json!({"name": "Fuzz", "scope": "write", "site": site, "days": 1});
        let key = client.post(at("/api/v1/keys")).header("cookie", &cookie).json(&new).send().await.expect("an answer");
        let key: Value = key.json().await.expect("a key");
        let key = key["key"].as_str().expect("its text").to_owned();
        let site = site.as_str().expect("an id").to_owned();
        let page = client.get(at(&format!("/api/v1/visits?site={site}"))).bearer_auth(&key).send().await;
        let page: Value = page.expect("an answer").json().await.expect("visits");
        let visits = page["visits"].as_array().expect("visits").iter().map(|visit| visit["id"].clone()).collect();
        Self { cookie, key, site, visits }
    }

    /// Ids that there are, among those that are made up.
    fn configuration(&self) -> String {
        let visits = Value::from(self.visits.clone());
        format!("[parameters]\n\"path.id\" = {visits}\n\"query.site\" = [\"{}\"]\n", self.site)
    }
}

/// Everything that schemathesis finds to try, shown by `header`.
fn fuzz(options: &Options, server: &Server, folder: &Path, header: Option<&str>) -> Outcome {
    let report = folder.join("report.json");
    fs::remove_file(&report).ok();
    let status = Command::new(&options.schemathesis)
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .args(["run", &format!("{}/api/v1/openapi.json", server.url())])
        .args(header.map(|header| ["--header", header]).into_iter().flatten())
        .args(["--phases", "examples,coverage,fuzzing,stateful", "--continue-on-failure", "--checks", CHECKS])
        .args(["--max-examples", &options.cases.to_string(), "--seed", &options.seed.to_string()])
        .args(["--suppress-health-check", "all", "--warnings", "off", "--report", "json", "--report-json-path"])
        .arg(&report)
        .env("XDG_CACHE_HOME", folder)
        .current_dir(workspace().join("target"))
        .status()
        .expect("scripts/setup fuzz installs schemathesis");
    let report: Value = serde_json::from_slice(&fs::read(report).expect("a report")).expect("the report is JSON");
    let cases = &report["test_cases"];
    let failures = cases["unique_failures"].as_u64().unwrap_or(0) + cases["errored"].as_u64().unwrap_or(0);
    // What ended badly without a case that failed is a failure too.
    let failures = failures.max(u64::from(!status.success()));
    Outcome { requests: cases["generated"].as_u64().unwrap_or(0), failures }
}
