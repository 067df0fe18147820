//! The languages, and which one is spoken.

use std::sync::atomic::{AtomicUsize, Ordering};

use leptos::prelude::*;

use super::{
    ar, de, en, es, fr, nl,
    table::{Kiosk, Shared},
};

/// Each language: its name here, its module, its tag (BCP 47), its name in itself, which way it runs.
macro_rules! languages {
    ($($name:ident, $module:ident, $tag:literal, $own:literal, $direction:literal;)*) => {
        /// A language that the app speaks.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Language {
            $(#[doc = $own] $name,)*
        }

        impl Language {
            /// All of them, as they are offered.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its tag (BCP 47): of the page, of dates and of plurals.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$name => $tag,)* }
            }

            /// What those who speak it call it.
            pub const fn own_name(self) -> &'static str {
                match self { $(Self::$name => $own,)* }
            }

            /// `ltr` or `rtl`.
            pub const fn direction(self) -> &'static str {
                match self { $(Self::$name => $direction,)* }
            }
        }

        /// What both halves say.
        pub fn shared() -> &'static Shared {
            match Language::spoken() { $(Language::$name => &$module::SHARED,)* }
        }

        /// What the kiosk says.
        pub fn kiosk() -> &'static Kiosk {
            match Language::spoken() { $(Language::$name => &$module::KIOSK,)* }
        }
    };
}

// A new language is a file beside this one, its `mod` line, and a line here. The build says what is missing.
languages! {
    En, en, "en", "English", "ltr";
    Fr, fr, "fr", "Français", "ltr";
    Nl, nl, "nl", "Nederlands", "ltr";
    De, de, "de", "Deutsch", "ltr";
    Es, es, "es", "Español", "ltr";
    Ar, ar, "ar", "العربية", "rtl";
}

/// The place in [`Language::ALL`] of the one that is spoken. The app has one thread; an atomic is the safe way to say
/// so.
static SPOKEN: AtomicUsize = AtomicUsize::new(0);

impl Language {
    /// The one that is spoken. Not reactive: what is drawn anew when it changes follows [`Speech`].
    pub fn spoken() -> Self {
        Self::ALL[SPOKEN.load(Ordering::Relaxed)]
    }

    /// The `offered` one that fits a browser's languages best, the first of them first; English if none does.
    fn of_browser<'a>(offered: &[Self], preferred: impl IntoIterator<Item = &'a str>) -> Self {
        preferred.into_iter().find_map(|tag| Self::of_tag(offered, tag)).unwrap_or(Self::En)
    }

    /// The `offered` one of a tag, of whichever region that is.
    fn of_tag(offered: &[Self], tag: &str) -> Option<Self> {
        offered.iter().find(|language| tag.split('-').next() == Some(language.tag())).copied()
    }
}

/// Which language is spoken, for what is drawn anew when it changes. Copies are one and the same.
#[derive(Clone, Copy)]
pub struct Speech {
    spoken: RwSignal<Language>,
    usual: RwSignal<Language>,
    /// Those to choose from, now: a bit for each of `all`.
    offered: RwSignal<u32>,
    /// Those that there are.
    all: &'static [Language],
}

impl Speech {
    /// Begins in that of the `offered` languages which is the browser's, since that is the one of those who set the
    /// device up. Call once, at the root.
    pub fn start(offered: &'static [Language]) -> Self {
        let usual = Language::of_browser(offered, preferred().iter().map(String::as_str));
        say_in(usual);
        let all = (1 << offered.len()) - 1;
        Self { spoken: RwSignal::new(usual), usual: RwSignal::new(usual), offered: RwSignal::new(all), all: offered }
    }

    /// The languages to choose from. Reactive.
    pub fn offered(self) -> Vec<Language> {
        self.of_bits(self.offered.get())
    }

    /// Offers these from now on, as far as they are spoken here; all, if none is. The device goes on in its own language,
    /// or in the first of these if that is not among them, unless a visitor has chosen another.
    pub fn offer<'a>(self, tags: impl Iterator<Item = &'a str> + Clone) {
        let first = tags.clone().find_map(|tag| Language::of_tag(self.all, tag));
        let place = |tag: &str| self.all.iter().position(|language| Some(*language) == Language::of_tag(self.all, tag));
        let bits = tags.filter_map(place).fold(0, |bits, place| bits | 1 << place);
        let bits = if bits == 0 { (1 << self.all.len()) - 1 } else { bits };
        let offered = self.of_bits(bits);
        let preferred = preferred();
        let usual = preferred.iter().find_map(|tag| Language::of_tag(&offered, tag)).or(first).unwrap_or(Language::En);
        let is_chosen = self.is_chosen();
        self.usual.set(usual);
        if self.offered.get_untracked() != bits {
            self.offered.set(bits);
        }
        if !is_chosen {
            self.choose(usual);
        }
    }

    fn of_bits(self, bits: u32) -> Vec<Language> {
        let is_offered = |(place, _): &(usize, &Language)| bits & 1 << *place != 0;
        self.all.iter().enumerate().filter(is_offered).map(|(_, language)| *language).collect()
    }

    /// The language. Reactive.
    pub fn get(self) -> Language {
        self.spoken.get()
    }

    /// Goes on in `language`.
    pub fn choose(self, language: Language) {
        if self.spoken.get_untracked() != language {
            say_in(language);
            self.spoken.set(language);
        }
    }

    /// Goes back to the language of the device: the next visitor is another person.
    pub fn reset(self) {
        self.choose(self.usual.get_untracked());
    }

    /// Whether somebody chose another language than the device's. Not reactive.
    pub fn is_chosen(self) -> bool {
        self.spoken.get_untracked() != self.usual.get_untracked()
    }
}

/// The browser's languages, the one that it likes best first.
fn preferred() -> Vec<String> {
    window().navigator().languages().iter().filter_map(|tag| tag.as_string()).collect()
}

fn say_in(language: Language) {
    let place = Language::ALL.iter().position(|one| *one == language).unwrap_or(0);
    SPOKEN.store(place, Ordering::Relaxed);
    if let Some(page) = document().document_element() {
        let _ = page.set_attribute("lang", language.tag());
        let _ = page.set_attribute("dir", language.direction());
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::regional(&["de-AT", "en"], Language::De)]
    #[case::second_choice(&["pt-BR", "es-MX"], Language::Es)]
    #[case::none_of_ours(&["ja"], Language::En)]
    #[case::a_longer_word(&["arn"], Language::En)]
    fn the_browsers_first_language_that_is_spoken_here_is_spoken(
        #[case] preferred: &[&str],
        #[case] language: Language,
    ) {
        assert_eq!(Language::of_browser(Language::ALL, preferred.iter().copied()), language);
    }
}
