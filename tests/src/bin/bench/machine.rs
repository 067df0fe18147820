//! What the machine does meanwhile, as Linux tells it under /proc. Elsewhere nothing is known, and 0 is told.

use std::{fs, time::Instant};

/// Kernel ticks a second: 100 on every Linux that there is (`getconf CLK_TCK`).
const TICKS_PER_S: f64 = 100.0;

/// Runs `work` and says how many cores others kept busy meanwhile: everything that is neither this process nor a child
/// of it.
pub(crate) fn watch<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let (began, all_before, own_before) = (now(), busy_s(), own_s());
    let done = work();
    let foreign = (busy_s() - all_before) - (own_s() - own_before);
    (done, (foreign / began.elapsed().as_secs_f64()).max(0.0))
}

/// CPU seconds that a process has used.
pub(crate) fn cpu_s(pid: u32) -> f64 {
    // Fields 14 and 15, counted from behind the name, which may hold spaces.
    ticks(&format!("/proc/{pid}/stat"), 11, 2)
}

/// Memory that a process holds, in MB.
pub(crate) fn rss_mb(pid: u32) -> f64 {
    status_mb(pid, "VmRSS:")
}

/// The most memory that a process has held, in MB.
pub(crate) fn peak_mb(pid: u32) -> f64 {
    status_mb(pid, "VmHWM:")
}

fn status_mb(pid: u32, line: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kb = status.lines().find_map(|said| said.strip_prefix(line)?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    kb.unwrap_or_default() / 1_024.0
}

#[expect(clippy::disallowed_methods, reason = "measuring is what a benchmark is for")]
pub(crate) fn now() -> Instant {
    Instant::now()
}

/// CPU seconds of this process and of its children that have ended.
fn own_s() -> f64 {
    ticks("/proc/self/stat", 11, 4)
}

/// CPU seconds of everything: user, nice, system, and not idle.
fn busy_s() -> f64 {
    let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields =
        stat.lines().next().unwrap_or_default().split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0.0));
    fields
        .enumerate()
        .filter(|(place, _)| ![3, 4].contains(place))
        .take(6)
        .map(|(_, ticks): (_, f64)| ticks)
        .sum::<f64>()
        / TICKS_PER_S
}

fn ticks(path: &str, first: usize, count: usize) -> f64 {
    let stat = fs::read_to_string(path).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    after_name.split_whitespace().skip(first).take(count).filter_map(|field| field.parse::<f64>().ok()).sum::<f64>()
        / TICKS_PER_S
}
