//! The cast: invented organisations.

use crate::audience::Voice;

/// Someone on stage: an organisation, or one of its officers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Role {
    /// Name of the key folder below `actors/`.
    pub(crate) folder: &'static str,
    /// The organisation's slug; `node` for the operator.
    pub(crate) issuer: &'static str,
    /// The office that holds the key.
    pub(crate) holder: &'static str,
    pub(crate) voice: Voice,
    pub(crate) ja: &'static str,
    pub(crate) en: &'static str,
}

macro_rules! cast {
    ($($name:ident $folder:literal $issuer:literal $holder:literal $voice:ident $ja:literal $en:literal)*) => {
        $(pub(crate) const $name: Role = Role {
            folder: $folder, issuer: $issuer, holder: $holder, voice: Voice::$voice, ja: $ja, en: $en,
        };)*
    };
}

cast! {
    OPERATOR "operator" "node" "operator" Machine "台帳の運営者" "The register's operator"
    AGENCY "agency" "oversight-agency" "registrar" State "AI監督庁" "AI Oversight Agency"
    OFFICER_1 "officer-1" "oversight-agency" "officer-1" State "AI監督庁 職員1" "AI Oversight Agency, officer 1"
    OFFICER_2 "officer-2" "oversight-agency" "officer-2" State "AI監督庁 職員2" "AI Oversight Agency, officer 2"
    INSTITUTE "institute" "safety-research" "evaluation" Verifier "AI安全研究センター" "Centre for AI Safety Research"
    MINATO "minato" "minato-lab" "compliance" Developer "みなと言語研究所" "Minato Language Laboratory"
    NORTHLIGHT "northlight" "northlight" "policy-office" Developer "ノースライトAI" "Northlight AI"
    CERTIFIER "certifier" "ai-certification" "certification" Verifier "AI認証機構" "AI Certification Body"
}

/// The developer's model, by its path.
pub(crate) const MODEL: &str = "minato-lab/wakaba";
/// Its version.
pub(crate) const VERSION: &str = "minato-lab/wakaba/2026-11";
