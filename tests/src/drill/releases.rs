//! From one release to the next and back, with an outbox that is not empty. What "the release before" is:
//! [`Release::before`].

use std::{path::Path, time::Duration};

use super::{Scene, scene::Place};
use crate::{network::Weather, release::Release, wait};

/// From looking for a new version to its having taken over.
const TAKEN_OVER_WITHIN: Duration = Duration::from_secs(30);

pub(super) async fn upgraded_and_back(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    let first = scene.check_in(kiosk).await;
    scene.network.set(Weather::WritesRefused);
    scene.check_in_some(kiosk, 2, 4).await;

    let next = Release::built();
    take(scene, kiosk, next.path(), &next.version).await;
    // The page that was open, and its worker, which is newer.
    let by_old_page = scene.check_in(kiosk).await;
    scene.at(kiosk).open().await;
    scene.check_out(kiosk, &first).await;
    scene.check_in(kiosk).await;

    let earlier = scene.earlier.as_ref().expect("the stage has one");
    let (path, version) = (earlier.path().to_owned(), earlier.version.clone());
    take(scene, kiosk, &path, &version).await;
    scene.at(kiosk).open().await;
    scene.check_out(kiosk, &by_old_page).await;
    scene.check_in(kiosk).await;
    assert_ne!(scene.waiting().await, 0, "what was captured waits through both");
    scene.is_over();
}

/// The server is started with another release, and the kiosk's browser looks for it, as it does by itself every hour.
async fn take(scene: &mut Scene, kiosk: Place, dist: &Path, version: &str) {
    scene.server.kill();
    scene.server.serve(dist);
    scene.server.start_again().await;
    let browser = &scene.at(kiosk).browser;
    let look = format!("const version = {version:?};\n{LOOK}");
    let taken = || async { (browser.run_async(&look).await == true).then_some(()) };
    wait::until(format!("version {version} has taken over"), TAKEN_OVER_WITHIN, taken).await;
}

/// Whether the version's shell is the only one, and so its worker the active one.
const LOOK: &str = r#"
    const done = arguments[arguments.length - 1];
    const look = async () => {
        await (await navigator.serviceWorker.getRegistration()).update();
        const shells = (await caches.keys()).filter((name) => name.startsWith("vestibule-shell-"));
        return shells.length === 1 && shells[0].endsWith(version);
    };
    look().then(done, (error) => done(`${error}`));
"#;
