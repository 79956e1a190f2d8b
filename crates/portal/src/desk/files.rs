//! The files of a draft.

use desk::draft::DraftFile;
use desk::{Draft, Stage, Versioned};
use evidence::Texts;

use super::room::{Refused, Room, Stop};

/// Tells the media type of a file by its first bytes, never by what its sender says.
fn sniffed(bytes: &[u8]) -> &'static str {
    const KNOWN: [(&[u8], &str); 7] = [
        (b"%PDF-", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF8", "image/gif"),
        (b"PK\x03\x04", "application/zip"),
        (b"\x1f\x8b", "application/gzip"),
        (b"\xd0\xcf\x11\xe0", "application/x-ole-storage"),
    ];
    match KNOWN.iter().find(|(start, _)| bytes.starts_with(start)) {
        Some((_, kind)) => kind,
        None => match std::str::from_utf8(bytes) {
            Ok(text) if serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok() => "application/json",
            Ok(text) if !text.chars().any(|c| c.is_control() && !"\n\r\t".contains(c)) => "text/plain",
            _ => "application/octet-stream",
        },
    }
}

/// Returns a file's name without folders and without characters that hide what it is.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let bidi =
        |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let clean: String = last.chars().filter(|c| !c.is_control() && !bidi(*c)).take(200).collect();
    let clean = clean.trim().to_owned();
    if clean.is_empty() { "file".to_owned() } else { clean }
}

/// Adds a file to a draft; with a ground it is restricted.
pub(crate) fn attach(
    room: &Room,
    draft: &mut Versioned<Draft>,
    name: &str,
    bytes: Vec<u8>,
    ground: Option<Texts>,
) -> Result<(), Refused> {
    let desk = &room.member.desk;
    let (name, kind) = (plain_name(name), sniffed(&bytes));
    let content = desk.attach(draft, &name, kind, bytes, ground, room.scene.now)?;
    desk.write(&[content, draft.put()?])?;
    Ok(())
}

/// Removes a file from a draft, with its content.
pub(crate) fn detach(room: &Room, draft: &mut Versioned<Draft>, id: &str) -> Result<(), Stop> {
    if !matches!(draft.stage, Stage::Writing) {
        return Err(Stop::Conflict);
    }
    let place = draft.files.iter().position(|file| file.id == id).ok_or(Stop::Missing)?;
    let file: DraftFile = draft.files.remove(place);
    let desk = &room.member.desk;
    let mut changes = vec![draft.put()?];
    changes.extend(desk.detach(&file)?);
    Ok(desk.write(&changes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_what_its_bytes_say_and_its_name_hides_nothing() {
        assert_eq!(sniffed(b"%PDF-1.7"), "application/pdf");
        assert_eq!(sniffed(b"{\"a\": 1}"), "application/json");
        assert_eq!(sniffed("こんにちは".as_bytes()), "text/plain");
        assert_eq!(sniffed(b"<script>\0"), "application/octet-stream");
        assert_eq!(plain_name("..\\..\\C:/x/\u{202e}fdp.exe"), "fdp.exe");
        assert_eq!(plain_name("/"), "file");
    }
}
