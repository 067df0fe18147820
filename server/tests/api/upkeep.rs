//! Backups, the way back, and the check of everything.

use std::{path::Path, sync::Arc};

use rstest::rstest;
use rusqlite::Connection;
use tokio::{runtime::Handle, task::spawn_blocking};
use vestibule::{
    backup::{self, BackupError, Contents},
    clock,
    store::{DataLock, OpenError},
    verify::{self, Word},
};
use vestibule_protocol::{
    batch::{Outcome, QuarantineReason},
    id::VisitId,
};

use crate::fixture::{Slotted, TestDevice, TestServer, altered, checked_out, fresh_uuid, outcomes};

/// What a check of everything finds, in words.
fn differences(connection: &mut Connection) -> Vec<String> {
    let mut found = Vec::new();
    verify::everything(connection, &mut |word| {
        if let Word::Difference(difference) = word {
            found.push(difference.to_string());
        }
    })
    .unwrap();
    found
}

fn back_up(data: &Path, file: &Path) -> Result<Contents, BackupError> {
    backup::make(data, file, clock::now(), &mut |_| {})
}

fn restore(data: &Path, file: &Path) -> Result<(), BackupError> {
    backup::restore(data, file, clock::now(), &mut |_| {}).map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_made_under_load_is_whole_and_lets_devices_forget_what_it_holds() {
    let server = Arc::new(TestServer::start().await);
    let file = server.dist.path().join("backup.db");
    let mut quiet = server.device();
    let events = quiet.check_ins(3);
    assert_eq!(server.deliver(&quiet, &events).await.keep_from, 1);
    let loading: Vec<_> = (0..4)
        .map(|_| {
            let (server, mut kiosk) = (Arc::clone(&server), server.device());
            tokio::spawn(async move {
                for _ in 0..20 {
                    let events = kiosk.check_ins(5);
                    assert_eq!(outcomes(&server.deliver(&kiosk, &events).await), [Outcome::Accepted; 5]);
                }
                kiosk
            })
        })
        .collect();
    // The second takes the place of the first.
    let mut contents = None;
    for _ in 0..2 {
        let (server, file) = (Arc::clone(&server), file.clone());
        contents = Some(spawn_blocking(move || back_up(server.data.path(), &file).unwrap()).await.unwrap());
    }
    assert_eq!(differences(&mut Connection::open(&file).unwrap()), [""; 0]);
    assert_eq!(server.deliver(&quiet, &[]).await.keep_from, 4, "a backup holds 1 to 3");
    let mut held = 3;
    for delivery in loading {
        let kiosk = delivery.await.unwrap();
        let receipt = server.deliver(&kiosk, &[]).await;
        assert_eq!(receipt.watermark, kiosk.head);
        held += receipt.keep_from - 1;
    }
    assert_eq!(contents.unwrap().events, held, "keep_from moved exactly past what the backup holds");
}

#[tokio::test]
async fn a_copy_that_is_not_whole_is_no_backup_and_lets_nobody_forget_anything() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events).await;
    back_up(server.data.path(), &file).unwrap();
    let more = kiosk.check_ins(2);
    assert_eq!(server.deliver(&kiosk, &more).await.keep_from, 3);
    server.database().execute("UPDATE events SET text = '{}' WHERE position = 3", ()).unwrap();
    let error = back_up(server.data.path(), &file).unwrap_err();
    assert!(matches!(&error, BackupError::NotWhole { .. }), "{error}");
    assert_eq!(server.deliver(&kiosk, &[]).await.keep_from, 3, "what the last whole one holds");
    assert_eq!(differences(&mut Connection::open(&file).unwrap()), [""; 0], "which is still there");
    let beside = std::fs::read_dir(server.dist.path()).unwrap().count();
    assert_eq!(beside, 1, "and nothing is left beside it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_is_refilled_by_its_devices() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let mut kiosk = server.device();
    let before = kiosk.check_ins(3);
    server.deliver(&kiosk, &before).await;
    back_up(server.data.path(), &file).unwrap();
    let after = kiosk.check_ins(2);
    let told = server.deliver(&kiosk, &after).await;
    assert_eq!(told.keep_from, 4, "the device still holds what came after the backup");
    let cursor = server.changes(&kiosk, "").await.cursor;
    let server = server.restart_after(|data| restore(data, &file).unwrap()).await;
    let heartbeat = server.deliver(&kiosk, &[]).await;
    assert_ne!(heartbeat.history, told.history);
    assert_eq!((heartbeat.watermark.seq, heartbeat.missing), (3, vec![(4, 5)]));
    assert!(server.changes(&kiosk, &format!("after={cursor}")).await.snapshot, "desks begin anew");
    let refilled = server.deliver(&kiosk, &after).await;
    assert_eq!((outcomes(&refilled), refilled.watermark), (vec![Outcome::Accepted; 2], kiosk.head));
    assert_eq!(server.changes(&kiosk, "").await.visits.len(), 5);
    assert_eq!(differences(&mut server.database()), [""; 0]);
    let aside = std::fs::read_dir(server.data.path()).unwrap().map(|entry| entry.unwrap().path());
    let aside = aside.filter(|path| path.to_string_lossy().contains(".before-")).collect::<Vec<_>>();
    let [aside] = aside.as_slice() else { panic!("one database is kept beside: {aside:?}") };
    let held: i64 =
        Connection::open(aside).unwrap().query_row("SELECT count(*) FROM events", (), |row| row.get(0)).unwrap();
    assert_eq!(held, 5);
}

