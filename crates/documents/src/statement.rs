//! From a statement to its letter.

use evidence::{Attachment, Digest, Language, Predicate, Statement, Timestamp, Visibility};
use law::{Regime, RegimeStatus};
use serde_json::Value;

use crate::field::{Names, Reader, kind, of};
use crate::letter::{Block, Field, Letter, Letterhead, Passage, Proof, Sender, Table};

/// What is known about a statement besides its own words.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// The language of the document.
    pub language: Language,
    /// The law under which it is said, first, and others whose words may help.
    pub regimes: &'a [Regime],
    /// Whether the first of them is the law under which it is said.
    pub under_first: bool,
    /// Names of things.
    pub names: &'a dyn Names,
    /// Who says it.
    pub issuer: Option<&'a Sender>,
    /// Whom it is to, where its own words do not say ([`addressee`]).
    pub addressee: Option<&'a str>,
    /// The number of the document.
    pub number: Option<&'a str>,
    /// Whose paper it is on.
    pub letterhead: Option<&'a Letterhead>,
    /// Where it stands.
    pub entry: Option<Entry>,
    /// The entry that corrects it.
    pub superseded_by: Option<u64>,
    /// The address of its page.
    pub address: Option<&'a str>,
}

/// Where a statement stands in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// Its index.
    pub index: u64,
    /// Its time.
    pub time: Timestamp,
    /// When it arrived.
    pub arrived_at: Timestamp,
}

/// Acts of an authority that go to somebody.
const ACTS: [&str; 16] = [
    "designation",
    "designation-end",
    "review",
    "procedure",
    "finding",
    "remedy-request",
    "information-request",
    "guidance",
    "report-demand",
    "inspection",
    "inspection-minutes",
    "extension",
    "order",
    "surcharge",
    "objection-decision",
    "certificate-status",
];
/// Acts that can be contested as dispositions.
const DISPOSITIONS: [&str; 5] = ["designation", "finding", "order", "surcharge", "objection-decision"];

/// Returns whom a statement is to, where it says so itself.
pub fn addressee(statement: &Statement) -> Option<Digest> {
    let body = statement.predicate().to_value();
    ["addressee", "developer", "organisation", "to"]
        .into_iter()
        .find_map(|name| body.get(name)?.as_str()?.parse().ok())
}

/// Makes the document of a statement: its letter where the kind has one, else what it says, field by
/// field.
pub fn letter(statement: &Statement, occasion: &Occasion<'_>) -> Letter {
    let maker = Maker { statement, occasion, name: statement.predicate().name() };
    maker.letter()
}

/// Makes the receipt of a submission.
pub fn receipt(statement: &Statement, occasion: &Occasion<'_>) -> Letter {
    let maker = Maker { statement, occasion, name: statement.predicate().name() };
    maker.receipt()
}

struct Maker<'a> {
    statement: &'a Statement,
    occasion: &'a Occasion<'a>,
    name: &'a str,
}

