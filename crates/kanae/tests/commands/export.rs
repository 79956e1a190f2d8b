//! A copy of the site: every link in it leads to a file of it, and its log can be audited.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use evidence::predicate::{Certificate, Example as _, Model, ModelVersion};
use node::testing::World;

fn html_files(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut waiting) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|end| end == "html") {
            found.push(path);
        }
    }
    found
}

/// Resolves a relative way as browsers do for `file:` addresses.
fn resolved(from: &Path, way: &str) -> PathBuf {
    let mut at = from.parent().unwrap().to_owned();
    for step in Path::new(way).components() {
        match step {
            Component::ParentDir => {
                at.pop();
            }
            Component::Normal(step) => at.push(step),
            other => panic!("{way}: {other:?}"),
        }
    }
    at
}

#[tokio::test]
async fn a_copy_of_the_site_stands_alone() {
    let mut world = World::start().await;
    world.adopt_regime("jp-ai-promotion-act-2025", &[]).await;
    let model = world.record(&world.developer, Model::example(), world.developer.id).await;
    let version = world.record(&world.developer, ModelVersion::example(), model).await;
    let certificate = world.record(&world.certifier, Certificate::example(), version).await;
    world.stop();
    let space = tempfile::tempdir().unwrap();
    let to = space.path().join("copy");
    let run = |arguments: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_kanae")).args(arguments).current_dir(space.path()).output().unwrap()
    };
    let data = world.data();
    let export = [
        "export",
        "site",
        "--data",
        data.to_str().unwrap(),
        "--to",
        "copy",
        "--url",
        "https://register.example",
    ];
    let done = run(&export);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(run(&export).status.code(), Some(64), "what is there is not mixed with a new copy");

    let pages = html_files(&to);
    assert!(pages.len() > 60, "{}", pages.len());
    for language in ["ja", "en"] {
        let page =
            std::fs::read_to_string(to.join(format!("{language}/certificates/{certificate}.html"))).unwrap();
        assert!(page.contains("kanae audit https://register.example"), "{page}");
        assert!(to.join(format!("{language}/about-this-copy.html")).exists());
    }
    let mut missing = BTreeSet::new();
    for file in &pages {
        let page = std::fs::read_to_string(file).unwrap();
        for needless in ["<form", "<script", "<input"] {
            assert!(!page.contains(needless), "{}: {needless}", file.display());
        }
        for rest in page.split("href=\"").skip(1).chain(page.split("src=\"").skip(1)) {
            let link = rest.split(['"', '#']).next().unwrap();
            assert!(!link.starts_with('/'), "{}: {link}", file.display());
            if link.is_empty() || link.contains("://") {
                continue;
            }
            if !resolved(file, link).is_file() {
                missing.insert(format!("{} -> {link}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
    let trust = to.join("en/audit/trust.json");
    let audit = run(&["audit", to.join("log").to_str().unwrap(), "--trust", trust.to_str().unwrap()]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
}
