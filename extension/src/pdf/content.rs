//! Reads what a page shows: follows the operators of its content that place text, and hands every glyph with its characters
//! to a [`Page`]. It paints nothing, so paths, colours and images are passed over; what a tagged document itself calls an
//! artifact (a header, a page number) is left out. Text that is placed but not painted counts: it is what a scanner's text
//! recognition has laid over its picture.

use std::sync::Arc;

use hayro_font::hayro_cmap::BfString;
use hayro_font::hayro_syntax::content::TypedIter;
use hayro_font::hayro_syntax::content::ops::TypedInstruction;
use hayro_font::hayro_syntax::object::dict::keys::{FORM, MATRIX, RESOURCES, SUBTYPE};
use hayro_font::hayro_syntax::object::{Name, Number, Object, ObjectIdentifier};
use hayro_font::hayro_syntax::page::{self, Resources};
use hayro_font::kurbo::{Affine, Point};
use hayro_font::{CMapResolverFn, Font, FontCache, FontData, FontGlyph, FontResolverFn, StandardFont, UNITS_PER_EM};

use super::page::{Glyph, Page};

#[cfg(test)]
mod tests;

/// A form may show forms; deeper than this, a document is at fault.
const MAX_DEPTH: usize = 24;
/// A page may show so many: a few forms that show each other several times would otherwise be millions.
const MAX_FORMS: usize = 10_000;

/// What the pages of a document share.
pub(super) struct Fonts<'a> {
    cache: FontCache<'a>,
    programs: FontResolverFn,
    /// Maps of characters that are not in the document. Those that every reader is to know are of Chinese, Japanese and
    /// Korean and a third of a megabyte: they are not here.
    maps: CMapResolverFn,
}

impl Default for Fonts<'_> {
    fn default() -> Self {
        let nothing_drawn: FontData = Arc::new(FONT_WITHOUT_GLYPHS);
        Self {
            cache: FontCache::new(),
            programs: Arc::new(move |_| Some((nothing_drawn.clone(), 0))),
            maps: Arc::new(|_| None),
        }
    }
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

/// How text is placed: the text state of the PDF specification (ISO 32000-1, 9.3).
#[derive(Clone)]
struct State<'a> {
    transform: Affine,
    font: Option<Font<'a>>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    horizontal_scale: f64,
    leading: f64,
    rise: f64,
}

/// Reads the content of pages.
pub(super) struct Reader<'a, 'f> {
    fonts: &'f Fonts<'a>,
    state: State<'a>,
    saved: Vec<State<'a>>,
    text: Affine,
    line: Affine,
    /// For each marked part that is open: is it, or what it stands in, an artifact?
    artifacts: Vec<bool>,
    /// The forms that are being shown, each inside the one before.
    forms: Vec<ObjectIdentifier>,
    /// How many forms were shown.
    forms_shown: usize,
    page: Page,
    /// Glyphs of which nobody knows the character.
    unknown: usize,
}

/// Reads a page; with it, how many glyphs have no known character.
pub(super) fn read<'a>(page: &page::Page<'a>, fonts: &Fonts<'a>) -> (Page, usize) {
    let mut reader = Reader {
        fonts,
        state: State {
            transform: Affine::new(page.initial_transform(true).as_coeffs()),
            font: None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            horizontal_scale: 1.0,
            leading: 0.0,
            rise: 0.0,
        },
        saved: Vec::new(),
        text: Affine::IDENTITY,
        line: Affine::IDENTITY,
        artifacts: Vec::new(),
        forms: Vec::new(),
        forms_shown: 0,
        page: Page::default(),
        unknown: 0,
    };
    reader.follow(page.typed_operations(), page.resources());
    (reader.page, reader.unknown)
}

