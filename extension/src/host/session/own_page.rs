//! What a page of the extension may ask beyond what a card may.

use std::pin::Pin;
use std::rc::Rc;

use pith::model::Role;
use pith::tasks::whole_text::WholeText;
use pith::text::Document;
use wasm_bindgen_futures::spawn_local;

use super::{Session, Text};
use crate::host::error::HostError;
use crate::host::icon::Sign;
use crate::host::job::{Cancel, Task};
use crate::host::texts::embed_aside;
use crate::host::{Host, cache, diagnostics, history, own_labels, whole_file};
use crate::kept::labels::{Example, OwnLabels};
use crate::protocol::{EngineState, Reply, Request, Stage};

impl Session {
    pub(super) fn of_own_page(&self, request: Request) {
        let host = self.host.clone();
        match request {
            Request::SummarizeTab {
                tab_id,
                scope,
                sentences,
                whole,
            } => self.start(Text::InTab { tab_id, scope }, Task::Summarize(sentences), whole),
            Request::AskTab {
                tab_id,
                scope,
                question,
                whole,
            } => self.start(Text::InTab { tab_id, scope }, Task::Ask(question), whole),
            Request::LabelTab {
                tab_id,
                scope,
                set,
                whole,
            } => self.start(Text::InTab { tab_id, scope }, Task::Label(set), whole),

            Request::State { tab_id } => self.answer_with(async move { Ok(host.state_reply(tab_id).await) }),
            Request::LoadModel => self.load_model(),
            Request::RemoveModel => self.answer_with(async move {
                host.remove_model().await?;
                Ok(host.state_reply(None).await)
            }),
            Request::Diagnostics => self.answer_with(async move {
                let found = diagnostics::look(&host).await?;
                Ok(Reply::Diagnostics(Box::new(found)))
            }),
            Request::SetPreferences { preferences } => self.answer_with(async move {
                whole_file::change_preferences(&host, preferences).await?;
                Ok(host.state_reply(None).await)
            }),

            Request::Cache => self.answer_with(cache_reply(async { Ok(()) })),
            Request::SwitchCache { on } => self.answer_with(cache_reply(cache::switch(host, on))),
            Request::ClearCache => self.answer_with(cache_reply(cache::clear(host))),

            Request::OwnLabels => self.answer_with(async {
                let labels = own_labels::read().await?.shown();
                Ok(Reply::OwnLabels { labels })
            }),
            Request::SetOwnLabels { labels, known } => {
                self.answer_with(changed(host, move |own| own.replace(labels, &known)))
            }
            Request::AddLabel { name, description } => {
                self.answer_with(changed(host, move |own| own.add(&name, &description)))
            }
            Request::RemoveLabel { label } => self.answer_with(changed(host, move |own| own.remove(&label))),
            Request::ChangeLabel {
                label,
                name,
                description,
            } => self.answer_with(changed(host, move |own| own.rename(&label, &name, &description))),
            Request::ForgetExamples { label } => {
                self.answer_with(changed(host, move |own| own.forget_examples(&label)))
            }
            Request::TeachText { label, text } => self.teach_text(label, text),
            Request::Teach { label } => match self.labelled.borrow().clone() {
                Some(example) => self.answer_with(changed(host, move |own| own.teach(&label, example))),
                None => self.fail(&HostError::NothingToTeach),
            },
            Request::ExportOwnLabels => self.answer_with(async {
                let json = own_labels::export().await?;
                Ok(Reply::OwnLabelsFile { json })
            }),

            Request::History { query, most } => {
                self.answer_with(async move { Ok(Reply::History(history::state(&host, query, most).await?)) })
            }
            Request::SwitchHistory { on, days } => self.answer_history(history::switch(host, on, days)),
            Request::ForgetResult { id } => self.answer_history(history::forget(id)),
            Request::ClearHistory => self.answer_history(history::clear(host)),

            Request::ExportAll => self.answer_with(async {
                let json = whole_file::export().await?;
                Ok(Reply::ExportFile { json })
            }),
            Request::ImportAll { json } => self.import(json),

            // A card may ask these too: `message` has answered them.
            Request::Summarize { .. } | Request::Ask { .. } | Request::Label { .. } | Request::Cancel => {}
        }
    }

    /// Tells what `reply` comes to.
    fn answer_with(&self, reply: impl Future<Output = Result<Reply, HostError>> + 'static) {
        // Behind a pointer, so that what follows is in the Wasm once and not for each of two dozen requests.
        let reply: Pin<Box<dyn Future<Output = _>>> = Box::pin(reply);
        let session = self.clone();
        spawn_local(async move {
            match reply.await {
                Ok(reply) => session.tell(reply),
                Err(error) => session.fail(&error),
            }
        });
    }

