//! Marked parts of a page's content: what a tagged document itself calls an artifact (a header, a page number), what lies on
//! a layer that is switched off, and what the document says its glyphs are to be read as.

use std::collections::HashSet;

use hayro_font::hayro_syntax::object::dict::keys::{ACTUAL_TEXT, OCGS, OCPROPERTIES};
use hayro_font::hayro_syntax::object::{Array, Dict, MaybeRef, Name, ObjRef, Object, String as Text};
use hayro_font::hayro_syntax::page::Resources;
use hayro_font::hayro_syntax::xref::XRef;

use crate::pdf::characters::readable;
use crate::pdf::title::decoded;

/// Parts may be marked within parts; deeper than this, a document is at fault.
const MAX_DEPTH: usize = 1000;

/// The layers of a document that are switched off.
#[derive(Debug, Default)]
pub(super) struct Layers(HashSet<ObjRef>);

impl Layers {
    pub(super) fn of(xref: &XRef) -> Self {
        let off = || {
            let root = xref.get::<Dict<'_>>(xref.root_id())?;
            let shown = root.get::<Dict<'_>>(OCPROPERTIES)?.get::<Dict<'_>>("D")?;
            Some(references(&shown.get::<Array<'_>>("OFF")?).collect())
        };
        Self(off().unwrap_or_default())
    }

    /// Whether an entry of a dictionary names a layer that is off, or layers that all are.
    pub(super) fn hide(&self, holder: &Dict<'_>, key: &[u8]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        if holder.get_ref(key).is_some_and(|layer| self.0.contains(&layer)) {
            return true;
        }
        let Some(members) = holder.get::<Dict<'_>>(key) else {
            return false;
        };
        if let Some(layer) = members.get_ref(OCGS)
            && self.0.contains(&layer)
        {
            return true;
        }
        let layers = members.get::<Array<'_>>(OCGS);
        let mut layers = layers.iter().flat_map(references).peekable();
        layers.peek().is_some() && layers.all(|layer| self.0.contains(&layer))
    }
}

fn references(array: &Array<'_>) -> impl Iterator<Item = ObjRef> {
    array.raw_iter().filter_map(|entry| match entry {
        MaybeRef::Ref(reference) => Some(reference),
        MaybeRef::NotRef(_) => None,
    })
}

/// A part that is open.
#[derive(Debug)]
struct Part {
    is_hidden: bool,
    /// Whether what it is to be read as is said by it.
    is_said: bool,
}

/// The parts that are open, each inside the one before.
#[derive(Debug, Default)]
pub(super) struct Parts {
    open: Vec<Part>,
    /// Parts that were opened beyond the limit.
    beyond: usize,
    /// What the glyphs of the outermost part that says it are to be read as.
    said: Option<String>,
}

impl Parts {
    pub(super) fn depth(&self) -> usize {
        self.open.len() + self.beyond
    }

    /// Whether nothing here is read.
    pub(super) fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|part| part.is_hidden)
    }

    /// Whether the glyphs here are to be read as something else.
    pub(super) fn is_said(&self) -> bool {
        self.said.is_some()
    }

    pub(super) fn begin(
        &mut self,
        kind: &Name<'_>,
        properties: Option<&Object<'_>>,
        resources: &Resources<'_>,
        layers: &Layers,
    ) {
        if self.open.len() >= MAX_DEPTH {
            self.beyond += 1;
            return;
        }
        let is_off = || match properties {
            Some(Object::Name(name)) => layers.hide(&resources.properties, name),
            _ => false,
        };
        let is_hidden = self.is_hidden() || &**kind == b"Artifact" || (&**kind == b"OC" && is_off());
        let mut is_said = false;
        if self.said.is_none() {
            let named = match properties {
                Some(Object::Name(name)) => resources.properties.get::<Dict<'_>>(name),
                Some(Object::Dict(dictionary)) => Some(dictionary.clone()),
                _ => None,
            };
            let said = named.and_then(|properties| properties.get::<Text<'_>>(ACTUAL_TEXT));
            self.said = said.and_then(|said| readable(&decoded(&said)));
            is_said = self.said.is_some();
        }
        self.open.push(Part { is_hidden, is_said });
    }

    /// Ends a part. Gives what its glyphs are to be read as, if it says so and is read.
    pub(super) fn end(&mut self) -> Option<String> {
        if self.beyond > 0 {
            self.beyond -= 1;
            return None;
        }
        let part = self.open.pop()?;
        let said = if part.is_said { self.said.take() } else { None };
        said.filter(|_| !part.is_hidden)
    }
}
