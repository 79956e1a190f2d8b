//! A disk that is full: what was acknowledged stays, what was not is said, and room makes it go on.

use std::fs;
use std::process::Command;

use client::{Author, ClientError, Composed, Options};
use evidence::Digest;
use serde_json::json;

use crate::house::{DEVELOPER, House, Server, quiet};

/// Starts a server that may write no file larger than so many blocks of 512 bytes: at that point every write fails,
/// as it does on a full disk.
fn serve_within(house: &House, blocks: u64) -> Server {
    let program = env!("CARGO_BIN_EXE_kanae");
    let line = format!(
        "trap '' XFSZ; ulimit -f {blocks}; exec '{program}' --json serve --data node --listen 127.0.0.1:0"
    );
    let mut shell = quiet(Command::new("sh"));
    Server::of(shell.args(["-c", &line]).current_dir(house.path("")))
}

async fn compose(author: &Author, number: u32) -> Result<Composed, client::ComposeError> {
    let text = "A model that has much to be said about it. ".repeat(80);
    let body = json!({"slug": format!("m{number}"), "names": {"en": "M"}, "description": {"en": text}});
    author.compose("model", DEVELOPER, body, Options::default()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_is_acknowledged_that_is_not_kept_and_room_makes_it_go_on() {
    let house = House::new();
    fs::copy(house.path("node/trust.json"), house.path("first-day.json")).unwrap();
    let server = house.serve();
    house.furnish(&server);
    server.kill();
    let largest = |name: &str| fs::metadata(house.path(name)).map_or(0, |file| file.len());
    let size = largest("node/kanae.db").max(largest("node/kanae.db-wal"));
    let server = serve_within(&house, size / 512 + 200);
    let author = house.author(&server, "minato");
    let mut acknowledged: Vec<(Digest, Composed)> = Vec::new();
    let mut refused = None;
    for number in 0..400 {
        let composed = compose(&author, number).await.unwrap();
        match author.submit(std::slice::from_ref(&composed)).await {
            Ok(_) => acknowledged.push((composed.digest(), composed)),
            Err(error) => {
                refused = Some((composed, error));
                break;
            }
        }
    }
    let (refused, error) = refused.expect("the disk never was full");
    assert!(!acknowledged.is_empty());
    assert!(matches!(&error, ClientError::Problem(problem) if problem.status == 503), "{error:?}");
    // What is there is still read.
    let client = house.client(&server, None);
    for (digest, _) in &acknowledged {
        client.statement(digest).await.unwrap();
    }
    assert_eq!(house.http.get(format!("{}/en/register", server.url)).send().await.unwrap().status(), 200);
    server.kill();

    let server = house.serve();
    let client = house.client(&server, None);
    for (digest, _) in &acknowledged {
        client.statement(digest).await.unwrap();
    }
    // The same once more, since it was refused; and one that is known finds its place.
    let author = house.author(&server, "minato");
    author.submit(std::slice::from_ref(&refused)).await.unwrap();
    author.submit(std::slice::from_ref(&acknowledged[0].1)).await.unwrap();
    server.kill();
    house.done(&["audit", "node/log", "--trust", "first-day.json"]);
}
