//! The fonts of a document: how wide a code is, and what it says.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use hayro_cmap::{BfString, CMap, CMapName, CidFamily, load_embedded};
use hayro_font::hayro_syntax::object::dict::keys::{
    CIDSYSTEMINFO, DESCENDANT_FONTS, ENCODING, FIRST_CHAR, ORDERING, REGISTRY, SUBTYPE, TO_UNICODE, TRUE_TYPE, TYPE0,
    TYPE3, W, W2, WIDTHS,
};
use hayro_font::hayro_syntax::object::{Array, Dict, Name, Object, String as Text};
use hayro_font::kurbo::Vec2;
use hayro_font::{CMapResolverFn, Font, FontCache, FontData, FontGlyph, FontResolverFn, StandardFont, UNITS_PER_EM};
use skrifa::FontRef;
use skrifa::charmap::Charmap;

use crate::pdf::characters::readable;

/// A font names so many widths at most; one that claims more is at fault.
const MAX_WIDTHS: f64 = 200_000.0;
/// A font maps so many characters at most.
const MAX_MAPPINGS: usize = 200_000;
/// Codes have one byte in simple fonts.
const MAX_SIMPLE_CODE: f64 = 255.0;
/// The usual width of a letter, in parts of an em.
const USUAL_WIDTH: f64 = 0.5;

/// What the pages of a document share.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    programs: FontResolverFn,
    /// Maps of characters that are not in the document: those that every reader is to know, of Chinese, Japanese and Korean.
    maps: CMapResolverFn,
    /// By where the font's dictionary stands in the document. None: it is no font that can be read.
    known: RefCell<KnownFonts<'a>>,
}

type KnownFonts<'a> = HashMap<(usize, usize), Option<Rc<KnownFont<'a>>>>;

/// What a code says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Text(Rc<str>),
    /// The document does not tell.
    Unknown,
}

/// A font as text is read with it.
pub(super) struct KnownFont<'a> {
    font: Font<'a>,
    /// How large its em is, where the document's size is 1: fonts that are drawings of their own have a measure of their own.
    em: f64,
    more: MoreCharacters,
    said: RefCell<HashMap<u32, Said>>,
}

/// Where characters are looked for that the font's dictionary does not give.
enum MoreCharacters {
    None,
    /// The font's program tells which glyph a character has.
    OfGlyphs(HashMap<u32, char>),
    /// The numbers of the characters are those of a known collection: from codes to numbers, and from numbers to characters.
    OfCollection(Box<(CMap, CMap)>),
}

impl Default for Fonts<'_> {
    fn default() -> Self {
        let nothing_drawn: FontData = Arc::new(FONT_WITHOUT_GLYPHS);
        Self {
            cache: FontCache::new(),
            programs: Arc::new(move |_| Some((nothing_drawn.clone(), 0))),
            maps: Arc::new(load_embedded),
            known: RefCell::default(),
        }
    }
}

impl<'a> Fonts<'a> {
    /// The font of a dictionary.
    pub(super) fn get(&self, dictionary: &Dict<'a>) -> Option<Rc<KnownFont<'a>>> {
        let bytes = dictionary.data();
        let key = (bytes.as_ptr() as usize, bytes.len());
        if let Some(known) = self.known.borrow().get(&key) {
            return known.clone();
        }
        let font = is_sane(dictionary)
            .then(|| self.cache.font(dictionary, &self.programs, &self.maps))
            .flatten();
        let known = font.map(|font| {
            Rc::new(KnownFont {
                em: em_of(&font, dictionary),
                more: MoreCharacters::of(&font, dictionary),
                font,
                said: RefCell::default(),
            })
        });
        self.known.borrow_mut().insert(key, known.clone());
        known
    }

    /// What other readers take where the document names no font that is there.
    pub(super) fn standard(&self) -> Option<Rc<KnownFont<'a>>> {
        let known = || {
            let font = self.cache.standard_font(StandardFont::Helvetica, &self.programs)?;
            Some(Rc::new(KnownFont {
                font,
                em: 1.0,
                more: MoreCharacters::None,
                said: RefCell::default(),
            }))
        };
        // No dictionary stands there.
        self.known.borrow_mut().entry((0, 0)).or_insert_with(known).clone()
    }
}

