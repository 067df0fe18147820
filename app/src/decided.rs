//! What the app acts on of all that its site has decided.

use serde::Deserialize;
use vestibule_protocol::{
    json,
    settings::{LookUp, PinHash},
};

/// A part of [`SiteSettings`](vestibule_protocol::settings::SiteSettings); to read all of them would be a tenth of what a
/// kiosk downloads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// By what visitors find themselves.
    pub look_up: LookUp,
    /// What opens a kiosk's staff panel.
    pub staff_pin: Option<PinHash>,
}

impl Decided {
    /// Reads the JSON of all that a site has decided. What can't be read was decided by a newer server: it may have meant
    /// the strictest.
    pub fn read(settings: &str) -> Self {
        json::read(settings).unwrap_or(Self { look_up: LookUp::CodeOrEmail, staff_pin: None })
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::nothing("{}", LookUp::BeginningOfName)]
    #[case::whole_name(r#"{"party_max":4,"look_up":"full_name"}"#, LookUp::FullName)]
    #[case::secret(r#"{"look_up":"code_or_email","welcome":{"en":"Hello"}}"#, LookUp::CodeOrEmail)]
    #[case::of_a_newer_server(r#"{"look_up":"face"}"#, LookUp::CodeOrEmail)]
    #[case::damaged("{", LookUp::CodeOrEmail)]
    fn what_a_site_has_decided_is_read_or_taken_for_the_strictest(#[case] settings: &str, #[case] is: LookUp) {
        assert_eq!(Decided::read(settings).look_up, is);
    }

    #[test]
    fn the_pin_is_the_one_that_the_site_has_set() {
        let pin = PinHash::new("482913", [7; 32]).expect("it is of digits");
        let settings = format!(r#"{{"staff_pin":{}}}"#, json::write(&pin));
        assert_eq!(Decided::read(&settings).staff_pin, Some(pin));
    }
}
