//! What is known of a visit beside who, whom and when: what the site's own questions were answered.
//!
//! Labels go along with the ids, in the language of the staff, so that an event can be read when the site's settings
//! have changed; as a host's name does.

use serde::{Deserialize, Serialize};

use crate::{id::VisitId, limits, settings::Key, text::Text};

/// What is known of a visit besides.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What the visitor is: guest, contractor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visitor_type: Option<Named>,
    /// What they answered, in the order of the questions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<Answer>,
    /// The party that they are of: the visit of its first member. That one has it, too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub party: Option<VisitId>,
}

/// Something of the site's settings, as it was called then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Which.
    pub id: Key,
    /// As the staff read it.
    pub label: Text<{ limits::LABEL_MAX_CHARS }>,
}

/// The answer to a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question.
    pub field: Named,
    /// The answer.
    pub value: AnswerValue,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AnswerValue {
    /// What was typed.
    Text(Text<{ limits::ANSWER_MAX_CHARS }>),
    /// What was chosen.
    Choice(Named),
    /// Yes, or no.
    YesNo(bool),
}

impl Details {
    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What stays when the visitor is forgotten: what they were, and with whom they came; not what they answered.
    #[must_use]
    pub fn without_person(&self) -> Self {
        Self { answers: Vec::new(), ..self.clone() }
    }
}
