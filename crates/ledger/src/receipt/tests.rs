use super::*;
use std::sync::LazyLock;

use crate::checkpoint::TreeHead;
use crate::integrate::integrate;
use crate::note::NoteSigner;
use crate::reader::LogReader;
use crate::store::MemoryStore;
use crate::{ReadLog as _, node_hash};
use proptest::prelude::*;

const ORIGIN: &str = "example.org/log";

fn signer() -> NoteSigner {
    NoteSigner::from_seed(ORIGIN, &[7; 32]).unwrap()
}

fn receipt(index: u64) -> (Receipt, Vec<u8>) {
    let entries: Vec<Vec<u8>> = (0..300_u16).map(|i| i.to_be_bytes().to_vec()).collect();
    let store = MemoryStore::new();
    let batch = integrate(&store, TreeHead::EMPTY, &entries).unwrap();
    batch.publish(&store).unwrap();
    let head = batch.head();
    let mut log = LogReader::open(|path: &str| store.read(path), head).unwrap();
    let entry = entries[usize::try_from(index).unwrap()].clone();
    let receipt = Receipt {
        extra: Some(entry.clone()),
        index,
        proof: log.inclusion_proof(index, head.size).unwrap(),
        checkpoint: Checkpoint::new(ORIGIN, head).sign(&[&signer()]).unwrap(),
    };
    (receipt, entry)
}

#[test]
fn a_receipt_is_checked_offline() {
    let keys = [signer().verifier_key()];
    for index in [0, 1, 255, 256, 299] {
        let (receipt, entry) = receipt(index);
        let read = Receipt::parse(&receipt.to_bytes()).unwrap();
        assert_eq!(read, receipt);
        assert_eq!(read.verify(&entry, ORIGIN, &keys).unwrap().size, 300);
    }
}

#[test]
fn a_receipt_reads_as_the_specification_shows_it() {
    let (receipt, _) = receipt(297);
    insta::assert_snapshot!(receipt.to_string());
}

#[test]
fn the_only_entry_of_a_log_needs_no_hashes() {
    let head = TreeHead { size: 1, root: leaf_hash(b"only") };
    let receipt = Receipt {
        extra: None,
        index: 0,
        proof: Vec::new(),
        checkpoint: Checkpoint::new(ORIGIN, head).sign(&[&signer()]).unwrap(),
    };
    assert_eq!(Receipt::parse(&receipt.to_bytes()), Ok(receipt.clone()));
    let keys = [signer().verifier_key()];
    assert!(receipt.verify(b"only", ORIGIN, &keys).is_ok());
    assert!(receipt.verify(b"other", ORIGIN, &keys).is_err());
}

#[test]
fn anything_changed_is_refused() {
    let (good, entry) = receipt(200);
    let keys = [signer().verifier_key()];
    let refused = |receipt: Receipt| receipt.verify(&entry, ORIGIN, &keys).unwrap_err();
    assert!(good.verify(b"another entry", ORIGIN, &keys).is_err());
    assert!(good.verify(&entry, "example.org/other", &keys).is_err());
    let stranger = NoteSigner::from_seed(ORIGIN, &[8; 32]).unwrap();
    assert!(good.verify(&entry, ORIGIN, &[stranger.verifier_key()]).is_err());
    for index in [0, 199, 201, 300, u64::MAX] {
        refused(Receipt { index, ..good.clone() });
    }
    for place in 0..good.proof.len() {
        let mut changed = good.clone();
        changed.proof[place] = node_hash(&changed.proof[place], &changed.proof[place]);
        refused(changed);
        let mut shorter = good.clone();
        shorter.proof.remove(place);
        refused(shorter);
        let mut longer = good.clone();
        longer.proof.insert(place, good.proof[place]);
        refused(longer);
    }
}

#[test]
fn an_error_names_the_line() {
    let (receipt, _) = receipt(3);
    let text = receipt.to_string();
    let message = |text: &str| Receipt::parse(text.as_bytes()).unwrap_err().to_string();
    assert_eq!(
        message(&text.replace("@v1", "@v2")),
        "line 1 of the receipt: expected `c2sp.org/tlog-proof@v1`"
    );
    assert_eq!(
        message(&text.replace("index 3", "index 03")),
        "line 3 of the receipt: expected `index ` and the entry's index without leading zeros"
    );
    assert!(message(&text.replace("extra AAM=", "extra AAM")).starts_with("line 2 "));
    assert!(message(&text.replace("=\n\n", "=\n")).starts_with("line 13 "));
    assert!(message("").starts_with("line 1 "));
    assert!(message("c2sp.org/tlog-proof@v1\n").starts_with("line 2 "));
    let many = format!("{}\n", receipt.proof[0].to_base64()).repeat(65);
    assert!(message(&format!("{HEADER}\nindex 0\n{many}\n")).starts_with("line 67 "));
}

proptest! {
    #[test]
    fn a_receipt_that_is_read_is_written_the_same(
        place in 0_usize..900, byte in any::<u8>(),
    ) {
        static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| receipt(3).0.to_bytes());
        let mut bytes = GOOD.clone();
        if let Some(there) = bytes.get_mut(place) {
            *there = byte;
        }
        if let Ok(receipt) = Receipt::parse(&bytes) {
            prop_assert_eq!(receipt.to_bytes(), bytes);
        }
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Receipt::parse(&bytes);
        let _ = Receipt::parse(&[HEADER.as_bytes(), b"\nindex 0\n", &bytes].concat());
    }
}