impl Maker<'_> {
    fn say(&self, key: &str) -> String {
        texts::message(self.occasion.language, key).to_string()
    }

    fn regime(&self) -> Option<&Regime> {
        self.occasion.regimes.first().filter(|_| self.occasion.under_first)
    }

    fn law(&self) -> String {
        self.regime().map(|regime| of(regime.title(), self.occasion.language).to_owned()).unwrap_or_default()
    }

    fn in_japan(&self) -> bool {
        self.regime().is_some_and(|regime| regime.jurisdiction() == "JP")
    }

    fn is_draft(&self) -> bool {
        self.regime().is_some_and(|regime| regime.status() == RegimeStatus::Draft)
    }

    fn letter(&self) -> Letter {
        let language = self.occasion.language;
        let reader = Reader { language, regimes: self.occasion.regimes, names: self.occasion.names };
        let said = reader.read(&self.statement.predicate().to_value());
        let titled = format!("letter-title-{}", self.name);
        let title = if texts::has(language, &titled) { self.say(&titled) } else { kind(language, self.name) };
        let leading = format!("letter-lead-{}", self.name);
        let lead = if texts::has(language, &leading) { self.say(&leading) } else { self.say("letter-lead") };

        let mut blocks = vec![Block::Paragraph(lead.into())];
        if language == Language::Ja {
            blocks.push(Block::Centred(self.say("document-matter")));
        } else {
            blocks.push(Block::Heading(self.say("document-matter")));
        }
        let mut fields = self.common_fields();
        fields.extend(said.fields);
        blocks.push(Block::Fields(fields));
        for (heading, passage) in said.prose {
            blocks.push(Block::Heading(heading));
            blocks.push(Block::Paragraph(passage));
        }
        for (heading, table) in said.tables {
            blocks.push(Block::Heading(heading));
            blocks.push(Block::Table(table));
        }
        blocks.extend(self.attachments(&reader));
        blocks.extend(self.instructions());
        if self.name == "inspection-minutes" {
            blocks.push(Block::Signatures(vec![
                self.say("document-signature-inspector"),
                self.say("document-signature-present"),
                self.say("document-signature-present"),
            ]));
        }
        if language == Language::Ja {
            blocks.push(Block::AtRight(self.say("document-end")));
        }
        self.framed(title, blocks)
    }

    /// Puts a document's own words into what all documents have.
    fn framed(&self, title: String, blocks: Vec<Block>) -> Letter {
        let occasion = self.occasion;
        let is_act = ACTS.contains(&self.name);
        let sender = occasion.issuer.cloned().map(|mut sender| {
            if is_act {
                sender.lines.push(self.say("document-seal"));
            }
            sender
        });
        let addressee = addressee(self.statement)
            .and_then(|digest| occasion.names.name(&digest))
            .or_else(|| occasion.addressee.map(str::to_owned))
            .filter(|_| {
                is_act || matches!(self.name, "notification" | "compliance-report" | "reply" | "objection")
            });
        let addressee = addressee
            .map(|name| texts::message(occasion.language, "document-dear").with("name", name).to_string());
        Letter {
            language: occasion.language,
            title,
            number: occasion.number.map(str::to_owned),
            date: records::japanese_day(self.statement.common().issued_at),
            letterhead: occasion.letterhead.cloned(),
            addressee,
            sender,
            mark: self.mark(),
            notices: self.notices(),
            blocks,
            proof: Some(self.proof()),
        }
    }

    fn common_fields(&self) -> Vec<Field> {
        let language = self.occasion.language;
        let field = |key: &str, text: String| Field { label: self.say(key), values: vec![text.into()] };
        let mut fields = Vec::new();
        if let Some(name) = self.occasion.names.name(&self.statement.subject()) {
            fields.push(field("document-subject", name));
        }
        let common = self.statement.common();
        if self.regime().is_some() {
            fields.push(field("document-law", self.law()));
        } else if let Some(regime) = &common.regime {
            fields.push(field("document-law", regime.to_string()));
        }
        if let Some(article) = &common.basis.article {
            fields.push(field("document-article", article.clone()));
        }
        if let Predicate::Unknown { type_uri, .. } = self.statement.predicate() {
            let label = texts::message(language, "common-kind").to_string();
            fields.push(Field { label, values: vec![type_uri.clone().into()] });
        }
        fields
    }

    fn mark(&self) -> Option<String> {
        let restricted = self.statement.common().visibility == Visibility::Restricted;
        let marks = [(restricted, "document-restricted-mark"), (self.is_draft(), "document-draft-mark")];
        let marks: Vec<String> =
            marks.into_iter().filter(|(is_so, _)| *is_so).map(|(_, key)| self.say(key)).collect();
        (!marks.is_empty()).then(|| marks.join(" / "))
    }

    fn notices(&self) -> Vec<String> {
        let language = self.occasion.language;
        let common = self.statement.common();
        let law = |key| texts::message(language, key).with("law", self.law()).to_string();
        let mut notices = Vec::new();
        match self.regime().map(Regime::status) {
            Some(RegimeStatus::Draft) => notices.push(law("document-draft")),
            Some(RegimeStatus::Voluntary) => notices.push(law("document-voluntary")),
            _ => {}
        }
        match self.name {
            "certificate" => notices.push(self.say("document-not-guarantee")),
            "assessment" => notices.push(self.say("document-advice")),
            _ => {}
        }
        if let Some(index) = self.occasion.superseded_by {
            notices.push(texts::message(language, "document-superseded").count("index", index).to_string());
        }
        if let (Visibility::Restricted, Some(ground)) = (common.visibility, &common.confidentiality_ground) {
            let (ground, _) = ground.get(language);
            notices.push(texts::message(language, "document-restricted").with("ground", ground).to_string());
        }
        if common.authentic_language != language {
            let authentic = texts::word(language, "language", common.authentic_language.tag());
            notices.push(
                texts::message(language, "document-translation").with("language", authentic).to_string(),
            );
        }
        notices
    }

    fn attachments(&self, reader: &Reader<'_>) -> Vec<Block> {
        let all = &self.statement.common().attachments;
        if all.is_empty() {
            return Vec::new();
        }
        let language = self.occasion.language;
        let column = |key: &str, share: u8| (self.say(key), share);
        let state =
            |attachment: &Attachment| match (&attachment.visibility, &attachment.confidentiality_ground) {
                (Visibility::Restricted, Some(ground)) => {
                    let ground = reader.outside(ground).text;
                    texts::message(language, "document-attachment-restricted")
                        .with("ground", ground)
                        .to_string()
                }
                _ => self.say("document-attachment-public"),
            };
        let rows = all
            .iter()
            .map(|attachment| {
                let size = texts::bytes(attachment.size);
                vec![
                    attachment.name.clone().into(),
                    format!("{}, {size}", attachment.media_type).into(),
                    state(attachment).into(),
                ]
            })
            .collect();
        let columns = vec![column("column-name", 40), column("column-kind", 32), column("column-state", 28)];
        vec![Block::Heading(self.say("document-attachments")), Block::Table(Table { columns, rows })]
    }

    /// Says what the addressee can do: instructions on remedies (教示), how to be heard.
    fn instructions(&self) -> Vec<Block> {
        let body = self.statement.predicate().to_value();
        let says = |name: &str, value: &str| body.get(name).and_then(Value::as_str) == Some(value);
        let paragraphs = |heading: &str, keys: &[&str]| {
            let mut blocks = vec![Block::Heading(self.say(heading))];
            blocks.extend(keys.iter().map(|key| Block::Paragraph(self.say(key).into())));
            blocks
        };
        match self.name {
            // The act gives its own.
            _ if body.get("remedies").is_some() => Vec::new(),
            "guidance" if self.in_japan() => {
                vec![Block::Paragraph(self.say("document-guidance-jp").into())]
            }
            "procedure" if self.in_japan() && says("kind", "hearing") => {
                paragraphs("document-hearing", &["document-hearing-jp"])
            }
            "procedure" if self.in_japan() && says("kind", "opportunity_to_explain") => {
                paragraphs("document-hearing", &["document-explain-jp"])
            }
            "finding" if !says("result", "unmet") => Vec::new(),
            name if !DISPOSITIONS.contains(&name) => Vec::new(),
            _ if !self.in_japan() => paragraphs("document-remedies", &["document-remedies-other"]),
            _ => {
                let mut keys = vec!["document-remedies-jp-review", "document-remedies-jp-suit"];
                if self.is_draft() {
                    keys.push("document-remedies-draft");
                }
                paragraphs("document-remedies", &keys)
            }
        }
    }

    fn proof(&self) -> Proof {
        let language = self.occasion.language;
        let mut lines = Vec::new();
        if let Some(entry) = self.occasion.entry {
            let place = texts::message(language, "document-place")
                .with("log", &self.statement.common().log.origin)
                .count("index", entry.index);
            let time = texts::message(language, "document-recorded")
                .with("time", records::moment(language, entry.time));
            let stop = if language == Language::Ja { "　" } else { ". " };
            lines = vec![format!("{place}{stop}{time}")];
        }
        Proof { digest: self.statement.digest(), lines, address: self.occasion.address.map(str::to_owned) }
    }

    fn receipt(&self) -> Letter {
        let language = self.occasion.language;
        let field =
            |key: &str, text: String| Field { label: self.say(key), values: vec![Passage::from(text)] };
        let mut fields = vec![field("document-receipt-kind", kind(language, self.name))];
        if let Some(sender) = self.occasion.issuer {
            fields.push(field("document-receipt-issuer", sender.name.clone()));
        }
        fields.extend(self.common_fields());
        fields.push(field("document-receipt-log", self.statement.common().log.origin.clone()));
        if let Some(entry) = self.occasion.entry {
            fields.push(field("document-receipt-entry", texts::group(&entry.index.to_string())));
            fields.push(field("document-receipt-arrived", records::moment(language, entry.arrived_at)));
            fields.push(field("document-receipt-time", records::moment(language, entry.time)));
        }
        let command = "kanae statement verify FILE --receipt FILE.tlog-proof --trust trust.json";
        let blocks = vec![
            Block::Paragraph(self.say("document-receipt-lead").into()),
            Block::Fields(fields),
            Block::Paragraph(self.say("document-receipt-note").into()),
            Block::Paragraph(self.say("document-receipt-check").into()),
            Block::Paragraph(Passage { text: command.to_owned(), language: Some(Language::En) }),
        ];
        let mut letter = self.framed(self.say("document-receipt"), blocks);
        // The log answers, not the issuer; its day is the entry's.
        letter.addressee = letter
            .sender
            .take()
            .map(|sender| texts::message(language, "document-dear").with("name", sender.name).to_string());
        if let Some(entry) = self.occasion.entry {
            letter.date = records::japanese_day(entry.time);
        }
        letter
    }
}
