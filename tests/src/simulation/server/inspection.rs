//! What is looked up in the database to see whether the promises are kept.

use rusqlite::{Row, params};
use vestibule_protocol::{
    batch::{Link, Seq},
    chain::Digest,
    event::Source,
    id::{DeviceId, SiteId, StreamId, VisitId},
    timestamp::Timestamp,
};

use super::{SKEW_MAX_MS, Server, database::is_kept};
use crate::simulation::gaps::Head;

/// An event in the ledger.
pub struct Entry {
    /// Its exact text.
    pub text: String,
    /// When it was received.
    pub received_at: Timestamp,
}

impl Server {
    /// The heads of which it knows that it does not hold all that they stand for.
    pub fn unmet_heads(&self) -> Vec<Head> {
        self.connection
            .prepare_cached(
                "SELECT streams.id, chain FROM told_heads JOIN streams ON streams.number = stream \
                 WHERE settled_at IS NULL",
            )
            .and_then(|mut query| {
                query.query_map((), |row| Ok((StreamId(row.get(0)?), Digest(row.get(1)?))))?.collect()
            })
            .expect("heads")
    }

    /// The ledger, in its order.
    pub fn ledger(&self) -> Vec<Entry> {
        self.connection
            .prepare("SELECT text, received_at FROM events ORDER BY position")
            .and_then(|mut query| {
                let entry =
                    |row: &Row<'_>| Ok(Entry { text: row.get(0)?, received_at: Timestamp::from_unix_ms(row.get(1)?) });
                query.query_map((), entry)?.collect()
            })
            .expect("a ledger")
    }

    /// Whether a dashboard that begins anew is still told of a visit, whatever the server's clock says meanwhile.
    pub fn is_in_view(&self, visit: VisitId, true_now: Timestamp) -> bool {
        let latest = true_now.plus_ms(SKEW_MAX_MS).unix_ms();
        self.connection
            .prepare_cached("SELECT 1 FROM visits WHERE id = ?1 AND matters_until > ?2")
            .and_then(|mut query| query.exists(params![visit.0, latest]))
            .expect("visits")
    }

    /// The texts in quarantine, each with the reason.
    pub fn quarantine(&self) -> Vec<(String, String)> {
        self.connection
            .prepare("SELECT text, reason FROM quarantine")
            .and_then(|mut query| query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .expect("a quarantine")
    }

    /// The first stream whose watermark is not what its slots say, if any: recomputes every chain.
    pub fn unsound_stream(&self) -> Option<StreamId> {
        let mut streams =
            self.connection.prepare("SELECT number, id, watermark_seq, watermark_chain FROM streams").ok()?;
        let mut rows = streams.query(()).ok()?;
        while let Some(row) = rows.next().expect("streams") {
            let (number, id): (i64, uuid::Uuid) = (row.get(0).expect("number"), row.get(1).expect("id"));
            let watermark = Link { seq: row.get(2).expect("seq"), chain: Digest(row.get(3).expect("chain")) };
            let hashes: Vec<(Seq, [u8; 32])> = self
                .connection
                .prepare_cached("SELECT seq, hash FROM slots WHERE stream = ?1 ORDER BY seq")
                .and_then(|mut query| query.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
                .expect("slots");
            let mut link = Link::START;
            for (seq, hash) in hashes {
                if seq != link.seq + 1 || !is_kept(&self.connection, Digest(hash)).expect("a ledger") {
                    break;
                }
                link = link.then(Digest(hash));
            }
            if link != watermark {
                return Some(StreamId(id));
            }
        }
        None
    }

    /// Who the device of that number is.
    pub fn source(&self, number: u8) -> Source {
        let ids: Vec<_> = self
            .connection
            .prepare("SELECT site, id FROM devices ORDER BY id")
            .and_then(|mut query| query.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
            .expect("devices");
        let (site, device) = ids[usize::from(number)];
        Source { site: SiteId(site), device: DeviceId(device) }
    }
}
