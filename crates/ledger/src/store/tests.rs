use super::*;
use std::fs;
use std::path::Path;

fn stores(root: &Path) -> [Box<dyn TileStore>; 3] {
    let synced = FolderStore::open(root.join("synced")).unwrap();
    let unsynced = FolderStore::open(root.join("unsynced")).unwrap();
    [Box::new(MemoryStore::new()), Box::new(synced), Box::new(unsynced.without_sync())]
}

#[test]
fn a_published_file_never_changes_but_the_checkpoint_does() {
    let root = tempfile::tempdir().unwrap();
    for store in stores(root.path()) {
        let path = "tile/0/x001/067.p/2";
        assert_eq!(store.read(path).unwrap(), None);
        store.write(path, b"hashes").unwrap();
        store.write(path, b"hashes").unwrap();
        for other in [&b"other!"[..], b"hashe", b"hashes and more"] {
            let error = store.write(path, other).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            let conflict = error.get_ref().unwrap().downcast_ref::<StoreConflict>();
            assert_eq!(conflict.unwrap().path, path);
        }
        assert_eq!(store.read(path).unwrap().unwrap(), b"hashes");
        store.write("checkpoint", b"first").unwrap();
        store.write("checkpoint", b"second").unwrap();
        assert_eq!(store.read("checkpoint").unwrap().unwrap(), b"second");
    }
}

#[test]
fn a_batch_that_was_half_written_can_be_written_again() {
    let root = tempfile::tempdir().unwrap();
    let files = [
        ("tile/0/000".to_owned(), vec![1; 8_192]),
        ("tile/1/000.p/1".to_owned(), vec![2; 32]),
        ("tile/entries/000".to_owned(), vec![0; 512]),
    ];
    for store in stores(root.path()) {
        store.write(&files[1].0, &files[1].1).unwrap();
        store.write_all(&files).unwrap();
        store.write_all(&files).unwrap();
        for (path, bytes) in &files {
            assert_eq!(store.read(path).unwrap().as_ref(), Some(bytes));
        }
    }
}

#[test]
fn no_path_leads_out_of_the_log() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("secret"), "secret").unwrap();
    for store in stores(root.path()) {
        for path in ["../secret", "/etc/hostname", "tile/../../secret", "", "tile"] {
            let error = store.read(path).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path:?}");
            assert!(store.write(path, b"").is_err(), "{path:?}");
        }
    }
}

#[test]
fn a_folder_holds_only_whole_files_that_others_can_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = tempfile::tempdir().unwrap();
    let store = FolderStore::open(root.path()).unwrap();
    store.write("tile/0/000.p/1", &[7; 32]).unwrap();
    assert!(store.write("tile/0/000.p/1", &[8; 32]).is_err());
    let folder = root.path().join("tile/0/000.p");
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["1"]);
    let mode = fs::metadata(folder.join("1")).unwrap().permissions().mode();
    assert_eq!(mode & 0o444, 0o444);
}

#[test]
fn a_file_that_is_too_long_is_not_read_to_its_end() {
    let root = tempfile::tempdir().unwrap();
    let store = FolderStore::open(root.path()).unwrap();
    fs::create_dir_all(root.path().join("tile/0")).unwrap();
    fs::write(root.path().join("tile/0/000"), vec![0; 100_000]).unwrap();
    assert_eq!(store.read("tile/0/000").unwrap().unwrap().len(), 8_193);
}
