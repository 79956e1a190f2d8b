//! Where the parts of a log lie: coordinates of tiles and entry bundles, and
//! their paths ([C2SP tlog-tiles](https://c2sp.org/tlog-tiles)).

use std::fmt;
use std::str::FromStr;

use crate::bundle::MAX_ENTRY_LEN;
use crate::note::MAX_NOTE_LEN;

/// Is the number of hashes in a full tile, and of entries in a full bundle.
pub const TILE_WIDTH: u16 = 256;

/// Is the highest tile level that a path may name (tlog-tiles, "Merkle Tree").
const MAX_LEVEL: u8 = 63;

/// Names a tile of hashes: hash `i` of tile `index` at `level` is the root of
/// the entries `(256 · index + i) · 256^level` and the `256^level − 1` after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// Names a bundle of entries: those whose hashes are the level-0 tile of the
/// same index and width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle {
    index: u64,
    width: u16,
}

/// Names any file of a log by its path below the log's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resource {
    /// The latest checkpoint, the only file that ever changes.
    Checkpoint,
    /// A tile of hashes.
    Tile(Tile),
    /// A bundle of entries.
    Bundle(Bundle),
}

/// Says why a path names no file of a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{found:?} is no path of a log: expected `checkpoint`, `tile/<L>/<N>[.p/<W>]` or \
     `tile/entries/<N>[.p/<W>]` with L 0–63, N in three-digit elements such as x001/x234/067, W 1–255"
)]
pub struct PathError {
    found: String,
}

impl Tile {
    /// Returns the tile as it stands in a tree of `size` leaves, full or
    /// partial; nothing if the tree does not reach it.
    pub fn at(level: u8, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * u32::from(level)).unwrap_or(0);
        width_at(index, hashes).map(|width| Self { level, index, width })
    }

    /// Returns the full tile in a place that is known to be in the tree.
    pub(crate) fn full_at(level: u8, index: u64) -> Self {
        Self { level, index, width: TILE_WIDTH }
    }

    /// Returns the level; level 0 holds leaf hashes.
    pub fn level(self) -> u8 {
        self.level
    }

    /// Returns the position within the level.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Returns the number of hashes, 1 to 256.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Returns the full tile in this place.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// Tells whether the tile may still grow.
    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }
}

impl Bundle {
    /// Returns the bundle as it stands in a tree of `size` leaves, full or
    /// partial; nothing if the tree does not reach it.
    pub fn at(index: u64, size: u64) -> Option<Self> {
        width_at(index, size).map(|width| Self { index, width })
    }

    /// Returns the position of the bundle; its first entry is 256 times that.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Returns the number of entries, 1 to 256.
    pub fn width(self) -> u16 {
        self.width
    }

    /// Returns the full bundle in this place.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// Tells whether the bundle may still grow.
    pub fn is_partial(self) -> bool {
        self.width < TILE_WIDTH
    }
}

impl Resource {
    /// Returns the greatest number of bytes that the file may have; whoever
    /// fetches it from elsewhere should not read further.
    pub fn max_len(self) -> usize {
        match self {
            Self::Checkpoint => MAX_NOTE_LEN,
            Self::Tile(tile) => 32 * usize::from(tile.width),
            Self::Bundle(bundle) => (2 + MAX_ENTRY_LEN) * usize::from(bundle.width),
        }
    }

    /// Tells whether the bytes under this path may change.
    pub fn is_mutable(self) -> bool {
        self == Self::Checkpoint
    }

    /// Returns the `Content-Type` to serve the file with (tlog-tiles, "APIs").
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Checkpoint => "text/plain; charset=utf-8",
            Self::Tile(_) | Self::Bundle(_) => "application/octet-stream",
        }
    }

    /// Returns the `Cache-Control` to serve the file with: a few seconds for
    /// the checkpoint, for ever for the rest (tlog-tiles, "APIs").
    pub fn cache_control(self) -> &'static str {
        match self {
            Self::Checkpoint => "public, max-age=2, must-revalidate",
            Self::Tile(_) | Self::Bundle(_) => "public, max-age=31536000, immutable",
        }
    }
}

/// Returns how many of `count` items lie in the run of 256 with this index.
fn width_at(index: u64, count: u64) -> Option<u16> {
    let start = index.checked_mul(u64::from(TILE_WIDTH))?;
    let width = count.saturating_sub(start).min(u64::from(TILE_WIDTH));
    u16::try_from(width).ok().filter(|width| *width > 0)
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "tile/{}/", self.level)?;
        write_position(f, self.index, self.width)
    }
}

impl fmt::Display for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tile/entries/")?;
        write_position(f, self.index, self.width)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint => f.write_str("checkpoint"),
            Self::Tile(tile) => tile.fmt(f),
            Self::Bundle(bundle) => bundle.fmt(f),
        }
    }
}

impl FromStr for Resource {
    type Err = PathError;

    fn from_str(path: &str) -> Result<Self, PathError> {
        parse(path).ok_or_else(|| PathError { found: path.chars().take(128).collect() })
    }
}

