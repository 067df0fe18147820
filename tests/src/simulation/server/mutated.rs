//! Where the known bugs of a server are put in: before it takes a batch, and before it answers.

use vestibule::ingest::Incoming;
use vestibule_protocol::{
    batch::{EventResult, Link, Outcome, Receipt, Seq},
    chain::event_hash,
    id::EventId,
};

use super::{Server, database::event_hash_of};
use crate::simulation::mutation::Mutation;

impl Server {
    pub(super) fn mutate_arrivals(&self, incoming: &mut Incoming, edited: &mut Vec<EventResult>) {
        match self.mutation {
            Some(Mutation::AppliedTwice) => {
                for arrival in &mut incoming.arrivals {
                    let Ok(event) = &mut arrival.event else { continue };
                    // The id of the batch stands in for that of the event.
                    let batch = incoming.batch.batch.0.as_u128().wrapping_add(u128::from(arrival.seq));
                    event.id = EventId(uuid::Uuid::from_u128(batch));
                    arrival.text = event.to_text();
                    arrival.hash = event_hash(&arrival.text);
                }
            }
            Some(Mutation::DuplicateById) => incoming.arrivals.retain(|arrival| {
                let Ok(event) = &arrival.event else { return true };
                let other = event_hash_of(&self.connection, event.id).is_some_and(|hash| hash != arrival.hash);
                if other {
                    edited.push(EventResult { seq: arrival.seq, outcome: Outcome::Duplicate });
                }
                !other
            }),
            _ => {}
        }
    }

    pub(super) fn mutate_receipt(&self, receipt: &mut Receipt, sent: &[Seq], head: Link) {
        match self.mutation {
            Some(Mutation::PartialIsWhole) => {
                receipt.results = sent.iter().map(|&seq| EventResult { seq, outcome: Outcome::Accepted }).collect();
            }
            Some(Mutation::WatermarkOverHole) if sent.contains(&head.seq) => {
                receipt.watermark = head;
                receipt.missing.clear();
            }
            _ => {}
        }
    }
}
