//! Which pending records go into a batch.

use std::ops::ControlFlow;

use vestibule_protocol::batch::Seq;

use super::{Pending, Row, Share};

/// Draws the records of one [`Share`]: offer it the pending records of the current stream, in the share's direction.
#[derive(Debug)]
pub struct Draw {
    share: Share,
    bytes: usize,
    records: Vec<Pending>,
}

impl Draw {
    /// Nothing is drawn yet.
    pub const fn new(share: Share) -> Self {
        Self { share, bytes: 0, records: Vec::new() }
    }

    /// Whether to offer it anything.
    pub const fn is_open(&self) -> bool {
        self.records.len() < self.share.events
    }

    /// Takes the record if there is room; says whether to offer the next one.
    pub fn offer(&mut self, row: Row) -> ControlFlow<()> {
        self.bytes += row.text.len();
        if !self.is_open() || (!self.records.is_empty() && self.bytes > self.share.bytes) {
            return ControlFlow::Break(());
        }
        self.records.push(Pending { seq: row.link.seq, event: row.id, text: row.text });
        if self.is_open() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    /// The seq of the last record drawn: [`Take::oldest`](super::Take::oldest) draws below the last of
    /// [`Take::newest`](super::Take::newest).
    pub fn last(&self) -> Option<Seq> {
        self.records.last().map(|record| record.seq)
    }

    /// What was drawn.
    pub fn into_records(self) -> Vec<Pending> {
        self.records
    }
}
