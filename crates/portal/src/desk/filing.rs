//! The way of a signed draft into the log.

use desk::draft::{Draft, Frozen, Stage};
use desk::{Desk, DeskError};
use node::{Caller, Node, Outcome, Submission, SubmitError};

/// Why a draft did not get into the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FilingError {
    /// The content of a file is gone.
    #[error("the content of the file {0:?} is gone: remove it and add it again")]
    File(String),
    /// The desk failed.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The register refuses it, or the node takes nothing.
    #[error(transparent)]
    Submit(#[from] SubmitError),
    /// The node answered with less than was asked.
    #[error("the node did not say what became of the statement")]
    NoAnswer,
}

/// Submits a draft that is signed and approved: its approvals and the act in one piece. Returns
/// the stage that it has then.
pub(crate) async fn submit(
    node: &Node,
    desk: &Desk,
    draft: &Draft,
    frozen: &Frozen,
    caller: &Caller,
) -> Result<Stage, FilingError> {
    let mut parts = Vec::with_capacity(draft.files.len());
    for file in &draft.files {
        parts.push(desk.file(file)?.ok_or_else(|| FilingError::File(file.attachment.name.clone()))?);
    }
    let mut batch: Vec<Submission> = frozen
        .batch()
        .into_iter()
        .map(|envelope| Submission { envelope: envelope.to_bytes(), parts: Vec::new() })
        .collect();
    if let Some(act) = batch.last_mut() {
        act.parts = parts;
    }
    match node.submit(batch, caller).await?.pop() {
        Some(Outcome::Recorded { statement, index, .. }) => Ok(Stage::Recorded { statement, index }),
        Some(Outcome::Waiting { statement, arrival_note }) => {
            Ok(Stage::Waiting { statement, note: arrival_note })
        }
        None => Err(FilingError::NoAnswer),
    }
}