#[tokio::test]
async fn who_was_let_in_or_shut_out_since_the_backup_still_is_after_a_restore() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let (mut early, mut stolen) = (server.device(), server.device());
    let before = early.check_ins(2);
    server.deliver(&early, &before).await;
    back_up(server.data.path(), &file).unwrap();
    let mut late = server.device_at("A site opened since");
    let events = late.check_ins(3);
    server.deliver(&late, &events).await;
    let revoke = "UPDATE devices SET revoked_at = 1 WHERE id = ?1";
    server.database().execute(revoke, [stolen.credentials.device.0]).unwrap();
    let server = server.restart_after(|data| restore(data, &file).unwrap()).await;
    let receipt = server.deliver(&late, &events).await;
    assert_eq!((outcomes(&receipt), receipt.watermark), (vec![Outcome::Accepted; 3], late.head));
    assert_eq!(server.changes(&late, "").await.visits.len(), 3, "its site is there, too");
    let reason = QuarantineReason::DeviceRevoked;
    let theirs = stolen.check_ins(1);
    assert_eq!(outcomes(&server.deliver(&stolen, &theirs).await), [Outcome::Quarantined { reason }]);
    assert_eq!(outcomes(&server.deliver(&early, &before).await), [Outcome::Duplicate; 2]);
    assert_eq!(differences(&mut server.database()), [""; 0]);
}

#[tokio::test]
async fn the_backup_of_another_installation_brings_its_own_devices() {
    let (theirs, ours) = (TestServer::start().await, TestServer::start().await);
    let file = theirs.dist.path().join("backup.db");
    let mut kiosk = theirs.device();
    let events = kiosk.check_ins(2);
    theirs.deliver(&kiosk, &events).await;
    back_up(theirs.data.path(), &file).unwrap();
    ours.device_at("Our own site");
    let ours = ours.restart_after(|data| restore(data, &file).unwrap()).await;
    assert_eq!(outcomes(&ours.deliver(&kiosk, &events).await), [Outcome::Duplicate; 2]);
    assert_eq!(ours.count("SELECT count(*) FROM sites WHERE name = 'Our own site'"), 0);
    assert_eq!(differences(&mut ours.database()), [""; 0]);
}

