//! Watching: what is kept, and what is said.

use kanae_audit::{FolderSource, Reason, Sighting, Watch};

use crate::forge::{Forge, Words, texts};

struct Scene {
    log: tempfile::TempDir,
    kept: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        Self { log: tempfile::tempdir().unwrap(), kept: tempfile::tempdir().unwrap() }
    }

    /// Publishes in place of what was there, and looks.
    fn look(&self, forge: &Forge) -> Sighting {
        for entry in std::fs::read_dir(self.log.path()).unwrap() {
            let path = entry.unwrap().path();
            let removed =
                if path.is_dir() { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
            removed.unwrap();
        }
        self.look_beside(forge)
    }

    /// Publishes and leaves what was there, as far as it is not overwritten.
    fn look_beside(&self, forge: &Forge) -> Sighting {
        forge.publish(self.log.path());
        let source = FolderSource::open(self.log.path()).unwrap();
        Watch::open(self.kept.path(), None).unwrap().look(&source).unwrap()
    }

    fn kept(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.kept.path()).unwrap();
        let mut sizes: Vec<String> = names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.ends_with(".checkpoint"))
            .map(|name| name.split('-').next().unwrap().trim_start_matches('0').to_owned())
            .collect();
        sizes.sort();
        sizes
    }
}

#[test]
fn a_growing_log_is_followed_and_every_checkpoint_is_kept() {
    let scene = Scene::new();
    let mut forge = Forge::honest();
    assert_eq!(scene.look(&forge), Sighting::First { size: 19 });
    assert_eq!(scene.look(&forge), Sighting::Unchanged { size: 19 });
    forge.restrict_more(3);
    assert_eq!(scene.look(&forge), Sighting::Grown { from: 19, to: 22 });
    assert_eq!(scene.kept(), ["19", "22"]);
}

#[test]
fn a_rewritten_history_is_told_and_both_checkpoints_are_kept_as_proof() {
    let scene = Scene::new();
    let mut forge = Forge::honest();
    scene.look(&forge);
    forge.forget_from(18);
    forge.restrict_more(2);
    let Sighting::Broken { fault } = scene.look(&forge) else { panic!("it was not noticed") };
    assert_eq!(fault.reason, Reason::HistoryRewritten);
    assert_eq!(scene.kept(), ["19", "20"]);
    // The honest log is what goes on counting as seen.
    assert_eq!(scene.look(&Forge::honest()), Sighting::Unchanged { size: 19 });
}

#[test]
fn a_log_that_lost_its_end_is_told() {
    let scene = Scene::new();
    let mut forge = Forge::honest();
    scene.look(&forge);
    forge.forget_from(18);
    assert!(matches!(scene.look(&forge), Sighting::Broken { .. }));
}

#[test]
fn an_old_checkpoint_from_a_cache_is_no_alarm_while_the_tiles_still_show_both() {
    let scene = Scene::new();
    let mut forge = Forge::honest();
    let old = forge.clone();
    forge.restrict_more(1);
    scene.look(&forge);
    assert_eq!(scene.look_beside(&old), Sighting::Behind { size: 19, seen: 20 });
}

#[test]
fn a_folder_keeps_the_checkpoints_of_one_log() {
    let scene = Scene::new();
    let forge = Forge::honest();
    scene.look(&forge);
    let mut other = forge.clone();
    let evidence::Predicate::NodeGenesis(mut body) =
        other.register.at_index(0).unwrap().statement.predicate().clone()
    else {
        panic!("entry 0 is a genesis")
    };
    body.notice = Some(texts());
    other.forget_from(0);
    let genesis = other.slip_in("node", Words::about(evidence::origin_subject(crate::forge::ORIGIN), body));
    other.things.insert("genesis", genesis);
    assert!(Watch::open(scene.kept.path(), Some(other.trust())).is_err());
    assert!(Watch::open(scene.kept.path(), Some(forge.trust())).is_ok());
}
