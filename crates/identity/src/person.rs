//! What a provider says of a person, and what that gives them here. Pure.

use std::collections::BTreeSet;

use desk::account::Identity;
use desk::federation::Given;
use evidence::{Digest, Slug, Timestamp};
use serde_json::{Map, Value};

use crate::settings::{ClaimNames, Rule};

/// The most groups of a person that are looked at.
const MAX_GROUPS: usize = 2_000;
/// The longest name of a group, in bytes.
const MAX_GROUP: usize = 500;

/// Someone whom a provider vouches for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// How the provider knows them.
    pub identity: Identity,
    /// What they are called.
    pub name: Option<String>,
    /// Their e-mail address. It is for notices; nobody is ever found by it.
    pub email: Option<String>,
    /// The groups that they are in.
    pub groups: BTreeSet<String>,
    /// When they last proved to the provider who they are, where it says so.
    pub proved_at: Option<Timestamp>,
}

impl Person {
    /// Reads what claims say of a person.
    pub(crate) fn read(
        issuer: &str,
        subject: &str,
        claims: &Map<String, Value>,
        names: &ClaimNames,
        proved_at: Option<Timestamp>,
    ) -> Self {
        let number = names.corporate_number.as_ref().and_then(|name| text(claims, name));
        let corporate_number = number.filter(|number| match records::corporate_number(number) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(issuer, %error, "a provider vouches for a corporate number that cannot be right");
                false
            }
        });
        let unverified = claims.get("email_verified") == Some(&Value::Bool(false));
        Self {
            identity: Identity { issuer: issuer.to_owned(), subject: subject.to_owned(), corporate_number },
            name: text(claims, &names.name),
            email: text(claims, &names.email).filter(|_| !unverified),
            groups: texts(find(claims, &names.groups)),
            proved_at,
        }
    }

    /// Returns what the person's groups give; organisations that are not registered give nothing.
    pub fn given(&self, rules: &[Rule], find: impl Fn(&Slug) -> Option<Digest>) -> Given {
        let mut given = Given::default();
        for rule in rules.iter().filter(|rule| self.groups.contains(&rule.group)) {
            given.administrator |= rule.administrator;
            let Some((slug, functions)) = &rule.membership else { continue };
            if let Some(organisation) = find(slug) {
                given.memberships.entry(organisation).or_default().extend(functions);
            } else {
                tracing::warn!(%slug, "a group leads to an organisation that is not registered");
            }
        }
        given
    }
}

/// Finds a claim by its whole name, or step by step along its dots.
pub(crate) fn find<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(found) = claims.get(name) {
        return Some(found);
    }
    let (first, rest) = name.split_once('.')?;
    match claims.get(first) {
        Some(Value::Object(inner)) => find(inner, rest),
        _ => None,
    }
}

fn text(claims: &Map<String, Value>, name: &str) -> Option<String> {
    let text = find(claims, name)?.as_str()?.trim();
    (!text.is_empty() && text.len() <= 1_000).then(|| text.to_owned())
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let fits = |text: &&str| !text.is_empty() && text.len() <= MAX_GROUP;
    match value {
        Some(Value::Array(list)) => {
            list.iter().take(MAX_GROUPS).filter_map(Value::as_str).filter(fits).map(str::to_owned).collect()
        }
        Some(Value::String(one)) => Some(one.as_str()).filter(fits).map(str::to_owned).into_iter().collect(),
        _ => BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use desk::Function;
    use serde_json::json;

    use super::*;

    fn read(claims: &Value, names: &ClaimNames) -> Person {
        Person::read("https://id.example", "1", claims.as_object().unwrap(), names, None)
    }

    #[test]
    fn claims_are_found_by_their_whole_name_or_along_dots() {
        let nested = ClaimNames { groups: "realm.roles".into(), ..ClaimNames::default() };
        let whole = ClaimNames { groups: "https://id.example/groups".into(), ..ClaimNames::default() };
        let claims = json!({
            "realm": {"roles": ["a", 1, null, "b"]}, "https://id.example/groups": "c", "name": " Hana ",
            "email": "hana@example.org", "email_verified": false
        });
        assert_eq!(read(&claims, &nested).groups, ["a".to_owned(), "b".to_owned()].into());
        assert_eq!(read(&claims, &whole).groups, ["c".to_owned()].into());
        let person = read(&claims, &ClaimNames::default());
        assert_eq!((person.name.as_deref(), person.email), (Some("Hana"), None));
        assert!(person.groups.is_empty());
    }

    #[test]
    fn a_corporate_number_with_a_wrong_check_digit_is_not_kept() {
        let names = ClaimNames { corporate_number: Some("corp".into()), ..ClaimNames::default() };
        let number = |number: &str| read(&json!({ "corp": number }), &names).identity.corporate_number;
        assert_eq!(number("7000012050002").as_deref(), Some("7000012050002"));
        assert_eq!(number("8000012050002"), None);
        assert_eq!(
            read(&json!({ "corp": "7000012050002" }), &ClaimNames::default()).identity.corporate_number,
            None
        );
    }

    #[test]
    fn groups_give_what_the_rules_say_and_nothing_else() {
        let rule = |group: &str, administrator, membership: Option<(&str, &[Function])>| Rule {
            group: group.into(),
            administrator,
            membership: membership.map(|(o, f)| (o.parse().unwrap(), f.iter().copied().collect())),
        };
        let rules = [
            rule("office", false, Some(("ministry", &[Function::Draft]))),
            rule("tips", false, Some(("ministry", &[Function::Tips]))),
            rule("gone", false, Some(("unknown", &[Function::Draft]))),
            rule("root", true, None),
        ];
        let ministry = evidence::sha256(b"ministry");
        let find = |slug: &Slug| (slug.as_str() == "ministry").then_some(ministry);
        let given =
            |groups: Value| read(&json!({ "groups": groups }), &ClaimNames::default()).given(&rules, find);
        assert_eq!(given(json!(["strangers"])), Given::default());
        let both = given(json!(["office", "tips", "gone"]));
        assert_eq!(both.memberships, [(ministry, [Function::Draft, Function::Tips].into())].into());
        assert!(!both.administrator && given(json!(["root"])).administrator);
    }
}
