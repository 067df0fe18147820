//! What a device whose access was withdrawn does with its copy of the site.

use crate::memory::{Memory, Revoked};

/// The wiping of the copy of the site; see [`Action::Wipe`](crate::Action::Wipe).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wipe;

impl Wipe {
    /// The memory to write when all of it is deleted, given what is stored; `None` if nothing is to be deleted any more:
    /// another context was faster, or the device has its access back. Pure: call it in the middle of the transaction.
    #[must_use]
    pub fn decide(self, memory: &Memory) -> Option<Memory> {
        let revoked = memory.revoked.filter(|revoked| !revoked.wiped)?;
        Some(Memory { revoked: Some(Revoked { wiped: true, ..revoked }), ..memory.clone() })
    }
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::timestamp::Timestamp;

    use super::*;

    #[test]
    fn only_who_was_revoked_wipes_and_only_once() {
        assert_eq!(Wipe.decide(&Memory::default()), None);
        let revoked = Revoked { heard_at: Timestamp::default(), wiped: false };
        let wiped = Wipe.decide(&Memory { revoked: Some(revoked), failures: 3, ..Memory::default() }).unwrap();
        assert_eq!(
            wiped,
            Memory { revoked: Some(Revoked { wiped: true, ..revoked }), failures: 3, ..Memory::default() }
        );
        assert_eq!(Wipe.decide(&wiped), None);
    }
}
