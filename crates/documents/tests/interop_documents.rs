//! Other programs read what is written: qpdf and poppler the documents, zbar the codes, openpyxl the
//! spreadsheets.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use evidence::{Language, Predicate, PredicateType, Texts};
use kanae_documents::{Cell, Face, Fonts, Sheet, receipt, render};
use support::{attachments, letter_of, shipped, statement, with_occasion};

/// Runs a program; fails with what it says where it fails.
fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}: run `cargo xtask test interop`"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    said
}

/// A whole Japanese font, as Debian has it.
fn fonts() -> Fonts {
    let face = |weight: &str| {
        let path = format!("/usr/share/fonts/opentype/noto/NotoSansCJK-{weight}.ttc");
        let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        Face::new(bytes, 0).unwrap()
    };
    Fonts::new(face("Regular"), Some(face("Bold")))
}

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("documents");
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Letters as they will be: every kind that goes to somebody, with words enough for two pages.
fn kinds() -> Vec<(&'static str, Predicate)> {
    let long = "試験の記録（添付1）によれば、表示は利用者の一部にしか届いていません。「生成AIによる」旨の表示は、\
                画面の下端に小さく置かれ、読み上げソフトウェアでは読まれませんでした。計算量は1.6×10²¹ FLOPです。\n\n\
                当庁は、2026年11月1日の回答を考慮しましたが、実際の利用を写す試験は行われていません。";
    let other = "According to the records of the test (attachment 1), only part of the users saw the notice. It stood \
                 small at the foot of the screen and was not read aloud by screen readers. Training used 1.6×10²¹ FLOP.\n\n\
                 The reply of 1 November 2026 was considered, but no test reflected actual use.";
    let mut kinds: Vec<_> = [
        "notification",
        "designation",
        "compliance-report",
        "finding",
        "certificate",
        "procedure",
        "remedy-request",
        "reply",
        "assessment",
        "safety-verification",
        "model-facts",
    ]
    .into_iter()
    .map(|name| (name, PredicateType::find(name).unwrap().example()))
    .collect();
    for (_, predicate) in &mut kinds {
        match predicate {
            Predicate::Finding(finding) => finding.reasons = Texts::both(long.repeat(3), other.repeat(3)),
            Predicate::Designation(designation) => designation.reasons = Texts::both(long, other),
            _ => {}
        }
    }
    kinds
}

#[test]
fn documents_are_valid_embedded_and_read_back_in_japanese() {
    let (fonts, folder) = (fonts(), folder());
    let regime = shipped("jp-basic-law-2024");
    for (name, predicate) in kinds() {
        let statement = statement(predicate, "jp-basic-law-2024", attachments());
        for language in [Language::Ja, Language::En] {
            let letter = letter_of(&statement, language, &regime);
            let path = folder.join(format!("{name}.{}.pdf", language.tag()));
            let file = path.to_str().unwrap();
            std::fs::write(&path, render(&letter, &fonts).unwrap()).unwrap();
            run("qpdf", &["--check", file]);
            let text = run("pdftotext", &["-raw", file, "-"]);
            // Where lines end is the page's, not the text's.
            let flat = |text: &str| text.split_whitespace().collect::<String>();
            let told = flat(&text);
            assert!(told.contains(&flat(&letter.title)), "{name}: {text}");
            assert!(told.contains(&statement.digest().to_string()), "{name}: {text}");
            for notice in &letter.notices {
                assert!(told.contains(&flat(notice)), "{name}: {notice}: {text}");
            }
            let rows: Vec<String> = run("pdffonts", &[file]).lines().skip(2).map(str::to_owned).collect();
            assert!(!rows.is_empty());
            for row in rows {
                // Embedded, subset, with what its glyphs mean.
                assert!(row.contains("yes yes yes"), "{name}: {row}");
            }
            let about = run("pdfinfo", &[file]);
            assert!(about.contains("Tagged:          yes"), "{about}");
            let tree = run("pdfinfo", &["-struct", file]);
            assert!(tree.contains("H1") && tree.contains("TH"), "{tree}");
        }
    }
}

#[test]
fn the_code_leads_to_the_page_of_the_statement() {
    let (fonts, folder) = (fonts(), folder());
    let statement =
        statement(PredicateType::find("certificate").unwrap().example(), "jp-basic-law-2024", Vec::new());
    let letter = letter_of(&statement, Language::Ja, &shipped("jp-basic-law-2024"));
    let path = folder.join("code.pdf");
    std::fs::write(&path, render(&letter, &fonts).unwrap()).unwrap();
    let picture = folder.join("code");
    run("pdftoppm", &["-r", "150", "-png", "-singlefile", path.to_str().unwrap(), picture.to_str().unwrap()]);
    let read = run("zbarimg", &["--quiet", "--raw", &format!("{}.png", picture.display())]);
    assert_eq!(read.trim(), format!("https://kanae.example/ja/statements/{}", statement.digest()));
}

#[test]
fn a_receipt_is_valid() {
    let (fonts, folder) = (fonts(), folder());
    let statement =
        statement(PredicateType::find("notification").unwrap().example(), "jp-basic-law-2024", Vec::new());
    for language in [Language::Ja, Language::En] {
        let letter = with_occasion(&statement, language, &shipped("jp-basic-law-2024"), receipt);
        let path = folder.join(format!("receipt.{}.pdf", language.tag()));
        std::fs::write(&path, render(&letter, &fonts).unwrap()).unwrap();
        run("qpdf", &["--check", path.to_str().unwrap()]);
    }
}

#[test]
fn a_spreadsheet_program_finds_texts_and_no_formula() {
    let python = std::env::var_os("KANAE_PEERS")
        .map(|peers| PathBuf::from(peers).join("python/bin/python"))
        .filter(|python| python.exists())
        .expect("no Python peer: run `cargo xtask test interop`");
    let day = jiff::civil::date(2026, 11, 29);
    let mut sheet = Sheet::new("届出", &["組織", "日", "数"]);
    let texts = ["みなと研究所", "=1+1", "@SUM(A1)", "+81 3", "a\u{202e}b", "<b>&amp;</b>"];
    for text in texts {
        sheet.row(vec![text.into(), Cell::Date(day), Cell::Number(-5)]).unwrap();
    }
    let path = folder().join("sheet.xlsx");
    std::fs::write(&path, sheet.xlsx(day).unwrap()).unwrap();
    let program = "import json,openpyxl,sys\n\
                   rows=[[c for c in r] for r in openpyxl.load_workbook(sys.argv[1]).active.iter_rows(min_row=2)]\n\
                   print(json.dumps([[r[0].value,r[0].data_type,r[1].value.isoformat(),r[2].value] for r in rows]))";
    let output = Command::new(python).args(["-c", program]).arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let rows: Vec<(String, String, String, i64)> = serde_json::from_slice(&output.stdout).unwrap();
    let expected: Vec<_> = texts
        .iter()
        .map(|text| (text.to_string(), "s".to_owned(), "2026-11-29T00:00:00".to_owned(), -5))
        .collect();
    assert_eq!(rows, expected);
}
