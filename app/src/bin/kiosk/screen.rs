//! The addresses of the kiosk's half.

use vestibule_app::route::Screen;

/// A screen of the kiosk's half that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KioskScreen {
    /// `/`
    Chooser,
    /// `/kiosk`
    Welcome,
    /// `/kiosk/check-in`
    CheckIn,
    /// `/kiosk/check-out`
    CheckOut,
    /// `/kiosk/staff`
    Staff,
}

impl KioskScreen {
    const ALL: [Self; 5] = [Self::Chooser, Self::Welcome, Self::CheckIn, Self::CheckOut, Self::Staff];
}

impl Screen for KioskScreen {
    fn path(self) -> &'static str {
        match self {
            Self::Chooser => "/",
            Self::Welcome => "/kiosk",
            Self::CheckIn => "/kiosk/check-in",
            Self::CheckOut => "/kiosk/check-out",
            Self::Staff => "/kiosk/staff",
        }
    }

    fn at(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|screen| screen.path() == path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_screen_is_at_its_address() {
        for screen in KioskScreen::ALL {
            assert_eq!(KioskScreen::at(screen.path()), Some(screen));
        }
        assert_eq!(KioskScreen::at("/kiosk/cellar"), None);
    }
}
