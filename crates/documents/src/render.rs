//! From a document set in type to the bytes of a PDF.

use std::num::NonZeroU16;

use evidence::Language;
use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::configure::validate::{Accessibility, Archival};
use krilla::configure::{Configuration, ConfigurationBuilder};
use krilla::destination::XyzDestination;
use krilla::geom::{Path, PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagKind, TagTree,
};
use krilla::text::{GlyphId, KrillaGlyph};
use krilla::{Document, SerializeSettings};

use crate::code::QUIET;
use crate::font::Fonts;
use crate::layout::{Child, Drawn, Ink, MAX_PAGES, PAGE, Place, Role, Set, module, set};
use crate::letter::Letter;
use crate::line::{Line, RAISED};

/// Why there is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// It would be too long.
    #[error("the document would have more than {MAX_PAGES} pages; put long texts into attachments")]
    TooManyPages,
    /// The address is too long for a QR code.
    #[error("the address of the statement's page is too long for a QR code")]
    Address,
    /// The font could be read before and cannot now.
    #[error("the font cannot be read")]
    Font,
    /// The font has no Japanese.
    #[error(
        "the document has Japanese text, and the font has none; install one (Debian: fonts-noto-cjk or fonts-ipaexfont) or name a file"
    )]
    NoJapanese,
    /// What was written does not keep PDF/A-2a and PDF/UA-1.
    #[error("the document cannot be written: {0}; another font may help")]
    Refused(String),
}

/// Writes a document as PDF: PDF/A-2a for archives and PDF/UA-1 for readers who do not see, with
/// subset fonts. The same letter with the same fonts gives the same bytes.
pub fn render(letter: &Letter, fonts: &Fonts) -> Result<Vec<u8>, RenderError> {
    if letter.language == Language::Ja && !fonts.write_japanese() {
        return Err(RenderError::NoJapanese);
    }
    let set = set(letter, fonts)?;
    let mut document = Document::new_with(SerializeSettings {
        configuration: configuration()?,
        ..SerializeSettings::default()
    });
    let mut painter = Painter { fonts, identifiers: Vec::new(), links: vec![Vec::new(); set.nodes.len()] };
    for drawn in &set.pages {
        painter.page(&mut document, drawn)?;
    }
    document.set_tag_tree(painter.tree(&set, letter.language));
    document.set_outline(outline(&set));
    document.set_metadata(metadata(letter));
    document.finish().map_err(|error| RenderError::Refused(told(&error)))
}

fn configuration() -> Result<Configuration, RenderError> {
    ConfigurationBuilder::new()
        .with_archival_validator(Archival::A2_A)
        .with_accessibility_validator(Accessibility::UA1)
        .finish()
        .map_err(|error| RenderError::Refused(format!("{error:?}")))
}

fn told(error: &krilla::error::KrillaError) -> String {
    match error {
        krilla::error::KrillaError::Validation(errors) => {
            let first = errors.first().map(|(error, _)| format!("{error:?}")).unwrap_or_default();
            format!("{error}: {}", first.chars().take(200).collect::<String>())
        }
        other => other.to_string(),
    }
}

struct Painter<'f> {
    fonts: &'f Fonts,
    /// What marks each drawn thing, by page and place.
    identifiers: Vec<Vec<Option<Identifier>>>,
    /// What marks the clickable places, by node.
    links: Vec<Vec<Identifier>>,
}