/// Writes `<N>[.p/<W>]`.
fn write_position(f: &mut fmt::Formatter<'_>, index: u64, width: u16) -> fmt::Result {
    let mut divisor = 1_u64;
    while index / divisor >= 1_000 {
        divisor *= 1_000;
    }
    while divisor > 1 {
        write!(f, "x{:03}/", index / divisor % 1_000)?;
        divisor /= 1_000;
    }
    write!(f, "{:03}", index % 1_000)?;
    if width < TILE_WIDTH {
        write!(f, ".p/{width}")?;
    }
    Ok(())
}

fn parse(path: &str) -> Option<Resource> {
    if path == "checkpoint" {
        return Some(Resource::Checkpoint);
    }
    let (kind, position) = path.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match position.split_once(".p/") {
        Some((index, width)) => (parse_index(index)?, parse_decimal(width, 1, 255)?),
        None => (parse_index(position)?, TILE_WIDTH),
    };
    if kind == "entries" {
        return Some(Resource::Bundle(Bundle { index, width }));
    }
    let level = u8::try_from(parse_decimal(kind, 0, u16::from(MAX_LEVEL))?).ok()?;
    Some(Resource::Tile(Tile { level, index, width }))
}

/// Reads a decimal of at most three digits without leading zeros.
fn parse_decimal(text: &str, least: u16, most: u16) -> Option<u16> {
    let plain = matches!(text.len(), 1..=3) && text.bytes().all(|byte| byte.is_ascii_digit());
    let leading_zero = text.len() > 1 && text.starts_with('0');
    (plain && !leading_zero).then(|| text.parse().ok())?.filter(|number| (least..=most).contains(number))
}

/// Reads the three-digit elements of an index; an `x000` in front is refused,
/// so that every tile has one path.
fn parse_index(text: &str) -> Option<u64> {
    if text.starts_with("x000") {
        return None;
    }
    let mut index = 0_u64;
    let mut elements = text.split('/').peekable();
    while let Some(element) = elements.next() {
        let digits = match elements.peek() {
            Some(_) => element.strip_prefix('x')?,
            None => element,
        };
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1_000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_examples_of_the_specification_hold() {
        let tile = Tile::at(0, 1_234_067, u64::MAX).unwrap();
        assert_eq!(tile.to_string(), "tile/0/x001/x234/067");
        // 70,000 leaves: 273 full tiles and one of 112; one full and one of 17; one of 1.
        let widths = |level| -> Vec<u16> {
            (0..).map_while(|index| Tile::at(level, index, 70_000)).map(Tile::width).collect()
        };
        assert_eq!(widths(0), [&[256; 273][..], &[112]].concat());
        assert_eq!(widths(1), [256, 17]);
        assert_eq!(widths(2), [1]);
        assert!(widths(3).is_empty());
        // 256 leaves: a full level-0 tile and a partial level-1 tile of width 1.
        assert_eq!(Tile::at(0, 0, 256).unwrap().to_string(), "tile/0/000");
        assert_eq!(Tile::at(1, 0, 256).unwrap().to_string(), "tile/1/000.p/1");
    }

    #[test]
    fn paths_that_no_log_has_are_refused() {
        for path in [
            "",
            "/checkpoint",
            "checkpoint/",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/0",
            "tile/0/0000",
            "tile/00/000",
            "tile/64/000",
            "tile/-1/000",
            "tile/+1/000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/0/000.p/1/2",
            "tile/0/x000/001",
            "tile/0/x000",
            "tile/0/001/002",
            "tile/0/x001/x002",
            "tile/0/../000",
            "tile/entries/../../checkpoint",
            "tile/data/000",
            "tile/0/٠٠٠",
            "tile/0/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert!(path.parse::<Resource>().is_err(), "{path:?}");
        }
    }

    #[test]
    fn caching_follows_what_may_change() {
        let checkpoint = Resource::Checkpoint;
        let tile: Resource = "tile/0/000.p/3".parse().unwrap();
        assert_eq!(checkpoint.content_type(), "text/plain; charset=utf-8");
        assert_eq!(tile.content_type(), "application/octet-stream");
        assert!(!checkpoint.cache_control().contains("immutable"));
        assert!(tile.cache_control().contains("immutable"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(512))]

        #[test]
        fn coordinates_survive_being_written_and_read(
            level in 0..=MAX_LEVEL, index in 0_u64.., width in 1..=TILE_WIDTH, shift in 0_u32..64,
        ) {
            let index = index >> shift;
            let tile = Resource::Tile(Tile { level, index, width });
            let bundle = Resource::Bundle(Bundle { index, width });
            prop_assert_eq!(tile.to_string().parse(), Ok(tile));
            prop_assert_eq!(bundle.to_string().parse(), Ok(bundle));
        }

        #[test]
        fn a_path_that_is_read_is_written_the_same(path in "(tile|checkpoint)?/?(entries|[0-9]{0,2})/(x?[0-9]{2,3}/?){0,3}(\\.p/[0-9]{0,3})?") {
            if let Ok(resource) = path.parse::<Resource>() {
                prop_assert_eq!(resource.to_string(), path);
            }
        }

        #[test]
        fn no_path_panics(path in any::<String>()) {
            let _ = path.parse::<Resource>();
        }
    }
}
