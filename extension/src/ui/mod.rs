//! The screens of the extension (Rust, Leptos, client-side). They draw what the service worker tells them and send what
//! the person asks for; they decide nothing and hold no engine: nothing in here may call into the `pith` crate, or the
//! popup's Wasm grows from a few hundred kilobytes to megabytes.
//!
//! * `popup`: the popup, a Wasm module of its own, small because it is read anew at every opening.
//! * `pages`: the full pages, all in one other module.
//! * `desk`: everything that can be done with one text, in every screen that has one.
//! * `port`: the way to the service worker. `told`: what comes over it, read. `link`: the ways to the place of a text. `tabs`: what the browser says of tabs and
//!   windows. `line`: what is asked and answered about the extension itself. `page`: what a full page asks of the browser.
//!   `said`: what is read out.
//! * [`phrases`]: what is said in numbers. [`markdown`]: results as Markdown. [`paragraphs`]: a text as it is shown.
//!   [`report`]: diagnostics as text. [`plain_text`]: what a file is.

#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod card;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod desk;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod line;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod link;
pub mod markdown;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod options;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod page;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod pages;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod panel;
pub mod paragraphs;
pub mod phrases;
pub mod plain_text;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
pub mod popup;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod port;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod read;
pub mod report;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod said;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod tabs;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod told;
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
mod welcome;

/// Draws a screen in place of the static shell and what was written into it, in the page's element of this id. False if the
/// page has no such element.
#[cfg(all(target_arch = "wasm32", feature = "ui"))]
fn draw<V: leptos::prelude::IntoView + 'static>(id: &str, screen: impl FnOnce() -> V + 'static) -> bool {
    use leptos::web_sys::{Event, HtmlElement, HtmlInputElement};
    use wasm_bindgen::JsCast as _;
    let shell = leptos::prelude::document()
        .get_element_by_id(id)
        .and_then(|shell| shell.dyn_into::<HtmlElement>().ok());
    let Some(shell) = shell else { return false };
    let field = || {
        shell
            .query_selector("input")
            .ok()
            .flatten()?
            .dyn_into::<HtmlInputElement>()
            .ok()
    };
    let written = field().filter(|field| leptos::prelude::document().active_element().as_ref() == Some(field));
    let written = written.map(|field| {
        (
            field.value(),
            field.dataset().get("isEntered").as_deref() == Some("true"),
        )
    });
    shell.set_inner_html("");
    leptos::mount::mount_to(shell.clone(), screen).forget();
    if let (Some((written, is_entered)), Some(field)) = (written, field()) {
        field.set_value(&written);
        // The browser gives the focus by itself once for a page; none of these can fail on a field in the page.
        let _ = field.focus();
        let _ = Event::new("input").and_then(|event| field.dispatch_event(&event));
        if let Some(form) = field.form().filter(|_| is_entered) {
            let _ = form.request_submit();
        }
    }
    true
}