impl Painter<'_> {
    fn page(&mut self, document: &mut Document, all: &[Drawn]) -> Result<(), RenderError> {
        let settings = PageSettings::from_wh(PAGE.0, PAGE.1)
            .ok_or_else(|| RenderError::Refused("no such page".to_owned()))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        let mut identifiers = Vec::with_capacity(all.len());
        for drawn in all {
            let artifact = |kind| ContentTag::Artifact(Artifact::new(kind, None));
            let tag = match (drawn.place, &drawn.ink) {
                (Place::Header, _) => artifact(ArtifactType::Header),
                (Place::Footer, _) => artifact(ArtifactType::Footer),
                (Place::Ornament, _) => artifact(ArtifactType::Layout),
                (Place::Piece, Ink::Line { language, .. }) => {
                    ContentTag::Span(SpanTag::empty().with_lang(language.map(Language::tag)))
                }
                (Place::Piece, _) => ContentTag::Other,
            };
            let identifier = surface.start_tagged(tag);
            self.ink(&mut surface, &drawn.ink);
            surface.end_tagged();
            identifiers.push((drawn.place == Place::Piece).then_some(identifier));
        }
        surface.finish();
        for drawn in all {
            let (Some((address, node)), Ink::Line { line, size, x, y, .. }) = (&drawn.link, &drawn.ink)
            else {
                continue;
            };
            let Some(area) = Rect::from_xywh(*x, y - size, (line.width * size).max(1.0), size * 1.3) else {
                continue;
            };
            let target = Target::Action(LinkAction::new(address.clone()).into());
            let annotation = Annotation::new_link(LinkAnnotation::new(area, target), Some(address.clone()));
            self.links[*node].push(page.add_tagged_annotation(annotation));
        }
        page.finish();
        self.identifiers.push(identifiers);
        Ok(())
    }

    fn ink(&self, surface: &mut Surface<'_>, ink: &Ink) {
        match ink {
            Ink::Line { line, strong, size, quiet, x, y, .. } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(if *quiet { 0x50 } else { 0x1a })));
                let face = if *strong { &self.fonts.strong } else { &self.fonts.text };
                draw_line(surface, line, &face.drawn, *size, Point::from_xy(*x, *y));
            }
            Ink::Rule { x, y, width, thick } => {
                surface.set_fill(Some(fill(if *thick { 0x1a } else { 0xb0 })));
                surface.set_stroke(None);
                draw(surface, [(*x, *y, *width, if *thick { 1.2 } else { 0.5 })]);
            }
            Ink::Frame { x, y, width, height } => {
                surface.set_fill(None);
                surface.set_stroke(Some(Stroke {
                    paint: rgb::Color::new(0x1a, 0x1a, 0x1a).into(),
                    width: 1.2,
                    ..Stroke::default()
                }));
                draw(surface, [(*x, *y, *width, *height)]);
            }
            Ink::Code { code, x, y, side } => {
                surface.set_stroke(None);
                surface.set_fill(Some(fill(0)));
                let unit = module(code, *side);
                #[expect(clippy::cast_precision_loss, reason = "at most 177 modules")]
                let at = |place: usize| (place + QUIET) as f32 * unit;
                #[expect(clippy::cast_precision_loss, reason = "at most 177 modules")]
                let runs = code
                    .runs()
                    .map(|(column, row, length)| (x + at(column), y + at(row), length as f32 * unit, unit));
                draw(surface, runs);
            }
        }
    }

    /// Makes the tree of pieces. It is as deep as the layout made it: a few levels.
    fn tree(&mut self, set: &Set, language: Language) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.tag().to_owned()));
        for root in &set.roots {
            tree.push(self.group(set, *root));
        }
        tree
    }

    fn group(&mut self, set: &Set, at: usize) -> TagGroup {
        let node = &set.nodes[at];
        let tag = kind(&node.role).with_lang(node.language.map(|language| language.tag().to_owned()));
        let mut group = TagGroup::new(tag);
        for child in &node.children {
            match child {
                Child::Node(below) => group.push(self.group(set, *below)),
                Child::Drawn(page, place) => {
                    if let Some(identifier) = self.identifiers[*page].get_mut(*place).and_then(Option::take) {
                        group.push(identifier);
                    }
                }
            }
        }
        for identifier in std::mem::take(&mut self.links[at]) {
            group.push(identifier);
        }
        group
    }
}

