//! The reason codes of faults, and what an audit cannot show.

use std::fmt;

use evidence::Language;
use register::Code;
use serde::{Serialize, Serializer};

macro_rules! coded {
    (
        $(#[$meta:meta])*
        enum $name:ident { $($(#[$doc:meta])* $kind:ident $code:literal $ja:literal $en:literal)* }
        $(, $(#[$own_doc:meta])* $own:ident($inner:ty))?
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$doc])* $kind,)*
            $($(#[$own_doc])* $own($inner),)?
        }

        impl $name {
            /// Returns the code as written.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                    $(Self::$own(inner) => <$inner>::as_str(inner),)?
                }
            }

            /// Returns what it means, for people.
            pub fn label(self, language: Language) -> &'static str {
                match language {
                    Language::Ja => match self {
                        $(Self::$kind => $ja,)*
                        $(Self::$own(inner) => <$inner>::label(inner, language),)?
                    },
                    Language::En => match self {
                        $(Self::$kind => $en,)*
                        $(Self::$own(inner) => <$inner>::label(inner, language),)?
                    },
                }
            }

            /// Returns every code that is this list's own.
            pub fn all() -> &'static [Self] {
                &[$(Self::$kind),*]
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    };
}

coded! {
    /// Why something does not fit. Codes stand in reports and scripts: one is never renamed.
    enum Reason {
        /// The checkpoint cannot be read.
        CheckpointMalformed "checkpoint-malformed"
            "チェックポイントが読めません。" "The checkpoint cannot be read."
        /// No known key of the log has signed the checkpoint, or a signature is wrong.
        CheckpointSignature "checkpoint-signature"
            "チェックポイントの署名が正しくありません。" "The checkpoint's signature does not verify."
        /// The checkpoint is about another log.
        OtherLog "other-log"
            "別の台帳です。" "This is another log than the one asked for."
        /// The checkpoint is older than the one that the auditor has seen.
        CheckpointOlder "checkpoint-older"
            "以前に確認した記録が末尾から失われています。" "Entries that were there are gone: the log is shorter than the checkpoint seen before."
        /// The log does not continue the checkpoint that the auditor has seen.
        HistoryRewritten "history-rewritten"
            "以前に確認した履歴が書き換えられています。" "The history has been rewritten: the log does not continue the checkpoint seen before."
        /// A tile of hashes is missing.
        TileMissing "tile-missing"
            "ハッシュのタイルがありません。" "A tile of hashes is missing."
        /// A tile of hashes is not the one that the checkpoint commits to.
        TileMismatch "tile-mismatch"
            "ハッシュのタイルがチェックポイントと合いません。" "A tile of hashes is not the one that the checkpoint commits to."
        /// An entry is missing.
        EntryMissing "entry-missing"
            "記録がありません。" "An entry is missing."
        /// An entry is not the one that the checkpoint commits to.
        EntryMismatch "entry-mismatch"
            "記録がチェックポイントと合いません。" "An entry is not the one that the checkpoint commits to."
        /// A file is longer than any such file can be.
        FileTooLong "file-too-long"
            "ファイルが上限より長いです。" "A file is longer than any such file can be."
        /// An entry's bytes are no leaf that this version knows.
        LeafMalformed "leaf-malformed"
            "記録の形式が正しくありません。" "An entry's bytes are no leaf that this version knows."
        /// The envelope of a public entry is missing.
        EnvelopeMissing "envelope-missing"
            "署名付きの本文がありません。" "The envelope of a public entry is missing."
        /// The envelope is not the one that the entry commits to.
        EnvelopeMismatch "envelope-mismatch"
            "署名付きの本文が記録と合いません。" "The envelope is not the one that the entry commits to."
        /// The envelope cannot be read.
        EnvelopeMalformed "envelope-malformed"
            "署名付きの本文が読めません。" "The envelope cannot be read."
        /// The statement in the envelope cannot be read.
        StatementMalformed "statement-malformed"
            "本文が読めません。" "The statement in the envelope cannot be read."
        /// Entry 0 is no genesis, or its signatures or policy do not hold.
        GenesisMissing "genesis-missing"
            "台帳の開設の記録がありません。" "The log does not begin with a genesis."
        /// The genesis is not the one that the auditor knows.
        GenesisMismatch "genesis-mismatch"
            "台帳の開設の記録が、信頼ファイルのものと違います。" "The genesis is not the one in the trust file."
        /// The files of an adopted policy are missing.
        PolicyMissing "policy-missing"
            "採択された規程の本文がありません。" "The files of an adopted policy are missing."
        /// The files of an adopted policy are not those adopted.
        PolicyMismatch "policy-mismatch"
            "規程の本文が、採択されたものと違います。" "The files of the policy are not those that were adopted."
        /// The files of an adopted policy cannot be read by this version.
        PolicyUnreadable "policy-unreadable"
            "採択された規程が読めません。" "The adopted policy cannot be read by this version."
        /// The files of an adopted regime are missing.
        RegimeMissing "regime-missing"
            "採択された法令の本文がありません。" "The files of an adopted regime are missing."
        /// The files of an adopted regime are not those adopted.
        RegimeMismatch "regime-mismatch"
            "法令の本文が、採択されたものと違います。" "The files of the regime are not those that were adopted."
        /// The files of an adopted regime cannot be read by this version.
        RegimeUnreadable "regime-unreadable"
            "採択された法令が読めません。" "The adopted regime cannot be read by this version."
        /// An attachment is not the one that its statement commits to.
        PartMismatch "part-mismatch"
            "添付が、本文の示すものと違います。" "An attachment is not the one that its statement commits to."
        /// An assessment says something else than comes out when it is computed again.
        WrongAssessment "wrong-assessment"
            "判定の助言を計算し直すと、結果が違います。" "An assessment says something else than comes out when it is computed again."
    },
    /// The register refuses the statement, for its own reason.
    Register(Code)
}

coded! {
    /// What an audit cannot show. Codes stand in reports: one is never renamed.
    enum NotShown {
        /// Whether what is said is true.
        FactsTrue "facts-true"
            "記載された事実が真実かどうか(署名は、誰が述べたかだけを示します)"
            "whether the facts are true: a signature shows who said something, not that it is so"
        /// Who really held a key.
        KeyHolders "key-holders"
            "鍵を実際に誰が持っていたか" "who really held each key"
        /// Whether everyone is shown the same log.
        SingleView "single-view"
            "すべての人に同じ台帳が示されているか(証人の連署はまだありません)"
            "whether everyone is shown the same log: no witnesses have cosigned it yet"
        /// Whether this is the log that it says it is.
        Unanchored "unanchored"
            "これが本物の台帳かどうか(信頼ファイルなしでは、それ自身との整合だけを示します)"
            "whether this is the log that it claims to be: without a trust file it is consistent with itself only"
        /// What restricted entries say.
        Restricted "restricted-entries"
            "非公開の記録の内容" "what the restricted entries say"
        /// Assessments that use withheld inputs.
        WithheldInputs "withheld-inputs"
            "非公開の事実に基づく判定の助言" "assessments that rest on withheld facts"
        /// Duties that assessments leave out.
        WithheldDuties "withheld-duties"
            "署名された行為の前に公表できないため、判定の助言に含まれない義務"
            "duties that assessments leave out because only a signed act may state them"
        /// Public attachments that are not served.
        PartsNotServed "parts-not-served"
            "提供されていない公開の添付" "public attachments that are not served"
        /// Entries after a break.
        NotJudged "not-judged"
            "手前の不整合のため、権限を確かめられなかった記録"
            "entries after a fault that leaves open what the register was: whether they were authorised"
        /// Faults beyond the number that is listed.
        FurtherFaults "further-faults"
            "一覧の上限を超えた不整合" "faults beyond the number that is listed"
    }
}

impl From<Code> for Reason {
    fn from(code: Code) -> Self {
        Self::Register(code)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_reasons_share_a_code() {
        let own = Reason::all().iter().map(|reason| reason.as_str());
        let codes: Vec<_> = own.chain(Code::all().iter().map(|code| code.as_str())).collect();
        assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    }

    #[test]
    fn every_reason_and_every_limit_is_said_in_both_languages() {
        for language in [Language::Ja, Language::En] {
            let reasons = Reason::all().iter().map(|reason| reason.label(language));
            let limits = NotShown::all().iter().map(|what| what.label(language));
            let labels: BTreeSet<_> = reasons.chain(limits).collect();
            assert_eq!(labels.len(), Reason::all().len() + NotShown::all().len());
        }
    }
}
