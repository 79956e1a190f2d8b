//! A seal in SoftHSM, which stands for any device that speaks PKCS#11. It comes from the system.

#![expect(clippy::unwrap_used, reason = "what fails in a test fails the test")]

use std::fs;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use evidence::{Algorithm, Envelope, PublicKey, SecretKey, Signer};
use kanae_seal::{DeviceError, Seal, SealError};

fn module() -> PathBuf {
    ["/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/libsofthsm2.so", "/usr/lib/libsofthsm2.so"]
        .iter()
        .map(PathBuf::from)
        .find(|path| path.is_file())
        .expect("SoftHSM is missing: run `cargo xtask test interop`, which installs it")
}

fn done(command: &mut Command) {
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{command:?}: {ran:?}");
}

/// Where the process with SoftHSM in it finds its files.
const FOLDER: &str = "KANAE_TEST_SEAL_FOLDER";

/// Makes a token with keys in it.
fn token(folder: &Path, key: &SecretKey) {
    let at = |name: &str| folder.join(name);
    fs::create_dir(at("tokens")).unwrap();
    let conf = format!(
        "directories.tokendir = {}\nobjectstore.backend = file\nlog.level = ERROR\n",
        at("tokens").display()
    );
    fs::write(at("softhsm2.conf"), conf).unwrap();
    let util = || {
        let mut util = Command::new("softhsm2-util");
        util.env("SOFTHSM2_CONF", folder.join("softhsm2.conf"));
        util
    };
    done(util().args([
        "--init-token",
        "--free",
        "--label",
        "kanae",
        "--so-pin",
        "87654321",
        "--pin",
        "1234",
    ]));
    key.write_new(&at("key.pem"), None).unwrap();
    let import = |name: &str, id: &str| {
        let pem = at("key.pem");
        done(
            util()
                .arg("--import")
                .arg(pem)
                .args(["--token", "kanae", "--label", name, "--id", id, "--pin", "1234"]),
        );
    };
    import("seal", "01");
    import("twice", "02");
    import("twice", "03");
}

fn secret(path: &Path, text: &str) {
    use std::io::Write as _;
    let mut file =
        fs::File::options().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}

#[test]
fn a_key_in_a_device_signs_what_statements_need() {
    if let Some(folder) = std::env::var_os(FOLDER) {
        let folder = PathBuf::from(folder);
        let public = SecretKey::read(&folder.join("key.pem"), None).unwrap().public_key();
        signs(&folder, &public);
        refuses(&folder);
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    token(folder.path(), &SecretKey::generate(Algorithm::EcdsaP256).unwrap());
    // SoftHSM reads its environment, which a process should not change while it has threads: run again with it.
    let mut again = Command::new(std::env::current_exe().unwrap());
    again.args(["--exact", "a_key_in_a_device_signs_what_statements_need", "--nocapture"]);
    again.env("SOFTHSM2_CONF", folder.path().join("softhsm2.conf")).env(FOLDER, folder.path());
    done(&mut again);
}

fn settings(folder: &Path, token: &str, key: &str) -> PathBuf {
    let module = module().display().to_string();
    let text = format!(
        "organisation = \"oversight-agency\"\n[pkcs11]\nmodule = {module:?}\ntoken = {token:?}\nkey = {key:?}\npin_file = \"pin\"\n"
    );
    let path = folder.join(format!("{token}-{key}.toml"));
    fs::write(&path, text).unwrap();
    path
}

fn signs(folder: &Path, public: &PublicKey) {
    secret(&folder.join("pin"), "1234\n");
    let seal = Seal::open(&settings(folder, "kanae", "seal")).unwrap();
    assert_eq!(seal.public_key(), *public);
    // A device takes either S: of so many, some had the high one.
    for number in 0..40 {
        let message = format!("message {number}");
        let signature = seal.sign(message.as_bytes()).unwrap();
        assert!(public.verify(message.as_bytes(), &signature), "{number}");
    }
    let envelope = Envelope::sign_by(b"{}".to_vec(), &[&seal]).unwrap();
    assert!(envelope.verified_by(std::slice::from_ref(public)).is_ok());
    // Several at once.
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert!(public.verify(b"m", &seal.sign(b"m").unwrap())));
        }
    });
}

fn refuses(folder: &Path) {
    let refused = |token: &str, key: &str| Seal::open(&settings(folder, token, key)).unwrap_err();
    let missing = refused("kanae", "other");
    assert!(matches!(missing, SealError::Device(DeviceError::Key { found: 0, .. })), "{missing}");
    let twice = refused("kanae", "twice");
    assert!(matches!(twice, SealError::Device(DeviceError::Key { found: 2, .. })), "{twice}");
    let nowhere = refused("elsewhere", "seal");
    assert!(matches!(nowhere, SealError::Device(DeviceError::Token { found: 0, .. })), "{nowhere}");
    secret(&folder.join("pin"), "4321");
    let stranger = refused("kanae", "seal");
    assert!(matches!(stranger, SealError::Device(DeviceError::Pkcs11 { .. })), "{stranger}");
    assert!(stranger.to_string().contains("PIN") && !stranger.to_string().contains("4321"), "{stranger}");
}
