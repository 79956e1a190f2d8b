//! Administering the node's accounts. It confers no authority on the record.

use desk::account::{AccountError, Invitation};
use desk::secret::Secret;
use desk::{Account, Versioned};

use super::room::Room;

/// What an administrator does with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Change {
    /// Nobody signs in with it any more.
    Shut,
    /// It is open again.
    Open,
    /// It administers the node no more.
    Dismiss,
    /// It administers the node.
    Appoint,
    /// Its owner gets back in by a one-time link.
    Link,
}

impl Change {
    /// Reads the name of a button.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "shut" => Self::Shut,
            "open" => Self::Open,
            "dismiss" => Self::Dismiss,
            "appoint" => Self::Appoint,
            "link" => Self::Link,
            _ => return None,
        })
    }
}

/// Changes an account; returns the secret of the link that was made, if one was.
pub(crate) fn change(
    room: &Room,
    account: &mut Versioned<Account>,
    change: Change,
) -> Result<Option<Secret>, AccountError> {
    let (desk, now) = (&room.member.desk, room.scene.now);
    let person = account.service_of.is_none();
    match change {
        Change::Shut if account.administrator => desk.dismiss(account, true)?,
        Change::Shut => {
            account.shut = true;
            desk.save(account)?;
        }
        Change::Open => {
            account.shut = false;
            desk.save(account)?;
        }
        Change::Dismiss => desk.dismiss(account, false)?,
        Change::Appoint if !account.shut && person => {
            account.appoint();
            desk.save(account)?;
        }
        Change::Link if !account.shut && person => {
            let invitation = Invitation {
                id: String::new(),
                account: Some(account.id.clone()),
                name: String::new(),
                administrator: false,
                membership: None,
                by: Some(room.member.account.id.clone()),
                until: now,
            };
            return Ok(Some(desk.invite(invitation, now)?));
        }
        Change::Appoint | Change::Link => {}
    }
    if account.shut {
        desk.end_other_sessions(&account.id, "")?;
        desk.revoke_tokens(&account.id)?;
    }
    tracing::info!(account = account.id, by = room.member.account.id, ?change, "an account was changed");
    Ok(None)
}