impl KnownFont<'_> {
    /// The next code of a string, and how many bytes it has.
    pub(super) fn read_code(&self, bytes: &[u8], at: usize) -> (u32, usize) {
        let (code, length) = self.font.read_code(bytes, at);
        (code, length.max(1))
    }

    /// How far the next glyph stands from this one, in ems of the document's size.
    pub(super) fn advance(&self, code: u32) -> Vec2 {
        self.font.code_advance(code) / f64::from(UNITS_PER_EM)
    }

    pub(super) fn is_vertical(&self) -> bool {
        !self.font.is_horizontal()
    }

    pub(super) fn em(&self) -> f64 {
        self.em
    }

    /// What a code says.
    pub(super) fn said(&self, code: u32) -> Said {
        if let Some(said) = self.said.borrow().get(&code) {
            return said.clone();
        }
        let said = self.looked_up(code);
        self.said.borrow_mut().insert(code, said.clone());
        said
    }

    fn looked_up(&self, code: u32) -> Said {
        let glyph = self.font.map_code(code);
        let of_program = match &self.more {
            MoreCharacters::OfGlyphs(characters) => characters.get(&glyph.to_u32()).copied().map(BfString::Char),
            MoreCharacters::OfCollection(maps) => {
                let number = (1..=4).find_map(|length| maps.0.lookup_cid_code(code, length));
                number.and_then(|number| maps.1.lookup_bf_string(number))
            }
            MoreCharacters::None => None,
        };
        let said = of_program.or_else(|| match self.font.glyph(glyph, code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        });
        let mut buffer = [0; 4];
        let text = match &said {
            Some(BfString::Char(character)) => readable(character.encode_utf8(&mut buffer)),
            Some(BfString::String(characters)) => readable(characters),
            None => None,
        };
        text.map_or(Said::Unknown, |text| Said::Text(text.into()))
    }
}

impl MoreCharacters {
    fn of(font: &Font<'_>, dictionary: &Dict<'_>) -> Self {
        if dictionary.contains_key(TO_UNICODE) {
            return Self::None;
        }
        let is_composite = is_kind(dictionary, TYPE0);
        if is_composite && let Some(maps) = maps_of_collection(dictionary) {
            return Self::OfCollection(Box::new(maps));
        }
        // A simple font that names its characters is believed.
        if is_composite || (is_kind(dictionary, TRUE_TYPE) && !dictionary.contains_key(ENCODING)) {
            let characters = characters_of_glyphs(font);
            if !characters.is_empty() {
                return Self::OfGlyphs(characters);
            }
        }
        Self::None
    }
}

/// From the glyphs of a font's program to their characters.
fn characters_of_glyphs(font: &Font<'_>) -> HashMap<u32, char> {
    let FontGlyph::Outline(glyph) = font.glyph(font.map_code(0), 0) else {
        return HashMap::new();
    };
    let Some(program) = glyph.font_data() else {
        return HashMap::new();
    };
    let Ok(program) = FontRef::new((*program.data).as_ref()) else {
        return HashMap::new();
    };
    let map = Charmap::new(&program);
    let mut characters = HashMap::new();
    for (character, glyph) in map.mappings().take(MAX_MAPPINGS) {
        let mut buffer = [0; 4];
        let character =
            char::from_u32(character).filter(|character| readable(character.encode_utf8(&mut buffer)).is_some());
        if let Some(character) = character {
            // A letter before what looks like it: the first is the lowest.
            characters.entry(glyph.to_u32()).or_insert(character);
        }
    }
    characters
}

/// The maps from a composite font's codes to the numbers of its collection, and from them to characters.
fn maps_of_collection(dictionary: &Dict<'_>) -> Option<(CMap, CMap)> {
    let codes = match dictionary.get::<Object<'_>>(ENCODING)? {
        Object::Name(name) => match CMapName::from_bytes(&name) {
            CMapName::IdentityH => CMap::identity_h(),
            CMapName::IdentityV => CMap::identity_v(),
            name => CMap::parse(load_embedded(name)?, load_embedded)?,
        },
        Object::Stream(stream) => CMap::parse(&stream.decoded_data().ok()?, load_embedded)?,
        _ => return None,
    };
    let of_codes = codes.metadata().character_collection.as_ref();
    let family = of_codes.map(|collection| collection.family.clone());
    let family = family.filter(|family| family.ucs2_cmap().is_some()).or_else(|| {
        let information = descendant(dictionary)?.get::<Dict<'_>>(CIDSYSTEMINFO)?;
        let (registry, ordering) = (
            information.get::<Text<'_>>(REGISTRY)?,
            information.get::<Text<'_>>(ORDERING)?,
        );
        Some(CidFamily::from_registry_ordering(&registry, &ordering))
    })?;
    let characters = CMap::parse(load_embedded(family.ucs2_cmap()?)?, load_embedded)?;
    Some((codes, characters))
}

