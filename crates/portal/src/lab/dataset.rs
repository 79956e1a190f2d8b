//! The shipped data set of models, read as the facts of each law.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use evidence::Digest;
use law::simulate::Models;

use crate::at_hand::Law;
use crate::coverage::{COLUMNS, Columns, MODELS};

/// Most readings that are kept, one for each law.
const MAX_KEPT: usize = 32;

/// What the columns of the shipped data set mean.
static READING: LazyLock<Option<Columns>> = LazyLock::new(|| Columns::read(COLUMNS).ok());

static KEPT: LazyLock<Mutex<BTreeMap<Digest, Models>>> = LazyLock::new(Mutex::default);

/// Why there is no answer although the question can be read: the data set does not fit the law.
#[derive(Debug, thiserror::Error)]
#[error("the data set cannot be read as facts of this law: {0}")]
pub(crate) struct Trouble(pub(crate) String);

/// Returns what the columns of the shipped data set mean.
pub(crate) fn columns() -> Option<&'static Columns> {
    READING.as_ref()
}

/// Reads the shipped data set as the facts of a law, once for each law.
pub(crate) fn models(law: &Law) -> Result<Models, Trouble> {
    if let Some(models) = KEPT.lock().unwrap_or_else(PoisonError::into_inner).get(&law.folder) {
        return Ok(models.clone());
    }
    let columns = columns().ok_or_else(|| Trouble("its columns are not described".to_owned()))?;
    let models = Models::read(MODELS, columns, &law.regime).map_err(|error| Trouble(error.to_string()))?;
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= MAX_KEPT {
        kept.clear();
    }
    kept.insert(law.folder, models.clone());
    Ok(models)
}
