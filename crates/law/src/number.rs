//! Exact numbers: 10^25 is 10^25, and a third is a third.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

/// Longest text that is read as a number.
const MAX_LENGTH: usize = 128;
/// Largest exponent, in either direction, that is read.
const MAX_EXPONENT: i32 = 400;
/// Most binary digits of a calculated number, its numerator and denominator together.
const MAX_BITS: u64 = 4096;
/// Largest integers up to which a number is written with all its digits.
const PLAIN_DIGITS: usize = 15;

/// An exact rational number; copies share it.
///
/// Its text is canonical: one number has one text. Finite decimals are written as decimals, large
/// round ones with an exponent (`1e25`), all others as a fraction (`1/3`).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Number(Arc<BigRational>);

/// A text that is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text has other characters or another order than a decimal number.
    #[error("`{0}` is not a number; write it as in 1000, 10_000, 2.5 or 1e25")]
    Form(String),
    /// The text or its exponent is larger than any figure of a law could be.
    #[error(
        "`{0}` is out of range; at most {MAX_LENGTH} characters and exponents up to {MAX_EXPONENT} are read"
    )]
    Range(String),
}

impl FromStr for Number {
    type Err = NumberError;

    fn from_str(text: &str) -> Result<Self, NumberError> {
        let form = || NumberError::Form(text.chars().take(MAX_LENGTH).collect());
        let range = || NumberError::Range(text.chars().take(32).collect());
        if text.len() > 2 * MAX_LENGTH {
            return Err(range());
        }
        if let Some((numerator, denominator)) = text.split_once('/') {
            let numerator: Self = numerator.parse()?;
            let denominator: Self = denominator.parse()?;
            return numerator.divided_by(&denominator).ok_or_else(form);
        }
        if text.len() > MAX_LENGTH {
            return Err(range());
        }
        let (sign, rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.strip_prefix('+').unwrap_or(text)),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
                if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                    return Err(form());
                }
                let exponent: i32 = exponent.parse().map_err(|_| range())?;
                (mantissa, exponent)
            }
            None => (rest, 0),
        };
        if exponent.abs() > MAX_EXPONENT {
            return Err(range());
        }
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if mantissa.contains('.') && fraction.is_empty() {
            return Err(form());
        }
        for part in [whole, fraction] {
            let grouped = part.split('_').all(|group| group.bytes().all(|b| b.is_ascii_digit()));
            if !grouped || part.starts_with('_') || part.ends_with('_') || part.contains("__") {
                return Err(form());
            }
        }
        if whole.is_empty() {
            return Err(form());
        }
        let fraction: String = fraction.chars().filter(|c| *c != '_').collect();
        let digits: String = whole.chars().filter(|c| *c != '_').chain(fraction.chars()).collect();
        let digits: BigInt = digits.parse().map_err(|_| form())?;
        let shift = exponent - i32::try_from(fraction.len()).map_err(|_| range())?;
        let power = ten_to(shift.unsigned_abs());
        let value =
            if shift < 0 { BigRational::new(digits, power) } else { BigRational::from(digits * power) };
        Ok(Self::of(value * BigRational::from(BigInt::from(sign))))
    }
}

fn ten_to(exponent: u32) -> BigInt {
    Pow::pow(BigInt::from(10), exponent)
}

impl Number {
    fn of(value: BigRational) -> Self {
        Self(Arc::new(value))
    }

    pub(crate) fn zero() -> Self {
        Self::of(BigRational::zero())
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Returns whether the number is of a size that laws and figures can have; longer ones would
    /// make a calculation as slow as its author likes.
    pub(crate) fn is_manageable(&self) -> bool {
        self.0.numer().bits() + self.0.denom().bits() <= MAX_BITS
    }

    pub(crate) fn negated(&self) -> Self {
        Self::of(-&*self.0)
    }

    /// Returns the nearest floating-point number, for drawing and for ranges.
    pub(crate) fn to_f64(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::MAX)
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self::of(&*self.0 + &*other.0)
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        Self::of(&*self.0 * &*other.0)
    }

