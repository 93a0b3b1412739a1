//! Reads what a page shows: follows the operators of its content that place text, and hands every glyph with its characters
//! to a [`Page`]. It paints nothing; of paths, colours and images it follows only whether a text can be seen on them
//! ([`ink`]). Text that is placed but not painted counts: it is what a scanner's text recognition has laid over its picture.

mod fonts;
mod ink;
mod marked;
mod text;

use std::cell::Cell;
use std::rc::Rc;

use hayro_font::hayro_syntax::Pdf;
use hayro_font::hayro_syntax::content::TypedIter;
use hayro_font::hayro_syntax::content::ops::TypedInstruction;
use hayro_font::hayro_syntax::object::dict::keys::{
    ANNOTS, AP, BBOX, CONTENTS, F, FORM, MATRIX, OC, RECT, RESOURCES, SUBTYPE,
};
use hayro_font::hayro_syntax::object::{Array, Dict, Name, Number, Object, ObjectIdentifier, Stream};
use hayro_font::hayro_syntax::page::{self, Resources};
use hayro_font::kurbo::{Affine, Rect};

use self::fonts::{Fonts, KnownFont};
use self::ink::{Grounds, Light, Space};
use self::marked::{Layers, Parts};
use self::text::Stretch;
use super::page::Page;

/// A form may show forms; deeper than this, a document is at fault.
const MAX_DEPTH: usize = 24;
/// A page may show so many: a few forms that show each other several times would otherwise be millions.
const MAX_FORMS: usize = 10_000;
/// So many states may be kept for later at a time.
const MAX_SAVED: usize = 10_000;
/// So much content of a document is followed, in bytes: pages and forms may share theirs.
const MAX_CONTENT: u64 = 1 << 33;
/// Flags of an annotation that is not shown: hidden, not in view.
const NOT_SHOWN: u32 = 1 << 1 | 1 << 5;

/// What the pages of a document share.
pub(super) struct Document<'a> {
    fonts: Fonts<'a>,
    layers: Layers,
    /// How much content may still be followed.
    content_left: Cell<u64>,
}

impl Document<'_> {
    pub(super) fn of(document: &Pdf) -> Self {
        Self {
            fonts: Fonts::default(),
            layers: Layers::of(document.xref()),
            content_left: Cell::new(MAX_CONTENT),
        }
    }

    /// Whether so much content may be followed.
    fn allows(&self, content: &[u8]) -> bool {
        let left = self.content_left.get().checked_sub(content.len() as u64);
        self.content_left.set(left.unwrap_or_default());
        left.is_some()
    }
}

/// The font that text is set in.
#[derive(Clone)]
enum Face<'a> {
    /// None was named, or one that is not there: other readers take a standard font.
    None,
    /// It is there and cannot be read.
    Unreadable,
    Known(Rc<KnownFont<'a>>),
}

/// How text is placed and painted: the text state of the PDF specification (ISO 32000-1, 9.3), and of the graphics state
/// what text needs.
#[derive(Clone)]
struct State<'a> {
    transform: Affine,
    font: Face<'a>,
    size: f64,
    character_spacing: f64,
    word_spacing: f64,
    horizontal_scale: f64,
    leading: f64,
    rise: f64,
    rendering: i64,
    space: Space,
    fill: Light,
    /// What bounds all that is painted.
    bounds: Rect,
}

/// Reads the content of pages.
struct Reader<'a, 'f> {
    document: &'f Document<'a>,
    state: State<'a>,
    saved: Vec<State<'a>>,
    text: Affine,
    line: Affine,
    parts: Parts,
    stretch: Option<Stretch>,
    /// The forms that are being shown, each inside the one before.
    forms: Vec<ObjectIdentifier>,
    /// How many forms were shown.
    forms_shown: usize,
    grounds: Grounds,
    /// What can be seen of the page.
    view: Rect,
    page: Page,
    /// Text that cannot be seen.
    unseen: Page,
    /// Glyphs of which nobody knows the character.
    unknown: usize,
}

/// Reads a page; with it, how many glyphs have no known character.
pub(super) fn read<'a>(page: &page::Page<'a>, document: &Document<'a>) -> (Page, usize) {
    let transform = Affine::new(page.initial_transform(true).as_coeffs());
    let (width, height) = page.render_dimensions();
    let view = Rect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut reader = Reader {
        document,
        state: State {
            transform,
            font: Face::None,
            size: 1.0,
            character_spacing: 0.0,
            word_spacing: 0.0,
            horizontal_scale: 1.0,
            leading: 0.0,
            rise: 0.0,
            rendering: 0,
            space: Space::Gray,
            fill: Some(0.0),
            bounds: view,
        },
        saved: Vec::new(),
        text: Affine::IDENTITY,
        line: Affine::IDENTITY,
        parts: Parts::default(),
        stretch: None,
        forms: Vec::new(),
        forms_shown: 0,
        grounds: Grounds::default(),
        view,
        page: Page::default(),
        unseen: Page::default(),
        unknown: 0,
    };
    let state = reader.state.clone();
    let content = content_of(page);
    reader.follow(&content, page.resources());
    reader.state = state;
    reader.show_annotations(page);
    // If most of it cannot be seen, this was misunderstood: a picture may lie over it.
    if reader.unseen.len() > reader.page.len() {
        reader.page.append(reader.unseen);
    }
    (reader.page, reader.unknown)
}

