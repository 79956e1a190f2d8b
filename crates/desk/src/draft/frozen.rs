//! The exact bytes of a draft that is frozen: signing them, approving them, the batch for the log.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use evidence::dsse::{Signature, is_signed_by};
use evidence::predicate::{Approval, ApprovalDecision};
use evidence::{
    Common, Digest, Envelope, LogReference, Nonce, Predicate, PublicKey, Slug, Statement, Texts, Timestamp,
    Unknown,
};

use super::{DraftError, Frozen, Sheet, Signer};

impl Sheet {
    pub(super) fn new(statement: &Statement, payload: &[u8]) -> Self {
        Self { payload: STANDARD.encode(payload), digest: statement.digest(), signatures: Vec::new() }
    }

    /// Returns the exact bytes.
    pub fn payload(&self) -> Vec<u8> {
        // It was encoded by `new`.
        STANDARD.decode(&self.payload).unwrap_or_default()
    }

    /// Reads the statement.
    pub fn statement(&self) -> Result<Statement, DraftError> {
        Ok(Statement::parse(&self.payload(), Unknown::Refuse)?)
    }

    /// Returns the keys that must sign and have not.
    pub fn unsigned(&self) -> Result<Vec<Digest>, DraftError> {
        let signers = self.statement()?.common().signers.clone();
        Ok(signers.into_iter().filter(|key| !self.signatures.iter().any(|(k, _)| k == key)).collect())
    }

    /// Adds a signature by a key that the bytes name.
    pub fn sign(&mut self, key: &PublicKey, signature: &[u8]) -> Result<(), DraftError> {
        let hash = key.hash();
        if !self.statement()?.common().signers.contains(&hash)
            || !is_signed_by(key, &self.payload(), signature)
        {
            return Err(DraftError::Signature);
        }
        self.signatures.retain(|(k, _)| *k != hash);
        self.signatures.push((hash, STANDARD.encode(signature)));
        Ok(())
    }

    /// Adds the signatures of an envelope that was made elsewhere of the same bytes; `find` finds a
    /// key by its hash. Returns how many were added.
    pub fn take(
        &mut self,
        envelope: &[u8],
        find: impl Fn(&Digest) -> Option<PublicKey>,
    ) -> Result<usize, DraftError> {
        let envelope = Envelope::parse(envelope)?;
        if envelope.payload() != self.payload() {
            return Err(DraftError::OtherBytes);
        }
        let keys: Vec<PublicKey> = self.statement()?.common().signers.iter().filter_map(find).collect();
        let mut added = 0;
        for signature in envelope.signatures() {
            if let Some(key) = keys.iter().find(|key| is_signed_by(key, envelope.payload(), &signature.sig)) {
                self.sign(key, &signature.sig)?;
                added += 1;
            }
        }
        if added == 0 { Err(DraftError::Signature) } else { Ok(added) }
    }

    /// Returns the envelope as it stands.
    pub fn envelope(&self) -> Envelope {
        let signatures = self
            .signatures
            .iter()
            .map(|(key, sig)| Signature {
                keyid: key.to_string(),
                sig: STANDARD.decode(sig).unwrap_or_default(),
            })
            .collect();
        Envelope::of(self.payload(), signatures)
    }
}

impl Frozen {
    /// Writes an approval of exactly these bytes, to be signed; an earlier unsigned or other one by
    /// the same holder is replaced.
    pub fn approve(
        &mut self,
        function: Slug,
        decision: ApprovalDecision,
        reasons: Texts,
        signer: &Signer,
        log: LogReference,
        now: Timestamp,
    ) -> Result<Digest, DraftError> {
        let act = self.act.statement()?;
        let common = Common {
            signers: vec![signer.key],
            holder: signer.holder.clone(),
            issued_at: now,
            log,
            nonce: Nonce::random()?,
            attachments: Vec::new(),
            supersedes: None,
            ..act.common().clone()
        };
        let predicate = Predicate::from(Approval { function, decision, reasons });
        let (statement, payload) = evidence::Draft { subject: act.digest(), common, predicate }.write()?;
        let mut kept = Vec::with_capacity(self.approvals.len() + 1);
        for sheet in std::mem::take(&mut self.approvals) {
            if sheet.statement()?.common().holder != signer.holder {
                kept.push(sheet);
            }
        }
        kept.push(Sheet::new(&statement, &payload));
        self.approvals = kept;
        Ok(statement.digest())
    }

    /// Returns the sheet with this digest.
    pub fn sheet_mut(&mut self, digest: &Digest) -> Option<&mut Sheet> {
        if self.act.digest == *digest {
            return Some(&mut self.act);
        }
        self.approvals.iter_mut().find(|sheet| sheet.digest == *digest)
    }

    /// Returns the sheet with this digest.
    pub fn sheet(&self, digest: &Digest) -> Option<&Sheet> {
        std::iter::once(&self.act).chain(&self.approvals).find(|sheet| sheet.digest == *digest)
    }

    /// Returns the holders whose signed approvals are in hand, and whether each approves.
    pub fn approvers(&self) -> Vec<(Slug, ApprovalDecision)> {
        let signed = self.approvals.iter().filter(|s| s.unsigned().is_ok_and(|keys| keys.is_empty()));
        signed
            .filter_map(|sheet| {
                let statement = sheet.statement().ok()?;
                let Predicate::Approval(approval) = statement.predicate() else { return None };
                Some((statement.common().holder.clone(), approval.decision))
            })
            .collect()
    }

    /// Returns the envelopes in the order in which they are submitted: signed approvals, then the act.
    pub fn batch(&self) -> Vec<Envelope> {
        let signed = self.approvals.iter().filter(|s| s.unsigned().is_ok_and(|keys| keys.is_empty()));
        signed.chain([&self.act]).map(Sheet::envelope).collect()
    }
}