#[tokio::test]
async fn a_restore_refuses_a_running_server_and_a_backup_that_is_not_whole() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events).await;
    back_up(server.data.path(), &file).unwrap();
    let lock = DataLock::take(server.data.path()).unwrap();
    assert!(matches!(restore(server.data.path(), &file), Err(BackupError::Open(OpenError::InUse { .. }))));
    drop(lock);
    Connection::open(&file).unwrap().execute("UPDATE events SET text = '{}' WHERE position = 3", ()).unwrap();
    let error = restore(server.data.path(), &file).unwrap_err();
    assert!(matches!(&error, BackupError::NotWhole { more: 1, .. }), "{error}");
    assert_eq!(outcomes(&server.deliver(&kiosk, &events).await), [Outcome::Duplicate; 2], "nothing was changed");
}

#[tokio::test]
async fn a_restore_beside_an_open_database_changes_nothing() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events).await;
    back_up(server.data.path(), &file).unwrap();
    // The test's server holds no lock of a process of its own, and has the database open.
    let error = restore(server.data.path(), &file).unwrap_err();
    assert!(matches!(&error, BackupError::Sqlite(_)), "{error}");
    assert_eq!(outcomes(&server.deliver(&kiosk, &events).await), [Outcome::Duplicate; 2]);
    assert_eq!(differences(&mut server.database()), [""; 0]);
}

#[tokio::test]
async fn a_broken_database_is_kept_beside_with_its_log() {
    let server = TestServer::start().await;
    let file = server.dist.path().join("backup.db");
    let mut kiosk = server.device();
    let events = kiosk.check_ins(2);
    server.deliver(&kiosk, &events).await;
    back_up(server.data.path(), &file).unwrap();
    let server = server
        .restart_after(|data| {
            std::fs::write(data.join("vestibule.db"), "no database at all, but long enough to have a header").unwrap();
            std::fs::write(data.join("vestibule.db-wal"), "what is left of its log").unwrap();
            restore(data, &file).unwrap();
        })
        .await;
    assert_eq!(outcomes(&server.deliver(&kiosk, &events).await), [Outcome::Duplicate; 2]);
    assert_eq!(differences(&mut server.database()), [""; 0]);
}

