//! The secrets between the host and the frames of cards: who has one may speak for the tab that it was made for.
//!
//! They are kept for the session of the browser, which only the extension's own contexts can read: a card lives longer than
//! the worker that opened it.

use std::collections::BTreeMap;

use futures_util::lock::Mutex;
use pith::store::hex;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::browser::{error_text, keep_session_value, random_bytes, session_value, to_js};

/// Key of the nonces of each tab.
const KEY: &str = "card.nonces";
/// So many cards may be open in a tab, or on their way.
const MOST_OF_A_TAB: usize = 4;
const NONCE_BYTES: usize = 16;

/// The nonces of each tab, the oldest first.
type Given = BTreeMap<i32, Vec<Nonce>>;

#[derive(Serialize, Deserialize)]
struct Nonce {
    nonce: String,
    /// Did a card say it? None does where the card that is wanted was there already.
    is_used: bool,
}

/// The one who gives them. Held by whoever reads or changes what is kept.
#[derive(Default)]
pub(super) struct Nonces(Mutex<Option<Given>>);

impl Nonces {
    /// A new one for a card of this tab.
    pub(super) async fn give(&self, tab: i32) -> Result<String, JsValue> {
        let nonce = hex(&random_bytes::<NONCE_BYTES>()?);
        let mut given = self.0.lock().await;
        let given = known(&mut given).await;
        let of_tab = given.entry(tab).or_default();
        if of_tab.len() >= MOST_OF_A_TAB {
            let unused = of_tab.iter().position(|known| !known.is_used);
            of_tab.remove(unused.unwrap_or_default());
        }
        of_tab.push(Nonce {
            nonce: nonce.clone(),
            is_used: false,
        });
        keep(given).await;
        Ok(nonce)
    }

    /// Was it given to a card of this tab?
    pub(super) async fn is_of(&self, tab: i32, nonce: &str) -> bool {
        let mut given = self.0.lock().await;
        let given = known(&mut given).await;
        let of_tab = given.get_mut(&tab);
        let Some(known) = of_tab.and_then(|of_tab| of_tab.iter_mut().find(|known| known.nonce == nonce)) else {
            return false;
        };
        if !std::mem::replace(&mut known.is_used, true) {
            keep(given).await;
        }
        true
    }

    /// The tab is gone.
    pub(super) async fn forget(&self, tab: i32) {
        let mut given = self.0.lock().await;
        let given = known(&mut given).await;
        if given.remove(&tab).is_some() {
            keep(given).await;
        }
    }
}

/// Those that were given, by an earlier life of the worker too.
async fn known(given: &mut Option<Given>) -> &mut Given {
    if given.is_none() {
        let kept = session_value(KEY).await.unwrap_or_default();
        // JavaScript's keys are strings.
        let kept: BTreeMap<String, Vec<Nonce>> = serde_wasm_bindgen::from_value(kept).unwrap_or_default();
        let of_tab = |(tab, nonces): (String, Vec<Nonce>)| Some((tab.parse().ok()?, nonces));
        *given = Some(kept.into_iter().filter_map(of_tab).collect());
    }
    given.get_or_insert_default()
}

/// Writes them down. Where that fails, a card is known as long as this worker lives.
async fn keep(given: &Given) {
    let by_name: BTreeMap<String, &Vec<Nonce>> = given.iter().map(|(tab, nonces)| (tab.to_string(), nonces)).collect();
    let kept = match to_js(&by_name) {
        Ok(value) => keep_session_value(KEY, value).await,
        Err(error) => Err(error.into()),
    };
    if let Err(error) = kept {
        gloo::console::warn!("a card's nonce was not kept", error_text(&error));
    }
}
