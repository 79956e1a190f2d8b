//! The audit: everything fetched, folded and computed again, and compared.

use std::collections::{BTreeMap, BTreeSet};

use evidence::predicate::{Advice, Assessment, short_name};
use evidence::{Attachment, Digest, Envelope, Leaf, Part, Predicate, PublicLeaf, Statement, Visibility};
use ledger::{Edge, Hash, LogReader, ReadError, Resource, TILE_WIDTH, decode_bundle, leaf_hash};
use register::{Code, Entry, Library, Register, Signed};

use crate::advice::{self, Recomputed};
use crate::folders::{self, Kind};
use crate::log::{Log, LogError, envelope_path, read_envelope};
use crate::reason::{NotShown, Reason};
use crate::report::{Checked, Counted, Departure, Fault, Head, MAX_FAULTS, Report, Unshown};
use crate::source::{Meter, Source};
use crate::trust::Trust;

/// The most entries that are audited at once: all their statements are held in memory.
pub const MAX_ENTRIES: u64 = 1 << 22;

/// How many envelopes, and how many attachments, are held at once before they are folded in.
const ENVELOPES: usize = 64;
const PARTS: usize = 4;

/// How far an audit has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// So many of the log's entries have been read.
    Entries {
        /// Read.
        done: u64,
        /// All.
        all: u64,
    },
    /// So many statements have been looked at.
    Statements {
        /// Looked at.
        done: u64,
        /// All.
        all: u64,
    },
}

/// Audits a log.
///
/// Faults of the log are in the report. An error says that the source failed, and that nothing
/// is known: it is never the same as a log without faults.
pub fn run(
    source: &dyn Source,
    trust: Option<&Trust>,
    progress: &dyn Fn(Progress),
) -> Result<Report, LogError> {
    let mut audit = Audit::new(trust, progress);
    let opened = Log::open(source, trust);
    let Some(log) = audit.take(opened)? else { return Ok(audit.report(None)) };
    let (checkpoint, note) = (log.checkpoint(), log.note());
    let head = Head {
        origin: checkpoint.origin.clone(),
        size: checkpoint.size,
        root: Digest::from_bytes(checkpoint.root.0),
        checkpoint: note.to_string(),
    };
    if head.size > MAX_ENTRIES {
        return Err(LogError::TooLarge { size: head.size });
    }
    audit.whole(&log)?;
    audit.checked.bytes = log.meter.bytes();
    Ok(audit.report(Some(head)))
}

/// An audit under way: what has come out so far.
struct Audit<'a> {
    trust: Option<&'a Trust>,
    progress: &'a dyn Fn(Progress),
    checked: Checked,
    counted: Counted,
    departures: Vec<Departure>,
    faults: Vec<Fault>,
    unshown: BTreeMap<NotShown, u64>,
}

/// The entries of a log as far as they could be read, without a gap from the first.
type Leaves = Vec<(Leaf, Hash)>;

/// The registers that assessments name, by size, and how far the fold has come.
struct Fold {
    register: Register,
    library: Library,
    edge: Edge,
    named: BTreeSet<u64>,
    past: BTreeMap<u64, Register>,
    /// Whether the register is known: an entry that cannot be read may have changed it.
    known: bool,
}

impl<'a> Audit<'a> {
    fn new(trust: Option<&'a Trust>, progress: &'a dyn Fn(Progress)) -> Self {
        Self {
            trust,
            progress,
            checked: Checked::default(),
            counted: Counted::default(),
            departures: Vec::new(),
            faults: Vec::new(),
            unshown: BTreeMap::new(),
        }
    }

