//! Colleagues: who works for an organisation at this desk.

use desk::account::Function;
use desk::{Account, Versioned};
use evidence::Digest;

use super::room::{Refused, Room, Stop};

/// The most members that are looked at.
const MOST: usize = 500;

/// Finds an organisation by its name, for its members and the node's administrators.
pub(crate) fn organisation(room: &Room, slug: &str) -> Result<Digest, Stop> {
    let id = room.scene.register().find(slug).ok_or(Stop::Missing)?;
    let lets_in = room.member.of(&id).is_some() || room.member.account.administrator;
    let known = room.scene.register().organisation(&id).is_some();
    if lets_in && known { Ok(id) } else { Err(Stop::Missing) }
}

/// Tells whether the member may manage an organisation's accounts.
pub(crate) fn manages(room: &Room, organisation: &Digest) -> bool {
    room.member.may(organisation, Function::Manage) || room.member.account.administrator
}

/// Returns the accounts that work for an organisation.
pub(crate) fn members(room: &Room, organisation: &Digest) -> Result<Vec<Versioned<Account>>, Stop> {
    let mut accounts =
        room.member.desk.list::<Account>("organisation", &organisation.to_string(), None, MOST)?;
    accounts.retain(|account| !account.shut);
    Ok(accounts)
}

/// Ends a membership; never that of the last one who can invite others.
pub(crate) fn end(room: &Room, organisation: &Digest, id: &str) -> Result<(), Refused> {
    let desk = &room.member.desk;
    let mut account = desk.load::<Account>(id)?.ok_or(Stop::Missing)?;
    let Some(membership) = account.membership(organisation) else { return Err(Stop::Missing.into()) };
    if membership.functions.contains(&Function::Manage) {
        let managers = members(room, organisation)?;
        let others = managers
            .iter()
            .filter(|other| other.id != account.id && other.may(organisation, Function::Manage));
        if others.count() == 0 && !room.member.account.administrator {
            return Err(Refused::wrong("account", "last-manager"));
        }
    }
    account.memberships.retain(|m| m.organisation != *organisation);
    desk.save(&mut account)?;
    Ok(())
}
