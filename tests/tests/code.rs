//! Codes: an invitation that a camera reads, a pass that comes out of a kiosk which reaches nobody, and what the desk
//! makes of it. The camera is Chromium's, which plays a video of the code; everything behind it is real.

use std::time::Duration;

use rstest::rstest;
use tempfile::TempDir;
use vestibule_protocol::{
    code::Code,
    settings::{PinHash, SiteSettings},
    visit::{Kind, State},
};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    camera,
    network::{Network, Weather},
    people::{Delivery, Desk, Kiosk, now, until_server_says},
    server::Server,
    wait,
};

/// From an act, with nothing in the way, to where it must be seen.
const ARRIVAL_DEADLINE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_held_before_the_camera_checks_in_also_without_a_server() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.expect_visitor("Sophie Germain", "École Polytechnique").await;
    until_server_says(&server, &witness, &[("Sophie Germain", State::Expected)], ARRIVAL_DEADLINE).await;
    desk.browser.close().await;
    let visit = server.visits(&witness).await.expect("the server answers")[0].id;

    let network = Network::before(server.url()).await;
    let video = TempDir::new().expect("a directory for the video");
    let kiosk = kiosk_seeing(&Code::Visit(visit).text(), &video, &server, &network).await;
    // The day's list is on the device once its first name is found there.
    kiosk.browser.click("#check-in").await;
    kiosk.browser.type_into("#visitor-name", "sophie").await;
    kiosk.browser.find("[data-expected]").await;
    kiosk.open().await;
    network.set(Weather::Dropped);
    kiosk.browser.click("#by-code").await;
    kiosk.browser.find("#confirm").await;
    assert_eq!(kiosk.browser.run("return document.querySelector('#visitor-name').value").await, "Sophie Germain");
    kiosk.browser.click("#confirm").await;
    assert_eq!(kiosk.confirmation().await, Delivery::Saved);
    network.set(Weather::Fair);
    until_server_says(&server, &witness, &[("Sophie Germain", State::OnSite)], ARRIVAL_DEADLINE).await;
    assert_eq!(
        server.visits(&witness).await.expect("the server answers").len(),
        1,
        "it is the visit that was announced"
    );
    kiosk.browser.close().await;
}

/// The whole way of a pass: out of a kiosk that reaches nobody, out of the house past another one that has never heard
/// of the visit, into the server at the desk; and then the kiosk delivers after all.
#[tokio::test(flavor = "multi_thread")]
async fn a_pass_of_a_kiosk_that_reaches_nobody_checks_out_elsewhere_and_is_brought_in_at_the_desk() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let cut_off = Network::before(server.url()).await;
    let first = Kiosk::pair(Engine::Chromium, &server, &cut_off.url()).await;
    first.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    cut_off.set(Weather::Dropped);
    first.browser.click("#check-in").await;
    first.browser.type_into("#visitor-name", "Ada Lovelace").await;
    first.browser.click("#confirm").await;
    assert_eq!(first.confirmation().await, Delivery::Saved);
    first.browser.find("#pass svg").await;
    let pass = first.browser.run("return document.querySelector('#pass svg').dataset.code").await;
    let pass = pass.as_str().expect("the pass says something").to_owned();

    let network = Network::before(server.url()).await;
    let video = TempDir::new().expect("a directory for the video");
    let second = kiosk_seeing(&pass, &video, &server, &network).await;
    second.browser.click("#by-code").await;
    second.browser.click(".ask #confirm").await;
    second.until_delivered().await;
    second.browser.close().await;

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.browser.click("#bring-in-by-hand").await;
    // As a scanner types it that knows no capitals.
    desk.browser.type_into("#carried-code", &pass.to_lowercase()).await;
    desk.browser.click("#look-at-code").await;
    desk.browser.find(".carried[data-news=true]").await;
    desk.browser.click("#bring-in").await;
    desk.browser.find("#brought[data-all='1'][data-news='1']").await;
    desk.browser.close().await;
    let kinds = || async {
        let visits = server.visits(&witness).await?;
        Some(
            visits.iter().map(|visit| visit.timeline.iter().map(|entry| entry.kind).collect()).collect::<Vec<Vec<_>>>(),
        )
    };
    let whole = vec![vec![Kind::CheckedIn, Kind::CheckedOut]];
    assert_eq!(kinds().await.expect("the server answers"), whole);

    cut_off.set(Weather::Fair);
    first.browser.until_count("#sync-pill[data-pending='0']", 1, ARRIVAL_DEADLINE).await;
    assert_eq!(kinds().await.expect("the server answers"), whole, "what was delivered after all counts once");
    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits[0].state(now()), State::Left);
    first.browser.close().await;
}

/// No camera, no permission: there are words for it, and the code can be typed.
#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_a_camera_the_code_is_typed(#[values(Engine::Chromium, Engine::WebKit)] engine: Engine) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    kiosk.check_in("Ada Lovelace", "Analytical Engines", "a").await;
    let witness = server.add_device("witness");
    let visit = server.visits(&witness).await.expect("the server answers")[0].id;
    let code = Code::Visit(visit).text();
    kiosk.browser.click("#by-code").await;
    let is_told = ".scanner:is([data-camera=missing], [data-camera=refused], [data-camera=failed])";
    kiosk.browser.until_count(is_told, 1, ARRIVAL_DEADLINE).await;
    kiosk.browser.type_into("#code", "not a code").await;
    kiosk.browser.click("#use-code").await;
    kiosk.browser.find("[role=alert] .notice").await;
    kiosk.browser.type_into("#code", &code).await;
    kiosk.browser.click("#use-code").await;
    kiosk.browser.click(".ask #confirm").await;
    kiosk.until_delivered().await;
    let is_out = || async { Some(server.visits(&witness).await?[0].state(now()) == State::Left).filter(|is| *is) };
    wait::until("the visitor is out", ARRIVAL_DEADLINE, is_out).await;
    kiosk.browser.close().await;
}