impl<'a> Reader<'a, '_> {
    fn follow(&mut self, mut operations: TypedIter<'_>, resources: &Resources<'a>) {
        let saved = self.saved.len();
        let marked = self.artifacts.len();
        while let Some(operation) = operations.next() {
            match operation {
                TypedInstruction::SaveState(_) => self.saved.push(self.state.clone()),
                TypedInstruction::RestoreState(_) => {
                    if self.saved.len() > saved
                        && let Some(state) = self.saved.pop()
                    {
                        self.state = state;
                    }
                }
                TypedInstruction::Transform(m) => {
                    self.state.transform *= affine([m.0, m.1, m.2, m.3, m.4, m.5]);
                }
                TypedInstruction::BeginText(_) => self.set_line(Affine::IDENTITY),
                TypedInstruction::SetTextMatrix(m) => self.set_line(affine([m.0, m.1, m.2, m.3, m.4, m.5])),
                TypedInstruction::TextFont(font) => {
                    let dictionary = resources.get_font(font.0);
                    let known = dictionary.and_then(|dictionary| {
                        self.fonts
                            .cache
                            .font(&dictionary, &self.fonts.programs, &self.fonts.maps)
                    });
                    self.state.font = known;
                    self.state.size = font.1.as_f64();
                }
                TypedInstruction::CharacterSpacing(spacing) => self.state.character_spacing = spacing.0.as_f64(),
                TypedInstruction::WordSpacing(spacing) => self.state.word_spacing = spacing.0.as_f64(),
                TypedInstruction::HorizontalScaling(scale) => self.state.horizontal_scale = scale.0.as_f64() / 100.0,
                TypedInstruction::TextLeading(leading) => self.state.leading = leading.0.as_f64(),
                TypedInstruction::TextRise(rise) => self.state.rise = rise.0.as_f64(),
                TypedInstruction::NextLine(step) => self.next_line(step.0.as_f64(), step.1.as_f64()),
                TypedInstruction::NextLineAndSetLeading(step) => {
                    self.state.leading = -step.1.as_f64();
                    self.next_line(step.0.as_f64(), step.1.as_f64());
                }
                TypedInstruction::NextLineUsingLeading(_) => self.next_line(0.0, -self.state.leading),
                TypedInstruction::ShowText(text) => self.show(text.0.as_bytes()),
                TypedInstruction::NextLineAndShowText(text) => {
                    self.next_line(0.0, -self.state.leading);
                    self.show(text.0.as_bytes());
                }
                TypedInstruction::ShowTextWithParameters(text) => {
                    self.state.word_spacing = text.0.as_f64();
                    self.state.character_spacing = text.1.as_f64();
                    self.next_line(0.0, -self.state.leading);
                    self.show(text.2.as_bytes());
                }
                TypedInstruction::ShowTexts(parts) => {
                    for part in parts.0.iter::<Object<'_>>() {
                        match part {
                            Object::Number(back) => self.step_back(back.as_f64()),
                            Object::String(text) => self.show(text.as_bytes()),
                            _ => {}
                        }
                    }
                }
                TypedInstruction::BeginMarkedContent(mark) => self.begin_mark(mark.0),
                TypedInstruction::BeginMarkedContentWithProperties(mark) => self.begin_mark(mark.0),
                TypedInstruction::EndMarkedContent(_) if self.artifacts.len() > marked => {
                    self.artifacts.pop();
                }
                TypedInstruction::XObject(name) => self.show_form(name.0, resources),
                _ => {}
            }
        }
        self.artifacts.truncate(marked);
        if self.saved.len() > saved {
            self.state = self.saved.swap_remove(saved);
            self.saved.truncate(saved);
        }
    }

    /// Shows another content stream, if that is what the name stands for. One that shows itself is shown once.
    fn show_form(&mut self, name: &Name<'_>, resources: &Resources<'a>) {
        if self.forms.len() >= MAX_DEPTH || self.forms_shown >= MAX_FORMS {
            return;
        }
        let Some(stream) = resources.get_x_object(name) else {
            return;
        };
        let dictionary = stream.dict();
        let is_form = dictionary.get::<Name<'_>>(SUBTYPE).is_some_and(|kind| &*kind == FORM);
        let id = stream.obj_id();
        if !is_form || self.forms.contains(&id) {
            return;
        }
        self.forms_shown += 1;
        let Ok(content) = stream.decoded_data() else { return };
        let state = self.state.clone();
        let (text, line) = (self.text, self.line);
        if let Some(matrix) = dictionary.get::<[f64; 6]>(MATRIX) {
            self.state.transform *= Affine::new(matrix);
        }
        let own = dictionary.get(RESOURCES).map(Resources::new);
        self.forms.push(id);
        self.follow(TypedIter::new(&content), own.as_ref().unwrap_or(resources));
        self.forms.pop();
        self.state = state;
        (self.text, self.line) = (text, line);
    }

    fn begin_mark(&mut self, name: &Name<'_>) {
        let is_inside = self.artifacts.last().copied().unwrap_or_default();
        self.artifacts.push(is_inside || &**name == b"Artifact");
    }

    fn set_line(&mut self, line: Affine) {
        (self.text, self.line) = (line, line);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.set_line(self.line * Affine::translate((x, y)));
    }

    /// Moves against the direction of writing by so many thousandths of an em.
    fn step_back(&mut self, thousandths: f64) {
        let step = -thousandths / f64::from(UNITS_PER_EM) * self.state.size;
        let is_horizontal = self.state.font.as_ref().is_none_or(Font::is_horizontal);
        let step = if is_horizontal {
            (step * self.state.horizontal_scale, 0.0)
        } else {
            (0.0, step)
        };
        self.text *= Affine::translate(step);
    }

    fn show(&mut self, bytes: &[u8]) {
        if self.state.font.is_none() {
            // Other readers take this font where the document names none that is there.
            self.state.font = self
                .fonts
                .cache
                .standard_font(StandardFont::Helvetica, &self.fonts.programs);
        }
        let Some(font) = self.state.font.clone() else { return };
        let mut at = 0;
        while at < bytes.len() {
            let (code, length) = font.read_code(bytes, at);
            at += length.max(1);
            let State {
                size,
                character_spacing,
                word_spacing,
                horizontal_scale,
                rise,
                ..
            } = self.state;
            let advance = font.code_advance(code) / f64::from(UNITS_PER_EM) * size;
            let spacing = character_spacing + if code == 32 && length == 1 { word_spacing } else { 0.0 };
            let to_page = self.state.transform * self.text;
            if font.is_horizontal() {
                let width = advance.x * horizontal_scale;
                if !self.artifacts.last().copied().unwrap_or_default() {
                    self.place(&font, code, to_page * Affine::translate((0.0, rise)), width);
                }
                self.text *= Affine::translate((width + spacing * horizontal_scale, 0.0));
            } else {
                self.text *= Affine::translate((0.0, advance.y + spacing));
            }
        }
    }

    /// Puts a glyph on the page, if it is written from left to right there.
    fn place(&mut self, font: &Font<'a>, code: u32, to_page: Affine, width: f64) {
        let characters = match font.glyph(font.map_code(code), code) {
            FontGlyph::Outline(glyph) => glyph.as_unicode(),
            FontGlyph::Type3(glyph) => glyph.as_unicode(),
        };
        let start = to_page.translation();
        let along = (to_page * Point::new(width, 0.0)).to_vec2() - start;
        let up = (to_page * Point::new(0.0, self.state.size)).to_vec2() - start;
        let is_upright = along.y.abs() <= 0.1 * width.abs().max(along.x.abs()) && along.x >= 0.0;
        let size = up.hypot();
        if !is_upright || !start.is_finite() || !size.is_finite() {
            return;
        }
        let mut buffer = [0; 4];
        let text = match &characters {
            Some(BfString::Char(character)) => &*character.encode_utf8(&mut buffer),
            Some(BfString::String(characters)) => characters,
            None => {
                self.unknown += 1;
                return;
            }
        };
        // A page's lengths are far within 32 bits.
        self.page.add(Glyph {
            text,
            left: start.x as f32,
            right: (start.x + along.x) as f32,
            baseline: start.y as f32,
            size: size as f32,
        });
    }
}

fn affine(numbers: [Number; 6]) -> Affine {
    Affine::new(numbers.map(|number| number.as_f64()))
}
