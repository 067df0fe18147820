//! Troubles of the server's disk. The system fails its writes; it must say so for as long as they fail, answer what is
//! only read, and go on by itself.

use std::time::Duration;

use super::Scene;
use crate::wait;

/// From a change of the disk to the server's word on it.
const NOTICED_WITHIN: Duration = Duration::from_secs(15);

/// The database, and what is not folded into it yet.
const FILES: [&str; 2] = ["vestibule.db", "vestibule.db-wal"];

pub(super) async fn full(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.check_in(kiosk).await;
    scene.server.disk().fill();
    go_on_without(scene, kiosk, "disk_full").await;
    scene.server.disk().free();
    until_ready(scene, Ok(())).await;
    scene.is_over();
}

pub(super) async fn closed(scene: &mut Scene) {
    let kiosk = scene.kiosk().await;
    scene.check_in(kiosk).await;
    scene.server.disk().close(&FILES);
    // EPERM from a file that is open: to SQLite an error of the disk.
    go_on_without(scene, kiosk, "disk_failed").await;
    scene.server.disk().open_again();
    until_ready(scene, Ok(())).await;
    scene.is_over();
}

/// People come and go while the server can't write, which it says before and after.
async fn go_on_without(scene: &mut Scene, kiosk: super::scene::Place, code: &str) {
    until_ready(scene, Err(code.to_owned())).await;
    let here = scene.check_in_some(kiosk, 1, 3).await;
    scene.check_out(kiosk, &here[0]).await;
    assert_eq!(scene.server.readiness().await, Err(code.to_owned()), "it still says so");
    assert_eq!(scene.waiting().await, here.len() + 1, "reads go on, and tell nothing that is not kept");
}

async fn until_ready(scene: &Scene, readiness: Result<(), String>) {
    let said = || async { (scene.server.readiness().await == readiness).then_some(()) };
    wait::until(format!("the server says {readiness:?}"), NOTICED_WITHIN, said).await;
}
