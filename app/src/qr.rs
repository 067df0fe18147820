//! A square code (ISO/IEC 18004), drawn: what is too long to type on a telephone or a tablet, its camera reads.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of nothing around a code, which readers need to find it (ISO/IEC 18004 §9.1).
const QUIET: i32 = 4;

/// Most symbols of a code that a camera still reads off the screen of a tablet: version 25 at the least correction, of
/// 117 modules.
pub const MOST_SYMBOLS: usize = 1_853;

/// Draws `text`; `None` if it is more than fits. `name` is for those who don't see it.
pub fn drawn(text: &str, name: &str) -> Option<AnyView> {
    if text.len() > MOST_SYMBOLS {
        return None;
    }
    // Screens reflect; what is too long for that has a clean screen to itself.
    let code =
        [QrCodeEcc::Medium, QrCodeEcc::Low].into_iter().find_map(|level| QrCode::encode_text(text, level).ok())?;
    let side = code.size() + 2 * QUIET;
    let view = view! {
        <svg
            class="qr"
            viewBox=format!("0 0 {side} {side}")
            shape-rendering="crispEdges"
            role="img"
            aria-label=name.to_owned()
        >
            <rect class="qr-ground" width=side height=side />
            <path class="qr-ink" d=path(&code) />
        </svg>
    };
    Some(view.into_any())
}

/// One stroke of a module's height for each run of dark modules: a tenth of the text that a square for each would take.
fn path(code: &QrCode) -> String {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let begin = x;
            while code.get_module(x, y) {
                x += 1;
            }
            if x > begin {
                let _ = write!(path, "M{} {}h{}v1h-{}z", begin + QUIET, y + QUIET, x - begin, x - begin);
            }
            x += 1;
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use rqrr::PreparedImage;

    use super::*;

    /// Pixels of a module, as a camera sees it.
    const MODULE: usize = 4;

    /// What a camera reads that sees the path.
    fn read(path: &str, side: usize) -> Option<String> {
        let mut dark = vec![false; side * side];
        for run in path.split('M').skip(1) {
            let numbers: Vec<usize> =
                run.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let (x, y, length) = (numbers[0], numbers[1], numbers[2]);
            dark[y * side + x..y * side + x + length].fill(true);
        }
        let shade = |x: usize, y: usize| if dark[y / MODULE * side + x / MODULE] { 0 } else { 255 };
        let mut picture = PreparedImage::prepare_from_greyscale(side * MODULE, side * MODULE, shade);
        let (_, text) = picture.detect_grids().first()?.decode().ok()?;
        Some(text)
    }

    #[test]
    fn a_camera_reads_what_was_drawn() {
        for text in ["https://192.168.1.10:8443/kiosk#pair=7K3M-9QRT-X", &"otpauth".repeat(20)] {
            let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("it fits");
            let side = usize::try_from(code.size() + 2 * QUIET).expect("a code has a size");
            assert_eq!(read(&path(&code), side).as_deref(), Some(text));
        }
    }
}
