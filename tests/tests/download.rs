//! What a device downloads, within its budget.

use std::fs;

use vestibule_tests::workspace;

/// Page, wasm, JavaScript and style sheet of the kiosk, in bytes of brotli: on a hotel's Wi-Fi it opens in a second.
const KIOSK_MAX_BYTES: u64 = 190_000;
/// The same of the desk. Its devices are better connected, and it has more to show.
const DESK_MAX_BYTES: u64 = 300_000;
/// The same of the office, which opens on what admins sit at, and keeps nothing for an outage.
const OFFICE_MAX_BYTES: u64 = 250_000;
/// The worker, wasm and script: half of what a kiosk shows may weigh, for it shows nothing.
const WORKER_MAX_BYTES: u64 = 90_000;

#[test]
fn what_a_kiosk_downloads_is_within_its_budget() {
    assert_within("kiosk", &["kiosk"], KIOSK_MAX_BYTES);
}

#[test]
fn what_a_desk_downloads_is_within_its_budget() {
    assert_within("desk", &["desk"], DESK_MAX_BYTES);
}

#[test]
fn what_the_office_downloads_is_within_its_budget() {
    assert_within("office", &["office"], OFFICE_MAX_BYTES);
}

#[test]
fn the_worker_that_both_download_is_within_its_budget() {
    assert_within("worker", &["vestibule-worker", "sw.js"], WORKER_MAX_BYTES);
}

/// Sums up what is packed in `dist/` and begins with one of these.
fn assert_within(what: &str, beginnings: &[&str], limit: u64) {
    let mut sum = 0;
    for entry in fs::read_dir(workspace().join("dist")).expect("`make build` leaves dist/") {
        let entry = entry.expect("dist/ can be read");
        let name = entry.file_name().into_string().unwrap_or_default();
        if name.ends_with(".br") && beginnings.iter().any(|beginning| name.starts_with(beginning)) {
            let bytes = entry.metadata().expect("a file has a length").len();
            println!("{bytes:>7} bytes: {name}");
            sum += bytes;
        }
    }
    println!("{sum:>7} bytes in all for the {what}, of {limit}");
    assert!(sum > 0 && sum <= limit, "{what}: {sum} bytes of brotli, of {limit}");
}
