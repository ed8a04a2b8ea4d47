//! `[push]` of the machine's configuration: what needs a person, told to their browsers.

use std::fmt;

use serde::Deserialize;

/// Whom push services may ask about a daemon whose person gives no address: where the program is from.
const CONTACT_DEFAULT: &str = "https://github.com/gangline/gangline";
/// Bytes that a contact may have.
const CONTACT_BYTES_MAX: usize = 200;

/// `[push]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PushPolicy {
    /// Whether any are sent.
    pub enabled: bool,
    /// Whom a push service may ask about what this daemon sends.
    pub contact: PushContact,
    /// Whether push services may be on this machine or in its private networks.
    pub allow_private: bool,
}

impl Default for PushPolicy {
    fn default() -> Self {
        Self { enabled: true, contact: PushContact::default(), allow_private: false }
    }
}

/// `mailto:ADDRESS` or `https://…` (RFC 8292, 2.1).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct PushContact(String);

impl Default for PushContact {
    fn default() -> Self {
        Self(CONTACT_DEFAULT.to_owned())
    }
}

impl fmt::Display for PushContact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is no contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{}` is nobody to write to\nwrite mailto:ann@example.org, or an address that begins with https://", .0.escape_debug())]
pub struct BadPushContact(String);

impl TryFrom<String> for PushContact {
    type Error = BadPushContact;

    fn try_from(text: String) -> Result<Self, BadPushContact> {
        let mail = text.strip_prefix("mailto:").and_then(|mail| mail.split_once('@'));
        let mail = mail.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
        let page = text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
        let plain = text.bytes().all(|b| b.is_ascii_graphic()) && text.len() <= CONTACT_BYTES_MAX;
        match plain && (mail || page) {
            true => Ok(Self(text)),
            false => Err(BadPushContact(text.chars().take(40).collect())),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::MachineConfig;

    fn read(text: &str) -> Result<super::PushPolicy, String> {
        let read = MachineConfig::parse(text, "config.toml");
        read.map(|machine| machine.push).map_err(|error| error.to_string())
    }

    #[test]
    fn messages_are_sent_to_public_services_unless_the_file_says_otherwise() {
        let usual = read("").unwrap();
        assert!(usual.enabled && !usual.allow_private);
        assert!(usual.contact.to_string().starts_with("https://"));
        let said = read("[push]\nenabled = false\ncontact = \"mailto:ann@example.org\"\n").unwrap();
        assert_eq!((said.enabled, &*said.contact.to_string()), (false, "mailto:ann@example.org"));
    }

    #[test]
    fn a_contact_is_one_that_can_be_written_to() {
        for bad in
            ["ann@example.org", "mailto:ann", "mailto:@b", "https://", "http://a", "mailto:a@b c"]
        {
            assert!(read(&format!("[push]\ncontact = \"{bad}\"\n")).is_err(), "{bad}");
        }
        insta::assert_snapshot!(read("[push]\ncontact = \"ann\"\n").unwrap_err(), @r#"
        config.toml:2:11: `push.contact`: `ann` is nobody to write to
          |
        2 | contact = "ann"
          |           ^^^^^
          help: write mailto:ann@example.org, or an address that begins with https://
        "#);
    }
}