#[test]
fn there_is_nothing_to_back_up_where_nothing_was_stored() {
    let dir = tempfile::tempdir().unwrap();
    let error = back_up(&dir.path().join("mistyped"), &dir.path().join("backup.db")).unwrap_err();
    assert!(matches!(error, BackupError::Open(OpenError::NoData { .. })));
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// A visit that came and went, one that is here, one text in quarantine.
async fn server_with_history() -> (TestServer, TestDevice) {
    let server = TestServer::start().await;
    let mut kiosk = server.device();
    let arrival = kiosk.arrival(VisitId(fresh_uuid()));
    let departure = kiosk.event(arrival.visit, checked_out());
    let unknown = altered(&kiosk.arrival(arrival.visit), |value| value["type"] = "vestibule.unknown.v1".into());
    let events: Vec<Slotted> = [arrival.to_text().into(), unknown, departure.to_text().into()]
        .map(|text: String| kiosk.append(text))
        .into_iter()
        .chain([kiosk.check_in()])
        .collect();
    server.deliver(&kiosk, &events).await;
    (server, kiosk)
}

#[rstest]
#[case::text("UPDATE events SET text = replace(text, 'Ada', 'Eve') WHERE position = 2", "its text was changed")]
#[case::columns("UPDATE events SET visit = randomblob(16) WHERE position = 2", "its columns are not what its text")]
#[case::quarantine("UPDATE quarantine SET text = '{}'", "quarantine 1: its text was changed")]
#[case::lost("DELETE FROM quarantine", "seq 2: the text is lost")]
#[case::slot("DELETE FROM slots WHERE seq = 3", "which are filled up to 2")]
#[case::watermark("UPDATE streams SET watermark_chain = zeroblob(32)", "which are filled up to 4")]
#[case::feed("UPDATE meta SET position = 1", "positions beyond the last one")]
#[case::site("DELETE FROM sites", "a row of devices refers to none of sites")]
#[tokio::test]
async fn whatever_is_changed_behind_the_servers_back_is_named(#[case] plant: &str, #[case] named: &str) {
    let (server, _) = server_with_history().await;
    let mut database = server.database();
    assert_eq!(differences(&mut database), [""; 0]);
    database.pragma_update(None, "foreign_keys", false).unwrap();
    database.execute(plant, ()).unwrap();
    let found = differences(&mut database);
    assert!(found.iter().any(|difference| difference.contains(named)), "{found:?}");
}

#[rstest]
#[case::other("UPDATE visits SET json = replace(json, 'checked_out', 'checked_in')", "not what its events say")]
#[case::unreadable("UPDATE visits SET json = '{}'", "not what its events say")]
#[case::out_of_view("UPDATE visits SET matters_until = 0", "not what its events say")]
#[case::missing("DELETE FROM visits", "missing, though there are events")]
#[case::without_events(
    "INSERT INTO visits (id, site, json, position, matters_until) SELECT zeroblob(16), site, json, position, matters_until FROM visits LIMIT 1",
    "there is no event of it"
)]
#[tokio::test]
async fn what_is_wrong_with_the_visits_is_named_rebuilt_and_told(#[case] plant: &str, #[case] named: &str) {
    let (server, kiosk) = server_with_history().await;
    let before = server.changes(&kiosk, "").await;
    let mut database = server.database();
    database.execute(plant, ()).unwrap();
    let found = differences(&mut database);
    assert!(!found.is_empty() && found.iter().all(|difference| difference.contains(named)), "{found:?}");
    verify::repair(&mut database, &mut |_| {}).unwrap();
    assert_eq!(differences(&mut database), [""; 0]);
    let mut after = server.changes(&kiosk, "").await;
    after.visits.sort_by_key(|visit| before.visits.iter().position(|before| before.id == visit.id));
    assert_eq!(after.visits, before.visits);
    let increment = server.changes(&kiosk, &format!("after={}", before.cursor)).await;
    let rebuilt = if named.contains("no event") { 0 } else { found.len() };
    assert_eq!((increment.snapshot, increment.visits.len()), (false, rebuilt), "desks hear of what was rebuilt");
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_go_on_while_visits_are_rebuilt_and_are_folded_in() {
    let server = Arc::new(TestServer::start().await);
    let mut kiosk = server.device();
    let visits: Vec<VisitId> = (0..600).map(|_| VisitId(fresh_uuid())).collect();
    for some in visits.chunks(200) {
        let arrivals: Vec<Slotted> = some
            .iter()
            .map(|&visit| {
                let text = kiosk.arrival(visit).to_text();
                kiosk.append(text)
            })
            .collect();
        server.deliver(&kiosk, &arrivals).await;
    }
    server.database().execute("DELETE FROM visits", ()).unwrap();
    let (handle, delivering) = (Handle::current(), Arc::clone(&server));
    let rebuilding = spawn_blocking(move || {
        let mut database = delivering.database();
        let mut leaving = visits.into_iter();
        // Somebody leaves at every word, from the first look to the end of the comparison.
        verify::repair(&mut database, &mut |_| {
            let Some(visit) = leaving.next() else { return };
            let left = kiosk.append(kiosk.event(visit, checked_out()).to_text());
            let receipt = handle.block_on(delivering.deliver(&kiosk, &[left]));
            assert_eq!(outcomes(&receipt), [Outcome::Accepted]);
        })
    });
    rebuilding.await.unwrap().unwrap();
    assert_eq!(differences(&mut server.database()), [""; 0]);
    let left = "SELECT count(*) FROM visits WHERE json LIKE '%checked_in%checked_out%'";
    assert_eq!(server.count(left), 600, "each came and went");
}
