//! What of a page's text is seen: text in the colour of its ground is not there for the reader, but for machines that read
//! the page to them.
//!
//! Kept coarse: how light a colour is, and boxes of what is painted. Where it is not known what lies under a text, it counts
//! as seen.

use hayro_font::hayro_syntax::object::{Array, Name, Object, Stream};
use hayro_font::hayro_syntax::page::Resources;
use hayro_font::kurbo::{Affine, Point, Rect};

/// How light a colour is: 0 is black, 1 white. None: not known.
pub(super) type Light = Option<f64>;

/// Text that is darker is not asked about: it is the usual one.
const PALE: f64 = 0.75;
/// A text that differs less from its ground is not seen.
const CONTRAST: f64 = 0.12;
/// So much that is painted is remembered of a page.
const MAX_BOXES: usize = 1000;

/// Which colours the numbers of a colour space are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    Gray,
    Rgb,
    Cmyk,
    Other,
}

impl Space {
    /// The colour space of a name.
    pub(super) fn of(name: &Name<'_>, resources: &Resources<'_>) -> Self {
        match &**name {
            b"DeviceGray" | b"G" | b"CalGray" => Self::Gray,
            b"DeviceRGB" | b"RGB" | b"CalRGB" => Self::Rgb,
            b"DeviceCMYK" | b"CMYK" => Self::Cmyk,
            _ => Self::of_object(resources.get_color_space(name)),
        }
    }

    fn of_object(space: Option<Object<'_>>) -> Self {
        match space {
            Some(Object::Name(name)) => match &*name {
                b"DeviceGray" | b"CalGray" => Self::Gray,
                b"DeviceRGB" | b"CalRGB" => Self::Rgb,
                b"DeviceCMYK" => Self::Cmyk,
                _ => Self::Other,
            },
            Some(Object::Array(array)) => Self::of_array(&array),
            _ => Self::Other,
        }
    }

    fn of_array(space: &Array<'_>) -> Self {
        let mut entries = space.iter::<Object<'_>>();
        let Some(Object::Name(kind)) = entries.next() else {
            return Self::Other;
        };
        let profile = |entry: Option<Object<'_>>| match entry {
            Some(Object::Stream(stream)) => components(&stream),
            _ => None,
        };
        match (&*kind, profile(entries.next())) {
            (b"CalGray", _) | (b"ICCBased", Some(1)) => Self::Gray,
            (b"CalRGB", _) | (b"ICCBased", Some(3)) => Self::Rgb,
            (b"ICCBased", Some(4)) => Self::Cmyk,
            _ => Self::Other,
        }
    }

    /// How light a colour of this space is.
    pub(super) fn light(self, numbers: &[f64]) -> Light {
        match (self, numbers) {
            (Self::Gray, [gray]) => Some(*gray),
            (Self::Rgb, [red, green, blue]) => Some(0.3 * red + 0.59 * green + 0.11 * blue),
            (Self::Cmyk, [cyan, magenta, yellow, black]) => {
                Some(1.0 - (0.3 * cyan + 0.59 * magenta + 0.11 * yellow + black).min(1.0))
            }
            _ => None,
        }
    }
}

fn components(profile: &Stream<'_>) -> Option<u32> {
    profile.dict().get::<u32>("N")
}

/// What was painted on a page, the last on top.
#[derive(Debug, Default)]
pub(super) struct Grounds {
    boxes: Vec<(Rect, Light)>,
    /// The box of the path that is being drawn, and whether it is one box and no more.
    path: Option<Rect>,
    is_box: bool,
    /// Whether the path is to bound what is painted from then on.
    clips: bool,
}

impl Grounds {
    /// A box is added to the path.
    pub(super) fn draw_box(&mut self, [x, y, width, height]: [f64; 4], transform: Affine) {
        self.is_box = self.path.is_none();
        let corners = [(x, y), (x + width, y), (x, y + height), (x + width, y + height)];
        self.extend(&corners, transform);
    }

    /// Something else is added to the path, or its control points.
    pub(super) fn draw(&mut self, points: &[(f64, f64)], transform: Affine) {
        self.is_box = false;
        self.extend(points, transform);
    }

    fn extend(&mut self, points: &[(f64, f64)], transform: Affine) {
        for &point in points {
            let point = transform * Point::from(point);
            let at = Rect::from_points(point, point);
            self.path = Some(self.path.map_or(at, |path| path.union(at)));
        }
    }

    pub(super) fn clip_by_path(&mut self) {
        self.clips = true;
    }

    /// The path ends: it is filled with a colour, or not. Gives the bounds from now on of what is painted, if it sets them.
    pub(super) fn end_path(&mut self, fill: Option<Light>, bounds: Rect) -> Option<Rect> {
        let path = self.path.take()?;
        // How a light figure lies in its box is not known: what is beside it may be dark.
        if let Some(light) = fill
            && (self.is_box || light.is_none_or(|light| light < PALE))
        {
            self.paint(path.intersect(bounds), light);
        }
        std::mem::take(&mut self.clips).then(|| path.intersect(bounds))
    }

    /// Something is painted into a box.
    pub(super) fn paint(&mut self, place: Rect, light: Light) {
        if place.area() > 0.0 && self.boxes.len() < MAX_BOXES {
            self.boxes.push((place, light));
        }
    }

    /// Whether a text that begins here is seen.
    pub(super) fn shows(&self, at: Point, text: Light) -> bool {
        let Some(text) = text.filter(|light| *light > PALE) else {
            return true;
        };
        if self.boxes.len() == MAX_BOXES {
            return true;
        }
        // The page itself is white.
        let ground = self
            .boxes
            .iter()
            .rev()
            .find(|(place, _)| place.contains(at))
            .map_or(Some(1.0), |(_, light)| *light);
        ground.is_none_or(|ground| (ground - text).abs() > CONTRAST)
    }
}
