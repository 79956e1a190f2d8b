//! Where everything stands: pages, lines, and the tree that says what each piece is.

use evidence::Language;

use crate::code::{Code, QUIET};
use crate::font::{Fonts, Reader};
use crate::letter::{Block, Field, Letter, Passage, Proof, Table};
use crate::line::{Line, lines, one_line};
use crate::render::RenderError;

/// A4, in points.
pub(crate) const PAGE: (f32, f32) = (595.28, 841.89);
const LEFT: f32 = 68.0;
const RIGHT: f32 = 68.0;
const TOP: f32 = 62.0;
const BOTTOM: f32 = 56.0;
const WIDTH: f32 = PAGE.0 - LEFT - RIGHT;
/// The most pages of a document.
pub const MAX_PAGES: usize = 250;

/// Size and distance of lines of a kind of text.
#[derive(Debug, Clone, Copy)]
struct Style {
    strong: bool,
    size: f32,
    leading: f32,
    quiet: bool,
}

const BODY: Style = Style { strong: false, size: 10.5, leading: 17.5, quiet: false };
const TITLE: Style = Style { strong: true, size: 16.0, leading: 23.0, quiet: false };
const HEADING: Style = Style { strong: true, size: 11.5, leading: 18.0, quiet: false };
const LABEL: Style = Style { strong: true, size: 9.5, leading: 15.5, quiet: false };
const VALUE: Style = Style { strong: false, size: 10.0, leading: 15.5, quiet: false };
const SMALL: Style = Style { strong: false, size: 8.3, leading: 12.5, quiet: true };
const NAME: Style = Style { strong: true, size: 11.0, leading: 16.0, quiet: false };

/// What a piece of a document is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Role {
    Title(String),
    Heading(String),
    Paragraph,
    List,
    Item,
    Label,
    Body,
    Table,
    Row,
    RowHead,
    ColumnHead,
    Cell,
    Section,
    Figure(String),
    Link(String),
}

/// A node of the tree of pieces.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) role: Role,
    pub(crate) language: Option<Language>,
    pub(crate) children: Vec<Child>,
}

/// What stands in a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Child {
    Node(usize),
    /// A drawn thing: its page, its place on it.
    Drawn(usize, usize),
}

/// Why something is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It is a piece of the document.
    Piece,
    /// Repeated at the top, at the foot, or mere ornament: not read aloud.
    Header,
    Footer,
    Ornament,
}

/// Something drawn.
#[derive(Debug)]
pub(crate) enum Ink {
    Line { line: Line, strong: bool, size: f32, quiet: bool, x: f32, y: f32, language: Option<Language> },
    Rule { x: f32, y: f32, width: f32, thick: bool },
    Frame { x: f32, y: f32, width: f32, height: f32 },
    Code { code: Code, x: f32, y: f32, side: f32 },
}

#[derive(Debug)]
pub(crate) struct Drawn {
    pub(crate) ink: Ink,
    pub(crate) place: Place,
    /// Where a click leads: address and node of the link.
    pub(crate) link: Option<(String, usize)>,
}

/// A document set in type.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) pages: Vec<Vec<Drawn>>,
    pub(crate) nodes: Vec<Node>,
    /// The nodes that stand below the document itself, in the order of reading.
    pub(crate) roots: Vec<usize>,
    /// Headings: words, page, height on it.
    pub(crate) outline: Vec<(String, usize, f32)>,
}

/// Sets a document.
pub(crate) fn set(letter: &Letter, fonts: &Fonts) -> Result<Set, RenderError> {
    let (Some(text), Some(strong)) = (fonts.text.reader(), fonts.strong.reader()) else {
        return Err(RenderError::Font);
    };
    let mut setter = Setter {
        language: letter.language,
        text,
        strong,
        set: Set { pages: vec![Vec::new()], nodes: Vec::new(), roots: Vec::new(), outline: Vec::new() },
        y: TOP,
        full: false,
    };
    setter.head(letter);
    for block in &letter.blocks {
        setter.block(block);
        if setter.full {
            return Err(RenderError::TooManyPages);
        }
    }
    if let Some(proof) = &letter.proof {
        setter.proof(proof)?;
    }
    setter.margins(letter);
    Ok(setter.set)
}

