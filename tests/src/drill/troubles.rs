//! The troubles, and those that need nothing but a network. Each begins with a paired kiosk and ends with [`Scene::is_over`].

use super::{Drill, Length, Scene, Stage, backlog, clocks, disks, releases, storage};
use crate::{
    browser::{Browser, Engine},
    network::Weather,
};

const EVERYWHERE: &[Engine] = &[Engine::Chromium, Engine::WebKit, Engine::Firefox];
/// The engines whose profile outlives a browser that is driven.
const WITH_PROFILE: &[Engine] = &[Engine::Chromium, Engine::Firefox];
const NO_PROFILE: &str = "WebKit's MiniBrowser keeps nothing on disk while it is driven";

pub(super) const ALL: &[Drill] = &[
    Drill {
        name: "the server refuses to write for a while, and reads go on",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::WritesRefused)),
    },
    Drill {
        name: "a captive portal answers 200 with HTML to everything",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::CaptivePortal)),
    },
    Drill {
        name: "a proxy sends everything on to a page for signing in",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::Redirected)),
    },
    Drill {
        name: "connections are closed without an answer",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::Dropped)),
    },
    Drill {
        name: "batches arrive and their answers break off in the middle",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::AnswersCut)),
    },
    Drill {
        name: "the network carries 300 bytes a second after 20 s",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(weather(scene, Weather::Slow)),
    },
    Drill {
        name: "the device's token is refused until staff pair it again",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(token_refused(scene)),
    },
    Drill {
        name: "the server is killed under load and started again",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(server_killed(scene)),
    },
    Drill {
        name: "the server is restored from an older backup",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(server_restored(scene)),
    },
    Drill {
        name: "the page is closed in the middle of an upload",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(page_closed(scene)),
    },
    Drill {
        name: "two tabs and the worker drain at once",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(two_tabs(scene)),
    },
    Drill {
        name: "the service worker is stopped in the middle of an upload",
        engines: &[Engine::Chromium],
        not_elsewhere: "only Chromium's driver can stop one",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(service_worker_stopped(scene)),
    },
    Drill {
        name: "there is no service worker at all",
        engines: &[Engine::Chromium],
        not_elsewhere: "only Chromium can be told another name for loopback",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(no_service_worker(scene)),
    },
    Drill {
        name: "the browser is killed right after a confirmation",
        engines: WITH_PROFILE,
        not_elsewhere: NO_PROFILE,
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(browser_killed(scene)),
    },
    Drill {
        name: "the power goes while the browser writes its profile",
        engines: WITH_PROFILE,
        not_elsewhere: NO_PROFILE,
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(power_cut(scene)),
    },
    Drill {
        name: "a device is cloned by copying its profile, and both go on",
        engines: WITH_PROFILE,
        not_elsewhere: NO_PROFILE,
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(cloned(scene)),
    },
    Drill {
        name: "the server's disk is full for a while",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::SmallDisk,
        length: Length::Short,
        play: |scene| Box::pin(disks::full(scene)),
    },
    Drill {
        name: "nobody may write the server's files for a while",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::ClosableFiles,
        length: Length::Short,
        play: |scene| Box::pin(disks::closed(scene)),
    },
    Drill {
        name: "the server's clock is a day off for a while",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::SetClocks,
        length: Length::Short,
        play: |scene| Box::pin(clocks::server_stepped(scene)),
    },
    Drill {
        name: "the device's clock is a day off for a while",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::SetClocks,
        length: Length::Short,
        play: |scene| Box::pin(clocks::device_stepped(scene)),
    },
    Drill {
        name: "writes are refused for 95 minutes, by clocks that run fast",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::SetClocks,
        length: Length::Long,
        play: |scene| Box::pin(clocks::ninety_five_minutes(scene)),
    },
    Drill {
        name: "under TLS, answers break off and then connections are closed",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Tls,
        length: Length::Short,
        play: |scene| Box::pin(under_tls(scene)),
    },
    Drill {
        name: "the device's storage is full for a while",
        engines: &[Engine::Chromium],
        not_elsewhere: "only Chromium's driver can leave a site less room",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(storage::full(scene)),
    },
    Drill {
        name: "somebody deletes what the device has stored, and the server's alarm comes",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::Plain,
        length: Length::Short,
        play: |scene| Box::pin(storage::cleared(scene)),
    },
    Drill {
        name: "from one release to the next and back, with an outbox that waits",
        engines: EVERYWHERE,
        not_elsewhere: "",
        stage: Stage::EarlierRelease,
        length: Length::Short,
        play: |scene| Box::pin(releases::upgraded_and_back(scene)),
    },
    Drill {
        name: "10,000 events wait on one kiosk",
        engines: &[Engine::Chromium],
        not_elsewhere: "in WebKit and Firefox it has not been seen to its end yet",
        stage: Stage::Plain,
        length: Length::Long,
        play: |scene| Box::pin(backlog::weeks_of_visitors(scene)),
    },
];

