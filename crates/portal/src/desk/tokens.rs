//! Tokens: a person's own, and those of an organisation's programs.

use std::collections::BTreeSet;

use desk::account::Function;
use desk::token::{TokenError, WantedToken};
use desk::{AccessToken, Account, Scope, Versioned};
use evidence::Digest;

use super::members;
use super::room::{Refused, Room, Stop};
use super::settings::is_name;

/// The most accounts that an organisation's programs have.
const MAX_PROGRAMS: usize = 50;

/// Makes a token for an account, and returns its text.
pub(crate) fn make(
    room: &Room,
    account: &Account,
    label: &str,
    scopes: BTreeSet<Scope>,
    days: u16,
) -> Result<String, Refused> {
    // Whoever settles in with a token has shown lately who they are.
    if !room.member.is_fresh(room.scene.now) || account.shut {
        return Err(Stop::Forbidden.into());
    }
    let by = room.member.account.id.clone();
    let wanted = WantedToken { account: account.id.clone(), label: label.to_owned(), scopes, days, by };
    room.member.desk.make_token(wanted, room.scene.now).map_err(|error| match error {
        TokenError::Label => Refused::wrong("label", "token-label-wrong"),
        TokenError::Days => Refused::wrong("days", "token-days-wrong"),
        TokenError::Many => Refused::wrong("label", "token-many"),
        TokenError::Desk(error) => error.into(),
    })
}

/// Revokes a token of an account.
pub(crate) fn revoke(room: &Room, account: &Account, id: &str) -> Result<(), Stop> {
    let token = room.member.desk.load::<AccessToken>(id)?.filter(|token| token.account == account.id);
    Ok(room.member.desk.write(&[token.ok_or(Stop::Missing)?.remove()])?)
}

/// Finds an organisation whose accounts the member may manage.
pub(crate) fn managed(room: &Room, slug: &str) -> Result<Digest, Stop> {
    let id = members::organisation(room, slug)?;
    if members::manages(room, &id) { Ok(id) } else { Err(Stop::Missing) }
}

/// Returns the accounts of an organisation's programs.
pub(crate) fn programs(room: &Room, organisation: &Digest) -> Result<Vec<Versioned<Account>>, Stop> {
    let mut accounts = members::members(room, organisation)?;
    accounts.retain(|account| account.service_of == Some(*organisation));
    Ok(accounts)
}

/// Finds the account of one of an organisation's programs.
pub(crate) fn program(room: &Room, organisation: &Digest, id: &str) -> Result<Versioned<Account>, Stop> {
    let account = room.member.desk.load::<Account>(id)?;
    let own = |account: &Versioned<Account>| !account.shut && account.service_of == Some(*organisation);
    account.filter(own).ok_or(Stop::Missing)
}

/// Makes an account for an organisation's programs.
pub(crate) fn add_program(
    room: &Room,
    organisation: Digest,
    name: &str,
    functions: BTreeSet<Function>,
) -> Result<String, Refused> {
    if !room.member.is_fresh(room.scene.now) {
        return Err(Stop::Forbidden.into());
    }
    if !is_name(name) {
        return Err(Refused::wrong("name", "name-wrong"));
    }
    if programs(room, &organisation)?.len() >= MAX_PROGRAMS {
        return Err(Refused::wrong("name", "programs-many"));
    }
    let (desk, now) = (&room.member.desk, room.scene.now);
    let id = desk.new_id(now)?;
    let account = Account::service(id.clone(), name.to_owned(), organisation, functions, now);
    desk.save(&mut Versioned::new(account))?;
    Ok(id)
}

/// Shuts the account of a program: its tokens are gone.
pub(crate) fn end_program(room: &Room, organisation: &Digest, id: &str) -> Result<(), Stop> {
    let mut account = program(room, organisation, id)?;
    account.shut = true;
    room.member.desk.save(&mut account)?;
    Ok(room.member.desk.revoke_tokens(id)?)
}