/// The content of a page; it may come in pieces.
fn content_of(page: &page::Page<'_>) -> Vec<u8> {
    let contents = page.raw();
    let mut content = Vec::new();
    let mut add = |stream: &Stream<'_>| {
        if let Ok(data) = stream.decoded_data() {
            content.extend_from_slice(&data);
            // Its last word is not the beginning of the next piece's.
            content.push(b'\n');
        }
    };
    if let Some(stream) = contents.get::<Stream<'_>>(CONTENTS) {
        add(&stream);
    } else if let Some(pieces) = contents.get::<Array<'_>>(CONTENTS) {
        for piece in pieces.iter::<Stream<'_>>() {
            add(&piece);
        }
    }
    content
}

impl<'a> Reader<'a, '_> {
    fn follow(&mut self, content: &[u8], resources: &Resources<'a>) {
        if !self.document.allows(content) {
            return;
        }
        let (saved, marked) = (self.saved.len(), self.parts.depth());
        let mut operations = TypedIter::new(content);
        while let Some(operation) = operations.next() {
            match operation {
                TypedInstruction::SaveState(_) if self.saved.len() < MAX_SAVED => self.saved.push(self.state.clone()),
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
                TypedInstruction::BeginMarkedContent(mark) => self.begin_part(mark.0, None, resources),
                TypedInstruction::BeginMarkedContentWithProperties(mark) => {
                    self.begin_part(mark.0, Some(mark.1), resources);
                }
                TypedInstruction::EndMarkedContent(_) if self.parts.depth() > marked => self.end_part(),
                TypedInstruction::XObject(name) => self.show_object(name.0, resources),
                operation => {
                    self.follow_text(&operation, resources);
                    self.follow_ink(&operation, resources);
                }
            }
        }
        while self.parts.depth() > marked {
            self.end_part();
        }
        if self.saved.len() > saved {
            self.state = self.saved.swap_remove(saved);
            self.saved.truncate(saved);
        }
    }

    /// Follows what tells whether text is seen.
    fn follow_ink(&mut self, operation: &TypedInstruction<'_, '_>, resources: &Resources<'a>) {
        let transform = self.state.transform;
        let point = |x: &Number, y: &Number| (x.as_f64(), y.as_f64());
        match operation {
            TypedInstruction::ColorSpaceNonStroke(name) => {
                self.state.space = Space::of(name.0, resources);
                self.state.fill = (self.state.space != Space::Other).then_some(0.0);
            }
            TypedInstruction::NonStrokeColorDeviceGray(gray) => self.fill_with(Space::Gray, &[gray.0]),
            TypedInstruction::NonStrokeColorDeviceRgb(rgb) => self.fill_with(Space::Rgb, &[rgb.0, rgb.1, rgb.2]),
            TypedInstruction::NonStrokeColorCmyk(cmyk) => {
                self.fill_with(Space::Cmyk, &[cmyk.0, cmyk.1, cmyk.2, cmyk.3]);
            }
            TypedInstruction::NonStrokeColor(color) => self.fill_with(self.state.space, &color.0),
            TypedInstruction::NonStrokeColorNamed(color) => self.fill_with(self.state.space, &color.0),
            TypedInstruction::RectPath(r) => {
                self.grounds
                    .draw_box([r.0, r.1, r.2, r.3].map(|number| number.as_f64()), transform);
            }
            TypedInstruction::MoveTo(to) => self.grounds.draw(&[point(&to.0, &to.1)], transform),
            TypedInstruction::LineTo(to) => self.grounds.draw(&[point(&to.0, &to.1)], transform),
            TypedInstruction::CubicTo(c) => {
                self.grounds
                    .draw(&[point(&c.0, &c.1), point(&c.2, &c.3), point(&c.4, &c.5)], transform);
            }
            TypedInstruction::CubicStartTo(c) => {
                self.grounds.draw(&[point(&c.0, &c.1), point(&c.2, &c.3)], transform);
            }
            TypedInstruction::CubicEndTo(c) => self.grounds.draw(&[point(&c.0, &c.1), point(&c.2, &c.3)], transform),
            TypedInstruction::ClipNonZero(_) | TypedInstruction::ClipEvenOdd(_) => self.grounds.clip_by_path(),
            TypedInstruction::FillPathNonZero(_)
            | TypedInstruction::FillPathNonZeroCompatibility(_)
            | TypedInstruction::FillPathEvenOdd(_)
            | TypedInstruction::FillAndStrokeNonZero(_)
            | TypedInstruction::FillAndStrokeEvenOdd(_)
            | TypedInstruction::CloseFillAndStrokeNonZero(_)
            | TypedInstruction::CloseFillAndStrokeEvenOdd(_) => self.end_path(Some(self.state.fill)),
            TypedInstruction::EndPath(_)
            | TypedInstruction::StrokePath(_)
            | TypedInstruction::CloseAndStrokePath(_) => {
                self.end_path(None);
            }
            TypedInstruction::Shading(_) => self.grounds.paint(self.state.bounds, None),
            TypedInstruction::InlineImage(_) => self.paint_image(),
            _ => {}
        }
    }

    fn fill_with(&mut self, space: Space, color: &[Number]) {
        let numbers: Vec<f64> = color.iter().map(|number| number.as_f64()).collect();
        self.state.space = space;
        self.state.fill = space.light(&numbers);
    }

    fn end_path(&mut self, fill: Option<Light>) {
        if let Some(bounds) = self.grounds.end_path(fill, self.state.bounds) {
            self.state.bounds = bounds;
        }
    }

    /// An image fills the unit square.
    fn paint_image(&mut self) {
        let place = self.state.transform.transform_rect_bbox(Rect::new(0.0, 0.0, 1.0, 1.0));
        self.grounds.paint(place.intersect(self.state.bounds), None);
    }

    /// Shows another content stream or an image, if that is what the name stands for.
    fn show_object(&mut self, name: &Name<'_>, resources: &Resources<'a>) {
        let Some(stream) = resources.get_x_object(name) else {
            return;
        };
        let dictionary = stream.dict();
        if self.document.layers.hide(dictionary, OC) {
            return;
        }
        if dictionary.get::<Name<'_>>(SUBTYPE).is_some_and(|kind| &*kind == FORM) {
            self.show_form(&stream, Affine::IDENTITY, resources);
        } else {
            self.paint_image();
        }
    }

    /// Shows a form. One that shows itself is shown once.
    fn show_form(&mut self, form: &Stream<'a>, place: Affine, resources: &Resources<'a>) {
        let id = form.obj_id();
        if self.forms.len() >= MAX_DEPTH || self.forms_shown >= MAX_FORMS || self.forms.contains(&id) {
            return;
        }
        self.forms_shown += 1;
        let Ok(content) = form.decoded_data() else { return };
        let state = self.state.clone();
        let (text, line) = (self.text, self.line);
        self.state.transform *= place;
        if let Some(matrix) = form.dict().get::<[f64; 6]>(MATRIX) {
            self.state.transform *= Affine::new(matrix);
        }
        let own = form.dict().get(RESOURCES).map(Resources::new);
        self.forms.push(id);
        self.follow(&content, own.as_ref().unwrap_or(resources));
        self.forms.pop();
        self.state = state;
        (self.text, self.line) = (text, line);
    }

    /// Shows what is laid over the page: what was written into a form's fields, and notes on the page.
    fn show_annotations(&mut self, page: &page::Page<'a>) {
        let annotations = page.raw().get::<Array<'_>>(ANNOTS);
        for annotation in annotations
            .iter()
            .flat_map(|annotations| annotations.iter::<Dict<'_>>())
        {
            let kind = annotation.get::<Name<'_>>(SUBTYPE);
            let is_text = kind.is_some_and(|kind| matches!(&*kind, b"Widget" | b"FreeText"));
            let is_shown = annotation.get::<u32>(F).unwrap_or_default() & NOT_SHOWN == 0;
            let look = annotation
                .get::<Dict<'_>>(AP)
                .and_then(|looks| looks.get::<Stream<'_>>("N"));
            if let Some(look) = look
                && is_text
                && is_shown
                && !self.document.layers.hide(&annotation, OC)
                && let Some(place) = place_of(&annotation, look.dict())
            {
                self.show_form(&look, place, page.resources());
            }
        }
    }

    fn begin_part(&mut self, kind: &Name<'_>, properties: Option<&Object<'_>>, resources: &Resources<'_>) {
        self.parts.begin(kind, properties, resources, &self.document.layers);
    }

    fn end_part(&mut self) {
        if let Some(said) = self.parts.end()
            && let Some(stretch) = self.stretch.take()
        {
            self.page.add(stretch.glyph(&said));
        }
    }
}

/// How the look of an annotation is placed on its page (ISO 32000-1, 12.5.5): its box fills the annotation's.
fn place_of(annotation: &Dict<'_>, look: &Dict<'_>) -> Option<Affine> {
    let rectangle = |holder: &Dict<'_>, key: &[u8]| {
        let [x0, y0, x1, y1] = holder.get::<[f64; 4]>(key)?;
        Some(Rect::from_points((x0, y0), (x1, y1)))
    };
    let (place, own) = (rectangle(annotation, RECT)?, rectangle(look, BBOX)?);
    let matrix = look.get::<[f64; 6]>(MATRIX).map_or(Affine::IDENTITY, Affine::new);
    let own = matrix.transform_rect_bbox(own);
    let scale = (place.width() / own.width(), place.height() / own.height());
    let is_sane = scale.0.is_finite() && scale.1.is_finite();
    is_sane.then(|| {
        Affine::translate((place.x0, place.y0))
            * Affine::scale_non_uniform(scale.0, scale.1)
            * Affine::translate((-own.x0, -own.y0))
    })
}

fn affine(numbers: [Number; 6]) -> Affine {
    Affine::new(numbers.map(|number| number.as_f64()))
}

#[cfg(test)]
mod tests;
