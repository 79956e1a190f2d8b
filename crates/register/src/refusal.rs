//! Why a statement has no effect: a code for machines, a sentence for people.

use std::fmt;

use evidence::Language;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $kind:ident $code:literal $ja:literal $en:literal)*) => {
        /// The reason codes of refusals. They stand in signed refusals and audit reports: a code is
        /// never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Code {
            $($(#[$doc])* $kind,)*
        }

        impl Code {
            /// Returns every code.
            pub fn all() -> &'static [Code] {
                &[$(Self::$kind),*]
            }

            /// Returns the code as written, such as `approval-missing`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// Returns what it means, for people.
            pub fn label(self, language: Language) -> &'static str {
                match language {
                    Language::Ja => match self { $(Self::$kind => $ja,)* },
                    Language::En => match self { $(Self::$kind => $en,)* },
                }
            }
        }
    };
}

codes! {
    /// The first entry of a log is a genesis, and no other entry is.
    GenesisMisplaced "genesis-misplaced"
        "台帳の開設は最初の記録だけに置けます。" "The first entry of a log, and no other, is its genesis."
    /// The statement names another log, or a checkpoint that this log never had.
    WrongLog "wrong-log"
        "別の台帳、またはこの台帳にない履歴に向けた記録です。" "The statement was made for another log, or for a history that this log never had."
    /// The statement is already recorded.
    Duplicate "duplicate"
        "同じ記録がすでにあります。" "The statement is already recorded."
    /// The leaf's type, issuer or visibility is not that of the statement.
    LeafMismatch "leaf-mismatch"
        "台帳の項目と記録の中身が合いません。" "The log entry and the statement do not agree."
    /// The policy does not name the type of statement.
    UnknownType "unknown-type"
        "規程にない種類の記録です。" "The policy in force does not name this type of statement."
    /// The issuer is not in the register.
    UnknownIssuer "unknown-issuer"
        "発行者が登録されていません。" "The issuer is not in the register."
    /// A signing key is not in the register.
    UnknownKey "unknown-key"
        "登録されていない鍵による署名です。" "A signing key is not in the register."
    /// A signing key has ended.
    EndedKey "ended-key"
        "使用を終えた鍵による署名です。" "A signing key has ended."
    /// A signing key belongs to another organisation.
    ForeignKey "foreign-key"
        "別の組織の鍵による署名です。" "A signing key belongs to another organisation."
    /// A signature does not verify, or the signers are not those that the statement names.
    BadSignature "bad-signature"
        "署名が正しくありません。" "A signature does not verify."
    /// No signing key belongs to the holder who drafted the statement.
    WrongHolder "wrong-holder"
        "起案者として名乗る者の鍵による署名がありません。" "No signing key belongs to the holder named as the drafter."
    /// Fewer root keys have signed than the genesis asks for.
    Threshold "threshold"
        "運営の鍵による署名の数が足りません。" "Fewer root keys have signed than the genesis asks for."
    /// The issuer does not have a role that may say this.
    WrongRole "wrong-role"
        "発行者の役割では、この種類の記録を行えません。" "The issuer has no role that may say this."
    /// The drafter is not an officer as the policy asks.
    OfficerRequired "officer-required"
        "この記録は、権限のある職員が起案しなければなりません。" "The drafter does not hold the office that the policy asks for."
    /// The subject is not in the register.
    UnknownSubject "unknown-subject"
        "対象が登録されていません。" "The subject is not in the register."
    /// The subject is of another kind than this type of statement is about.
    WrongSubject "wrong-subject"
        "対象の種類が、この記録に合いません。" "The subject is not of the kind that this type of statement is about."
    /// The subject belongs to someone about whom the issuer may not say this.
    WrongRelation "wrong-relation"
        "発行者は、この対象についてこの記録を行う立場にありません。" "The issuer does not stand to the subject as the policy asks."
    /// The regime is not adopted here, or not named.
    UnknownRegime "unknown-regime"
        "採択されていない法令、または法令の指定がありません。" "The regime is not adopted here, or the statement names none."
    /// Restricted where the policy asks for public, or the reverse.
    WrongVisibility "wrong-visibility"
        "この種類の記録の公開範囲が規程と違います。" "The policy does not allow this visibility for this type of statement."
    /// Too few approvals by other holders in office.
    ApprovalMissing "approval-missing"
        "起案者以外の職員による承認が足りません。" "An approval by another officer is missing."
    /// The approval given is for another draft.
    ApprovalOtherDraft "approval-other-draft"
        "承認は別の案に対するものです。" "The approval is for another draft."
    /// The act is adverse and its procedure is missing, open or for something else.
    ProcedureMissing "procedure-missing"
        "不利益な行為の前に必要な手続がありません。" "The procedure before an adverse act is missing."
    /// The addressee can still answer.
    ProcedureOpen "procedure-open"
        "相手方がまだ意見を述べられる期間です。" "The addressee can still answer: the act must wait."
    /// It rests on an act that a court or a decision on an objection has stayed or annulled.
    NotInForce "not-in-force"
        "効力を停止された、または取り消された行為に基づいています。" "It rests on an act that is stayed or annulled."
    /// Who drafted the contested act would decide on it.
    OwnAct "own-act"
        "争われている行為を起案した者は、その異議の決定に関与できません。" "Whoever drafted the contested act takes no part in the decision on it."
    /// Nobody would be left in an office that the policy does not let fall vacant.
    LastOfficer "last-officer"
        "最後の一人を職から外すことはできません。先に後任を置いてください。" "The last holder of an office cannot be removed: put somebody else in office first."
    /// A cited statement is not what the citing one needs.
    WrongCitation "wrong-citation"
        "引用した記録が、この記録の根拠になりません。" "A cited statement is not of the kind, or not about the thing, that this one needs."
    /// The corrected statement is of another type, subject or issuer, or already corrected.
    WrongSupersession "wrong-supersession"
        "訂正の対象が正しくありません。" "The statement that is corrected is of another type, subject or issuer, cannot be corrected, or already is."
    /// The slug is taken below the same parent.
    SlugTaken "slug-taken"
        "同じ名前がすでに使われています。" "The short name is already taken."
    /// A key is registered already, or cannot be read.
    BadKey "bad-key"
        "鍵が読めないか、すでに登録されています。" "A key cannot be read, or is already registered."
    /// The policy's files are not at hand or do not have the adopted digest.
    PolicyUnknown "policy-unknown"
        "採択された規程の本文がありません。" "The files of the adopted policy are not at hand."
    /// The regime's files are not at hand or the switches do not fit them.
    RegimeUnknown "regime-unknown"
        "採択された法令の本文がないか、設定が合いません。" "The files of the adopted regime are not at hand, or the switches do not fit them."
    /// Dates that contradict each other or the entry time.
    WrongTime "wrong-time"
        "日付または時刻が正しくありません。" "A date or time contradicts the others or the entry time."
    /// A public text would say of a named organisation what only a signed act may say.
    Premature "premature"
        "名指しの組織について、署名された行為の前に「未充足」を公表できません。" "A public statement may not say \"unmet\" of a named organisation before a signed act does."
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A refusal: the code, and what exactly was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{code}: {} ({detail})", code.label(Language::En))]
pub struct Refusal {
    /// The reason code.
    pub code: Code,
    /// What was found and what was expected, in English.
    pub detail: String,
}

impl Refusal {
    /// Makes a refusal.
    pub fn new(code: Code, detail: impl fmt::Display) -> Self {
        Self { code, detail: detail.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_written_as_it_is_serialised() {
        for code in Code::all() {
            assert_eq!(serde_json::to_string(code).unwrap(), format!("{:?}", code.as_str()));
        }
    }
}
