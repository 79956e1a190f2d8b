//! What every store has to keep, whatever it is made of.
//!
//! Each function is a test of a [`Place`] in which no node has been made yet.

use evidence::{Digest, Part, Slug, Timestamp, sha256};
use ledger::{Hash, TreeHead};

use crate::access::Scope;
use crate::place::Place;
use crate::store::{Commit, CommitError, Standing, Store, StoredEntry, StoredPart, StoredToken, Waiting};

fn time(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).expect("a time")
}

fn hash(name: &str) -> Hash {
    Hash(*sha256(name.as_bytes()).as_bytes())
}

fn entry(index: u64, name: &str) -> StoredEntry {
    StoredEntry {
        index,
        statement: sha256(name.as_bytes()),
        leaf: format!("leaf of {name}").into(),
        salt: index.is_multiple_of(2).then(|| *sha256(name.as_bytes()).as_bytes()),
        envelope: format!("envelope of {name}").into(),
        time: time(2_000),
        arrived_at: time(1_000),
    }
}

/// A batch of one entry.
fn grown(from: Standing, name: &str) -> Commit {
    let mut commit = Commit::new(from);
    commit.entries.push(entry(from.head.size, name));
    commit.head = TreeHead { size: from.head.size + 1, root: hash(name) };
    commit
}

fn part(name: &str, public: bool) -> (Digest, StoredPart) {
    let part =
        Part { salt: *sha256(name.as_bytes()).as_bytes(), bytes: format!("content \0 of {name}").into() };
    (part.commitment(), StoredPart { part, public })
}

fn waiting(name: &str, arrived_at: i64, parts: usize) -> Waiting {
    Waiting {
        statement: sha256(name.as_bytes()),
        envelope: format!("envelope of {name}").into(),
        parts: (0..parts).map(|number| part(&format!("{name} {number}"), false).1.part).collect(),
        arrived_at: time(arrived_at),
    }
}

fn two(place: &Place) -> (Box<dyn Store>, Box<dyn Store>) {
    let one = place.create_store().expect("a new store");
    (one, place.open_store().expect("a store that is there"))
}

/// Makes an empty store.
pub fn make(place: &Place) {
    place.create_store().expect("a new store");
}

/// Of two who write, only one can follow a head.
pub fn of_two_only_one_can_follow_a_head(place: &Place) {
    let (mut one, mut two) = two(place);
    let start = one.standing().expect("a head");
    assert_eq!((start.head, two.standing().expect("a head")), (TreeHead::EMPTY, start));
    let first = grown(start, "one");
    let after = one.commit(&first).expect("the first commit");
    assert_eq!(after.head, first.head);
    let conflict = two.commit(&grown(start, "two"));
    assert!(matches!(conflict, Err(CommitError::Conflict { expected: 0, found: 1 })), "{conflict:?}");
    // The same size with another root is another log.
    let elsewhere = Standing { head: TreeHead { root: hash("elsewhere"), ..first.head }, ..after };
    assert!(matches!(two.commit(&grown(elsewhere, "two")), Err(CommitError::Conflict { .. })));
    assert_eq!(two.standing().expect("a head"), after);
    assert_eq!(two.entries(0..9).expect("entries"), first.entries);
    two.commit(&grown(after, "two")).expect("the second commit");
    assert!(matches!(one.commit(&grown(after, "three")), Err(CommitError::Conflict { .. })));
    assert_eq!(one.entries(1..2).expect("entries"), [entry(1, "two")]);
}

/// A batch that fails in the middle changes nothing, and the next one goes through.
pub fn a_batch_that_fails_in_the_middle_changes_nothing(place: &Place) {
    let mut store = place.create_store().expect("a new store");
    let start = store.standing().expect("a head");
    let mut commit = grown(start, "one");
    commit.parts.push(part("card", true));
    let mut again = commit.entries[0].clone();
    again.index = 1;
    commit.entries.push(again);
    commit.head.size = 2;
    let failed = store.commit(&commit);
    assert!(matches!(failed, Err(CommitError::Store(_))), "one statement, two entries: {failed:?}");
    assert_eq!(store.standing().expect("a head"), start);
    assert_eq!(store.entries(0..9).expect("entries"), []);
    assert_eq!(store.commitments().expect("a list"), []);
    store.commit(&grown(start, "one")).expect("a good commit");
}

