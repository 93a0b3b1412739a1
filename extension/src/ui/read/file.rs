//! A file that the person chose or dropped: its bytes, and its text, which for a PDF a worker of its own reads. The worker and
//! its Wasm are not loaded before.

use js_sys::{ArrayBuffer, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use super::super::plain_text;
use crate::protocol::{PdfFault, PdfReply, VERSION};

/// From the page's own folder.
const WORKER: &str = "../js/pdf_worker.js";

#[wasm_bindgen]
extern "C" {
    /// What the person chose.
    pub(super) type File;
    #[wasm_bindgen(method, getter)]
    pub(super) fn name(this: &File) -> String;
    #[wasm_bindgen(catch, method, js_name = arrayBuffer)]
    async fn array_buffer(this: &File) -> Result<JsValue, JsValue>;

    type Worker;
    #[wasm_bindgen(catch, constructor)]
    fn new(url: &str, options: &JsValue) -> Result<Worker, JsValue>;
    #[wasm_bindgen(catch, method, js_name = postMessage)]
    fn post_message(this: &Worker, message: &JsValue, transfer: &js_sys::Array) -> Result<(), JsValue>;
    #[wasm_bindgen(method, setter, js_name = onmessage)]
    fn set_on_message(this: &Worker, listener: &js_sys::Function);
    #[wasm_bindgen(method, setter, js_name = onerror)]
    fn set_on_error(this: &Worker, listener: &js_sys::Function);
    #[wasm_bindgen(method)]
    fn terminate(this: &Worker);
}

/// What was read so far.
pub(super) enum Read {
    /// Pages done, and in all.
    Progress(u32, u32),
    /// All of it.
    Text { title: String, text: String },
    /// Nothing.
    Failed(Fault),
}

/// Why a file gives no text.
pub(super) enum Fault {
    /// The browser does not hand it out.
    Unreadable,
    /// It is neither a PDF nor a text.
    NoText,
    Pdf(PdfFault),
}

impl Fault {
    /// The key of the sentence that says so.
    pub(super) fn key(&self) -> &'static str {
        match self {
            Self::Unreadable => "error_file_unreadable",
            Self::NoText => "error_file_no_text",
            Self::Pdf(PdfFault::Locked) => "error_pdf_locked",
            Self::Pdf(PdfFault::Damaged) => "error_pdf_damaged",
            Self::Pdf(PdfFault::NoText) => "error_pdf_no_text",
            Self::Pdf(PdfFault::Unreadable) => "error_pdf_unreadable",
            Self::Pdf(PdfFault::Broke) => "error_pdf_broke",
        }
    }
}

/// The first file of a list of files, as a field or something dropped has it.
pub(super) fn first_file(holder: &JsValue) -> Option<File> {
    let files = Reflect::get(holder, &"files".into()).ok()?;
    let file = Reflect::get_u32(&files, 0).ok()?;
    file.is_object().then(|| file.unchecked_into())
}

/// Reads a file; `tell` is told how far it is and, last, what came of it. A PDF's worker is given out: what drops it ends it.
pub(super) async fn read(file: &File, tell: impl Fn(Read) + 'static) -> Option<PdfWorker> {
    let Ok(buffer) = file.array_buffer().await else {
        tell(Read::Failed(Fault::Unreadable));
        return None;
    };
    let buffer: ArrayBuffer = buffer.unchecked_into();
    let beginning = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, buffer.byte_length().min(2048));
    if plain_text::is_pdf(&beginning.to_vec()) {
        let tell = std::rc::Rc::new(tell);
        let told = std::rc::Rc::clone(&tell);
        let started = PdfWorker::start(&buffer, move |read| told(read));
        if started.is_err() {
            tell(Read::Failed(Fault::Pdf(PdfFault::Broke)));
        }
        return started.ok();
    }
    tell(match plain_text::text_of(&Uint8Array::new(&buffer).to_vec()) {
        Some(text) => Read::Text {
            title: String::new(),
            text,
        },
        None => Read::Failed(Fault::NoText),
    });
    None
}

/// The worker that reads one PDF.
pub(super) struct PdfWorker {
    worker: Worker,
    _on_message: Closure<dyn Fn(JsValue)>,
    _on_error: Closure<dyn Fn()>,
}

impl PdfWorker {
    fn start(file: &ArrayBuffer, tell: impl Fn(Read) + Clone + 'static) -> Result<Self, JsValue> {
        let options = js_sys::Object::new();
        Reflect::set(&options, &"type".into(), &"module".into())?;
        let worker = Worker::new(WORKER, &options)?;
        let told = tell.clone();
        let on_message = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
            let message = Reflect::get(&event, &"data".into()).unwrap_or(JsValue::NULL);
            told(understood(message));
        });
        // Its script could not be loaded, or the browser ended it.
        let on_error = Closure::<dyn Fn()>::new(move || tell(Read::Failed(Fault::Pdf(PdfFault::Broke))));
        worker.set_on_message(on_message.as_ref().unchecked_ref());
        worker.set_on_error(on_error.as_ref().unchecked_ref());
        worker.post_message(file, &js_sys::Array::of1(file))?;
        Ok(Self {
            worker,
            _on_message: on_message,
            _on_error: on_error,
        })
    }
}

impl Drop for PdfWorker {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Fails closed: what is not an answer of this version is a part of Pith that broke.
fn understood(message: JsValue) -> Read {
    let version = Reflect::get(&message, &"v".into())
        .ok()
        .and_then(|version| version.as_f64());
    let reply = (version == Some(f64::from(VERSION)))
        .then(|| serde_wasm_bindgen::from_value(message).ok())
        .flatten();
    match reply {
        Some(PdfReply::Progress { done, total }) => Read::Progress(done, total),
        Some(PdfReply::Text { title, text }) => Read::Text { title, text },
        Some(PdfReply::Failed { why }) => Read::Failed(Fault::Pdf(why)),
        None => Read::Failed(Fault::Pdf(PdfFault::Broke)),
    }
}
