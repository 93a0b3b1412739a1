//! How a job's text is brought: from its tab, from what came with the request, or from what was read before.

use std::rc::Rc;

use pith::store::StoreError;
use wasm_bindgen_futures::spawn_local;

use super::{Number, Source};
use crate::browser::{error_text, now_ms};
use crate::estimate::time_ms;
use crate::host::error::HostError;
use crate::host::job::{BYTES_A_TOKEN, Cancel, budget_tokens};
use crate::host::kept_texts::{KeptText, ReadText};
use crate::host::pace::Pace;
use crate::host::tabs::Taken;
use crate::host::{Host, reading, tabs};
use crate::protocol::{Event, Snapshot, TextInfo};

/// What takes less is over before anybody has read how long it takes.
const LEAST_TOLD_MS: f64 = 1_000.0;

impl Host {
    /// Brings and reads a job's text, and tells what is known of it. What comes of it counts for nothing once it was cancelled.
    pub(super) async fn prepare(self: &Rc<Self>, number: Number, cancel: &Cancel) -> Result<(), HostError> {
        let Some((text, read_ms)) = self.text_of(number, cancel).await? else {
            return Ok(());
        };
        let is_whole = self.jobs.with(number, |job| job.order.is_whole);
        let info = self.info_of(&text, is_whole.unwrap_or_default()).await;
        if !cancel.is_cancelled() {
            self.jobs.with(number, |job| {
                job.text = Some(info.clone());
                job.order.source = Source::Kept(Box::new(text));
                job.read_ms = read_ms;
                job.tell(Event::Text(info), false);
            });
        }
        Ok(())
    }

    /// The model may as well be on its way. Whoever waits for it is told how that goes.
    pub(in crate::host) fn load_soon(self: &Rc<Self>) {
        let host = self.clone();
        spawn_local(async move {
            if let Err(error) = host.engine.ensure_loaded(&|_, _| {}).await {
                host.note_error(&error);
            }
        });
    }

    /// The text of a job, with how long it took to read it, in milliseconds. None if it was cancelled.
    async fn text_of(self: &Rc<Self>, number: Number, cancel: &Cancel) -> Result<Option<(KeptText, f64)>, HostError> {
        let plan = self.jobs.with(number, |job| {
            let order = &job.order;
            (
                order.source.clone(),
                order.tab,
                order.scope,
                order.is_private,
                order.is_by_gesture,
            )
        });
        let Some((source, tab, scope, is_private, is_by_gesture)) = plan else {
            return Ok(None);
        };
        let is_private = is_private
            || match tab {
                // A tab that cannot be looked at may be private.
                Some(tab) => tabs::get(tab).await.is_none_or(|tab| tab.incognito()),
                None => false,
            };
        let (document, snapshot) = match (source, tab) {
            (Source::Kept(text), _) => {
                let is_private = is_private || text.is_private;
                return Ok(Some((KeptText { is_private, ..*text }, 0.0)));
            }
            (Source::Here(snapshot), _) => (String::new(), snapshot),
            (Source::Tab, Some(tab)) => {
                let taken = tabs::snapshot(tab, scope).await;
                let Taken { document, snapshot } = taken.map_err(|error| match error {
                    // What is shut by the very gesture that lets Pith in is shut for good.
                    HostError::PageNotGranted { cause } if is_by_gesture => HostError::PageClosedToExtensions { cause },
                    error => error,
                })?;
                if cancel.is_cancelled() {
                    return Ok(None);
                }
                self.forget_other_documents(tab, Some(&document));
                (document, Rc::new(snapshot))
            }
            (Source::Tab | Source::Gone, _) => return Ok(None),
        };
        let Some((digest, read, read_ms)) = self.read(&snapshot, cancel).await? else {
            return Ok(None);
        };
        let text = KeptText {
            digest,
            tab,
            document,
            scope: snapshot.scope,
            title: snapshot.title.trim().to_owned(),
            url: without_fragment(&snapshot.url),
            is_private,
            read,
        };
        self.texts.keep(text.clone());
        Ok(Some((text, read_ms)))
    }

    /// A snapshot as it is read: as it was before, if it is known. None if it was cancelled.
    async fn read(
        &self,
        snapshot: &Snapshot,
        cancel: &Cancel,
    ) -> Result<Option<(String, Rc<ReadText>, f64)>, HostError> {
        let start_ms = now_ms();
        let digest = reading::digest_of(snapshot)
            .await
            .map_err(|error| StoreError::Backend {
                action: "compute a text's digest".to_owned(),
                cause: error_text(&error),
            })?;
        let read = match self.texts.read_before(&digest) {
            Some(read) => Some(read),
            None => reading::read(snapshot, &mut Pace::new(), cancel).await.map(Rc::new),
        };
        Ok(read.map(|read| (digest, read, now_ms() - start_ms)))
    }

    /// What is told of a text before anything is computed.
    async fn info_of(&self, text: &KeptText, is_whole: bool) -> TextInfo {
        let read = &text.read;
        let all = (read.len_bytes() as f64 / BYTES_A_TOKEN) as u64;
        // How much of it is looked at, the model says; until that is in memory it is not known.
        let tokens = if is_whole {
            Some(all)
        } else {
            budget_tokens(self).map(|budget| all.min(budget as u64))
        };
        let speed = self.speed.tokens_a_ms().await;
        TextInfo {
            digest: text.digest.clone(),
            document: text.document.clone(),
            scope: text.scope,
            title: text.title.clone(),
            url: text.url.clone(),
            language: read.language.clone(),
            words: read.words,
            length: read.length,
            estimated_ms: tokens
                .zip(speed)
                .and_then(|(tokens, speed)| time_ms(tokens, speed))
                .filter(|time_ms| *time_ms >= LEAST_TOLD_MS),
            headings: read.headings.clone(),
        }
    }
}

fn without_fragment(url: &str) -> String {
    url.split('#').next().unwrap_or_default().to_owned()
}
