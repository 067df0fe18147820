//! What a camera sees: a code that somebody holds before it, as a video that Chromium plays in place of one.

use std::{fs, io::Write as _, path::Path};

use qrcodegen::{QrCode, QrCodeEcc};

const WIDTH: usize = 640;
const HEIGHT: usize = 480;

/// How much of the picture's height the code fills, in percent: as held at arm's length.
const FILLED_PERCENT: usize = 75;

/// Paper in shade and ink in light: no camera sees black and white.
const INK: u8 = 52;
const PAPER: u8 = 205;
const BACKGROUND: u8 = 120;

/// Writes a video (YUV4MPEG2) of `code` to `path`, and gives the arguments with which Chromium takes it for its camera,
/// which it may use.
///
/// # Panics
/// If `code` fits no square code, or the file can't be written.
pub fn showing(code: &str, path: &Path) -> [String; 3] {
    let code = QrCode::encode_text(code, QrCodeEcc::Medium).expect("the code fits");
    let size = usize::try_from(code.size()).expect("a size is positive");
    let scale = HEIGHT * FILLED_PERCENT / 100 / (size + 8);
    let paper = scale * (size + 8);
    let (left, top) = ((WIDTH - paper) / 2, (HEIGHT - paper) / 2);
    let light = |x: usize, y: usize| {
        let on_paper = (left..left + paper).contains(&x) && (top..top + paper).contains(&y);
        if !on_paper {
            return BACKGROUND;
        }
        let module = |at: usize| i32::try_from(at / scale).expect("a picture is small") - 4;
        if code.get_module(module(x - left), module(y - top)) { INK } else { PAPER }
    };
    let mut frame = Vec::with_capacity(WIDTH * HEIGHT * 3 / 2);
    frame.extend((0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y))).map(|(x, y)| light(x, y)));
    // Neither blue nor red.
    frame.resize(WIDTH * HEIGHT * 3 / 2, 128);
    let mut file = fs::File::create(path).expect("the video can be made");
    writeln!(file, "YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg").expect("the video can be written");
    for _ in 0..2 {
        file.write_all(b"FRAME\n").and_then(|()| file.write_all(&frame)).expect("the video can be written");
    }
    [
        "--use-fake-device-for-media-stream".to_owned(),
        "--use-fake-ui-for-media-stream".to_owned(),
        format!("--use-file-for-fake-video-capture={}", path.display()),
    ]
}
