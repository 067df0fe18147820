//! Where the known bugs are put in: between the engine and what surrounds it.

use vestibule_engine::{Loaded, Memory, outbox::StateName};
use vestibule_protocol::{
    batch::{Batch, EventResult, Link, Outcome, RECEIPT_MEDIA_TYPE, Receipt},
    id::HistoryId,
    limits, problem,
    timestamp::Timestamp,
};

use super::{mutation::Mutation, network::Reply, tables::Tables};

/// Before the outbox is read, by a context that has just started or not.
pub(super) fn before_load(mutation: Option<Mutation>, tables: &mut Tables, is_fresh: bool) {
    if mutation == Some(Mutation::BackoffForgotten) && is_fresh {
        tables.memory = Memory { hold: None, ..tables.memory() }.to_json();
    }
}

/// After it was read, in the same transaction.
pub(super) fn after_load(mutation: Option<Mutation>, tables: &mut Tables, loaded: &mut Loaded) {
    match mutation {
        Some(Mutation::DeletedBeforeAnswer) => {
            loaded.records.iter().for_each(|record| drop(tables.rows.remove(&record.event)));
        }
        Some(Mutation::HeadBlocks) if !loaded.records.is_empty() => {
            let pending = tables.rows.values().filter(|row| row.state.name() == StateName::Pending);
            let oldest = pending.map(|row| row.link.seq).min();
            loaded.records.retain(|record| Some(record.seq) == oldest);
        }
        Some(Mutation::SharedCursor) => {
            let cursor = tables.cursor;
            loaded.records.retain(|record| record.seq > cursor);
            tables.cursor = loaded.records.iter().map(|record| record.seq).max().unwrap_or(cursor);
        }
        _ => {}
    }
}

/// After an answer was recorded, in the same transaction.
pub(super) fn after_record(mutation: Option<Mutation>, tables: &mut Tables, clock: Timestamp) {
    match mutation {
        Some(Mutation::HeadBlocks) => {
            let parked = tables.rows.values_mut().filter(|row| row.state.name() == StateName::Parked);
            parked.for_each(|row| row.state = vestibule_engine::outbox::State::Pending);
        }
        Some(Mutation::RevokedWipesAll) if tables.memory().revoked.is_some() => tables.rows.clear(),
        Some(Mutation::WallClockRetention) => {
            let before = clock.plus_ms(-limits::ACKNOWLEDGED_KEPT_MS);
            tables.rows.retain(|_, row| row.at >= before);
        }
        _ => {}
    }
}

/// What the driver makes of a reply to the batch `sent`.
pub(super) fn reply(mutation: Option<Mutation>, reply: &Reply, sent: &str, memory: &Memory) -> Reply {
    let Reply::Response { status, media_type, body, .. } = reply else { return reply.clone() };
    match (mutation, status) {
        (Some(Mutation::AnyAnswerIsSuccess), _)
        | (Some(Mutation::DroppedOn401), 401)
        | (Some(Mutation::DroppedOn400), 400) => success(sent, memory).unwrap_or_else(|| reply.clone()),
        (Some(Mutation::FirewallIsOutage), 400..=499) if media_type.starts_with("text/html") => Reply::Nothing,
        (Some(Mutation::PortalParks), 400..=499) if media_type.starts_with("text/html") => {
            let word = Reply::Response {
                status: 400,
                media_type: problem::MEDIA_TYPE.to_owned(),
                retry_after_ms: None,
                body: r#"{"status":400,"code":"no","title":"No"}"#.to_owned(),
            };
            if sent.contains(r#""events":[]"#) { success(sent, memory).unwrap_or(word) } else { word }
        }
        (Some(Mutation::HistoryIgnored), 200) if media_type == RECEIPT_MEDIA_TYPE => {
            let Ok(receipt) = serde_json::from_str::<Receipt>(body) else { return reply.clone() };
            let history = memory.history.unwrap_or(receipt.history);
            answer(&Receipt { history, missing: Vec::new(), ..receipt })
        }
        _ => reply.clone(),
    }
}

/// A receipt for everything that was sent.
fn success(sent: &str, memory: &Memory) -> Option<Reply> {
    let batch: Batch<&serde_json::value::RawValue> = serde_json::from_str(sent).ok()?;
    let accepted = |seq| EventResult { seq, outcome: Outcome::Accepted };
    Some(answer(&Receipt {
        protocol: limits::PROTOCOL,
        batch: batch.batch,
        received_at: batch.sent_at,
        history: memory.history.unwrap_or(HistoryId(uuid::Uuid::nil())),
        results: batch.events.iter().map(|event| accepted(event.seq)).collect(),
        watermark: if batch.events.is_empty() { Link::START } else { batch.head },
        missing: Vec::new(),
        keep_from: 1,
        resume_after_ms: 0,
        revoked: false,
    }))
}

fn answer(receipt: &Receipt) -> Reply {
    Reply::Response {
        status: 200,
        media_type: RECEIPT_MEDIA_TYPE.to_owned(),
        retry_after_ms: None,
        body: serde_json::to_string(receipt).expect("a receipt is JSON"),
    }
}
