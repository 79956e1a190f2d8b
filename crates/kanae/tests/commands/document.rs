//! Statements as documents.

use std::path::Path;

use crate::house::House;

#[test]
fn the_statement_of_a_file_is_written_as_a_document() {
    let house = House::new();
    let font = Path::new(env!("CARGO_MANIFEST_DIR")).join("../documents/tests/fonts/BIZUDPGothic-subset.ttf");
    let font = font.to_str().unwrap();
    let server = house.serve();
    house.furnish(&server);
    let file = "minato/organisation.statement.json";
    for language in ["ja", "en"] {
        let words = ["--lang", language, "statement", "show", file, "--pdf", "out.pdf", "--font", font];
        house.done(&words);
        let pdf = std::fs::read(house.path("out.pdf")).unwrap();
        assert!(pdf.starts_with(b"%PDF-1.7"));
    }
    let ran = house.run(&["statement", "show", file, "--pdf", "out.pdf", "--font", file]);
    assert_ne!(ran.code, Some(0));
    assert!(ran.err.contains("no OpenType font"), "{}", ran.err);
}