    /// Writes down a fault; the same one twice in a row counts once.
    fn fault(&mut self, fault: Fault) {
        if self.faults.last() == Some(&fault) {
            return;
        }
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(fault);
        } else {
            self.not_shown(NotShown::FurtherFaults, 1);
        }
    }

    fn not_shown(&mut self, what: NotShown, count: u64) {
        *self.unshown.entry(what).or_default() += count;
    }

    /// Writes down the fault in a result, where there is one; other errors end the audit.
    fn take<T>(&mut self, result: Result<T, LogError>) -> Result<Option<T>, LogError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(LogError::Fault(fault)) => {
                self.fault(fault);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    fn whole(&mut self, log: &Log<'_>) -> Result<(), LogError> {
        let size = log.checkpoint().size;
        if let Some(seen) = self.trust.map(|trust| trust.checkpoint().size).filter(|seen| *seen > size) {
            let detail = format!("{size} entries, the checkpoint in the trust file has {seen}");
            self.fault(Fault::new(size, Reason::CheckpointOlder, detail));
        }
        let opened = log.reader();
        let Some(mut reader) = self.take(opened)? else { return Ok(()) };
        self.continues(&mut reader)?;
        let leaves = self.entries(log, &mut reader)?;
        let register = self.statements(log, &leaves)?;
        self.parts(log, &register)
    }

    /// The log continues the checkpoint that the auditor has seen.
    fn continues(&mut self, reader: &mut LogReader<&Meter<'_>>) -> Result<(), LogError> {
        let head = reader.head();
        let Some(seen) =
            self.trust.map(|trust| trust.checkpoint().head()).filter(|seen| seen.size <= head.size)
        else {
            return Ok(());
        };
        let root = reader.root_at(seen.size).map_err(LogError::from);
        if let Some(root) = self.take(root)?
            && root != seen.root
        {
            let detail =
                format!("the root at size {} is {root}, the trust file has {}", seen.size, seen.root);
            self.fault(Fault::new(None, Reason::HistoryRewritten, detail));
        }
        Ok(())
    }

    /// Reads every entry, checked against the root, and returns the leaves before the first that
    /// cannot be read.
    fn entries(&mut self, log: &Log<'_>, reader: &mut LogReader<&Meter<'_>>) -> Result<Leaves, LogError> {
        let size = reader.head().size;
        let mut leaves = Leaves::new();
        let mut unbroken = true;
        let mut next = 0;
        while next < size {
            let end = size.min(next + u64::from(TILE_WIDTH));
            let mut entries: Vec<Vec<u8>> = Vec::new();
            let mut error = None;
            for read in reader.entries(next..end) {
                match read {
                    Ok((_, bytes)) => entries.push(bytes),
                    Err(problem) => error = Some(problem),
                }
            }
            if let Some(ReadError::BundleEntryMismatch { path, index }) = &error {
                entries = before(log, reader, path, next, *index)?;
            }
            self.checked.entries += entries.len() as u64;
            for (index, bytes) in (next..).zip(entries) {
                if !unbroken {
                    break;
                }
                let leaf = Leaf::parse(&bytes)
                    .map_err(|error| LogError::Fault(Fault::new(index, Reason::LeafMalformed, error)));
                match self.take(leaf)? {
                    Some(leaf) => leaves.push((leaf, leaf_hash(&bytes))),
                    None => unbroken = false,
                }
            }
            if let Some(error) = error {
                self.take::<()>(Err(error.into()))?;
                unbroken = false;
            }
            next = end;
            (self.progress)(Progress::Entries { done: next, all: size });
        }
        Ok(leaves)
    }

    /// Folds every statement in, and returns the register that comes out.
    fn statements(&mut self, log: &Log<'_>, leaves: &Leaves) -> Result<Register, LogError> {
        let size = log.checkpoint().size;
        let mut fold = Fold {
            register: Register::new(log.checkpoint().origin.clone()),
            library: Library::default(),
            edge: Edge::new(),
            named: named_sizes(&log.meter, leaves),
            past: BTreeMap::new(),
            known: true,
        };
        let mut index = 0;
        let mut judged = 0;
        for chunk in leaves.chunks(ENVELOPES) {
            let paths: Vec<(String, usize)> =
                chunk.iter().filter_map(|(leaf, _)| envelope_of(leaf)).collect();
            let mut fetched = paths.iter().zip(log.meter.fetch_all(&paths));
            for (leaf, hash) in chunk {
                let content = match leaf {
                    Leaf::Public(leaf) => {
                        let Some(((path, _), fetched)) = fetched.next() else { break };
                        let read = read_envelope(index, leaf, path, fetched);
                        let read = self.take(read)?;
                        fold.known &= read.is_some();
                        read
                    }
                    Leaf::Restricted { .. } => {
                        self.counted.restricted += 1;
                        None
                    }
                };
                if fold.known {
                    self.entry(log, &mut fold, index, (leaf, *hash), content.as_ref())?;
                    judged += 1;
                }
                index += 1;
                (self.progress)(Progress::Statements { done: index, all: size });
            }
        }
        if judged < size {
            self.not_shown(NotShown::NotJudged, size - judged);
        }
        Ok(fold.register)
    }

    /// Judges one entry and folds it in.
    fn entry(
        &mut self,
        log: &Log<'_>,
        fold: &mut Fold,
        index: u64,
        (leaf, hash): (&Leaf, Hash),
        content: Option<&(Statement, Envelope)>,
    ) -> Result<(), LogError> {
        // The tree has fewer entries than a tree may have, so it takes this one.
        let _ = fold.edge.push(hash);
        let root = Digest::from_bytes(fold.edge.root().0);
        let mut missing = None;
        if let Some((statement, _)) = content {
            missing = self.shelve(log, fold, index, statement)?;
        }
        let content = content.map(|(statement, envelope)| Signed { statement, envelope });
        let (next, refusal) = fold.register.with(&Entry { leaf, content, root }, &fold.library);
        fold.register = next;
        if let (Leaf::Public(leaf), 0) = (leaf, index) {
            self.known_genesis(leaf);
        }
        match (refusal, content) {
            (Some(refusal), _) => {
                self.counted.refused += 1;
                let unreadable = matches!(refusal.code, Code::PolicyUnknown | Code::RegimeUnknown);
                match missing.filter(|_| unreadable) {
                    Some(fault) => {
                        // Authorised, it would be in force, and nobody can say what it is.
                        fold.known = false;
                        self.fault(fault);
                    }
                    None => self.fault(Fault::new(index, refusal.code, &refusal.detail)),
                }
            }
            (None, Some(signed)) => self.accepted(fold, index, signed.statement),
            (None, None) => {}
        }
        if fold.register.genesis().is_none() {
            fold.known = false;
            if self.faults.iter().all(|fault| fault.entry != Some(0)) {
                self.fault(Fault::new(0, Reason::GenesisMissing, "entry 0 is restricted"));
            }
        }
        let size = fold.register.size();
        if fold.named.contains(&size) {
            fold.past.insert(size, fold.register.clone());
        }
        Ok(())
    }

    /// Fetches the files that a statement adopts, where they are not at hand; returns what is
    /// wrong with them.
    fn shelve(
        &mut self,
        log: &Log<'_>,
        fold: &mut Fold,
        index: u64,
        statement: &Statement,
    ) -> Result<Option<Fault>, LogError> {
        let (kind, folder) = match statement.predicate() {
            Predicate::NodeGenesis(genesis) => (Kind::Policy, genesis.policy),
            Predicate::PolicyAdoption(adoption) => (Kind::Policy, adoption.policy),
            Predicate::RegimeAdoption(adoption) => (Kind::Regime, adoption.folder),
            _ => return Ok(None),
        };
        let at_hand = match kind {
            Kind::Policy => fold.library.policy(&folder).is_some(),
            Kind::Regime => fold.library.regime(&folder).is_some(),
        };
        if at_hand {
            return Ok(None);
        }
        match folders::shelve(&log.meter, index, kind, folder, &mut fold.library) {
            Ok(()) => {
                match kind {
                    Kind::Policy => self.checked.policies += 1,
                    Kind::Regime => self.checked.regimes += 1,
                }
                Ok(None)
            }
            Err(LogError::Fault(fault)) => Ok(Some(fault)),
            Err(other) => Err(other),
        }
    }

    fn known_genesis(&mut self, leaf: &PublicLeaf) {
        let Some(expected) = self.trust.map(Trust::genesis) else { return };
        if leaf.statement != expected {
            let detail = format!("entry 0 is {}, the trust file has {expected}", leaf.statement);
            self.fault(Fault::new(0, Reason::GenesisMismatch, detail));
        }
    }

    /// Looks into a statement that is signed and authorised.
    fn accepted(&mut self, fold: &Fold, index: u64, statement: &Statement) {
        self.checked.statements += 1;
        self.checked.signatures += statement.common().signers.len() as u64;
        match statement.predicate() {
            Predicate::Approval(_) => self.checked.approvals += 1,
            Predicate::Assessment(stated) => self.assessment(fold, index, statement, stated),
            Predicate::Designation(act) if act.advice == Advice::Departs => {
                self.departure(index, statement, act.assessment);
            }
            Predicate::Finding(act) if act.advice == Advice::Departs => {
                self.departure(index, statement, act.assessment);
            }
            _ => {}
        }
    }

    fn departure(&mut self, entry: u64, statement: &Statement, assessment: Digest) {
        self.counted.departures += 1;
        self.departures.push(Departure {
            entry,
            statement: statement.digest(),
            act: statement.predicate().name().to_owned(),
            assessment,
        });
    }

    fn assessment(&mut self, fold: &Fold, index: u64, statement: &Statement, stated: &Assessment) {
        let register = fold.past.get(&stated.register.size);
        match advice::recompute(statement, stated, register, &fold.library) {
            Recomputed::Same { withheld_duties } => {
                self.checked.assessments += 1;
                if withheld_duties > 0 {
                    self.not_shown(NotShown::WithheldDuties, withheld_duties);
                }
            }
            Recomputed::Withheld => self.not_shown(NotShown::WithheldInputs, 1),
            Recomputed::Differs(detail) => self.fault(Fault::new(index, Reason::WrongAssessment, detail)),
        }
    }

    /// Checks the public attachments that are served.
    fn parts(&mut self, log: &Log<'_>, register: &Register) -> Result<(), LogError> {
        let mut wanted: Vec<(u64, &Attachment)> = Vec::new();
        for recorded in register.statements() {
            for attachment in &recorded.statement.common().attachments {
                if register.erased_by(&attachment.commitment).is_some() {
                    self.counted.erased_parts += 1;
                } else if attachment.visibility == Visibility::Restricted {
                    self.counted.restricted_parts += 1;
                } else {
                    wanted.push((recorded.index, attachment));
                }
            }
        }
        for group in wanted.chunks(PARTS) {
            let paths: Vec<(String, usize)> = group
                .iter()
                .map(|(_, part)| {
                    let most = usize::try_from(part.size).unwrap_or(usize::MAX).saturating_add(32);
                    (format!("part/{}", part.commitment), most)
                })
                .collect();
            for (((entry, part), (path, _)), fetched) in
                group.iter().zip(&paths).zip(log.meter.fetch_all(&paths))
            {
                match fetched {
                    Ok(Some(bytes)) if commits_to(part, &bytes) => self.checked.parts += 1,
                    Ok(Some(_)) => {
                        let detail = format!("{path} is not {:?} as committed to", part.name);
                        self.fault(Fault::new(*entry, Reason::PartMismatch, detail));
                    }
                    Ok(None) => self.not_shown(NotShown::PartsNotServed, 1),
                    Err(error) => {
                        self.take::<()>(Err(LogError::of_source(path, error, Some(*entry))))?;
                    }
                }
            }
        }
        Ok(())
    }

    fn report(mut self, head: Option<Head>) -> Report {
        for what in [NotShown::FactsTrue, NotShown::KeyHolders, NotShown::SingleView] {
            self.unshown.insert(what, 0);
        }
        if self.trust.is_none() {
            self.unshown.insert(NotShown::Unanchored, 0);
        }
        if self.counted.restricted > 0 {
            self.unshown.insert(NotShown::Restricted, self.counted.restricted);
        }
        // What concerns the whole log comes first; the order of discovery is kept otherwise.
        self.faults.sort_by_key(|fault| fault.entry);
        Report {
            ok: self.faults.is_empty(),
            anchored: self.trust.is_some(),
            log: head,
            since: self.trust.map(|trust| trust.checkpoint().size),
            checked: self.checked,
            counted: self.counted,
            departures: self.departures,
            not_shown: self
                .unshown
                .into_iter()
                .map(|(what, count)| Unshown { what, count: (count > 0).then_some(count) })
                .collect(),
            faults: self.faults,
        }
    }
}

