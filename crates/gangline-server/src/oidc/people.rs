//! Who may do what: from what an issuer says of a person to a role.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::token::Role;
use serde_json::Value;

use super::jwt::Claims;

/// Some people: whoever is named by one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// By their address of electronic mail, in small letters.
    pub emails: BTreeSet<String>,
    /// By what stands behind the `@` in it, in small letters.
    pub domains: BTreeSet<String>,
    /// By a group they are in.
    pub groups: BTreeSet<String>,
}

/// Which people have which role.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// By role; whoever is named for several has the highest.
    pub roles: BTreeMap<Role, People>,
    /// Nobody else has any; no bound when empty.
    pub only: People,
    /// The claim that names groups: its name, or a path to it such as `realm_access.roles`.
    pub groups_claim: String,
    /// Whether an address counts that its issuer does not say to have verified.
    pub unverified_emails: bool,
}

impl People {
    fn is_empty(&self) -> bool {
        self.emails.is_empty() && self.domains.is_empty() && self.groups.is_empty()
    }

    fn have(&self, person: &Person<'_>) -> bool {
        let email = person.email.as_ref();
        let domain = email.and_then(|email| email.rsplit_once('@')).map(|(_, domain)| domain);
        email.is_some_and(|email| self.emails.contains(email))
            || domain.is_some_and(|domain| self.domains.contains(domain))
            || person.groups.iter().any(|group| self.groups.contains(*group))
    }
}

struct Person<'c> {
    email: Option<String>,
    groups: Vec<&'c str>,
}

impl Roles {
    /// What the person may do whom these claims are about; nothing, when nobody gave them a role.
    pub(super) fn of(&self, claims: &Claims) -> Option<Role> {
        let person = Person { email: self.email(claims), groups: self.groups(claims) };
        if !self.only.is_empty() && !self.only.have(&person) {
            return None;
        }
        let own = self.roles.iter().filter(|(_, people)| people.have(&person));
        own.map(|(role, _)| *role).max()
    }

    /// What their deeds are told under: their address, where it is theirs, or else their subject.
    pub(super) fn name(&self, claims: &Claims) -> String {
        let fits = |name: &String| name.chars().count() <= 64;
        let email = self.email(claims).filter(fits);
        email.unwrap_or_else(|| claims.subject().unwrap_or_default().chars().take(64).collect())
    }

    /// Their address in small letters, where it counts.
    fn email(&self, claims: &Claims) -> Option<String> {
        let verified = match claims.0.get("email_verified") {
            Some(Value::Bool(verified)) => *verified,
            // Some issuers write it as a text.
            Some(Value::String(text)) => text == "true",
            Some(_) | None => false,
        };
        // ASCII alone: other letters become those of somebody else's address.
        let email = claims.text("email")?.to_ascii_lowercase();
        let plain = email.chars().all(|c| !c.is_control() && !c.is_whitespace());
        let (name, domain) = email.rsplit_once('@')?;
        let whole = plain && !name.is_empty() && !domain.is_empty();
        (whole && (verified || self.unverified_emails)).then_some(email)
    }

    /// Whether all is said that a role may hang on.
    pub(super) fn have_all(&self, claims: &Claims) -> bool {
        claims.text("email").is_some() && self.claimed(claims).is_some()
    }

    fn groups<'c>(&self, claims: &'c Claims) -> Vec<&'c str> {
        match self.claimed(claims) {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            Some(_) | None => vec![],
        }
    }

    fn claimed<'c>(&self, claims: &'c Claims) -> Option<&'c Value> {
        let claims = &claims.0;
        // A name may itself have dots, as `https://example.org/groups` does.
        claims.get(&self.groups_claim).or_else(|| {
            let mut parts = self.groups_claim.split('.');
            let first = claims.get(parts.next()?)?;
            parts.try_fold(first, |value, part| value.get(part))
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(ToString::to_string).collect()
    }

    fn roles() -> Roles {
        let admins = People { emails: set(&["ann@example.org"]), ..People::default() };
        let engineers = People { groups: set(&["engineers"]), ..People::default() };
        let all = People { domains: set(&["example.org"]), ..People::default() };
        Roles {
            roles: [(Role::Admin, admins), (Role::Operator, engineers), (Role::Viewer, all)].into(),
            groups_claim: "groups".to_owned(),
            ..Roles::default()
        }
    }

    fn told(roles: &Roles, claims: Value) -> String {
        let claims = Claims(serde_json::from_value(claims).unwrap());
        let role = roles.of(&claims).map_or("none".to_owned(), |role| role.to_string());
        format!("{role} {}", roles.name(&claims))
    }

    #[test]
    fn the_highest_role_of_several_is_theirs_and_strangers_have_none() {
        let roles = roles();
        for (claims, expected) in [
            (json!({"email": "Ann@Example.org", "email_verified": true}), "L3 ann@example.org"),
            (json!({"email": "bob@example.org", "email_verified": "true"}), "L0 bob@example.org"),
            (
                json!({"email": "bob@example.org", "email_verified": true, "groups": ["engineers"]}),
                "L1 bob@example.org",
            ),
            (json!({"sub": "17", "groups": "engineers"}), "L1 17"),
            (json!({"sub": "17", "groups": ["engineer", "Engineers", 4]}), "none 17"),
            (json!({"sub": "17"}), "none 17"),
            // Whoever can write any address into their profile is not who has it.
            (json!({"sub": "17", "email": "ann@example.org"}), "none 17"),
            (json!({"sub": "17", "email": "ann@example.org", "email_verified": false}), "none 17"),
            (
                json!({"sub": "17", "email": "a@example.org.evil", "email_verified": true}),
                "none a@example.org.evil",
            ),
            (
                json!({"sub": "17", "email": "evil@notexample.org", "email_verified": true}),
                "none evil@notexample.org",
            ),
            (json!({"sub": "17", "email": "@example.org", "email_verified": true}), "none 17"),
        ] {
            assert_eq!(told(&roles, claims.clone()), expected, "{claims}");
        }
        let trusting = Roles { unverified_emails: true, ..roles };
        assert_eq!(told(&trusting, json!({"email": "ann@example.org"})), "L3 ann@example.org");
    }

    #[test]
    fn whoever_is_not_among_those_allowed_has_no_role_whatever_their_groups() {
        let only = People { domains: set(&["example.org"]), ..People::default() };
        let roles = Roles { only, ..roles() };
        let engineer = |email: &str| json!({"sub": "17", "email": email, "email_verified": true, "groups": ["engineers"]});
        assert_eq!(told(&roles, engineer("bob@example.org")), "L1 bob@example.org");
        assert_eq!(told(&roles, engineer("bob@example.net")), "none bob@example.net");
    }

    #[test]
    fn groups_are_found_by_name_and_by_path() {
        let by = |claim: &str, claims| {
            told(&Roles { groups_claim: claim.to_owned(), ..roles() }, claims)
        };
        let nested = json!({"sub": "17", "realm_access": {"roles": ["engineers"]}});
        assert_eq!(by("realm_access.roles", nested.clone()), "L1 17");
        assert_eq!(by("realm_access.role", nested), "none 17");
        let named = json!({"sub": "17", "https://example.org/groups": ["engineers"]});
        assert_eq!(by("https://example.org/groups", named), "L1 17");
    }
}