fn descendant<'a>(dictionary: &Dict<'a>) -> Option<Dict<'a>> {
    dictionary.get::<Array<'_>>(DESCENDANT_FONTS)?.iter::<Dict<'_>>().next()
}

fn is_kind(dictionary: &Dict<'_>, kind: &[u8]) -> bool {
    dictionary
        .get::<Name<'_>>(SUBTYPE)
        .is_some_and(|subtype| &*subtype == kind)
}

/// Whether a font's tables can be read in good time: a few bytes may claim that billions of widths are listed.
fn is_sane(dictionary: &Dict<'_>) -> bool {
    let first = dictionary.get::<f64>(FIRST_CHAR).unwrap_or_default();
    let are_listed = |font: &Dict<'_>, key: &[u8], length: usize| {
        font.get::<Array<'_>>(key)
            .is_none_or(|widths| listed(&widths, length) <= MAX_WIDTHS)
    };
    first <= MAX_SIMPLE_CODE
        && descendant(dictionary).is_none_or(|font| are_listed(&font, W, 3) && are_listed(&font, W2, 5))
}

/// How many widths are listed: as lists, and as ranges of which `length` numbers tell.
fn listed(widths: &Array<'_>, length: usize) -> f64 {
    let mut numbers: Vec<f64> = Vec::with_capacity(length);
    let mut listed = 0.0;
    for entry in widths.iter::<Object<'_>>() {
        match entry {
            Object::Number(number) => numbers.push(number.as_f64()),
            _ => numbers.clear(),
        }
        if numbers.len() == length {
            listed += (numbers[1] - numbers[0]).max(0.0);
            numbers.clear();
        }
    }
    listed
}

/// How large the em is of a font of size 1. A font of drawings is measured by its letters.
fn em_of(font: &Font<'_>, dictionary: &Dict<'_>) -> f64 {
    if !is_kind(dictionary, TYPE3) {
        return 1.0;
    }
    let FontGlyph::Type3(glyph) = font.glyph(font.map_code(0), 0) else {
        return 1.0;
    };
    let scale = glyph.font().matrix().as_coeffs()[0].abs();
    let widths = dictionary.get::<Array<'_>>(WIDTHS);
    let mut widths: Vec<f64> = widths
        .iter()
        .flat_map(|widths| widths.iter::<f64>())
        .filter(|width| *width > 0.0)
        .collect();
    widths.sort_by(f64::total_cmp);
    let usual = widths.get(widths.len() / 2).map(|width| width * scale / USUAL_WIDTH);
    usual
        .filter(|em| em.is_finite() && !(0.5..2.0).contains(em))
        .unwrap_or(1.0)
}

/// Stands in for a font that is not in the document. Nothing is drawn, and the widths and characters of the standard fonts
/// are known without their glyphs, so the smallest font that is one will do: a header that names one table, and that table
/// (`head`), which says that 1,000 units are an em.
static FONT_WITHOUT_GLYPHS: [u8; 12 + 16 + 54] = font_without_glyphs();

const fn font_without_glyphs() -> [u8; 82] {
    let mut font = [0; 82];
    // Version 1.0, one table; `head` at byte 28, 54 bytes.
    let header = [
        0, 1, 0, 0, 0, 1, 0, 16, 0, 0, 0, 0, b'h', b'e', b'a', b'd', 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 54,
    ];
    let mut at = 0;
    while at < header.len() {
        font[at] = header[at];
        at += 1;
    }
    // Version 1.0, magic number, units per em.
    let head = [
        (0, [0, 1, 0, 0]),
        (12, [0x5f, 0x0f, 0x3c, 0xf5]),
        (18, [0x03, 0xe8, 0, 0]),
    ];
    let mut at = 0;
    while at < head.len() {
        let (place, bytes) = head[at];
        let mut byte = 0;
        while byte < 4 {
            font[28 + place + byte] = bytes[byte];
            byte += 1;
        }
        at += 1;
    }
    font
}
