//! How text is placed: the operators that set where and how, and each glyph with what it says.

use std::rc::Rc;

use hayro_font::hayro_syntax::content::ops::TypedInstruction;
use hayro_font::hayro_syntax::object::Object;
use hayro_font::hayro_syntax::page::Resources;
use hayro_font::kurbo::{Affine, Point, Vec2};

use super::fonts::{KnownFont, Said};
use super::{Face, Reader, State, affine};
use crate::pdf::page::Glyph;

/// Letters that are spaced out count as wider by no more than so many ems.
const MAX_LETTER_SPACE: f64 = 0.6;

/// Where glyphs stand that are read as something else.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    at: Point,
    em: Vec2,
    up: Vec2,
    is_vertical: bool,
    /// From where to where they reach, along the line.
    from: f64,
    to: f64,
}

impl<'a> Reader<'a, '_> {
    /// Follows what places text.
    pub(super) fn follow_text(&mut self, operation: &TypedInstruction<'_, '_>, resources: &Resources<'a>) {
        match operation {
            TypedInstruction::BeginText(_) => self.set_line(Affine::IDENTITY),
            TypedInstruction::SetTextMatrix(m) => self.set_line(affine([m.0, m.1, m.2, m.3, m.4, m.5])),
            TypedInstruction::TextFont(font) => {
                self.state.font = match resources.get_font(font.0) {
                    Some(dictionary) => {
                        let known = self.document.fonts.get(&dictionary);
                        known.map_or(Face::Unreadable, Face::Known)
                    }
                    None => Face::None,
                };
                self.state.size = font.1.as_f64();
            }
            TypedInstruction::CharacterSpacing(spacing) => self.state.character_spacing = spacing.0.as_f64(),
            TypedInstruction::WordSpacing(spacing) => self.state.word_spacing = spacing.0.as_f64(),
            TypedInstruction::HorizontalScaling(scale) => self.state.horizontal_scale = scale.0.as_f64() / 100.0,
            TypedInstruction::TextLeading(leading) => self.state.leading = leading.0.as_f64(),
            TypedInstruction::TextRise(rise) => self.state.rise = rise.0.as_f64(),
            TypedInstruction::TextRenderingMode(mode) => self.state.rendering = mode.0.as_i64(),
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
            _ => {}
        }
    }

    fn set_line(&mut self, line: Affine) {
        (self.text, self.line) = (line, line);
    }

    fn next_line(&mut self, x: f64, y: f64) {
        self.set_line(self.line * Affine::translate((x, y)));
    }

    /// Moves against the direction of writing by so many thousandths of an em.
    fn step_back(&mut self, thousandths: f64) {
        let step = -thousandths / 1000.0 * self.state.size;
        let is_vertical = matches!(&self.state.font, Face::Known(font) if font.is_vertical());
        let step = if is_vertical {
            (0.0, step)
        } else {
            (step * self.state.horizontal_scale, 0.0)
        };
        self.text *= Affine::translate(step);
    }

    fn show(&mut self, bytes: &[u8]) {
        let font = match &self.state.font {
            Face::Known(font) => Some(Rc::clone(font)),
            Face::None => self.document.fonts.standard(),
            Face::Unreadable => None,
        };
        let Some(font) = font else {
            self.unknown += bytes.len();
            return;
        };
        let State {
            size,
            character_spacing,
            word_spacing,
            horizontal_scale,
            rise,
            ..
        } = self.state;
        let begin = (self.state.transform * self.text).translation().to_point();
        // Text that is not filled is drawn in lines, or is not painted.
        let light = self.state.fill.filter(|_| self.state.rendering == 0);
        let is_seen = self.grounds.shows(begin, light);
        let mut at = 0;
        while at < bytes.len() {
            let (code, length) = font.read_code(bytes, at);
            at += length;
            let spacing = character_spacing + if code == 32 && length == 1 { word_spacing } else { 0.0 };
            let to_page = self.state.transform * self.text * Affine::translate((0.0, rise));
            let letter_space = character_spacing.clamp(0.0, MAX_LETTER_SPACE * size.abs());
            let advance = font.advance(code) * size;
            let (step, advance) = if font.is_vertical() {
                (Vec2::new(0.0, advance.y + spacing), advance)
            } else {
                let step = Vec2::new((advance.x + spacing) * horizontal_scale, 0.0);
                (step, Vec2::new((advance.x + letter_space) * horizontal_scale, 0.0))
            };
            if !self.parts.is_hidden() {
                self.place(&font, code, to_page, advance, is_seen);
            }
            self.text *= Affine::translate(step);
        }
    }

    /// Puts a glyph on the page.
    fn place(&mut self, font: &KnownFont<'a>, code: u32, to_page: Affine, advance: Vec2, is_seen: bool) {
        let vector = |x: f64, y: f64| (to_page * Point::new(x, y)).to_vec2() - to_page.translation();
        let em = self.state.size * font.em();
        let stretch = Stretch {
            at: to_page.translation().to_point(),
            em: vector(em * self.state.horizontal_scale, 0.0),
            up: vector(0.0, em),
            is_vertical: font.is_vertical(),
            from: 0.0,
            to: 0.0,
        };
        let advance = vector(advance.x, advance.y);
        if self.parts.is_said() {
            self.stretch.get_or_insert(stretch).take_in(stretch.at, advance);
            return;
        }
        match font.said(code) {
            Said::Unknown => self.unknown += 1,
            Said::Text(text) => {
                let near = self.view.inflate(stretch.up.hypot(), stretch.up.hypot());
                let page = if is_seen && near.contains(stretch.at) {
                    &mut self.page
                } else {
                    &mut self.unseen
                };
                page.add(glyph(&text, stretch.at, advance, &stretch));
            }
        }
    }
}

impl Stretch {
    /// All of it as one glyph.
    pub(super) fn glyph<'t>(&self, text: &'t str) -> Glyph<'t> {
        let along = self.em / self.em.hypot();
        glyph(text, self.at + along * self.from, along * (self.to - self.from), self)
    }

    /// Takes in where another glyph stands on the same line.
    fn take_in(&mut self, at: Point, advance: Vec2) {
        let along = self.em / self.em.hypot();
        let from = at - self.at;
        if from.cross(along).abs() < 0.5 * self.up.hypot() {
            let (begin, end) = (from.dot(along), (from + advance).dot(along));
            self.from = self.from.min(begin).min(end);
            self.to = self.to.max(begin).max(end);
        }
    }
}

/// The glyph of a stretch.
fn glyph<'t>(text: &'t str, at: Point, advance: Vec2, stretch: &Stretch) -> Glyph<'t> {
    let pair = |vector: Vec2| (vector.x, vector.y);
    Glyph {
        text,
        at: (at.x, at.y),
        advance: pair(advance),
        em: pair(stretch.em),
        up: pair(stretch.up),
        is_vertical: stretch.is_vertical,
    }
}
