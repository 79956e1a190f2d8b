//! Numbers of public registers, and whether they can be right.

/// Why a number of a register cannot be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegistryError {
    /// Not of the register's form.
    #[error("expected {expected}, found {found:?}")]
    Form {
        /// The form.
        expected: &'static str,
        /// What there is, cut short.
        found: String,
    },
    /// Of the right form, but the check digits are others: a digit is wrong or two are exchanged.
    #[error("{number} cannot be right: its check digits would be {expected}; look at each digit again")]
    CheckDigits {
        /// The number.
        number: String,
        /// The check digits that would fit.
        expected: String,
    },
}

/// Checks a number of a register whose rule is known; of other registers it knows nothing.
///
/// `scheme` is as `organisation` statements name it: `jp-corporate-number`, `lei`.
pub fn check(scheme: &str, number: &str) -> Result<(), RegistryError> {
    match scheme {
        "jp-corporate-number" => corporate_number(number),
        "lei" => lei(number),
        _ => Ok(()),
    }
}

/// Checks a Japanese corporate number (法人番号): 13 digits, the first of which is
/// 9 − (Σ Pₙ·Qₙ mod 9), where Pₙ is the n-th digit from the right and Qₙ is 1 for odd, 2 for even n
/// (法人番号の指定等に関する省令第2条).
pub fn corporate_number(number: &str) -> Result<(), RegistryError> {
    let digits: Option<Vec<u32>> = number.chars().map(|c| c.to_digit(10)).collect();
    let Some([check, base @ ..]) = digits.as_deref().filter(|digits| digits.len() == 13) else {
        return Err(form("13 digits", number));
    };
    let sum: u32 =
        base.iter().rev().zip([1, 2].into_iter().cycle()).map(|(digit, weight)| digit * weight).sum();
    let expected = 9 - sum % 9;
    if *check == expected { Ok(()) } else { Err(wrong(number, expected.to_string())) }
}

/// Checks a Legal Entity Identifier (ISO 17442): 18 letters and digits and two check digits, by
/// ISO 7064 MOD 97-10.
pub fn lei(number: &str) -> Result<(), RegistryError> {
    let fits = number.len() == 20
        && number.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        && number.bytes().skip(18).all(|b| b.is_ascii_digit());
    if !fits {
        return Err(form("18 capital letters or digits and two check digits", number));
    }
    // Letters count as two digits, from 10 for A to 35 for Z.
    let rest = |text: &str| {
        text.chars()
            .filter_map(|c| c.to_digit(36))
            .fold(0, |rest, value| (rest * if value < 10 { 10 } else { 100 } + value) % 97)
    };
    if rest(number) == 1 {
        return Ok(());
    }
    let expected = 98 - rest(&format!("{}00", &number[..18]));
    Err(wrong(number, format!("{expected:02}")))
}

fn form(expected: &'static str, found: &str) -> RegistryError {
    RegistryError::Form { expected, found: found.chars().take(40).collect() }
}

fn wrong(number: &str, expected: String) -> RegistryError {
    RegistryError::CheckDigits { number: number.to_owned(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_corporate_numbers_are_right() {
        // The National Tax Agency, the Digital Agency, the Ministry of Economy, Trade and Industry,
        // and the example that the tax agency computes (国税庁「チェックデジットの計算」).
        for number in ["7000012050002", "8000012010038", "4000012090001", "8700110005901"] {
            assert_eq!(corporate_number(number), Ok(()), "{number}");
        }
    }

    #[test]
    fn a_wrong_digit_of_a_corporate_number_is_noticed_and_the_check_digit_told() {
        let error = corporate_number("7000012050003").unwrap_err();
        assert!(error.to_string().contains("would be 6"), "{error}");
        for number in ["", "700001205000", "70000120500022", "７000012050002", "7000012O50002"] {
            assert!(matches!(corporate_number(number), Err(RegistryError::Form { .. })), "{number}");
        }
    }

    #[test]
    fn published_identifiers_of_legal_entities_are_right() {
        // GLEIF itself, and Deutsche Bank AG, as the GLEIF index has them.
        for number in ["506700GE1G29325QX363", "7LTWFZYICNSX8D621K86"] {
            assert_eq!(lei(number), Ok(()), "{number}");
        }
        let error = lei("506700GE1G29325QX364").unwrap_err();
        assert!(error.to_string().contains("would be 63"), "{error}");
        for number in ["", "506700ge1g29325qx363", "506700GE1G29325QX36A", "506700GE1G29325QX3630"] {
            assert!(matches!(lei(number), Err(RegistryError::Form { .. })), "{number}");
        }
    }

    #[test]
    fn an_unknown_register_is_not_judged() {
        assert_eq!(check("eu-vat", "anything"), Ok(()));
    }

    proptest::proptest! {
        #[test]
        fn no_text_breaks_a_check(text in "\\PC{0,40}") {
            let _ = (corporate_number(&text), lei(&text));
        }

        #[test]
        fn every_single_wrong_digit_of_a_corporate_number_but_nine_for_nought_is_noticed(
            base in 0_u64..1_000_000_000_000, at in 0_usize..12, by in 1_u32..9
        ) {
            let number = format!("1{base:012}");
            let expected = match corporate_number(&number) {
                Err(RegistryError::CheckDigits { expected, .. }) => expected,
                _ => "1".to_owned(),
            };
            let right = format!("{expected}{base:012}");
            proptest::prop_assert_eq!(corporate_number(&right), Ok(()));
            let mut digits: Vec<u32> = right.chars().filter_map(|c| c.to_digit(10)).collect();
            let old = digits[at + 1];
            digits[at + 1] = (old + by) % 10;
            // Modulo 9, a nought and a nine are the same.
            let same = digits[at + 1] % 9 == old % 9;
            let wrong: String = digits.iter().map(ToString::to_string).collect();
            proptest::prop_assert_eq!(corporate_number(&wrong).is_ok(), same);
        }
    }
}