async fn weather(scene: &mut Scene, trouble: Weather) {
    let kiosk = scene.kiosk().await;
    let before = scene.check_in(kiosk).await;
    scene.network.set(trouble);
    let during = scene.check_in_some(kiosk, 1, 3).await;
    scene.check_out(kiosk, &during[0]).await;
    scene.check_out(kiosk, &before).await;
    scene.is_over();
    // As often as not nobody comes, and what waits must be delivered all the same.
    if scene.random.below(2) == 0 {
        scene.check_in(kiosk).await;
    }
}

/// As without, with what TLS adds: a connection that ends in the middle of a record, and one that is greeted and closed.
async fn under_tls(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.check_in(kiosk).await;
    scene.network.set(Weather::AnswersCut);
    let here = scene.check_in_some(kiosk, 1, 2).await;
    scene.network.set(Weather::Dropped);
    scene.check_in_some(kiosk, 1, 2).await;
    scene.check_out(kiosk, &here[0]).await;
    scene.is_over();
}

async fn token_refused(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::Unauthorized);
    scene.check_in_some(kiosk, 1, 3).await;
    scene.at(kiosk).browser.find("#sync-pill[data-link=unauthorized]").await;
    scene.is_over();
    // What staff do; by itself the device asks again after five minutes.
    scene.at(kiosk).pair_again(&scene.server).await;
}

async fn server_killed(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.check_in_some(kiosk, 1, 2).await;
    scene.server.kill();
    scene.check_in_some(kiosk, 1, 2).await;
    scene.server.start_again().await;
    scene.check_in(kiosk).await;
    scene.server.kill();
    scene.check_in(kiosk).await;
    scene.server.start_again().await;
    scene.is_over();
}

async fn server_restored(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    let first = scene.check_in(kiosk).await;
    let backup = scene.server.backup();
    scene.check_in_some(kiosk, 1, 3).await;
    scene.check_out(kiosk, &first).await;
    scene.server.kill();
    scene.check_in(kiosk).await;
    scene.server.restore(&backup);
    scene.server.start_again().await;
    scene.is_over();
}

async fn page_closed(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::Hanging);
    scene.check_in_some(kiosk, 1, 3).await;
    scene.at(kiosk).browser.open("about:blank").await;
    scene.is_over();
    scene.at(kiosk).open().await;
}

async fn two_tabs(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::WritesRefused);
    scene.check_in_some(kiosk, 2, 3).await;
    scene.at(kiosk).open_another_tab().await;
    scene.check_in_some(kiosk, 1, 2).await;
    scene.is_over();
}

async fn service_worker_stopped(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::Hanging);
    scene.check_in_some(kiosk, 1, 3).await;
    scene.at(kiosk).browser.stop_service_workers().await;
    assert_ne!(scene.waiting().await, 0, "the upload is under way");
    scene.is_over();
}

async fn no_service_worker(scene: &mut Scene) {
    let browser = Browser::start_with(Engine::Chromium, &["--host-resolver-rules=MAP kiosk.test 127.0.0.1"]).await;
    let url = scene.network.url().replace("127.0.0.1", "kiosk.test");
    let kiosk = scene.kiosk_at(browser, &url).await;
    scene.network.set(Weather::BatchesRefused);
    scene.check_in_some(kiosk, 1, 3).await;
    scene.is_over();
}

async fn browser_killed(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::WritesRefused);
    scene.check_in_some(kiosk, 1, 3).await;
    let profile = scene.kill(kiosk);
    scene.is_over();
    scene.reopen(profile).await;
}

async fn power_cut(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::WritesRefused);
    scene.check_in_some(kiosk, 1, 3).await;
    // Somebody is at the kiosk meanwhile; what they were not told may be lost.
    let copy = scene.at(kiosk).browser.copy_profile();
    drop(scene.kill(kiosk));
    scene.is_over();
    scene.reopen(copy).await;
}

async fn cloned(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.network.set(Weather::WritesRefused);
    scene.check_in_some(kiosk, 1, 2).await;
    let profile = scene.kill(kiosk);
    let copy = crate::browser::copy_of(&profile);
    let original = scene.reopen(profile).await;
    let clone = scene.reopen(copy).await;
    scene.check_in(original).await;
    scene.check_in(clone).await;
    scene.is_over();
    scene.check_in(original).await;
    scene.check_in(clone).await;
}
