//! Signing with the key that this node holds for an organisation.
//!
//! A seal is nobody's personal approval: where an act needs approvals, a seal comes after them and counts as none,
//! so that as many people stand behind the act as behind one that an officer signs.

use desk::account::Function;
use desk::seal::SealUse;
use desk::{Draft, Versioned};
use evidence::dsse::to_be_signed;
use evidence::{Digest, Signer};

use super::room::{Refused, Room, Stop};
use super::signing::needed;

/// Returns the held key of this hash that may sign for a draft's organisation.
fn held<'r>(room: &'r Room, draft: &Draft, hash: &Digest) -> Option<&'r dyn Signer> {
    room.scene.seals.of(room.scene.register(), &draft.organisation?, hash)
}

/// Tells whether this node holds a key for a draft's organisation.
pub(crate) fn is_held(room: &Room, draft: &Draft, hash: &Digest) -> bool {
    held(room, draft, hash).is_some()
}

/// Tells whether the member may have the node sign with this key.
pub(crate) fn may_use(room: &Room, draft: &Draft, hash: &Digest) -> bool {
    is_held(room, draft, hash)
        && draft.organisation.is_some_and(|organisation| room.member.may(&organisation, Function::Draft))
}

/// Returns how many people more have to approve an act, because a seal stands where an officer would.
pub(crate) fn instead_of_officer(room: &Room, draft: &Draft) -> usize {
    let act = draft.frozen().and_then(|frozen| frozen.act.statement().ok());
    let drafter = act.is_some_and(|act| {
        let holder = &act.common().holder;
        act.common().signers.iter().any(|key| {
            is_held(room, draft, key)
                && room.scene.register().key(key).is_some_and(|known| known.holder == *holder)
        })
    });
    usize::from(drafter)
}

/// Returns who had the node sign these bytes, and when.
pub(crate) fn uses(room: &Room, statement: &Digest) -> Result<Vec<(String, String)>, Stop> {
    let uses = room.member.desk.list::<SealUse>("statement", &statement.to_string(), None, 20)?;
    Ok(uses.iter().map(|used| (used.name.clone(), used.at.to_string())).collect())
}

/// Has the node sign a frozen act.
///
/// `sheet` is the digest of what was looked at. Whoever asks has proved lately who they are.
pub(crate) fn seal(
    room: &Room,
    draft: &mut Versioned<Draft>,
    sheet: &str,
    hash: &Digest,
) -> Result<(), Refused> {
    let organisation = draft.organisation.ok_or(Stop::Missing)?;
    if !is_held(room, draft, hash) {
        return Err(Stop::Missing.into());
    }
    if !may_use(room, draft, hash) {
        return Err(Stop::Forbidden.into());
    }
    // What was shown is what is signed; an approval is a person's own.
    let act = &draft.frozen().ok_or(Stop::Conflict)?.act;
    if sheet != act.digest.to_string() {
        return Err(Refused::wrong("sheet", "seal-not-approval"));
    }
    if needed(room, draft)?.is_some_and(|needed| needed.given < needed.count) {
        return Err(Refused::wrong("sheet", "seal-after-approvals"));
    }
    let used = SealUse {
        id: String::new(),
        organisation,
        key: *hash,
        account: room.member.account.id.clone(),
        name: room.member.account.name.clone(),
        draft: draft.id.clone(),
        statement: act.digest,
        at: room.scene.now,
    };
    room.member.desk.write_seal_use(used)?;
    let encoded = to_be_signed(&act.payload());
    let key = held(room, draft, hash).ok_or(Stop::Missing)?;
    let (public, signature) = (key.public_key(), key.sign(&encoded));
    let signature = signature.map_err(|error| {
        tracing::error!(%error, "the key that this node holds did not sign");
        Refused::wrong("key", "seal-failed")
    })?;
    Ok(draft.frozen_mut()?.act.sign(&public, &signature)?)
}
