//! The addresses of the office. The server (`server/src/static_files.rs`) answers whatever lies under `/office` with the
//! office's page; the service worker leaves it alone (`worker/sw.js`).

use vestibule_app::route::Screen;

/// A page of the office.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfficeScreen {
    /// `/office`
    Hosts,
    /// `/office/settings`
    Settings,
    /// `/office/colleagues`
    Colleagues,
    /// `/office/keys`
    Keys,
}

impl OfficeScreen {
    /// In the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Hosts, Self::Settings, Self::Colleagues, Self::Keys];
}

impl Screen for OfficeScreen {
    fn path(self) -> &'static str {
        match self {
            Self::Hosts => "/office",
            Self::Settings => "/office/settings",
            Self::Colleagues => "/office/colleagues",
            Self::Keys => "/office/keys",
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
    fn every_page_is_at_its_address() {
        for screen in OfficeScreen::ALL {
            assert_eq!(OfficeScreen::at(screen.path()), Some(screen));
        }
        assert_eq!(OfficeScreen::at("/office/cellar"), None);
    }
}
