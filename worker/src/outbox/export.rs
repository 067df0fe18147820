//! The backlog for people to carry, for the day on which nothing else gets it to the server.

use vestibule_engine::outbox::StateName;
use vestibule_protocol::{
    batch::Link,
    export::{Export, ExportedEvent},
    json::{self, RawValue},
    limits,
    parcel::SealKey,
    timestamp::Timestamp,
};

use super::{Counts, join, of_state, parked, source};
use crate::{
    error::StorageError,
    store::{Access, EVENTS, EventIndex, META, Store, meta, row::EventRow},
};

/// Most events in one file: some MB as a rule, which a tablet holds in memory and a stick or a mail carries.
const MAX_ROWS: u32 = 10_000;

/// What is not delivered.
///
/// # Errors
/// [`StorageError`] if it can't be read.
pub(crate) async fn export(store: &Store, now: Timestamp) -> Result<Export<Box<RawValue>>, StorageError> {
    store
        .transact(Access::Read, &[META, EVENTS], async |tx| {
            let list = |state| tx.some::<EventRow>(EVENTS, EventIndex::State.name(), &of_state(state)?, MAX_ROWS);
            let (parked, pending) = (list(StateName::Parked)?, list(StateName::Pending)?);
            let (credentials, head) = (meta::CREDENTIALS.get(tx)?, meta::HEAD.get(tx)?);
            tx.answered().await?;
            let counts = Counts::read(tx, store).await?;
            let mut rows = pending.answer()?;
            join(&mut rows, parked.answer()?, |row| row.link.seq.cast_signed());
            rows.truncate(MAX_ROWS as usize);
            let (credentials, head) = (credentials.answer()?, head.answer()?);
            let waiting = counts.pending + counts.parked;
            Ok(Export {
                protocol: limits::PROTOCOL,
                source: credentials.as_ref().map(source),
                key: credentials.as_ref().map(|credentials| SealKey::of_token(&credentials.token)),
                exported_at: now,
                stream: head.map(|head| head.stream),
                head: head.map_or(Link::START, |head| head.link),
                left_out: waiting.saturating_sub(rows.len() as u64),
                events: rows.iter().filter_map(exported).collect(),
            })
        })
        .await
}

/// A text that is no JSON goes as a JSON string, so that none is left out.
fn exported(row: &EventRow) -> Option<ExportedEvent<Box<RawValue>>> {
    let event = json::raw(&row.text).or_else(|| json::raw(&json::write(&*row.text)))?;
    Some(ExportedEvent { id: row.id, seq: row.link.seq, chain: row.link.chain, parked: parked(row), event })
}