/// Reads the entries of a bundle that come before the first wrong one.
fn before(
    log: &Log<'_>,
    reader: &mut LogReader<&Meter<'_>>,
    path: &str,
    first: u64,
    wrong: u64,
) -> Result<Vec<Vec<u8>>, LogError> {
    let most = path.parse().map_or(0, Resource::max_len);
    let bytes = log.meter.fetch(path, most).map_err(|error| LogError::of_source(path, error, Some(first)))?;
    let bytes = bytes.unwrap_or_default();
    let mut entries = Vec::new();
    for (index, entry) in (first..wrong).zip(decode_bundle(&bytes).unwrap_or_default()) {
        // Fetched a second time, it may be another: it is checked again.
        if reader.leaf_hash_at(index).ok() != Some(leaf_hash(entry)) {
            break;
        }
        entries.push(entry.to_vec());
    }
    Ok(entries)
}

/// Collects the sizes of the register that assessments name, so that only those are kept.
///
/// What cannot be read here is found when its entry is folded in.
fn named_sizes(meter: &Meter<'_>, leaves: &Leaves) -> BTreeSet<u64> {
    let paths: Vec<(String, usize)> = leaves
        .iter()
        .filter(|(leaf, _)| {
            matches!(leaf, Leaf::Public(leaf) if short_name(&leaf.predicate_type) == "assessment")
        })
        .filter_map(|(leaf, _)| envelope_of(leaf))
        .collect();
    let mut sizes = BTreeSet::new();
    for group in paths.chunks(ENVELOPES) {
        for bytes in meter.fetch_all(group).into_iter().flatten().flatten() {
            let Ok(envelope) = Envelope::parse(&bytes) else { continue };
            let statement = Statement::parse(envelope.payload(), evidence::Unknown::Ignore);
            if let Some(Predicate::Assessment(stated)) = statement.ok().as_ref().map(Statement::predicate) {
                sizes.insert(stated.register.size);
            }
        }
    }
    sizes
}

/// Returns where the envelope of a public leaf lies, and its greatest length.
fn envelope_of(leaf: &Leaf) -> Option<(String, usize)> {
    match leaf {
        Leaf::Public(leaf) => Some((envelope_path(&leaf.statement), evidence::dsse::MAX_ENVELOPE)),
        Leaf::Restricted { .. } => None,
    }
}

/// Tells whether a served part (salt, then content) is the one that an attachment commits to.
fn commits_to(attachment: &Attachment, served: &[u8]) -> bool {
    served.split_first_chunk::<32>().is_some_and(|(salt, bytes)| {
        bytes.len() as u64 == attachment.size
            && Part { salt: *salt, bytes: bytes.to_vec() }.commitment() == attachment.commitment
    })
}
