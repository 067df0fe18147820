//! The addresses of the desk's half. Whatever lies under `/dashboard`, `/setup` and `/password` is the desk's: the server
//! (`server/src/static_files.rs`) and the service worker (`worker/sw.js`) answer it with the desk's page.

use vestibule_app::route::Screen;

/// A screen of the desk's half that has an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeskScreen {
    /// `/setup`
    SetUp,
    /// `/password`
    ChoosePassword,
    /// `/dashboard`
    Dashboard,
    /// `/dashboard/attention`
    Attention,
    /// `/dashboard/statement`
    Statement,
    /// `/dashboard/devices`
    Devices,
    /// `/dashboard/roll-call`
    RollCall,
}

impl DeskScreen {
    const ALL: [Self; 7] = [
        Self::SetUp,
        Self::ChoosePassword,
        Self::Dashboard,
        Self::Attention,
        Self::Statement,
        Self::Devices,
        Self::RollCall,
    ];
}

impl Screen for DeskScreen {
    fn path(self) -> &'static str {
        match self {
            Self::SetUp => "/setup",
            Self::ChoosePassword => "/password",
            Self::Dashboard => "/dashboard",
            Self::Attention => "/dashboard/attention",
            Self::Statement => "/dashboard/statement",
            Self::Devices => "/dashboard/devices",
            Self::RollCall => "/dashboard/roll-call",
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
        for screen in DeskScreen::ALL {
            assert_eq!(DeskScreen::at(screen.path()), Some(screen));
        }
        assert_eq!(DeskScreen::at("/dashboard/cellar"), None);
    }
}
