//! A square code, drawn.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of nothing around a code, which readers need to find it (ISO/IEC 18004 §9.1).
const QUIET: i32 = 4;

/// Most symbols of a code that a camera still reads off the screen of a tablet: version 25 at the least correction, of
/// 117 modules.
pub const MOST_SYMBOLS: usize = 1_853;

/// Draws what a [`Code`](vestibule_protocol::code::Code) says; `None` if it is more than fits. `name` is for those who
/// don't see it.
pub fn drawn(text: &str, name: &str) -> Option<AnyView> {
    if text.len() > MOST_SYMBOLS {
        return None;
    }
    // Paper gets scratched and screens reflect; what is too long for that has a clean screen to itself.
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
            data-code=text.to_owned()
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
    use super::*;

    #[test]
    fn the_path_is_the_dark_modules() {
        let code = QrCode::encode_text("VBV06AV790FKNY3X2JH1GPMWVWA08", QrCodeEcc::Medium).expect("it is short");
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = dark.filter(|(x, y)| code.get_module(*x, *y)).count();
        let drawn: usize =
            path(&code).split('h').skip(1).filter_map(|run| run.split('v').next()?.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
    }
}
