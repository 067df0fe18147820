//! What people did and were told, and whether the server's truth agrees with it.

use std::collections::{BTreeMap, BTreeSet};

use vestibule_protocol::{
    timestamp::Timestamp,
    visit::{Kind, Visit},
};

/// What a person set out to do. Each visitor has a name of their own, so that a name says which visit is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Deed {
    /// They came.
    CheckIn,
    /// They went.
    CheckOut,
}

/// One deed, and whether it was confirmed.
#[derive(Debug)]
struct Act {
    visitor: String,
    deed: Deed,
    /// When the confirmation was read; `None` if none was seen: then the deed may have been kept, or not.
    confirmed_at: Option<Timestamp>,
}

/// What people did and were told, in order.
#[derive(Debug, Default)]
pub struct History {
    acts: Vec<Act>,
}

/// What is wrong. The promise is that there is nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many deeds were confirmed to a person.
    pub confirmed: usize,
    /// Confirmed to a person, and not there.
    pub lost: Vec<String>,
    /// There more than once.
    pub doubled: Vec<String>,
    /// There, and nobody did it.
    pub invented: Vec<String>,
    /// Delivered, and the device still says that it waits.
    pub open: Vec<String>,
}

impl Verdict {
    /// Whether the promise was kept.
    pub fn is_clean(&self) -> bool {
        [&self.lost, &self.doubled, &self.invented, &self.open].into_iter().all(Vec::is_empty)
    }
}

impl History {
    /// A person set out to do this, and has not been told anything yet. Gives what [`History::confirm`] wants.
    pub fn begin(&mut self, visitor: &str, deed: Deed) -> usize {
        self.acts.push(Act { visitor: visitor.to_owned(), deed, confirmed_at: None });
        self.acts.len() - 1
    }

    /// They have read that it is done.
    pub fn confirm(&mut self, act: usize, now: Timestamp) {
        self.acts[act].confirmed_at = Some(now);
    }

    /// Somebody has deleted the only copy of what is not there: nobody can ask for it any more. Gives how many deeds that
    /// were.
    pub fn give_up(&mut self, visits: &[Visit]) -> usize {
        let told = by_name(visits);
        let is_gone = |act: &&mut Act| act.confirmed_at.is_some() && act.times_there(&told) == 0;
        self.acts.iter_mut().filter(is_gone).map(|act| act.confirmed_at = None).count()
    }

    /// How many deeds were confirmed.
    pub fn confirmed(&self) -> usize {
        self.acts.iter().filter(|act| act.confirmed_at.is_some()).count()
    }

    /// Holds what the server says against what people were told.
    pub fn judge(&self, visits: &[Visit]) -> Verdict {
        let mut verdict = Verdict { confirmed: self.confirmed(), ..Verdict::default() };
        let told = by_name(visits);
        let known: BTreeSet<_> = self.acts.iter().map(|act| (act.visitor.as_str(), act.deed)).collect();
        for act in &self.acts {
            let there = act.times_there(&told);
            let what = || format!("{:?} of {}: {there} times", act.deed, act.visitor);
            match there {
                0 if act.confirmed_at.is_some() => verdict.lost.push(what()),
                0 | 1 => {}
                _ => verdict.doubled.push(what()),
            }
        }
        for (name, visits) in &told {
            for deed in [Deed::CheckIn, Deed::CheckOut] {
                if !known.contains(&(name.as_str(), deed)) && deed.count(visits) > 0 {
                    verdict.invented.push(format!("{deed:?} of {name}"));
                }
            }
            if visits.len() > 1 {
                verdict.doubled.push(format!("{name}: {} visits", visits.len()));
            }
        }
        verdict
    }
}

fn by_name(visits: &[Visit]) -> BTreeMap<String, Vec<&Visit>> {
    let mut told: BTreeMap<String, Vec<&Visit>> = BTreeMap::new();
    for visit in visits {
        let name = visit.visitor.as_ref().map(|visitor| visitor.value.name.to_string());
        told.entry(name.unwrap_or_default()).or_default().push(visit);
    }
    told
}

impl Act {
    fn times_there(&self, told: &BTreeMap<String, Vec<&Visit>>) -> usize {
        told.get(&self.visitor).map_or(0, |visits| self.deed.count(visits))
    }
}

impl Deed {
    /// How often it is in the timelines of these visits.
    fn count(self, visits: &[&Visit]) -> usize {
        let kind = match self {
            Self::CheckIn => Kind::CheckedIn,
            Self::CheckOut => Kind::CheckedOut,
        };
        visits.iter().flat_map(|visit| &visit.timeline).filter(|entry| entry.kind == kind).count()
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::{
        event::Visitor,
        id::{DeviceId, ENTROPY_BYTES, EventId, SiteId, VisitId},
        visit::{Entry, Kind, Latest, Visit},
    };

    use super::{Deed, History};
    use crate::people::now;

    fn history(confirmed: bool) -> History {
        let mut history = History::default();
        let act = history.begin("Ada", Deed::CheckIn);
        if confirmed {
            history.confirm(act, now());
        }
        history
    }

    #[test]
    fn what_was_confirmed_and_is_not_there_is_lost() {
        assert_eq!(history(true).judge(&[]).lost.len(), 1);
    }

    #[test]
    fn what_nobody_was_told_may_be_missing() {
        assert!(history(false).judge(&[]).is_clean());
    }

    #[test]
    fn a_visit_that_nobody_made_is_invented_and_one_made_twice_is_doubled() {
        let visit = visit("Ada");
        assert_eq!(History::default().judge(std::slice::from_ref(&visit)).invented.len(), 1);
        assert!(!history(true).judge(&[visit.clone(), visit]).doubled.is_empty());
    }

    #[test]
    fn what_was_deleted_by_its_owner_is_counted_and_asked_for_no_more() {
        let mut history = history(true);
        assert_eq!(history.give_up(&[visit("Ada")]), 0);
        assert_eq!(history.give_up(&[]), 1);
        assert!(history.judge(&[]).is_clean());
    }

    /// The visit of somebody who has checked in.
    fn visit(name: &str) -> Visit {
        let (at, event) = (now(), EventId::new(now(), [0; ENTROPY_BYTES]));
        let name = name.to_owned().try_into().expect("a name");
        let value = Visitor { name, company: None, email: None, phone: None };
        let mut visit = Visit::new(VisitId::new(at, [1; ENTROPY_BYTES]), SiteId::new(at, [2; ENTROPY_BYTES]));
        visit.visitor = Some(Latest { value, at, by: event });
        let device = DeviceId::new(at, [3; ENTROPY_BYTES]);
        visit.timeline.push(Entry { event, kind: Kind::CheckedIn, occurred_at: at, received_at: Some(at), device });
        visit
    }
}
