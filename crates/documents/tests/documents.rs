//! Every kind of statement becomes a document, and no text breaks one.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use evidence::{Language, Predicate, PredicateType, Unknown, sha256};
use kanae_documents::{
    Block, Field, Letter, Passage, Proof, RenderError, Table, letter, render, testing::fonts,
};
use proptest::prelude::*;
use support::{letter_of, shipped, statement};

fn blank(blocks: Vec<Block>) -> Letter {
    Letter {
        language: Language::En,
        title: "Title".to_owned(),
        number: None,
        date: jiff::civil::date(2026, 11, 29),
        letterhead: None,
        addressee: None,
        sender: None,
        mark: None,
        notices: Vec::new(),
        blocks,
        proof: None,
    }
}

fn count(pdf: &[u8], what: &[u8]) -> usize {
    pdf.windows(what.len()).filter(|window| *window == what).count()
}

#[test]
fn every_kind_of_statement_becomes_a_document_in_both_languages() {
    let fonts = fonts();
    let regime = shipped("jp-basic-law-2024");
    for kind in PredicateType::all() {
        let statement = statement(kind.example(), "jp-basic-law-2024", support::attachments());
        for language in [Language::Ja, Language::En] {
            let letter = letter_of(&statement, language, &regime);
            assert!(!letter.title.is_empty() && !letter.title.contains('⟦'), "{}", letter.title);
            assert!(!format!("{letter:?}").contains('⟦'), "{}: a message is missing", kind.name);
            let pdf = render(&letter, &fonts).unwrap();
            assert!(pdf.starts_with(b"%PDF-1.7") && pdf.ends_with(b"%%EOF"), "{}", kind.name);
        }
    }
}

#[test]
fn the_same_letter_is_the_same_bytes() {
    let statement =
        statement(PredicateType::find("designation").unwrap().example(), "jp-basic-law-2024", Vec::new());
    let regime = shipped("jp-basic-law-2024");
    let letter = letter_of(&statement, Language::Ja, &regime);
    assert_eq!(render(&letter, &fonts()).unwrap(), render(&letter, &fonts()).unwrap());
}

#[test]
fn a_kind_that_nobody_knows_is_told_field_by_field() {
    let body = serde_json::json!({
        "colour": "red", "deep": {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": 1}}}}}}}}},
        "many": (0..2000).collect::<Vec<_>>(), "nothing": null, "amount": 1_000_000, "none": []
    });
    let unknown = Predicate::parse("urn:example:painting:v3", body, Unknown::Refuse).unwrap();
    let statement = statement(unknown, "jp-basic-law-2024", Vec::new());
    let letter = letter_of(&statement, Language::En, &shipped("jp-basic-law-2024"));
    let told = format!("{:?}", letter.blocks);
    for part in ["colour", "red", "1,000,000", "urn:example:painting:v3"] {
        assert!(told.contains(part), "{part}");
    }
    render(&letter, &fonts()).unwrap();
}

#[test]
fn things_that_are_alike_become_a_table() {
    let kind = PredicateType::find("assessment").unwrap();
    let mut body = kind.example().to_value();
    let duties: Vec<_> =
        (0..5).map(|at| serde_json::json!({"id": format!("duty-{at}"), "status": "open"})).collect();
    body["result"]["duties"] = duties.into();
    let predicate = Predicate::parse(&kind.uri(), body, Unknown::Refuse).unwrap();
    let letter = letter_of(&statement(predicate, "eu-gpai", Vec::new()), Language::En, &shipped("eu-gpai"));
    let tables: Vec<&Table> = letter
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
        .collect();
    assert_eq!((tables.len(), tables[0].rows.len(), tables[0].columns.len()), (1, 5, 2));
    let fields = letter.blocks.iter().find(|block| matches!(block, Block::Fields(_))).unwrap();
    assert!(!format!("{fields:?}").contains("duty-3"), "told once");
}

#[test]
fn a_draft_says_on_every_page_that_it_is_not_law_and_a_law_does_not() {
    let example = || PredicateType::find("designation").unwrap().example();
    let draft = statement(example(), "jp-basic-law-2024", Vec::new());
    let draft = letter_of(&draft, Language::En, &shipped("jp-basic-law-2024"));
    assert!(draft.mark.is_some_and(|mark| mark.contains("no legal effect")));
    assert!(draft.notices[0].contains("not law"), "{:?}", draft.notices);
    let law = statement(example(), "jp-ai-promotion-act-2025", Vec::new());
    let law = letter_of(&law, Language::Ja, &shipped("jp-ai-promotion-act-2025"));
    assert_eq!((law.mark, law.notices.len()), (None, 0));
}

#[test]
fn instructions_on_remedies_go_with_adverse_acts_only() {
    let regime = shipped("jp-ai-promotion-act-2025");
    let of = |kind: &str, edit: fn(&mut serde_json::Value)| {
        let kind = PredicateType::find(kind).unwrap();
        let mut body = kind.example().to_value();
        edit(&mut body);
        let predicate = Predicate::parse(&kind.uri(), body, Unknown::Refuse).unwrap();
        let statement = statement(predicate, "jp-ai-promotion-act-2025", Vec::new());
        format!("{:?}", letter_of(&statement, Language::Ja, &regime).blocks)
    };
    assert!(of("designation", |_| ()).contains("審査請求"));
    assert!(of("finding", |_| ()).contains("審査請求"));
    assert!(!of("finding", |body| body["result"] = "met".into()).contains("審査請求"));
    assert!(!of("remedy-request", |_| ()).contains("審査請求"));
    assert!(!of("notification", |_| ()).contains("審査請求"));
    assert!(of("procedure", |_| ()).contains("弁明書"));
    // What the act itself says of them stands, once.
    let order =
        of("order", |body| body["remedies"] = serde_json::json!({"ja": "三か月以内に申し立ててください。"}));
    assert!(order.contains("三か月以内に申し立て") && order.contains("教示") && !order.contains("審査請求"));
    // Under another country's law nobody is told Japanese remedies.
    let predicate = PredicateType::find("designation").unwrap().example();
    let foreign = statement(predicate, "eu-gpai", Vec::new());
    let foreign = format!("{:?}", letter_of(&foreign, Language::Ja, &shipped("eu-gpai")).blocks);
    assert!(!foreign.contains("審査請求") && foreign.contains("不服申立て"));
}

#[test]
fn a_certificate_says_that_it_is_no_guarantee() {
    let statement =
        statement(PredicateType::find("certificate").unwrap().example(), "jp-basic-law-2024", Vec::new());
    let letter = letter_of(&statement, Language::En, &shipped("jp-basic-law-2024"));
    assert!(letter.notices.iter().any(|notice| notice.contains("not a guarantee")));
}

#[test]
fn a_document_ends_before_it_is_endless() {
    let text = "a line\n".repeat(20_000);
    let letter = blank(vec![Block::Paragraph(text.into())]);
    assert_eq!(render(&letter, &fonts()), Err(RenderError::TooManyPages));
}

#[test]
fn long_rows_go_on_over_the_page_and_stay_in_their_columns() {
    let field = Field { label: "Label".to_owned(), values: vec!["word ".repeat(3000).into()] };
    let pdf = render(&blank(vec![Block::Fields(vec![field])]), &fonts()).unwrap();
    assert!(
        count(&pdf, b"/Type /Page\n") + count(&pdf, b"/Type/Page/") + count(&pdf, b"/Type /Page ") > 3
            || pdf.len() > 4000
    );
}

#[test]
fn japanese_without_a_japanese_font_is_refused_with_what_to_install() {
    let latin = std::fs::read("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf");
    let Ok(latin) = latin else { return };
    let fonts = kanae_documents::Fonts::new(kanae_documents::Face::new(latin, 0).unwrap(), None);
    let letter = Letter { language: Language::Ja, ..blank(vec![Block::Paragraph("漢字".into())]) };
    let error = render(&letter, &fonts).unwrap_err();
    assert!(error.to_string().contains("fonts-noto-cjk"), "{error}");
    render(&blank(vec![Block::Paragraph("English".into())]), &fonts).unwrap();
}

#[test]
fn what_is_no_font_is_refused() {
    for bytes in [Vec::new(), b"%PDF-1.7".to_vec(), vec![0; 4096]] {
        assert!(kanae_documents::Face::new(bytes, 0).is_err());
    }
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "\\PC{0,60}",
        "[ \\t\\n\\r]{0,20}",
        "[a-z]{0,400}",
        "[ぁ-ん、。「」（）ー一-龠]{0,200}",
        "[\\u{202a}-\\u{202e}\\u{2066}-\\u{2069}\\u{590}-\\u{6ff}a-z]{0,40}",
        "[0-9]{1,3}[⁰¹²³⁴⁵⁻]{0,5}",
        Just(String::new()),
    ]
}