/// The backlog of a kiosk that reaches nobody goes to the desk as codes and as a file; both are the same entries.
#[tokio::test(flavor = "multi_thread")]
async fn a_backlog_is_carried_to_the_desk_as_codes_and_as_a_file_and_counts_once() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    let network = Network::before(server.url()).await;
    let kiosk = Kiosk::pair(Engine::Chromium, &server, &network.url()).await;
    kiosk.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    network.set(Weather::Dropped);
    for name in ["Ada Lovelace", "Grace Hopper", "Mary Somerville"] {
        assert_eq!(kiosk.check_in(name, "", "a").await, Delivery::Saved);
    }
    kiosk.open_staff_panel().await;
    kiosk.browser.run("window.saved = []; URL.createObjectURL = (blob) => { blob.text().then((text) => saved.push(text)); return '#'; };").await;
    kiosk.browser.click("#save-backlog").await;
    let saved = || async { kiosk.browser.run("return saved[0] ?? null").await.as_str().map(str::to_owned) };
    let (file, _) = wait::until("the file is saved", ARRIVAL_DEADLINE, saved).await;
    assert!(!file.contains("Lovelace"), "the file is sealed");
    kiosk.browser.click("#show-backlog").await;
    kiosk.browser.find("#series[data-count='3'] svg").await;
    let code = kiosk.browser.run("return document.querySelector('#series svg').dataset.code").await;
    let code = code.as_str().expect("the code says something").to_owned();

    let desk = Desk::sign_in(Engine::Chromium, &server, &server.url()).await;
    desk.browser.click("#bring-in-by-hand").await;
    desk.browser.type_into("#carried-code", &code).await;
    desk.browser.click("#look-at-code").await;
    desk.browser.click("#bring-in").await;
    desk.browser.find("#brought[data-all='1'][data-news='1']").await;
    let folder = TempDir::new().expect("a directory for the file");
    let path = folder.path().join("backlog.txt");
    std::fs::write(&path, &file).expect("the file can be written");
    desk.browser.choose_file("#carried-file", &path).await;
    desk.browser.find("#brought[data-all='4'][data-news='3']").await;
    desk.browser.close().await;

    network.set(Weather::Fair);
    kiosk.browser.until_count("#sync-pill[data-pending='0']", 1, ARRIVAL_DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    assert_eq!(visits.iter().map(|visit| visit.timeline.len()).collect::<Vec<_>>(), [1, 1, 1]);
    kiosk.browser.close().await;
}

/// A drill is an outage that everybody knows of: it is kept what visitors do, and delivered when it ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_drill_keeps_what_visitors_do_and_delivers_it_when_it_ends() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let witness = server.add_device("witness");
    server.decide(&settings_with_pin("482913"));
    let kiosk = Kiosk::pair(Engine::Chromium, &server, &server.url()).await;
    kiosk.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    kiosk.open_staff_panel().await;
    kiosk.browser.type_into("#staff-pin", "111111").await;
    kiosk.browser.click("#open-panel").await;
    kiosk.browser.find("[role=alert] .notice").await;
    kiosk.browser.type_into("#staff-pin", "482913").await;
    kiosk.browser.click("#open-panel").await;
    kiosk.browser.click("#start-drill").await;
    kiosk.browser.find("#end-drill").await;
    kiosk.browser.until_count("#sync-pill[data-link=unreachable]", 1, ARRIVAL_DEADLINE).await;
    kiosk.browser.click(".back").await;
    assert_eq!(kiosk.check_in("Ada Lovelace", "", "a").await, Delivery::Saved);
    assert!(server.visits(&witness).await.expect("the server answers").is_empty(), "nothing was sent");
    kiosk.open_staff_panel().await;
    kiosk.browser.type_into("#staff-pin", "482913").await;
    kiosk.browser.click("#open-panel").await;
    kiosk.browser.click("#end-drill").await;
    until_server_says(&server, &witness, &[("Ada Lovelace", State::OnSite)], ARRIVAL_DEADLINE).await;
    kiosk.browser.close().await;
}

/// What a site has decided that has set that staff PIN.
fn settings_with_pin(pin: &str) -> String {
    let settings = SiteSettings { staff_pin: PinHash::new(pin, [7; 32]).ok(), ..SiteSettings::default() };
    serde_json::to_string(&settings).expect("settings are JSON")
}

/// A kiosk before whose camera somebody holds that code, as a video in `folder` shows it.
async fn kiosk_seeing(code: &str, folder: &TempDir, server: &Server, network: &Network) -> Kiosk {
    let arguments = camera::showing(code, &folder.path().join("code.y4m"));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let browser = Browser::start_with(Engine::Chromium, &arguments).await;
    let kiosk = Kiosk::pair_in(browser, server, &network.url()).await;
    kiosk.browser.until_served_by_worker().await;
    kiosk.browser.until_count("#sync-pill[data-link=connected]", 1, ARRIVAL_DEADLINE).await;
    kiosk
}