    pub(crate) fn divided_by(&self, other: &Self) -> Option<Self> {
        (!other.is_zero()).then(|| Self::of(&*self.0 / &*other.0))
    }

    /// Returns the nearest floating-point number, for people to read; nothing is computed with it.
    pub(crate) fn approximate(&self) -> f64 {
        self.0.to_f64().unwrap_or(f64::NAN)
    }

    /// Returns the decimal digits and the exponent of ten of a finite decimal.
    fn decimal(&self) -> Option<(String, i32)> {
        let mut rest = self.0.denom().clone();
        let (mut twos, mut fives) = (0_u32, 0_u32);
        for (prime, count) in [(2, &mut twos), (5, &mut fives)] {
            let prime = BigInt::from(prime);
            while (&rest % &prime).is_zero() {
                rest /= &prime;
                *count += 1;
            }
        }
        if !rest.is_one() {
            return None;
        }
        let places = twos.max(fives);
        let scaled = self.0.numer().abs() * ten_to(places) / self.0.denom();
        let digits = scaled.to_string();
        let kept = digits.trim_end_matches('0');
        let zeros = digits.len() - kept.len();
        let exponent = i32::try_from(zeros).ok()? - i32::try_from(places).ok()?;
        Some((kept.to_owned(), exponent))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_zero() {
            return f.write_str("0");
        }
        let Some((digits, exponent)) = self.decimal() else {
            return write!(f, "{}/{}", self.0.numer(), self.0.denom());
        };
        if self.is_negative() {
            f.write_str("-")?;
        }
        let count = digits.len();
        let shift = usize::try_from(exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if exponent >= 0 && (shift < 6 || count + shift <= PLAIN_DIGITS) {
            return write!(f, "{digits}{}", "0".repeat(shift));
        }
        if exponent < 0 && shift < count {
            let (whole, fraction) = digits.split_at(count - shift);
            return write!(f, "{whole}.{fraction}");
        }
        if exponent < 0 && shift - count < 6 {
            return write!(f, "0.{}{digits}", "0".repeat(shift - count));
        }
        let (first, others) = digits.split_at(1);
        let point = if others.is_empty() { "" } else { "." };
        let power = i64::from(exponent) + i64::try_from(others.len()).unwrap_or(0);
        write!(f, "{first}{point}{others}e{power}")
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.to_string()
    }
}

impl TryFrom<String> for Number {
    type Error = NumberError;

    fn try_from(text: String) -> Result<Self, NumberError> {
        text.parse()
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::of(BigRational::from(BigInt::from(value)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(text: &str) -> String {
        text.parse::<Number>().unwrap().to_string()
    }

    #[test]
    fn one_number_has_one_text() {
        for (text, expected) in [
            ("10_000", "10000"),
            ("1e25", "1e25"),
            ("10000000000000000000000000", "1e25"),
            ("10000000000000000000000001", "10000000000000000000000001"),
            ("21e24", "2.1e25"),
            ("2.50", "2.5"),
            ("0.03", "0.03"),
            ("-1e-12", "-1e-12"),
            ("15_000_000", "15000000"),
            ("1/3", "1/3"),
            ("0e400", "0"),
        ] {
            assert_eq!(canonical(text), expected, "{text}");
        }
    }

    #[test]
    fn a_number_beyond_reason_is_refused() {
        for text in ["1e999999999", "1e401", "1e99999999999999999999"] {
            assert!(matches!(text.parse::<Number>(), Err(NumberError::Range(_))), "{text}");
        }
        assert!("9".repeat(200).parse::<Number>().is_err());
        for text in ["", "-", ".5", "5.", "1__0", "_1", "1e", "0x10", "1,000", "１", "nan", "1/0"] {
            assert!(matches!(text.parse::<Number>(), Err(NumberError::Form(_))), "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_canonical_text_reads_back_as_the_same_number(mantissa in any::<i64>(), exponent in -40_i32..40, divisor in 1_i64..50) {
            let number: Number = format!("{mantissa}e{exponent}").parse().unwrap();
            let number = number.divided_by(&Number::from(divisor)).unwrap();
            prop_assert_eq!(number.to_string().parse::<Number>().unwrap(), number);
        }
    }
}
