//! What two admins changed at once, joined: each part from whoever changed it.

use vestibule_protocol::settings::SiteSettings;

use crate::wording::settings as said;

/// Two changes to one beginning, as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// Mine, and theirs where I left it as it was.
    pub settings: SiteSettings,
    /// What they changed, in words.
    pub theirs: Vec<&'static str>,
    /// What both of us changed, each in another way: mine is in the settings.
    pub both: Vec<&'static str>,
}

/// Joins what I made of `base` with what `theirs` is by now.
pub fn joined(base: &SiteSettings, mine: SiteSettings, theirs: SiteSettings) -> Joined {
    let mut all = Joined { settings: mine, theirs: Vec::new(), both: Vec::new() };
    macro_rules! join {
        ($($part:ident),*) => {$(
            if theirs.$part != base.$part && theirs.$part != all.settings.$part {
                if all.settings.$part == base.$part {
                    all.settings.$part = theirs.$part;
                    all.theirs.push(said::part(stringify!($part)));
                } else {
                    all.both.push(said::part(stringify!($part)));
                }
            }
        )*};
    }
    join!(
        welcome,
        accent,
        logo,
        languages,
        visitor_types,
        agreements,
        look_up,
        party_max,
        badge,
        staff_pin,
        auto_check_out_hour,
        opening_hours
    );
    all
}

#[cfg(test)]
mod tests {
    use vestibule_protocol::settings::{Badge, LookUp};

    use super::*;

    #[test]
    fn each_part_is_from_whoever_changed_it_and_mine_where_both_did() {
        let base = SiteSettings { party_max: Some(4), ..SiteSettings::default() };
        let mine = SiteSettings { look_up: LookUp::FullName, badge: Some(Badge::A6), ..base.clone() };
        let theirs = SiteSettings { party_max: None, badge: Some(Badge::Roll62), ..base.clone() };
        let joined = joined(&base, mine, theirs);
        let expected = SiteSettings { look_up: LookUp::FullName, badge: Some(Badge::A6), ..SiteSettings::default() };
        assert_eq!(joined.settings, expected);
        assert_eq!((joined.theirs.len(), joined.both.len()), (1, 1));
    }

    #[test]
    fn who_changed_the_same_to_the_same_is_in_nobodys_way() {
        let base = SiteSettings::default();
        let same = SiteSettings { party_max: Some(6), ..SiteSettings::default() };
        let joined = joined(&base, same.clone(), same.clone());
        assert_eq!(joined, Joined { settings: same, theirs: Vec::new(), both: Vec::new() });
    }
}
