//! Bodies that come through slowly.

use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::{StreamExt as _, stream};

/// How often a few bytes come through.
const EVERY: Duration = Duration::from_millis(250);

/// The same body, no faster than so many bytes a second.
pub(super) fn at_pace(body: Body, bytes_per_s: usize) -> Body {
    let at_once = (bytes_per_s / 4).max(1);
    let pieces = body.into_data_stream().flat_map(move |chunk| match chunk {
        Ok(chunk) => stream::iter(pieces(chunk, at_once).map(Ok).collect::<Vec<_>>()),
        Err(error) => stream::iter(vec![Err(error)]),
    });
    Body::from_stream(pieces.then(|piece| async {
        tokio::time::sleep(EVERY).await;
        piece
    }))
}

fn pieces(mut chunk: Bytes, size: usize) -> impl Iterator<Item = Bytes> {
    std::iter::from_fn(move || (!chunk.is_empty()).then(|| chunk.split_to(size.min(chunk.len()))))
}
