//! What a panic leaves for whoever mends it.
//!
//! Nothing here should panic, and what does ends its module: the person is told by the JavaScript around it, in a sentence.
//! That sees only `unreachable`; the message and its place in the source are written to the console here, before.

/// Has panics written to the console from now on. Every program begins with it.
pub fn tell_console() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| gloo::console::error!(panic.to_string())));
}
