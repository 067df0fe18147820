//! A visitor at a kiosk of a site that asks for more than a name: types, questions, agreements, a photo, a party; with a
//! network and without.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use vestibule_protocol::{
    account::Credentials,
    details::AnswerValue,
    visit::{State, Visit},
};
use vestibule_tests::{
    browser::{self, Browser, Engine},
    people::{Delivery, Kiosk, until_server_says},
    server::Server,
    wait,
};

/// From an act, with nothing in the way, to where it must be seen.
const ARRIVAL_DEADLINE: Duration = Duration::from_secs(10);

/// From the server's return to the delivery of what waits, or from a decision to the screen of a kiosk that nobody
/// touches.
const CATCH_UP_DEADLINE: Duration = Duration::from_secs(40);

/// Two types, of which one is asked for everything there is.
fn site() -> Value {
    json!({
        "visitor_types": [
            {"id": "guest", "label": {"en": "Guest", "de": "Gast"}},
            {"id": "contractor", "label": {"en": "Contractor"}, "company": "required", "photo": "optional", "fields": [
                {"id": "area", "label": {"en": "Where will you work?"}, "required": true, "kind": {"choice": [
                    {"id": "roof", "label": {"en": "Roof"}}, {"id": "cellar", "label": {"en": "Cellar"}}]}},
                {"id": "plate", "label": {"en": "Number plate"}, "kind": "text"},
                {"id": "hot", "label": {"en": "Hot work?"}, "required": true, "kind": "yes_no"}]}
        ],
        "agreements": [
            {"id": "house", "version": 2, "title": {"en": "House rules"}, "text": {"en": "Be kind."}, "by": "tick"},
            {"id": "safety", "version": 7, "title": {"en": "Safety"}, "for_types": ["contractor"],
                "text": {"en": "Wear a helmet.\n\nReport every accident."}}
        ],
        "party_max": 3
    })
}

/// Somebody draws on the field as with a finger.
const DRAW: &str = "
    const pad = document.querySelector('#signature-pad');
    const { left, top, width, height } = pad.getBoundingClientRect();
    const touch = (kind, x, y) => pad.dispatchEvent(new PointerEvent(kind, {
        bubbles: true, cancelable: true, pointerId: 1, clientX: left + x * width, clientY: top + y * height,
    }));
    touch('pointerdown', 0.1, 0.5);
    for (let step = 1; step <= 20; step += 1) touch('pointermove', 0.1 + step * 0.03, 0.5 + 0.3 * Math.sin(step));
    touch('pointerup', 0.7, 0.5);
