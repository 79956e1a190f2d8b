//! What several of these tests do.

use evidence::predicate::{Example as _, Model};
use evidence::{Digest, Leaf};
use kanae_node::testing::{Actor, ORIGIN, World, log_key};
use kanae_node::{Outcome, Submission};
use ledger::{Checkpoint, Receipt};

/// Signs a model under a name of its own.
pub(crate) fn model(world: &World, actor: &Actor, slug: &str) -> Submission {
    let model = Model { slug: slug.parse().unwrap(), ..Model::example() };
    world.sign(actor, world.draft(actor, model, actor.id))
}

/// Returns index and whether it was recorded before, after checking the receipt offline.
pub(crate) fn recorded(outcome: &Outcome) -> (u64, bool) {
    let Outcome::Recorded { statement, index, receipt, leaf_salt, already } = outcome else {
        panic!("{outcome:?}")
    };
    let (_, leaf) = check_receipt(receipt, *index);
    match Leaf::parse(&leaf).unwrap() {
        Leaf::Public(leaf) => assert_eq!((leaf.statement, *leaf_salt), (*statement, None)),
        Leaf::Restricted { .. } => assert!(leaf_salt.is_some()),
    }
    (*index, *already)
}

/// Checks a receipt as its holder would, and returns the checkpoint and the leaf.
pub(crate) fn check_receipt(receipt: &[u8], index: u64) -> (Checkpoint, Vec<u8>) {
    let receipt = Receipt::parse(receipt).unwrap();
    assert_eq!(receipt.index, index);
    let leaf = receipt.extra.clone().unwrap();
    let checkpoint = receipt.verify(&leaf, ORIGIN, &[log_key().verifier_key()]).unwrap();
    (checkpoint, leaf)
}

/// Reads a file of the published log.
pub(crate) fn published(world: &World, path: &str) -> Option<Vec<u8>> {
    std::fs::read(world.data().join("log").join(path)).ok()
}

/// Tells whether the public register has a statement.
pub(crate) fn stands(world: &World, digest: &Digest) -> bool {
    world.node().view().register.recorded(digest).is_some()
}
