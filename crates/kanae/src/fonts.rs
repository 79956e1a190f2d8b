//! Where the fonts of documents are: named files first, then where systems keep them.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use documents::{Face, Fonts, MAX_FONT};

use crate::failure::{Failure, Kind};

/// What a document is written with.
#[derive(Debug, Default, clap::Args)]
pub(crate) struct FontFiles {
    /// Font for documents (.ttf, .otf, .ttc); without it one of the system's is taken.
    #[arg(long, env = "KANAE_FONT", value_name = "FILE")]
    font: Option<PathBuf>,
    /// Font for their headings, where it is another.
    #[arg(long, env = "KANAE_FONT_BOLD", value_name = "FILE", requires = "font")]
    font_bold: Option<PathBuf>,
}

/// Where systems keep fonts with Japanese: for text, for headings. The first that is there is taken.
const KNOWN: [(&str, &str); 10] = [
    // Debian and Ubuntu: fonts-noto-cjk, fonts-ipaexfont-gothic.
    (
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    ),
    ("/usr/share/fonts/opentype/ipaexfont-gothic/ipaexg.ttf", ""),
    // Fedora: google-noto-sans-cjk-fonts, ipa-ex-gothic-fonts.
    (
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc",
        "/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Bold.ttc",
    ),
    ("/usr/share/fonts/ipa-ex-gothic-fonts/ipaexg.ttf", ""),
    // Arch: noto-fonts-cjk.
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", "/usr/share/fonts/noto-cjk/NotoSansCJK-Bold.ttc"),
    // macOS, Windows.
    ("/System/Library/Fonts/ヒラギノ角ゴシック W3.ttc", "/System/Library/Fonts/ヒラギノ角ゴシック W6.ttc"),
    ("C:/Windows/Fonts/BIZ-UDGothicR.ttc", "C:/Windows/Fonts/BIZ-UDGothicB.ttc"),
    // Without Japanese: English documents can be written.
    (
        "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
        "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf",
    ),
    (
        "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
        "/usr/share/fonts/truetype/liberation/LiberationSans-Bold.ttf",
    ),
    (
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
        "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans-Bold.ttf",
    ),
];

impl FontFiles {
    /// Reads the fonts; none where none is named and the system has none.
    pub(crate) fn find(&self) -> Result<Option<Fonts>, Failure> {
        if let Some(font) = &self.font {
            let strong = self.font_bold.as_deref().map(read).transpose()?;
            return Ok(Some(Fonts::new(read(font)?, strong)));
        }
        // A font of the system that cannot be read is as good as none.
        let known = KNOWN.iter().find_map(|(text, strong)| {
            let text = Path::new(text).exists().then(|| read(Path::new(text)).ok()).flatten()?;
            Some(Fonts::new(text, read(Path::new(strong)).ok()))
        });
        Ok(known)
    }

    /// Reads the fonts, and says what to do where there are none.
    pub(crate) fn need(&self) -> Result<Fonts, Failure> {
        self.find()?.ok_or_else(|| {
            Failure::new(Kind::NotFound, "there is no font to write a document with")
                .hint("install one (Debian: `apt-get install fonts-noto-cjk`), or name a file with --font")
        })
    }
}

fn read(path: &Path) -> Result<Face, Failure> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(MAX_FONT as u64 + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::io(path, &error))?;
    Face::new(bytes, 0).map_err(|error| Failure::new(Kind::Data, format_args!("{}: {error}", path.display())))
}
