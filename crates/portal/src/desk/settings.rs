//! What people set about their own account.

use desk::account::MAX_NAME;
use evidence::Language;

use super::room::{Refused, Room};

/// What colleagues see of an account, and where notices go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Details<'a> {
    pub(crate) name: &'a str,
    /// Empty: no notices by e-mail.
    pub(crate) email: &'a str,
    pub(crate) language: Language,
}

/// Sets the details of one's own account.
pub(crate) fn set_details(room: &Room, details: &Details<'_>) -> Result<(), Refused> {
    if !details.email.is_empty() && !is_address(details.email) {
        return Err(Refused::wrong("email", "email-wrong"));
    }
    if !is_name(details.name) {
        return Err(Refused::wrong("name", "name-wrong"));
    }
    let mut account = room.member.account.clone();
    details.name.clone_into(&mut account.name);
    account.email = (!details.email.is_empty()).then(|| details.email.to_owned());
    account.language = details.language;
    room.member.desk.save(&mut account)?;
    Ok(())
}

/// Tells whether a text may be the name of an account.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// Tells whether a text may be an e-mail address: one `@`, no spaces, nothing that a mail's head
/// could be extended with.
pub(crate) fn is_address(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_graphic() && !",;:<>()[]\\\"".contains(c);
    text.len() <= 254
        && text.chars().all(fits)
        && text.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty()
                && host.contains('.')
                && !host.contains('@')
                && !host.starts_with('.')
                && !host.ends_with('.')
        })
}

#[cfg(test)]
mod tests {
    use super::is_address;

    #[test]
    fn an_address_cannot_extend_the_head_of_a_mail() {
        assert!(is_address("a.b+c@example.org"));
        for strange in
            ["", "a", "a@b", "a@b.c\r\nBcc: x@y.z", "a b@c.d", "a@b@c.d", "<a@b.c>", "a@.b", "あ@b.c"]
        {
            assert!(!is_address(strange), "{strange:?}");
        }
    }
}