";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contractor_walks_in_without_a_server_and_what_they_signed_is_delivered_later(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let mut server = Server::start().await;
    server.decide(&site().to_string());
    let witness = server.add_device("witness");
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    server.kill();
    let browser = &kiosk.browser;

    browser.click("#check-in").await;
    browser.click(".kind[data-value=contractor]").await;
    browser.type_into("#visitor-name", "Grace Hopper").await;
    browser.click("#confirm").await;
    browser.find(".wrong #visitor-company").await;
    browser.find(".wrong [name=field-area]").await;
    browser.type_into("#visitor-company", "Navy").await;
    choose(browser, "area", "roof").await;
    choose(browser, "hot", "no").await;
    browser.type_into("#field-plate", "MARK 1").await;
    browser.click("#confirm").await;
    browser.type_into("#host-search", "zofia").await;
    browser.click("[data-host]").await;
    browser.click("#confirm").await;
    // Nobody agrees by going on.
    browser.find("#agree").await;
    browser.click("#confirm").await;
    browser.find(".wrong #agree").await;
    browser.click(".tick").await;
    browser.click("#confirm").await;
    browser.find("#signature-pad.empty").await;
    browser.click("#confirm").await;
    browser.find(".signature.wrong").await;
    browser.run(DRAW).await;
    browser.find("#signature-pad:not(.empty)").await;
    browser.click("#confirm").await;
    browser.click("#skip-photo").await;
    assert_eq!(kiosk.confirmation().await, Delivery::Saved);

    server.start_again().await;
    until_server_says(&server, &witness, &[("Grace Hopper", State::OnSite)], CATCH_UP_DEADLINE).await;
    kiosk.until_delivered().await;
    let visit = only_visit(&server, &witness).await;
    let details = visit.details.expect("what was asked was answered").value;
    assert_eq!(details.visitor_type.map(|kind| kind.label.to_string()).as_deref(), Some("Contractor"));
    let answers: Vec<_> = details.answers.iter().map(|answer| (answer.field.id.as_str(), &answer.value)).collect();
    assert!(
        matches!(
            answers[..],
            [
                ("area", AnswerValue::Choice(area)),
                ("plate", AnswerValue::Text(plate)),
                ("hot", AnswerValue::YesNo(false))
            ] if area.label.as_str() == "Roof" && plate.as_str() == "MARK 1"
        ),
        "{answers:?}"
    );
    assert_eq!(visit.host.map(|host| host.value.name.to_string()).as_deref(), Some("Zofia Wiśniewska"));
    let signed: Vec<_> = visit.signed.iter().map(|signed| (signed.agreement.as_str(), signed.version)).collect();
    assert_eq!(signed, [("house", 2), ("safety", 7)]);
    let event = event(&server, &witness, &visit.signed[1].by.to_string()).await;
    let path = event["data"]["signature"]["drawn"]["path"].as_str().expect("a signature was drawn");
    assert!(path.starts_with("M60 ") && path.len() > 60, "{path}");
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_admin_decides_an_open_kiosk_shows_without_being_loaded_anew(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let browser = &kiosk.browser;
    let fill = "return getComputedStyle(document.documentElement).getPropertyValue('--fill').trim()";
    let own = browser.run(fill).await;
    browser.run("window.isOldPage = true").await;
    browser.until_count("[data-language]", 6, ARRIVAL_DEADLINE).await;

    let decided = json!({"welcome": {"en": "Mind the step."}, "accent": "#7a1f5c", "languages": ["en", "de"]});
    server.decide(&decided.to_string());
    browser.until_count("#site-welcome", 1, CATCH_UP_DEADLINE).await;
    browser.until_count("[data-language]", 2, ARRIVAL_DEADLINE).await;
    assert_eq!(browser.run(fill).await, "rgb(122 31 92)");
    browser.click("#check-in").await;
    browser.find("#visitor-name").await;
    browser.click(".back").await;

    server.decide(&site().to_string());
    browser.until_count("#site-welcome", 0, CATCH_UP_DEADLINE).await;
    browser.until_count("[data-language]", 6, ARRIVAL_DEADLINE).await;
    assert_eq!(browser.run(fill).await, own);
    browser.click("#check-in").await;
    browser.until_count(".kind", 2, ARRIVAL_DEADLINE).await;
    assert_eq!(browser.run("return window.isOldPage").await, true);
    kiosk.browser.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_party_checks_in_together_and_is_several_visits_of_one_host(
    #[values(Engine::Chromium, Engine::WebKit)] engine: Engine,
) {
    if !engine.is_here() {
        return;
    }
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.decide(r#"{"party_max":3}"#);
    let witness = server.add_device("witness");
    let kiosk = Kiosk::pair(engine, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.click("#check-in").await;
    browser.type_into("#visitor-name", "Ada Lovelace").await;
    browser.click("#add-companion").await;
    browser.type_into("#companion-2", "Grace Hopper").await;
    browser.click("#add-companion").await;
    browser.until_count("#add-companion", 0, ARRIVAL_DEADLINE).await;
    browser.click("#confirm").await;
    browser.find(".wrong #companion-3").await;
    browser.click(".companion:last-of-type button").await;
    browser.until_count("#companion-3", 0, ARRIVAL_DEADLINE).await;
    browser.type_into("#host-search", "zofia").await;
    browser.click("[data-host]").await;
    browser.click("#confirm").await;
    kiosk.until_delivered().await;
    browser.until_count(".reference strong", 2, ARRIVAL_DEADLINE).await;

    let expected = [("Ada Lovelace", State::OnSite), ("Grace Hopper", State::OnSite)];
    until_server_says(&server, &witness, &expected, ARRIVAL_DEADLINE).await;
    let visits = server.visits(&witness).await.expect("the server answers");
    let leader = visits.iter().find(|visit| is_of(visit, "Ada Lovelace")).expect("she is here").id;
    for visit in &visits {
        assert_eq!(visit.details.as_ref().and_then(|details| details.value.party), Some(leader));
        assert_eq!(visit.host.as_ref().map(|host| host.value.name.as_str()), Some("Zofia Wiśniewska"));
    }
    kiosk.browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn going_back_keeps_what_was_entered_and_walking_away_wipes_it() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    server.decide(&site().to_string());
    let browser = Browser::start(Engine::Chromium).await;
    browser.run_before_pages(CLOCK_TO_SET).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.click("#check-in").await;
    browser.click(".kind[data-value=guest]").await;
    browser.type_into("#visitor-name", "Ada Lovelace").await;
    browser.click("#confirm").await;
    browser.click(".tick").await;
    browser.click(".back").await;
    browser.find("#visitor-name").await;
    assert_eq!(browser.run("return document.querySelector('#visitor-name').value").await, "Ada Lovelace");
    browser.click("#confirm").await;
    browser.find("#agree:checked").await;
    browser.click(".back").await;
    browser.click(".back").await;
    browser.find(".kind[data-value=guest].marked").await;
    browser.click(".kind[data-value=guest]").await;
    browser.find("#visitor-name").await;

    browser.run("window.sleptMs = 10 * 60 * 1000").await;
    browser.find("#check-in").await;
    browser.click("#check-in").await;
    browser.find(".kind[data-value=guest]:not(.marked)").await;
    browser.click(".kind[data-value=guest]").await;
    browser.find("#visitor-name").await;
    assert_eq!(browser.run("return document.querySelector('#visitor-name').value").await, "");
    kiosk.browser.close().await;
}

/// A clock that the test can set forward, which is all that a page sees of a sleep.
const CLOCK_TO_SET: &str = "
    window.sleptMs = 0;
    const now = Date.now.bind(Date);
    Date.now = () => now() + window.sleptMs;
";

/// The browser plays a camera.
#[tokio::test(flavor = "multi_thread")]
async fn who_types_their_name_has_signed_and_their_photo_arrives_with_them() {
    let _turn = browser::turn().await;
    let server = Server::start().await;
    let mut decided = site();
    decided["visitor_types"][1]["photo"] = json!("required");
    server.decide(&decided.to_string());
    let witness = server.add_device("witness");
    let camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];
    let browser = Browser::start_with(Engine::Chromium, &camera).await;
    let kiosk = Kiosk::pair_in(browser, &server, &server.url()).await;
    let browser = &kiosk.browser;
    browser.click("#check-in").await;
    browser.click(".kind[data-value=contractor]").await;
    browser.type_into("#visitor-name", "Ada Lovelace").await;
    browser.type_into("#visitor-company", "Engines").await;
    choose(browser, "area", "cellar").await;
    choose(browser, "hot", "yes").await;
    browser.click("#confirm").await;
    browser.find("#host-search").await;
    browser.click("#confirm").await;
    browser.click(".tick").await;
    browser.click("#confirm").await;
    browser.click("#type-instead").await;
    browser.until_focused("signature-name").await;
    browser.type_into("#signature-name", "Ada Lovelace").await;
    browser.click("#confirm").await;
    let takes = || async {
        // Until the first picture is there, there is nothing to take.
        browser.click("#take-photo:not(:disabled)").await;
        (browser.count("img.photo").await == 1).then_some(())
    };
    wait::until("a photo is taken", ARRIVAL_DEADLINE, takes).await;
    assert_eq!(browser.count("#skip-photo").await, 0, "the site insists");
    browser.click("#confirm").await;
    kiosk.until_delivered().await;

    let visit = only_visit(&server, &witness).await;
    let signature = event(&server, &witness, &visit.signed[1].by.to_string()).await;
    assert_eq!(signature["data"]["signature"]["typed"], "Ada Lovelace");
    let photo = event(&server, &witness, &visit.photo.expect("it was taken").by.to_string()).await;
    assert!(photo["data"]["photo"].as_str().is_some_and(|photo| photo.starts_with("/9j/") && photo.len() > 2_000));
    kiosk.browser.close().await;
}

async fn choose(browser: &Browser, field: &str, answer: &str) {
    browser.click(&format!(".answer:has([name=field-{field}][value={answer}])")).await;
}

fn is_of(visit: &Visit, name: &str) -> bool {
    visit.visitor.as_ref().is_some_and(|visitor| visitor.value.name.as_str() == name)
}

async fn only_visit(server: &Server, device: &Credentials) -> Visit {
    let visits = server.visits(device).await.expect("the server answers");
    <[Visit; 1]>::try_from(visits).map(|[visit]| visit).expect("one visit")
}

/// An event as the server holds it.
async fn event(server: &Server, device: &Credentials, id: &str) -> Value {
    let url = format!("{}/api/v1/events/{id}", server.url());
    let answer = reqwest::Client::new().get(url).bearer_auth(&device.token).send().await.expect("the server answers");
    let held: Value = answer.error_for_status().expect("the event is there").json().await.expect("the answer is JSON");
    held["event"].clone()
}
