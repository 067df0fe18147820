//! Screens as text: for what is drawn once and read when it is left, where a view that follows signals would cost a kiosk
//! ten times as much to download.

/// A piece of HTML. What comes from people and sites goes in by [`Self::text`], which makes it harmless.
#[derive(Default)]
pub struct Html(String);

impl Html {
    /// Markup, as it stands in the program.
    #[must_use]
    pub fn raw(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Text, or the value of an attribute in double quotes.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '"' => self.0.push_str("&quot;"),
                letter => self.0.push(letter),
            }
        }
        self
    }

    /// Another piece.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// The HTML.
    pub fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_text_and_nothing_else() {
        let html = Html::default().raw("<p title=\"").text("\" onclick=\"x").raw("\">").text("<b>Ada & Grace</b>");
        assert_eq!(html.into_string(), "<p title=\"&quot; onclick=&quot;x\">&lt;b>Ada &amp; Grace&lt;/b>");
    }
}
