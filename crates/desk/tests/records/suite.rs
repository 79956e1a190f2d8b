//! What every keeper of documents has to keep, whatever it is made of.

use std::sync::Arc;

use kanae_desk::records::MAX_BODY;
use kanae_desk::{Change, Record, Records, RecordsError};

pub(crate) fn record(id: &str, version: u64, body: &str, keys: &[(&str, &str)]) -> Record {
    let keys = keys.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Record { kind: "draft".into(), id: id.into(), version, body: body.into(), keys }
}

pub(crate) fn put(id: &str, version: u64, body: &str, keys: &[(&str, &str)]) -> Change {
    Change::Put(record(id, version, body, keys))
}

fn is_conflict<T>(done: &Result<T, RecordsError>) -> bool {
    matches!(done, Err(RecordsError::Conflict { .. }))
}

pub(crate) fn a_document_is_written_only_by_who_saw_its_last_version(records: &dyn Records) {
    records.write(&[put("a", 0, "one", &[("of", "x")])]).unwrap();
    assert!(is_conflict(&records.write(&[put("a", 0, "again", &[])])));
    records.write(&[put("a", 1, "two", &[("of", "y")])]).unwrap();
    let stale = records.write(&[put("b", 0, "beside", &[]), put("a", 1, "stale", &[])]);
    assert!(is_conflict(&stale));
    assert_eq!(records.get("draft", "b").unwrap(), None, "all or nothing");
    let found = records.get("draft", "a").unwrap().unwrap();
    assert_eq!(found, record("a", 2, "two", &[("of", "y")]));
    assert!(records.find("draft", "of", "x", None, 9).unwrap().is_empty(), "found by its last words only");
    let remove = |version| Change::Remove { kind: "draft".into(), id: "a".into(), version };
    assert!(is_conflict(&records.write(&[remove(1)])));
    records.write(&[remove(2)]).unwrap();
    assert!(is_conflict(&records.write(&[remove(2)])), "what is gone is not taken twice");
    assert_eq!(records.find("draft", "of", "y", None, 9).unwrap(), []);
}

pub(crate) fn documents_are_listed_by_name_in_pages(records: &dyn Records) {
    // Bytes decide, not what some language makes of them.
    let names = ["A", "Z", "a", "a-b", "aa", "z", "ä", "鼎"];
    for id in names.iter().rev() {
        records.write(&[put(id, 0, id, &[("of", "x"), ("all", "")])]).unwrap();
    }
    let listed = |after, limit| -> Vec<String> {
        records.find("draft", "of", "x", after, limit).unwrap().into_iter().map(|r| r.id).collect()
    };
    assert_eq!(listed(None, 100), names);
    assert_eq!(listed(None, 3), names[..3]);
    assert_eq!(listed(Some("a"), 2), names[3..5]);
    assert_eq!(listed(Some("鼎"), 2), [""; 0]);
    assert_eq!(listed(None, 0), [""; 0]);
}

pub(crate) fn documents_come_back_byte_by_byte(records: &dyn Records) {
    let strange = "\0 \u{202e}'\"\\%_";
    let document = Record {
        kind: "draft".into(),
        id: strange.into(),
        version: 0,
        body: (0..=255).collect(),
        keys: vec![("a".into(), strange.into()), ("a".into(), "more".into()), ("b".into(), String::new())],
    };
    records.write(&[Change::Put(document.clone())]).unwrap();
    let mut kept = document;
    kept.version = 1;
    assert_eq!(records.get("draft", strange).unwrap().as_ref(), Some(&kept));
    assert_eq!(records.find("draft", "a", strange, None, 9).unwrap(), [kept]);
    assert_eq!(records.find("draft", "a", "%", None, 9).unwrap(), []);
    assert_eq!(records.get("other", strange).unwrap(), None, "kinds are apart");
}

pub(crate) fn a_document_has_a_bound(records: &dyn Records) {
    let large = |bytes: usize| Record { body: vec![7; bytes], ..record("large", 0, "", &[]) };
    let refused = records.write(&[put("small", 0, "", &[]), Change::Put(large(MAX_BODY + 1))]);
    assert!(matches!(refused, Err(RecordsError::TooLarge { .. })));
    assert_eq!(records.get("draft", "small").unwrap(), None);
    records.write(&[Change::Put(large(MAX_BODY))]).unwrap();
    assert_eq!(records.get("draft", "large").unwrap().unwrap().body.len(), MAX_BODY);
}

/// Of many who change what they all have seen, one does; who tries again until it works loses nothing.
pub(crate) fn of_many_who_saw_the_same_version_one_writes(servers: &[Arc<dyn Records>]) {
    servers[0].write(&[put("a", 0, "0", &[("of", "x")]), put("b", 0, "0", &[])]).unwrap();
    let counted = |id: &str| servers[0].get("draft", id).unwrap().unwrap();
    std::thread::scope(|scope| {
        for (writer, server) in servers.iter().cycle().take(6).enumerate() {
            scope.spawn(move || {
                let mut done = 0;
                while done < 10 {
                    let next = |id: &str| {
                        let mut seen = server.get("draft", id).unwrap().unwrap();
                        let count: u32 = String::from_utf8(seen.body).unwrap().parse().unwrap();
                        seen.body = (count + 1).to_string().into();
                        Change::Put(seen)
                    };
                    // In both orders: who waits for each other must not wait for ever.
                    let order = if writer % 2 == 0 { ["a", "b"] } else { ["b", "a"] };
                    match server.write(&order.map(next)) {
                        Ok(()) => done += 1,
                        conflict => assert!(is_conflict(&conflict), "{conflict:?}"),
                    }
                }
            });
        }
    });
    for id in ["a", "b"] {
        let document = counted(id);
        assert_eq!((document.body.as_slice(), document.version), (&b"60"[..], 61));
    }
}
