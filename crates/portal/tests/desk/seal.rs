//! Signing with a key that the node holds for an organisation.

use std::collections::BTreeSet;

use desk::account::Function;
use desk::draft::Signer;
use desk::form::Words;
use desk::seal::SealUse;
use desk::{Draft, Form, Versioned};
use evidence::predicate::{ApprovalDecision, Example as _, Model};
use evidence::{Digest, LogReference, Predicate, PredicateType, SecretKey, Texts};
use node::testing::key;

use super::{Answer, Browser, Site};

/// A site whose node holds the developer's key, and the first officer's as the authority's seal.
async fn site() -> Site {
    Site::start_with(|app, world| {
        app.with_seal(world.developer.slug.clone(), Box::new(key(30)))
            .with_seal(world.authority.slug.clone(), Box::new(key(10)))
    })
    .await
}

fn log_of(site: &Site) -> LogReference {
    let view = site.world.node().view();
    let root = view.register.root_at(view.head.size).unwrap();
    LogReference { origin: view.register.origin().to_owned(), size: view.head.size, root }
}

/// A frozen draft that waits for the signature of a key; returns its name and the digest of its bytes.
fn frozen(
    site: &Site,
    kind: &str,
    body: &Predicate,
    of: Digest,
    about: Digest,
    signer: (&SecretKey, &str),
) -> (String, Digest) {
    let now = site.world.node().now();
    let id = site.desk.new_id(now).unwrap();
    let form = Form::new(PredicateType::find(kind).unwrap(), Words::default());
    let mut draft = Draft::new(id.clone(), kind, Some(of), "somebody", now);
    draft.about = Some(about);
    draft.prefill(&form, body.to_value().as_object().unwrap());
    let signer = Signer { key: signer.0.public_key().hash(), holder: signer.1.parse().unwrap() };
    let digest = draft.freeze(&form, &[signer], log_of(site), "somebody", now).unwrap();
    site.desk.save(&mut Versioned::new(draft)).unwrap();
    (id, digest)
}

async fn seal(site: &Site, browser: &Browser, id: &str, sheet: &Digest, key: &SecretKey) -> Answer {
    let (sheet, key) = (sheet.to_string(), key.public_key().hash().to_string());
    let fields = [("do", "seal"), ("sheet", sheet.as_str()), ("key", key.as_str())];
    site.post(browser, &format!("/en/desk/drafts/{id}/sign"), &fields).await
}

fn uses(site: &Site) -> Vec<Versioned<SealUse>> {
    site.desk.list("all", "", None, 100).unwrap()
}

#[tokio::test]
async fn whoever_may_draft_has_the_office_sign_and_every_use_is_written_down() {
    let site = site().await;
    let world = &site.world;
    let developer = world.developer.id;
    let body = Model::example().into();
    let (id, digest) = frozen(&site, "model", &body, developer, developer, (&key(30), "compliance"));
    let reader = site.member("Reader", Some((developer, None, &[])));
    let drafter = site.member("Drafter", Some((developer, None, &[Function::Draft])));
    let officer = site.member("Officer", Some((world.authority.id, None, &[Function::Draft])));
    let path = format!("/en/desk/drafts/{id}/sign");
    assert!(!site.get(&reader, &path).await.text.contains("value=\"seal\""), "offered to who may not");
    assert_eq!(seal(&site, &reader, &id, &digest, &key(30)).await.status, 403);
    assert_eq!(seal(&site, &officer, &id, &digest, &key(30)).await.status, 404);
    assert_eq!(seal(&site, &drafter, &id, &digest, &key(10)).await.status, 404, "another office's key");
    assert_eq!(seal(&site, &drafter, &id, &digest, &key(77)).await.status, 404, "a key that nobody holds");
    assert_eq!(seal(&site, &drafter, &id, &developer, &key(30)).await.status, 422, "other bytes");
    assert!(uses(&site).is_empty());

    assert!(site.get(&drafter, &path).await.text.contains("value=\"seal\""));
    let sealed = seal(&site, &drafter, &id, &digest, &key(30)).await;
    assert_eq!(sealed.status, 303, "{}", sealed.text);
    let uses = uses(&site);
    let used = &uses[0];
    assert_eq!((uses.len(), used.statement, used.organisation), (1, digest, developer));
    assert_eq!(
        (used.account.as_str(), used.name.as_str(), used.draft.as_str()),
        (drafter.account.as_str(), "Drafter", id.as_str())
    );
    let page = site.get(&drafter, &path).await.text;
    assert!(page.contains("was used by Drafter"), "{page}");
    let submitted = site.post(&drafter, &path, &[("do", "submit")]).await;
    assert_eq!(submitted.status, 303, "{}", submitted.text);
    assert!(world.node().view().register.recorded(&digest).is_some());
}

