//! Values of columns, read into what they have to be.

use std::error::Error;
use std::str::FromStr;

use evidence::Timestamp;
use tokio_postgres::types::{FromSql, Type, accepts};

/// 32 bytes: a digest, a salt.
pub(super) struct Bytes32(pub(super) [u8; 32]);

impl<'a> FromSql<'a> for Bytes32 {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(<&[u8]>::from_sql(ty, raw)?.try_into()?))
    }

    accepts!(BYTEA);
}

/// A time in milliseconds.
pub(super) struct Millis(pub(super) Timestamp);

impl<'a> FromSql<'a> for Millis {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Timestamp::from_millis(i64::from_sql(ty, raw)?)
            .map(Self)
            .ok_or_else(|| "no time before the year 10000".into())
    }

    accepts!(INT8);
}

/// Anything with a form as text.
pub(super) struct Readable<T>(pub(super) T);

impl<'a, T: FromStr<Err: Error + Sync + Send + 'static>> FromSql<'a> for Readable<T> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(<&str>::from_sql(ty, raw)?.parse()?))
    }

    accepts!(TEXT);
}
