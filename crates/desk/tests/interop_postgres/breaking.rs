//! Connections that are cut, and a server that stops.

use kanae_desk::records::PostgresRecords;
use kanae_desk::{Change, Records, RecordsError};
use postgres::testing::{AtCommit, Cluster, Proxy};

use crate::suite::{put, record};

/// Whatever happens to the COMMIT, a write is made once: whoever asks is told so, and is not told of a conflict
/// with itself.
#[test]
fn a_write_whose_answer_was_lost_is_made_once() {
    for at in [AtCommit::Swallow, AtCommit::Mute, AtCommit::Delay] {
        let cluster = Cluster::shared();
        let database = cluster.new_database();
        let direct = PostgresRecords::open(&database).unwrap();
        direct.write(&[put("secret", 0, "once", &[]), put("a", 0, "one", &[])]).unwrap();
        let proxy = Proxy::before(&cluster.socket());
        let records = PostgresRecords::open(&proxy.address(&database)).unwrap();
        proxy.at_next_commit(at);
        let take = Change::Remove { kind: "draft".into(), id: "secret".into(), version: 1 };
        records.write(&[take.clone(), put("a", 1, "two", &[("of", "x")])]).unwrap();
        assert!(!proxy.waits(), "{at:?}: nothing happened to the COMMIT");
        assert_eq!(
            direct.get("draft", "a").unwrap().unwrap(),
            record("a", 2, "two", &[("of", "x")]),
            "{at:?}"
        );
        let again = records.write(&[take]);
        assert!(matches!(again, Err(RecordsError::Conflict { .. })), "{at:?}: {again:?}");
    }
}

#[test]
fn a_database_that_comes_back_is_used_again() {
    let cluster = Cluster::start_new();
    let records = PostgresRecords::open(&cluster.new_database()).unwrap();
    records.write(&[put("a", 0, "one", &[])]).unwrap();
    cluster.stop();
    let away = records.get("draft", "a");
    assert!(matches!(away, Err(RecordsError::Database { .. })), "{away:?}");
    std::thread::scope(|scope| {
        let waits = scope.spawn(|| records.write(&[put("a", 1, "two", &[])]));
        cluster.start();
        waits.join().unwrap().unwrap();
    });
    assert_eq!(records.get("draft", "a").unwrap().unwrap().version, 2);
}