#[tokio::test]
async fn an_office_signs_only_after_a_fresh_proof() {
    let site = site().await;
    let world = &site.world;
    let developer = world.developer.id;
    let body = Model::example().into();
    let (id, digest) = frozen(&site, "model", &body, developer, developer, (&key(30), "compliance"));
    let drafter = site.member("Drafter", Some((developer, None, &[Function::Draft])));
    world.clock.advance_millis(20 * 60_000);
    let stale = seal(&site, &drafter, &id, &digest, &key(30)).await;
    assert_eq!(stale.status, 303);
    assert!(stale.header("location").starts_with("/en/sign-in?next="), "{}", stale.header("location"));
    assert!(uses(&site).is_empty());
}

#[tokio::test]
async fn a_seal_stands_for_no_officer() {
    let site = site().await;
    let world = &site.world;
    let authority = world.authority.id;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let form = PredicateType::find("designation").unwrap();
    let (id, digest) =
        frozen(&site, "designation", &form.example(), authority, model, (&key(10), "officer-1"));
    let officer = site.member("Officer", Some((authority, Some("officer-2"), &[Function::Draft])));
    let path = format!("/en/desk/drafts/{id}/sign");
    let page = site.get(&officer, &path).await.text;
    assert!(!page.contains(&format!("<option value=\"{}\"", key(10).public_key().hash())), "a seal approves");
    assert_eq!(seal(&site, &officer, &id, &digest, &key(10)).await.status, 422, "before any approval");
    // An approval in the seal's name is not even written.
    let (sheet, hash) = (digest.to_string(), key(10).public_key().hash().to_string());
    let fields = [
        ("do", "approve"),
        ("sheet", sheet.as_str()),
        ("key", hash.as_str()),
        ("decision", "approve"),
        ("reasons_en", "Fine."),
    ];
    assert_eq!(site.post(&officer, &path, &fields).await.status, 422);

    // One officer approves. That is enough beside another officer's signature, and not beside a seal.
    let mut draft = site.desk.load::<Draft>(&id).unwrap().unwrap();
    let frozen = draft.frozen_mut().unwrap();
    let signer = Signer { key: key(11).public_key().hash(), holder: "officer-2".parse().unwrap() };
    let (function, now) = ("second-officer".parse().unwrap(), world.node().now());
    let reasons = Texts::both("確認しました。", "Checked.");
    let approval =
        frozen.approve(function, ApprovalDecision::Approve, reasons, &signer, log_of(&site), now).unwrap();
    let sheet = frozen.sheet_mut(&approval).unwrap();
    let signature = key(11).sign(&evidence::dsse::to_be_signed(&sheet.payload()));
    sheet.sign(&key(11).public_key(), &signature).unwrap();
    site.desk.save(&mut draft).unwrap();
    let refused = seal(&site, &officer, &id, &digest, &key(10)).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("one more person approves"), "{}", refused.text);
    assert!(uses(&site).is_empty());
    let held: BTreeSet<Digest> = [key(10), key(30)].iter().map(|key| key.public_key().hash()).collect();
    let draft = site.desk.load::<Draft>(&id).unwrap().unwrap();
    assert!(draft.frozen().unwrap().act.signatures.iter().all(|(key, _)| !held.contains(key)));
}
