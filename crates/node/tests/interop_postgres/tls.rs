//! The way to a PostgreSQL on another machine: encrypted, verified, with a password.

use std::path::Path;
use std::process::Command;

use kanae_node::Place;
use kanae_node::postgres::Address;
use kanae_node::testing::{Cluster, World, execute};
use zeroize::Zeroizing;

/// Makes a certificate for a name, signed by itself.
fn certificate(folder: &Path, name: &str) {
    let made = Command::new("openssl")
        .current_dir(folder)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-sha256"])
        .args(["-keyout", "key.pem", "-out", "certificate.pem", "-subj", &format!("/CN={name}")])
        .args([
            "-addext",
            &format!("subjectAltName=DNS:{name}"),
            "-addext",
            "basicConstraints=critical,CA:FALSE",
        ])
        .output()
        .expect("openssl, which comes with PostgreSQL");
    assert!(made.status.success(), "{made:?}");
}

#[tokio::test]
async fn a_server_is_believed_by_its_certificate_and_lets_in_by_password() {
    let folder = tempfile::tempdir().unwrap();
    certificate(folder.path(), "localhost");
    let cluster = Cluster::start_new();
    let mut world = World::start_with(Some(cluster.new_database())).await;
    world.stop();
    let database = world.place().database().unwrap().clone();
    execute(&database, "CREATE ROLE kanae SUPERUSER LOGIN PASSWORD 'correct horse'");
    let port = cluster.demand_tls(&folder.path().join("certificate.pem"), &folder.path().join("key.pem"));
    let name = database.url().rsplit('/').next().unwrap().to_owned();
    let roots = folder.path().join("certificate.pem").display().to_string().replace('/', "%2F");
    let address = |host: &str, more: &str, password: &str| {
        let url = format!("postgres://kanae@{host}:{port}/{name}?sslmode=verify-full{more}");
        Address::parse(&url, Some(Zeroizing::new(password.to_owned()))).unwrap()
    };
    let trusted = format!("&sslrootcert={roots}");
    let refused = |world: &mut World, address: Address| {
        world.reach_database_at(address);
        let refused = world.try_open().unwrap_err().to_string();
        assert!(!refused.contains("horse"), "{refused}");
        refused
    };
    let unknown = refused(&mut world, address("localhost", "", "correct horse"));
    assert!(unknown.contains("certificate"), "{unknown}");
    let elsewhere = refused(&mut world, address("127.0.0.1", &trusted, "correct horse"));
    assert!(elsewhere.contains("certificate"), "{elsewhere}");
    let stranger = refused(&mut world, address("localhost", &trusted, "battery horse"));
    assert!(stranger.contains("password authentication failed"), "{stranger}");
    let plain = format!("postgres://kanae@127.0.0.1:{port}/{name}?sslmode=disable");
    let plain = Address::parse(&plain, Some(Zeroizing::new("correct horse".to_owned()))).unwrap();
    assert!(refused(&mut world, plain).contains("no pg_hba.conf entry"));

    let good = address("localhost", &trusted, "correct horse");
    world.reach_database_at(good.clone());
    world.open();
    assert!(!format!("{:?}", Place::with_database(folder.path(), good)).contains("horse"));
}