fn kind(role: &Role) -> TagKind {
    let second = NonZeroU16::MIN.saturating_add(1);
    match role {
        // The title is the first heading: PDF 1.7 knows no other.
        Role::Title(words) => Tag::Hn(NonZeroU16::MIN, Some(heading(words))).into(),
        Role::Heading(words) => Tag::Hn(second, Some(heading(words))).into(),
        Role::Paragraph => Tag::P.into(),
        Role::List => Tag::L(ListNumbering::Disc).into(),
        Role::Item => Tag::LI.into(),
        Role::Label => Tag::Lbl.into(),
        Role::Body => Tag::LBody.into(),
        Role::Table => Tag::Table.into(),
        Role::Row => Tag::TR.into(),
        Role::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Role::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Role::Cell => Tag::TD.into(),
        Role::Section => Tag::Section.into(),
        Role::Figure(alternative) => Tag::Figure(Some(alternative.clone())).into(),
        Role::Link(_) => Tag::Link.into(),
    }
}

/// Returns what a heading is called in the tree, where hidden characters have no place.
fn heading(words: &str) -> String {
    if words.trim().is_empty() { "–".to_owned() } else { texts::visible(words) }
}

fn fill(grey: u8) -> Fill {
    Fill {
        paint: rgb::Color::new(grey, grey, grey).into(),
        opacity: NormalizedF32::ONE,
        rule: FillRule::NonZero,
    }
}

/// Draws rectangles: left, top, width, height.
fn draw(surface: &mut Surface<'_>, areas: impl IntoIterator<Item = (f32, f32, f32, f32)>) {
    let mut path = PathBuilder::new();
    for (x, y, width, height) in areas {
        if let Some(area) = Rect::from_xywh(x, y, width, height) {
            path.push_rect(area);
        }
    }
    let path: Option<Path> = path.finish();
    if let Some(path) = path {
        surface.draw_path(&path);
    }
}

fn draw_line(surface: &mut Surface<'_>, line: &Line, font: &krilla::text::Font, size: f32, start: Point) {
    let mut x = start.x;
    for run in line.glyphs.chunk_by(|one, next| one.raised == next.raised) {
        let raised = run.first().is_some_and(|glyph| glyph.raised);
        let (scale, rise) = if raised { RAISED } else { (1.0, 0.0) };
        let glyphs: Vec<KrillaGlyph> = run
            .iter()
            .map(|glyph| {
                let advance = glyph.advance / scale;
                KrillaGlyph::new(GlyphId::new(glyph.id), advance, 0.0, 0.0, 0.0, glyph.range.clone(), None)
            })
            .collect();
        let at = Point::from_xy(x, start.y - rise * size);
        surface.draw_glyphs(at, &glyphs, font.clone(), &line.text, size * scale, false);
        x += run.iter().map(|glyph| glyph.advance).sum::<f32>() * size;
    }
}

fn outline(set: &Set) -> Outline {
    let mut outline = Outline::new();
    for (words, page, y) in &set.outline {
        let destination = XyzDestination::new(*page, Point::from_xy(0.0, *y));
        outline.push_child(OutlineNode::new(heading(words), destination));
    }
    outline
}

fn metadata(letter: &Letter) -> Metadata {
    let title = match &letter.number {
        Some(number) => format!("{} ({number})", letter.title),
        None => letter.title.clone(),
    };
    let mut metadata = Metadata::new()
        .title(heading(&title))
        .language(letter.language.tag().to_owned())
        .creator("Kanae".to_owned())
        .producer("Kanae".to_owned());
    if let Some(sender) = &letter.sender {
        metadata = metadata.authors(vec![texts::visible(&sender.name)]);
    }
    if let Some(proof) = &letter.proof {
        let digest = proof.digest.to_string();
        metadata = metadata.keywords(vec![format!("sha256:{digest}")]).document_id(digest);
    }
    // The document's own day, never the clock's: the same letter is the same bytes.
    let part = |value: i8| value.unsigned_abs();
    let day = DateTime::new(u16::try_from(letter.date.year()).unwrap_or_default())
        .month(part(letter.date.month()))
        .day(part(letter.date.day()));
    metadata.creation_date(day.hour(0).minute(0).second(0).utc_offset_hour(9).utc_offset_minute(0))
}
