//! Where a reader is. Opaque to them: `<history>/<position>`, and in the midst of a snapshot how far that has come.

use vestibule_protocol::id::{HistoryId, HostId, VisitId};

/// A place in the feed, or in a snapshot that will end there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The feed position up to which the reader knows everything, or will when the snapshot ends.
    pub(super) position: i64,
    pub(super) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Feed,
    Snapshot(SnapshotPlace),
}

/// Snapshots tell the hosts by id, then the visits by how long they matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SnapshotPlace {
    Hosts { after: Option<HostId> },
    Visits { until: i64, after: VisitId },
}

impl SnapshotPlace {
    pub(super) const START: Self = Self::Hosts { after: None };
}

impl Cursor {
    pub(super) const fn feed(position: i64) -> Self {
        Self { position, place: Place::Feed }
    }

    pub(super) const fn snapshot(position: i64, place: SnapshotPlace) -> Self {
        Self { position, place: Place::Snapshot(place) }
    }

    /// For the reader to pass back.
    pub fn text(&self, history: HistoryId) -> String {
        let position = self.position;
        match self.place {
            Place::Feed => format!("{history}/{position}"),
            Place::Snapshot(SnapshotPlace::Hosts { after: None }) => format!("{history}/{position}/h"),
            Place::Snapshot(SnapshotPlace::Hosts { after: Some(host) }) => format!("{history}/{position}/h/{host}"),
            Place::Snapshot(SnapshotPlace::Visits { until, after }) => {
                format!("{history}/{position}/v/{until}/{after}")
            }
        }
    }

    /// What a reader passed back; `None` if it is of another history or none of ours, so that it needs a snapshot.
    pub fn parse(text: &str, history: HistoryId) -> Option<Self> {
        let mut parts = text.split('/');
        if parts.next()?.parse::<HistoryId>().ok()? != history {
            return None;
        }
        let position = parts.next()?.parse().ok()?;
        let place = match (parts.next(), parts.next(), parts.next()) {
            (None, ..) => Place::Feed,
            (Some("h"), None, _) => Place::Snapshot(SnapshotPlace::START),
            (Some("h"), Some(host), None) => Place::Snapshot(SnapshotPlace::Hosts { after: Some(host.parse().ok()?) }),
            (Some("v"), Some(until), Some(visit)) => {
                Place::Snapshot(SnapshotPlace::Visits { until: until.parse().ok()?, after: visit.parse().ok()? })
            }
            _ => return None,
        };
        parts.next().is_none().then_some(Self { position, place })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use uuid::Uuid;

    use super::*;

    const HISTORY: HistoryId = HistoryId(Uuid::from_u128(1));

    #[rstest]
    #[case::feed(Cursor::feed(7))]
    #[case::snapshot_begins(Cursor::snapshot(7, SnapshotPlace::START))]
    #[case::among_the_hosts(
        Cursor::snapshot(7, SnapshotPlace::Hosts { after: Some(HostId(Uuid::from_u128(2))) })
    )]
    #[case::among_the_visits(
        Cursor::snapshot(7, SnapshotPlace::Visits { until: i64::MAX, after: VisitId(Uuid::from_u128(3)) })
    )]
    fn comes_back_as_it_went(#[case] cursor: Cursor) {
        assert_eq!(Cursor::parse(&cursor.text(HISTORY), HISTORY), Some(cursor));
    }

    #[rstest]
    #[case::empty("")]
    #[case::another_history("00000000-0000-0000-0000-000000000002/7")]
    #[case::no_position("00000000-0000-0000-0000-000000000001")]
    #[case::more_than_it_has("00000000-0000-0000-0000-000000000001/7/h/x/y")]
    #[case::half_a_place("00000000-0000-0000-0000-000000000001/7/v/12")]
    fn what_is_not_ours_needs_a_snapshot(#[case] text: &str) {
        assert_eq!(Cursor::parse(text, HISTORY), None);
    }
}