/// What was committed is read as it was written, now and after opening again.
pub fn what_was_committed_is_read_as_it_was_written(place: &Place) {
    let mut store = place.create_store().expect("a new store");
    let mut commit = Commit::new(store.standing().expect("a head"));
    commit.entries = (0..5).map(|index| entry(index, &format!("entry {index}"))).collect();
    commit.head = TreeHead { size: 5, root: hash("five") };
    commit.parts = vec![part("open", true), part("secret", false)];
    let files = [("a/ä.toml".to_owned(), b"x = 1".to_vec()), ("b.md".to_owned(), Vec::new())];
    commit.blobs = vec![(sha256(b"folder"), files.into())];
    commit.arrived = vec![waiting("late", 20, 2), waiting("early", 10, 0)];
    let after = store.commit(&commit).expect("a commit");
    drop(store);
    let store = place.open_store().expect("a store that is there");
    assert_eq!(store.standing().expect("a head"), after);
    assert_eq!(store.entries(0..5).expect("entries"), commit.entries);
    assert_eq!(store.entries(2..4).expect("entries"), commit.entries[2..4]);
    assert_eq!(store.entries(5..9).expect("entries"), []);
    assert_eq!(store.entry(&commit.entries[3].statement).expect("an entry"), Some(commit.entries[3].clone()));
    assert_eq!(store.entry(&sha256(b"unheard of")).expect("no entry"), None);
    for (commitment, stored) in &commit.parts {
        assert_eq!(store.part(commitment).expect("a part").as_ref(), Some(stored));
    }
    let mut commitments: Vec<Digest> = commit.parts.iter().map(|(commitment, _)| *commitment).collect();
    commitments.sort();
    assert_eq!(store.commitments().expect("a list"), commitments);
    assert_eq!(store.blobs().expect("files"), commit.blobs.into_iter().collect());
    assert_eq!(store.waiting().expect("an intake"), [commit.arrived[1].clone(), commit.arrived[0].clone()]);
}

/// Content that hangs on a restricted and on a public statement is public; erased, it is gone.
pub fn content_once_public_stays_public_until_it_is_erased(place: &Place) {
    let mut store = place.create_store().expect("a new store");
    let start = store.standing().expect("a head");
    let (commitment, restricted) = part("card", false);
    let (_, public) = part("card", true);
    let mut standing = start;
    for (name, stored) in [("one", restricted.clone()), ("two", public.clone()), ("three", restricted)] {
        let mut commit = grown(standing, name);
        commit.parts.push((commitment, stored));
        standing = store.commit(&commit).expect("a commit");
    }
    assert_eq!(store.part(&commitment).expect("a part"), Some(public.clone()));
    let mut commit = grown(standing, "four");
    // Erasing takes what the same commit brings, too.
    commit.parts.push((commitment, public));
    commit.erased.push(commitment);
    store.commit(&commit).expect("a commit");
    assert_eq!(store.part(&commitment).expect("no part"), None);
}

/// Registrations come and go without an entry; the head decides about them all the same.
pub fn registrations_wait_until_they_leave(place: &Place) {
    let (mut one, mut two) = two(place);
    let start = one.standing().expect("a head");
    let mut commit = Commit::new(start);
    commit.arrived = vec![waiting("a", 10, 1), waiting("b", 10, 3)];
    let after = one.commit(&commit).expect("a commit");
    assert_eq!(after.head, start.head);
    assert_eq!(two.waiting().expect("an intake").len(), 2);
    let mut commit = grown(after, "entry");
    commit.left = vec![sha256(b"a")];
    two.commit(&commit).expect("a commit");
    assert_eq!(one.waiting().expect("an intake"), [waiting("b", 10, 3)]);
    let mut stale = Commit::new(after);
    stale.left = vec![sha256(b"b")];
    assert!(matches!(one.commit(&stale), Err(CommitError::Conflict { .. })));
}

/// Tokens are listed by age, with what they allow.
pub fn tokens_are_kept_as_they_were_made(place: &Place) {
    let (mut one, two) = two(place);
    let token = |name: &str, scope, organisation: Option<&str>, at| StoredToken {
        hash: sha256(name.as_bytes()),
        scope,
        organisation: organisation.map(|slug| slug.parse::<Slug>().expect("a slug")),
        label: format!("{name}（試験）'; --"),
        created_at: time(at),
    };
    let (new, old) =
        (token("new", Scope::Submit, Some("minato-lab"), 20), token("old", Scope::Admin, None, 10));
    one.add_token(&new).expect("a token");
    one.add_token(&old).expect("a token");
    assert_eq!(two.tokens().expect("tokens"), [old, new]);
    assert_eq!(two.standing().expect("a head").head, TreeHead::EMPTY);
}

/// A store that is there is not made anew, and one that is not there is not opened.
pub fn a_store_is_made_once_and_opened_only_where_it_is(place: &Place) {
    assert!(place.open_store().is_err());
    let mut store = place.create_store().expect("a new store");
    store.commit(&grown(store.standing().expect("a head"), "one")).expect("a commit");
    drop(store);
    let error = place.create_store().err().expect("a log is there already").to_string();
    assert!(!error.is_empty());
    assert_eq!(place.open_store().expect("a store").standing().expect("a head").head.size, 1);
}

/// Large rows, and many of them, fit into one batch.
pub fn a_batch_may_be_large(place: &Place) {
    let mut store = place.create_store().expect("a new store");
    let mut commit = Commit::new(store.standing().expect("a head"));
    commit.entries = (0..300)
        .map(|index| StoredEntry { envelope: vec![b'x'; 100_000], ..entry(index, &format!("entry {index}")) })
        .collect();
    commit.head = TreeHead { size: 300, root: hash("many") };
    let bytes = vec![7; 20 << 20];
    let large = Part { salt: [1; 32], bytes };
    commit.parts.push((large.commitment(), StoredPart { part: large, public: true }));
    store.commit(&commit).expect("a commit");
    assert_eq!(store.entries(0..300).expect("entries"), commit.entries);
    assert_eq!(store.part(&commit.parts[0].0).expect("a part"), Some(commit.parts[0].1.clone()));
}