fn blocks() -> impl Strategy<Value = Block> {
    let passage = || {
        (texts(), prop_oneof![Just(None), Just(Some(Language::Ja))])
            .prop_map(|(text, language)| Passage { text, language })
    };
    prop_oneof![
        texts().prop_map(Block::Heading),
        passage().prop_map(Block::Paragraph),
        texts().prop_map(Block::Centred),
        texts().prop_map(Block::AtRight),
        prop::collection::vec(passage(), 0..4).prop_map(Block::List),
        prop::collection::vec((texts(), prop::collection::vec(passage(), 0..3)), 0..4).prop_map(|fields| {
            Block::Fields(fields.into_iter().map(|(label, values)| Field { label, values }).collect())
        }),
        (
            prop::collection::vec((texts(), any::<u8>()), 0..4),
            prop::collection::vec(prop::collection::vec(passage(), 0..5), 0..4)
        )
            .prop_map(|(columns, rows)| Block::Table(Table { columns, rows })),
        prop::collection::vec(texts(), 0..3).prop_map(Block::Signatures),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_makes_a_valid_document(
        title in texts(), number in prop::option::of(texts()), notice in prop::option::of(texts()),
        address in prop::option::of(texts()), blocks in prop::collection::vec(blocks(), 0..6)
    ) {
        let address = address.filter(|address| address.len() < 500);
        let letter = Letter {
            title, number, mark: notice.clone(), addressee: notice.clone(), notices: notice.into_iter().collect(),
            proof: Some(Proof { digest: sha256(b"x"), lines: vec!["line".to_owned()], address }),
            ..blank(blocks)
        };
        let pdf = render(&letter, &fonts());
        prop_assert!(pdf.is_ok(), "{:?}", pdf.err());
    }
}

#[test]
fn a_statement_without_any_name_still_has_a_document() {
    let statement = statement(PredicateType::find("finding").unwrap().example(), "eu-gpai", Vec::new());
    let occasion = kanae_documents::Occasion {
        language: Language::En,
        regimes: &[],
        under_first: false,
        names: &kanae_documents::Nameless,
        issuer: None,
        addressee: None,
        number: None,
        letterhead: None,
        entry: None,
        superseded_by: None,
        address: None,
    };
    render(&letter(&statement, &occasion), &fonts()).unwrap();
}
