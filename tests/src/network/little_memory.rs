//! A program that is given hardly more memory than it begins with, so that it fails when much is asked of it.

/// How far its memory can grow, in pages of 64 KiB: enough for a day's work, not for what a test asks.
const GROWS_BY_PAGES: u32 = 32;

/// A WebAssembly program with a limit to the memory that it declares. Its sections begin with their number and length;
/// that of memories says how many there are, whether the first has a limit, and its sizes (WebAssembly 1.0, §5.5).
///
/// # Panics
/// If it is no program with one memory without a limit.
pub(super) fn with_little_memory(wasm: &[u8]) -> Vec<u8> {
    const PREAMBLE_BYTES: usize = 8;
    const MEMORIES: u8 = 5;
    const ONE_WITHOUT_LIMIT: [u8; 2] = [1, 0];
    const ONE_WITH_LIMIT: [u8; 2] = [1, 1];
    let mut at = PREAMBLE_BYTES;
    while wasm[at] != MEMORIES {
        let (length, content) = number(wasm, at + 1);
        at = content + length as usize;
    }
    let (length, content) = number(wasm, at + 1);
    assert_eq!(wasm[content..content + 2], ONE_WITHOUT_LIMIT);
    let (pages, _) = number(wasm, content + 2);
    let memories = [&ONE_WITH_LIMIT[..], &written(pages), &written(pages + GROWS_BY_PAGES)].concat();
    let new_length = written(u32::try_from(memories.len()).expect("a few bytes"));
    [&wasm[..=at], &new_length, &memories, &wasm[content + length as usize..]].concat()
}

/// The number (LEB128) at this place, and the place after it.
fn number(bytes: &[u8], at: usize) -> (u32, usize) {
    let length = bytes[at..].iter().take_while(|byte| **byte & 0x80 != 0).count() + 1;
    let number = bytes[at..at + length].iter().rev().fold(0, |number, byte| number << 7 | u32::from(byte & 0x7f));
    (number, at + length)
}

fn written(mut number: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = u8::try_from(number & 0x7f).expect("seven bits");
        number >>= 7;
        if number == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}
