use evidence::predicate::Notification;
use evidence::{Texts, Visibility};
use proptest::prelude::*;

use super::*;
use crate::bench::world::{Words, World};
use crate::fold::testing::world;

/// A world in which somebody says texts, one statement each, and its index.
fn said(texts: &[&str]) -> (World, Index) {
    let mut world = world();
    for text in texts {
        say(&mut world, text);
    }
    let index = Index::default().extended(&world.register);
    (world, index)
}

fn say(world: &mut World, text: &str) -> u64 {
    let body = Notification {
        grounds: Texts { ja: Some((*text).to_owned()), en: None },
        facts: Vec::new(),
        arguments: None,
    };
    let model = world.things["model"];
    world.say("developer", Words::about(model, body)).unwrap();
    world.register.size() - 1
}

fn look(text: &str) -> Query {
    Query { text: text.into(), ..Query::default() }
}

#[test]
fn two_letters_one_letter_and_parts_of_words_are_found() {
    let (world, index) =
        said(&["東京都の安全性検証", "東と京都の検証", "Safeguards of frontier models", "ワカバの届出"]);
    let last = world.register.size() - 1;
    let found = |text: &str| index.search(&world.register, &look(text)).entries;
    assert_eq!(found("東京"), [last - 3]);
    assert_eq!(found("京都の"), [last - 3, last - 2]);
    assert_eq!(found("東京都"), [last - 3], "letters follow each other");
    assert_eq!(found("安全性検証"), [last - 3]);
    assert_eq!(found("都"), [last - 3, last - 2]);
    assert_eq!(found("GUARD ront"), [last - 1], "parts of words, all of them");
    assert_eq!(found("guard 検証"), [0_u64; 0]);
    assert_eq!(found("わかば"), found("ﾜｶﾊﾞ"));
    assert!(found("わかば").contains(&last));
    assert_eq!(found("、、"), [0_u64; 0]);
}

#[test]
fn names_are_read_in_spite_of_typing_errors() {
    let (world, index) = said(&[]);
    let right = index.search(&world.register, &look("rival"));
    assert!(!right.entries.is_empty() && right.instead.is_empty());
    let wrong = index.search(&world.register, &look("rivla"));
    assert_eq!(wrong.instead, [("rivla".to_owned(), "rival".to_owned())]);
    assert_eq!(wrong.entries, right.entries);
    assert!(index.search(&world.register, &look("zzzzqqqq")).entries.is_empty());
}

#[test]
fn what_is_restricted_is_not_found() {
    let mut world = world();
    let body = Notification { grounds: Texts::both("秘密", "hush"), facts: Vec::new(), arguments: None };
    let mut words = Words::about(world.things["model"], body);
    words.visibility = Visibility::Restricted;
    let (statement, envelope) = world.sign(&world.actors["developer"].clone(), words);
    let before = world.register.clone();
    world.record(&statement, &envelope).unwrap();
    // The public fold counts the entry and does not see it.
    let salt = [7; 32];
    let leaf = evidence::Leaf::Public(evidence::PublicLeaf {
        statement: statement.digest(),
        envelope: envelope.digest(),
        predicate_type: statement.predicate().type_uri(),
        issuer: before.issuer_in_leaf(&statement).unwrap(),
        time: before.time().unwrap(),
        arrived_at: before.time().unwrap(),
    });
    let evidence::Leaf::Public(public) = leaf else { unreachable!() };
    let entry = crate::Entry { leaf: &public.restrict(&salt), content: None, root: statement.digest() };
    let (public, _) = before.with(&entry, &world.library);
    let index = Index::default().extended(&public);
    for text in ["秘密", "hush"] {
        let found = index.search(&public, &look(text));
        assert_eq!((found.entries, found.instead), (Vec::new(), Vec::new()), "{text}");
    }
    let all = index.search(&public, &Query::default());
    assert!(!all.entries.contains(&before.size()), "not even counted");
    assert_eq!(all.entries.len(), public.statements().count());
    assert_eq!(index.size(), public.size());
}

#[test]
fn filters_choose_by_kind_law_organisation_day_and_correction() {
    let (mut world, _) = said(&["一つ目"]);
    let first = world.register.size() - 1;
    let mut correction = Words::about(
        world.things["model"],
        Notification {
            grounds: Texts::both("一つ目の訂正", "again"), facts: Vec::new(), arguments: None
        },
    );
    correction.supersedes = world.register.at_index(first).map(|one| one.statement.digest());
    world.say("developer", correction).unwrap();
    let index = Index::default().extended(&world.register);
    let search = |query: Query| index.search(&world.register, &query);
    let kind = |name: &str| Query { kinds: BTreeSet::from([name.to_owned()]), ..look("一つ目") };
    assert_eq!(search(kind("notification")).entries, [first, first + 1]);
    assert_eq!(search(kind("finding")).entries, [0_u64; 0]);
    assert_eq!(search(Query { corrected: Some(true), ..look("一つ目") }).entries, [first]);
    assert_eq!(search(Query { corrected: Some(false), ..look("一つ目") }).entries, [first + 1]);
    let earlier = crate::History::default().at(&world.register, first + 1, &world.library).unwrap();
    let then = index.search(&earlier, &Query { corrected: Some(false), ..look("一つ目") });
    assert_eq!(then.entries, [first], "an index serves what stood earlier");
    let of = |name: &str| Query { organisation: Some(world.things[name]), ..look("一つ目") };
    assert_eq!(search(of("developer")).entries, [first, first + 1]);
    let law = |name: &str| Query { law: Some(name.into()), ..look("一つ目") };
    assert_eq!(search(law(world.regime.as_str())).entries, [first, first + 1]);
    assert_eq!(search(law("other")).entries, [0_u64; 0]);
    let time = world.register.at_index(first).unwrap().time;
    let later = Timestamp::from_millis(time.as_millis() + 1).unwrap();
    assert!(search(Query { from: Some(time), ..look("一つ目") }).entries.contains(&first));
    assert!(!search(Query { from: Some(later), ..look("一つ目") }).entries.contains(&first));
    assert!(search(Query { before: Some(later), ..look("一つ目") }).entries.contains(&first));
    assert!(!search(Query { before: Some(time), ..look("一つ目") }).entries.contains(&first));
    let all = search(Query::default());
    assert_eq!(all.kinds.values().sum::<usize>(), all.entries.len());
    assert_eq!(all.entries.len(), world.register.statements().count());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn a_run_is_found_exactly_where_it_stands(
        texts in prop::collection::vec("[あいう。]{1,8}", 1..6),
        run in "[あいう]{1,5}",
        cut in 0_usize..6,
    ) {
        let mut world = world();
        let first = world.register.size();
        let mut index = Index::default();
        for (at, text) in texts.iter().enumerate() {
            say(&mut world, text);
            if at == cut {
                index = index.extended(&world.register);
            }
        }
        index = index.extended(&world.register);
        let wanted: Vec<u64> = (first..).zip(&texts).filter(|(_, text)| text.contains(&run)).map(|(at, _)| at).collect();
        let mut found = index.search(&world.register, &look(&run)).entries;
        found.retain(|at| *at >= first);
        prop_assert_eq!(found, wanted);
    }
}
