//! Tips, as their handlers work with them.

use desk::account::Function;
use desk::tip::MAX_OPEN;
use desk::{Tip, Versioned};
use evidence::Digest;

use super::room::{Room, Stop};

/// Returns the authorities whose tips the member handles.
fn handled(room: &Room) -> Vec<Digest> {
    let memberships = room.member.account.memberships.iter();
    memberships.filter(|m| m.functions.contains(&Function::Tips)).map(|m| m.organisation).collect()
}

/// Returns the tips that the member handles: those that wait for an answer first, then by the day of
/// the last message.
pub(crate) fn inbox(room: &Room) -> Result<Vec<Versioned<Tip>>, Stop> {
    let authorities = handled(room);
    if authorities.is_empty() {
        return Err(Stop::Missing);
    }
    let mut tips = Vec::new();
    for authority in authorities {
        for state in ["open", "closed"] {
            tips.extend(room.member.desk.list::<Tip>(state, &authority.to_string(), None, MAX_OPEN)?);
        }
    }
    tips.sort_by_key(|tip| (tip.closed, !tip.waits(), tip.messages.last().map(|message| message.on.civil())));
    Ok(tips)
}

/// Finds a tip that the member handles.
pub(crate) fn load(room: &Room, id: &str) -> Result<Versioned<Tip>, Stop> {
    let tip = room.member.desk.load::<Tip>(id)?.ok_or(Stop::Missing)?;
    // Whoever may not read it does not learn that it is there.
    if handled(room).contains(&tip.authority) { Ok(tip) } else { Err(Stop::Missing) }
}

/// Finds a tip that the member handles, and writes down that they read it.
pub(crate) fn read(room: &Room, id: &str) -> Result<Versioned<Tip>, Stop> {
    let mut tip = load(room, id)?;
    tip.read_by(&room.member.account.id, room.scene.now);
    room.member.desk.save(&mut tip)?;
    Ok(tip)
}