struct Setter<'f> {
    language: Language,
    text: Reader<'f>,
    strong: Reader<'f>,
    set: Set,
    /// How far down the page is written.
    y: f32,
    /// There are more pages than there may be.
    full: bool,
}

impl Setter<'_> {
    fn page(&self) -> usize {
        self.set.pages.len() - 1
    }

    /// Makes sure that there is room for so much, else begins a page.
    fn room(&mut self, height: f32) {
        if self.y + height > PAGE.1 - BOTTOM && self.y > TOP {
            if self.set.pages.len() >= MAX_PAGES {
                self.full = true;
            } else {
                self.set.pages.push(Vec::new());
            }
            self.y = TOP;
        }
    }

    fn node(&mut self, role: Role, parent: Option<usize>) -> usize {
        let node = self.set.nodes.len();
        self.set.nodes.push(Node { role, language: None, children: Vec::new() });
        match parent {
            Some(parent) => self.set.nodes[parent].children.push(Child::Node(node)),
            None => self.set.roots.push(node),
        }
        node
    }

    fn draw(&mut self, ink: Ink, place: Place, node: Option<usize>) {
        if self.full {
            return;
        }
        let page = self.page();
        let at = self.set.pages[page].len();
        self.set.pages[page].push(Drawn { ink, place, link: None });
        if let Some(node) = node {
            self.set.nodes[node].children.push(Child::Drawn(page, at));
        }
    }

    fn break_lines(&self, passage: &Passage, style: Style, width: f32) -> Vec<Line> {
        let face = if style.strong { &self.strong } else { &self.text };
        lines(&passage.text, face, width / style.size, !style.strong)
    }

    /// Draws a line with its baseline in the middle of its leading.
    fn line(&mut self, line: Line, style: Style, x: f32, node: Option<usize>, language: Option<Language>) {
        let y = self.y + style.leading / 2.0 + style.size * 0.36;
        let Style { strong, size, quiet, .. } = style;
        let ink = Ink::Line { line, strong, size, quiet, x, y, language };
        self.draw(ink, Place::Piece, node);
    }

    /// Writes a passage, going on to further pages.
    fn write(&mut self, passage: &Passage, style: Style, x: f32, width: f32, node: usize) {
        self.set.nodes[node].language = self.set.nodes[node].language.or(passage.language);
        for line in self.break_lines(passage, style, width) {
            self.room(style.leading);
            self.line(line, style, x, Some(node), passage.language);
            self.y += style.leading;
        }
    }

    /// Writes a passage at the right or in the middle.
    fn write_at(&mut self, text: &str, style: Style, share: f32, node: usize) {
        let passage = Passage::from(text);
        for line in self.break_lines(&passage, style, WIDTH * 0.92) {
            self.room(style.leading);
            let x = LEFT + (WIDTH - line.width * style.size) * share;
            self.line(line, style, x, Some(node), None);
            self.y += style.leading;
        }
    }

    fn head(&mut self, letter: &Letter) {
        if let Some(head) = &letter.letterhead {
            let node = self.node(Role::Paragraph, None);
            self.write(&Passage::from(head.name.as_str()), NAME, LEFT, WIDTH, node);
            for line in &head.lines {
                self.write(&Passage::from(line.as_str()), SMALL, LEFT, WIDTH, node);
            }
            self.y += 5.0;
            self.draw(Ink::Rule { x: LEFT, y: self.y, width: WIDTH, thick: true }, Place::Ornament, None);
            self.y += 12.0;
        }
        self.framed(&letter.notices);
        let day = match letter.language {
            Language::Ja => records::era_day(letter.date),
            Language::En => records::day(Language::En, letter.date),
        };
        for text in letter.number.as_ref().into_iter().chain([&day]) {
            let node = self.node(Role::Paragraph, None);
            self.write_at(text, VALUE, 1.0, node);
        }
        self.y += 8.0;
        if let Some(addressee) = &letter.addressee {
            let node = self.node(Role::Paragraph, None);
            self.write(&Passage::from(addressee.as_str()), NAME, LEFT, WIDTH * 0.7, node);
            self.y += 8.0;
        }
        if let Some(sender) = &letter.sender {
            let node = self.node(Role::Paragraph, None);
            self.write_at(&sender.name, BODY, 1.0, node);
            for line in &sender.lines {
                self.write_at(line, SMALL, 1.0, node);
            }
            self.y += 8.0;
        }
        self.y += 10.0;
        let node = self.node(Role::Title(letter.title.clone()), None);
        self.set.outline.push((letter.title.clone(), self.page(), self.y));
        self.write_at(&letter.title, TITLE, 0.5, node);
        self.y += 14.0;
    }

    /// Writes what must be read first in a frame; a long one is broken between pages, frame and all.
    fn framed(&mut self, notices: &[String]) {
        let style = Style { strong: true, ..VALUE };
        let mut all = Vec::new();
        for notice in notices {
            let node = self.node(Role::Paragraph, None);
            let lines = self.break_lines(&Passage::from(notice.as_str()), style, WIDTH - 24.0);
            all.extend(lines.into_iter().map(|line| (line, node)));
        }
        for lines in all.chunks(30) {
            #[expect(clippy::cast_precision_loss, reason = "at most thirty lines")]
            let height = lines.len() as f32 * style.leading + 12.0;
            self.room(height);
            self.draw(Ink::Frame { x: LEFT, y: self.y, width: WIDTH, height }, Place::Ornament, None);
            self.y += 6.0;
            for (line, node) in lines {
                self.line(line.clone(), style, LEFT + 12.0, Some(*node), None);
                self.y += style.leading;
            }
            self.y += 16.0;
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(words) => self.heading(words),
            Block::Paragraph(passage) => {
                // A paragraph in the source is one in the tree.
                for text in passage.text.split("\n\n").filter(|text| !text.trim().is_empty()) {
                    let node = self.node(Role::Paragraph, None);
                    let part = Passage { text: text.trim_end().to_owned(), ..passage.clone() };
                    self.write(&part, BODY, LEFT, WIDTH, node);
                    self.y += 6.0;
                }
            }
            Block::Centred(text) => {
                let node = self.node(Role::Paragraph, None);
                self.y += 4.0;
                self.write_at(text, BODY, 0.5, node);
                self.y += 8.0;
            }
            Block::AtRight(text) => {
                let node = self.node(Role::Paragraph, None);
                self.write_at(text, BODY, 1.0, node);
                self.y += 6.0;
            }
            Block::List(items) => self.list(items),
            Block::Fields(fields) => self.fields(fields),
            Block::Table(table) => self.table(table),
            Block::Signatures(labels) => self.signatures(labels),
        }
    }

    fn heading(&mut self, words: &str) {
        self.y += 8.0;
        // A heading stands with what follows it.
        self.room(HEADING.leading + 3.0 * BODY.leading);
        let node = self.node(Role::Heading(words.to_owned()), None);
        self.set.outline.push((words.to_owned(), self.page(), self.y));
        self.write(&Passage::from(words), HEADING, LEFT, WIDTH, node);
        self.y += 3.0;
    }

    fn list(&mut self, items: &[Passage]) {
        const INDENT: f32 = 14.0;
        let list = self.node(Role::List, None);
        for item in items {
            let node = self.node(Role::Item, Some(list));
            let label = self.node(Role::Label, Some(node));
            let body = self.node(Role::Body, Some(node));
            self.room(BODY.leading);
            let mark = if self.language == Language::Ja && self.text.has('・') { "・" } else { "-" };
            let mark = one_line(mark, &self.text, 2.0);
            self.line(mark, BODY, LEFT, Some(label), None);
            self.write(item, BODY, LEFT + INDENT, WIDTH - INDENT, body);
        }
        self.y += 6.0;
    }

    fn fields(&mut self, fields: &[Field]) {
        let shares = [0.27, 0.73];
        let node = self.node(Role::Table, None);
        self.rule();
        for field in fields {
            let label = [Passage::from(field.label.as_str())];
            let cells: [(&[Passage], Style, Role); 2] =
                [(&label, LABEL, Role::RowHead), (&field.values, VALUE, Role::Cell)];
            self.row(&cells, &shares, node);
        }
        self.y += 10.0;
    }

    fn table(&mut self, table: &Table) {
        let sum: f32 = table.columns.iter().map(|(_, share)| f32::from(*share)).sum();
        let shares: Vec<f32> =
            table.columns.iter().map(|(_, share)| f32::from(*share) / sum.max(1.0)).collect();
        let node = self.node(Role::Table, None);
        self.room(4.0 * VALUE.leading);
        self.rule();
        let heads: Vec<[Passage; 1]> =
            table.columns.iter().map(|(head, _)| [Passage::from(head.as_str())]).collect();
        let cells: Vec<(&[Passage], Style, Role)> =
            heads.iter().map(|head| (&head[..], LABEL, Role::ColumnHead)).collect();
        self.row(&cells, &shares, node);
        for row in &table.rows {
            let cells: Vec<(&[Passage], Style, Role)> = row
                .iter()
                .take(shares.len())
                .map(|cell| (std::slice::from_ref(cell), VALUE, Role::Cell))
                .collect();
            self.row(&cells, &shares, node);
        }
        self.y += 10.0;
    }

    fn rule(&mut self) {
        self.draw(Ink::Rule { x: LEFT, y: self.y, width: WIDTH, thick: false }, Place::Ornament, None);
    }

    /// Writes cells beside one another, line by line, so that a long row goes on over the page.
    fn row(&mut self, cells: &[(&[Passage], Style, Role)], shares: &[f32], table: usize) {
        const GAP: f32 = 10.0;
        let row = self.node(Role::Row, Some(table));
        let mut columns = Vec::new();
        let mut x = LEFT;
        for ((passages, style, role), share) in cells.iter().zip(shares) {
            let width = WIDTH * share;
            let node = self.node(role.clone(), Some(row));
            let mut waiting = Vec::new();
            for passage in *passages {
                let piece = self.node(Role::Paragraph, Some(node));
                self.set.nodes[piece].language = passage.language;
                let lines = self.break_lines(passage, *style, width - GAP);
                waiting.extend(lines.into_iter().map(|line| (line, piece, passage.language)));
            }
            columns.push((x, *style, waiting.into_iter()));
            x += width;
        }
        let count = columns.iter().map(|(_, _, lines)| lines.len()).max().unwrap_or_default();
        // A row of few lines stays together.
        #[expect(clippy::cast_precision_loss, reason = "at most four lines")]
        let together = count.clamp(1, 4) as f32 * VALUE.leading + 6.0;
        self.room(together);
        self.y += 3.0;
        for _ in 0..count {
            self.room(VALUE.leading);
            for (x, style, lines) in &mut columns {
                if let Some((line, piece, language)) = lines.next() {
                    self.line(line, *style, *x, Some(piece), language);
                }
            }
            self.y += VALUE.leading;
        }
        self.y += 3.0;
        self.rule();
    }

    fn signatures(&mut self, labels: &[String]) {
        for label in labels {
            self.room(42.0);
            self.y += 22.0;
            let node = self.node(Role::Paragraph, None);
            let line = one_line(label, &self.text, WIDTH * 0.4 / VALUE.size);
            self.line(line, VALUE, LEFT, Some(node), None);
            let x = LEFT + WIDTH * 0.42;
            self.draw(
                Ink::Rule { x, y: self.y + VALUE.leading, width: WIDTH * 0.58, thick: false },
                Place::Ornament,
                None,
            );
            self.y += VALUE.leading;
        }
        self.y += 10.0;
    }

    /// Writes what the document was made from: a QR code, and the words beside it.
    fn proof(&mut self, proof: &Proof) -> Result<(), RenderError> {
        const SIDE: f32 = 96.0;
        const AFTER: f32 = 3.0;
        const QUIET_FRAME: f32 = 4.0;
        let address = proof.address.as_ref().filter(|address| !address.trim().is_empty());
        let code = match address {
            Some(address) => Some(Code::new(address).map_err(|_| RenderError::Address)?),
            None => None,
        };
        let beside = if code.is_some() { SIDE + 14.0 } else { 0.0 };
        let width = WIDTH - beside;
        let digest = grouped(&proof.digest.to_string());
        let say = |key| texts::message(self.language, key).to_string();
        let (head, note) = (say("document-proof"), say("document-proof-note"));
        let digest_label = say("document-digest");
        let small = Style { quiet: false, ..SMALL };
        let label = Style { strong: true, ..small };
        let mut written = vec![
            (Passage::from(head), label, None),
            (Passage::from(note), small, None),
            (Passage::from(digest_label), label, None),
            (Passage::from(digest), small, None),
        ];
        written.extend(proof.lines.iter().map(|line| (Passage::from(line.as_str()), small, None)));
        if let Some(address) = address {
            written.push((Passage::from(address.as_str()), small, Some(address.clone())));
        }
        let broken: Vec<_> = written
            .into_iter()
            .map(|(passage, style, link)| (self.break_lines(&passage, style, width), style, link))
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "some dozens of lines")]
        let tall = |(lines, style, _): &(Vec<Line>, Style, Option<String>)| {
            lines.len() as f32 * style.leading + if style.strong { 0.0 } else { AFTER }
        };
        let height = broken.iter().map(tall).sum::<f32>().max(SIDE - 8.0) + 10.0;
        self.y += 12.0;
        self.room(height);
        self.draw(Ink::Rule { x: LEFT, y: self.y, width: WIDTH, thick: true }, Place::Ornament, None);
        self.y += 10.0;
        let section = self.node(Role::Section, None);
        let top = self.y;
        for (lines, style, link) in broken {
            let node = self.node(Role::Paragraph, Some(section));
            let node = match &link {
                Some(address) => self.node(Role::Link(address.clone()), Some(node)),
                None => node,
            };
            for line in lines {
                self.line(line, style, LEFT + beside, Some(node), None);
                let page = self.page();
                if let Some((drawn, address)) = self.set.pages[page].last_mut().zip(link.as_ref()) {
                    drawn.link = Some((address.clone(), node));
                }
                self.y += style.leading;
            }
            // Labels stand with what follows them.
            self.y += if style.strong { 0.0 } else { AFTER };
        }
        if let (Some(code), Some(address)) = (code, address) {
            let alternative =
                texts::message(self.language, "document-code").with("address", address).to_string();
            let node = self.node(Role::Figure(alternative), Some(section));
            // The dark modules stand at the margin; the quiet frame lies beyond it.
            let quiet = module(&code, SIDE) * QUIET_FRAME;
            let ink = Ink::Code { code, x: LEFT - quiet, y: top - quiet + 3.0, side: SIDE };
            self.draw(ink, Place::Piece, Some(node));
        }
        Ok(())
    }

    /// Writes the top and the foot of each page, now that it is known how many there are.
    fn margins(&mut self, letter: &Letter) {
        let all = self.set.pages.len();
        let say = |key| texts::message(self.language, key);
        let title = match &letter.number {
            Some(number) => format!("{}　{number}", letter.title),
            None => letter.title.clone(),
        };
        let title = if self.text.has('　') { title } else { title.replace('　', "  ") };
        let mut drawn = Vec::new();
        for page in 0..all {
            let number = say("document-page").count("page", page + 1).count("pages", all).to_string();
            let mut texts = vec![(number, 1.0, PAGE.1 - 34.0, Place::Footer, false)];
            if let Some(proof) = &letter.proof {
                let digest = proof.digest.to_string();
                let short = digest.get(..16).unwrap_or_default();
                let short = say("document-short").with("digest", grouped(short)).to_string();
                texts.push((short, 0.0, PAGE.1 - 34.0, Place::Footer, false));
            }
            if let Some(mark) = &letter.mark {
                texts.push((mark.clone(), 1.0, 34.0, Place::Header, true));
            }
            if page > 0 {
                texts.push((title.clone(), 0.0, 34.0, Place::Header, false));
            }
            for (text, share, y, place, strong) in texts {
                let face = if strong { &self.strong } else { &self.text };
                let line = one_line(&text, face, WIDTH * 0.62 / SMALL.size);
                let x = LEFT + (WIDTH - line.width * SMALL.size) * share;
                let ink = Ink::Line { line, strong, size: SMALL.size, quiet: !strong, x, y, language: None };
                drawn.push((page, Drawn { ink, place, link: None }));
            }
        }
        for (page, one) in drawn {
            self.set.pages[page].push(one);
        }
    }
}

/// Writes hexadecimal digits in groups of eight, between which a line may end.
pub(crate) fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 8);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 8 == 0 {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Returns how large a module of a code is, its quiet frame being within its side.
pub(crate) fn module(code: &Code, side: f32) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "at most 177 modules")]
    let modules = (code.size() + 2 * QUIET) as f32;
    side / modules
}