    fn answer_history(&self, change: impl Future<Output = Result<(), HostError>> + 'static) {
        let host = self.host.clone();
        self.answer_with(async move {
            change.await?;
            Ok(Reply::History(history::state(&host, String::new(), None).await?))
        });
    }

    /// Brings the model into the store and into memory, and says how the engine is.
    fn load_model(&self) {
        let session = self.clone();
        self.answer_with(async move {
            let progress = |done, total| session.tell_progress(Stage::Loading, done, total);
            session.host.engine.ensure_loaded(&progress).await?;
            Ok(session.host.state_reply(None).await)
        });
    }

    /// Teaches a label with a text that the person wrote down here. Nothing of it is kept but what it is about.
    fn teach_text(&self, label: String, text: String) {
        let host = self.host.clone();
        let is_private = self.port.sender().and_then(|sender| sender.tab());
        if is_private.is_some_and(|tab| tab.incognito()) {
            return self.fail(&HostError::PrivateWindow);
        }
        self.answer_with(async move {
            let mut text = WholeText::new(Document::plain(text, None));
            // Its beginning, which is short.
            while !text.read_on(usize::MAX).done {}
            if text.is_empty() {
                return Err(HostError::NoExample);
            }
            let embedded = embed_aside(&host, Role::Passage, &text.inputs(), &Cancel::default(), &|_, _| {}).await?;
            let embedded = embedded.ok_or(HostError::Stopped)?;
            let example = host.example(text.embedding(&embedded)).ok_or(HostError::Stopped)?;
            changed(host, move |own| own.teach(&label, example)).await
        });
    }

    /// Takes a file in; results in it are embedded, which is told and can be cancelled as a job can.
    fn import(&self, json: String) {
        let cancel = self.begin();
        let session = self.clone();
        spawn_local(async move {
            let progress = |done, total| session.tell_progress(Stage::Embedding, done, total);
            let counts = whole_file::import(&session.host, &json, &cancel, &progress).await;
            if cancel.is_cancelled() {
                return;
            }
            session.job.borrow_mut().take();
            match counts {
                Ok(counts) => session.tell(counts.map_or(Reply::Cancelled, Reply::Imported)),
                Err(error) => session.fail(&error),
            }
        });
    }
}

impl Host {
    /// How the engine is; with what failed on this tab's page and was not said yet.
    pub(in crate::host) async fn state(&self, tab: Option<i32>) -> EngineState {
        let mut state = self.engine.state(self.pool.state().await).await;
        state.page_error = tab.and_then(|tab| self.take_page_error(tab));
        if let Some(error) = self.last_error.borrow().clone() {
            state.last_error = Some(error);
        }
        state
    }

    async fn state_reply(&self, tab: Option<i32>) -> Reply {
        Reply::State(self.state(tab).await)
    }

    /// An embedding that the model in memory has just made, with whose it is; none if there is no model any more.
    pub(in crate::host) fn example(&self, embedding: Vec<f32>) -> Option<Example> {
        let model = self.engine.with(|engine| engine.weights_sha256.clone())?;
        Some(Example { model, embedding })
    }

    /// Drops the model from the store and from memory. Work that needs it ends.
    async fn remove_model(&self) -> Result<(), HostError> {
        let under_way = self.under_way.take();
        for (tab, work) in under_way {
            work.end();
            self.icon.show(Some(tab), Sign::Nothing);
        }
        self.pool.close().await;
        self.engine.remove().await
    }
}

/// The person's labels after a change, as they are shown.
async fn changed(host: Rc<Host>, change: impl FnOnce(&mut OwnLabels) + 'static) -> Result<Reply, HostError> {
    let change: Box<dyn FnOnce(&mut OwnLabels)> = Box::new(change);
    let (own, ()) = own_labels::change(&host, change).await?;
    Ok(Reply::OwnLabels { labels: own.shown() })
}

/// How the cache is once a change is made.
async fn cache_reply(
    change: impl Future<Output = Result<(), pith::store::StoreError>> + 'static,
) -> Result<Reply, HostError> {
    let change: Pin<Box<dyn Future<Output = _>>> = Box::pin(change);
    let state = async {
        change.await?;
        cache::state().await
    };
    Ok(Reply::Cache(state.await?))
}
