//! What is asked about all but jobs: the engine, what is kept, the person's labels.

use std::pin::Pin;
use std::rc::Rc;

use pith::tasks::whole_text::WholeText;
use pith::text::Document;

use super::Session;
use crate::host::error::HostError;
use crate::host::job::Cancel;
use crate::host::texts::embed_aside;
use crate::host::{Host, cache, diagnostics, history, own_labels, whole_file};
use crate::kept::labels::{Example, OwnLabels};
use crate::protocol::{EngineState, Event, Request, Stage};

impl Session {
    pub(super) fn about_the_rest(&self, id: u32, request: Request) {
        let host = self.0.host.clone();
        match request {
            Request::State { tab_id } => self.answer_with(id, async move { Ok(host.state_event(tab_id).await) }),
            Request::LoadModel => self.load_model(id),
            Request::RemoveModel => self.answer_with(id, async move {
                host.remove_model().await?;
                Ok(host.state_event(None).await)
            }),
            Request::Diagnostics => self.answer_with(id, async move {
                let found = diagnostics::look(&host).await?;
                Ok(Event::Diagnostics(Box::new(found)))
            }),
            Request::SetPreferences { preferences } => self.answer_with(id, async move {
                let is_of_gpu = preferences.gpu.is_some();
                whole_file::change_preferences(&host, preferences).await?;
                if is_of_gpu {
                    host.gpu.forget().await;
                }
                Ok(host.state_event(None).await)
            }),

            Request::Cache => self.answer_with(id, cache_event(async { Ok(()) })),
            Request::SwitchCache { on } => self.answer_with(id, cache_event(cache::switch(host, on))),
            Request::ClearCache => self.answer_with(id, cache_event(cache::clear(host))),

            Request::OwnLabels => self.answer_with(id, async {
                let labels = own_labels::read().await?.shown();
                Ok(Event::OwnLabels { labels })
            }),
            Request::SetOwnLabels { labels, known } => {
                self.answer_with(id, changed(host, move |own| own.replace(labels, &known)))
            }
            Request::AddLabel { name, description } => {
                self.answer_with(id, changed(host, move |own| own.add(&name, &description)))
            }
            Request::RemoveLabel { label } => self.answer_with(id, changed(host, move |own| own.remove(&label))),
            Request::ChangeLabel {
                label,
                name,
                description,
            } => self.answer_with(id, changed(host, move |own| own.rename(&label, &name, &description))),
            Request::ForgetExamples { label } => {
                self.answer_with(id, changed(host, move |own| own.forget_examples(&label)))
            }
            Request::TeachText { label, text } => self.teach_text(id, label, text),
            Request::Teach { label, job } => match host.jobs.example_of(&job) {
                Some(example) => self.answer_with(id, changed(host, move |own| own.teach(&label, example))),
                None => self.stream(id).end(Err(HostError::NothingToTeach)),
            },
            Request::ExportOwnLabels => self.answer_with(id, async {
                let json = own_labels::export().await?;
                Ok(Event::OwnLabelsFile { json })
            }),

            Request::History { query, most } => self.answer_with(id, async move {
                Ok(Event::History(history::state(&host, query, most).await?))
            }),
            Request::SwitchHistory { on, days } => self.answer_history(id, history::switch(host, on, days)),
            Request::ForgetResult { result } => self.answer_history(id, history::forget(result)),
            Request::ClearHistory => self.answer_history(id, history::clear(host)),

            Request::ExportAll => self.answer_with(id, async {
                let json = whole_file::export().await?;
                Ok(Event::ExportFile { json })
            }),
            Request::ImportAll { json } => self.import(id, json),

            // About jobs: `answer` has done them.
            Request::Hello { .. } | Request::Work { .. } | Request::Cancel { .. } | Request::Jobs { .. } => {}
        }
    }

    fn answer_history(&self, id: u32, change: impl Future<Output = Result<(), HostError>> + 'static) {
        let host = self.0.host.clone();
        self.answer_with(id, async move {
            change.await?;
            Ok(Event::History(history::state(&host, String::new(), None).await?))
        });
    }

    /// Brings the model into the store and into memory, and says how the engine is.
    fn load_model(&self, id: u32) {
        let (stream, host) = (self.stream(id), self.0.host.clone());
        let told = stream.clone();
        stream.end_with(Box::pin(async move {
            let progress = |done, total| told.tell_progress(Stage::Loading, done, total);
            host.engine.ensure_loaded(&progress).await?;
            Ok(host.state_event(None).await)
        }));
    }

    /// Teaches a label with a text that the person wrote down here. Nothing of it is kept but what it is about.
    fn teach_text(&self, id: u32, label: String, text: String) {
        let host = self.0.host.clone();
        let is_private = self.0.port.sender().and_then(|sender| sender.tab());
        if is_private.is_some_and(|tab| tab.incognito()) {
            return self.stream(id).end(Err(HostError::PrivateWindow));
        }
        self.answer_with(id, async move {
            let mut text = WholeText::new(Document::plain(text, None));
            // Its beginning, which is short.
            while !text.read_on(usize::MAX).done {}
            if text.is_empty() {
                return Err(HostError::NoExample);
            }
            let embedded = embed_aside(&host, text.role(), &text.inputs(), &Cancel::default(), &|_, _| {}).await?;
            let embedded = embedded.ok_or(HostError::Stopped)?;
            let example = host.example(text.embedding(&embedded)).ok_or(HostError::Stopped)?;
            changed(host, move |own| own.teach(&label, example)).await
        });
    }

    /// Takes a file in; results in it are embedded, which is told and ends with the port.
    fn import(&self, id: u32, json: String) {
        let cancel = Cancel::default();
        self.0.cancels.borrow_mut().push(cancel.clone());
        let (stream, host) = (self.stream(id), self.0.host.clone());
        let told = stream.clone();
        stream.end_with(Box::pin(async move {
            let progress = |done, total| told.tell_progress(Stage::Embedding, done, total);
            let counts = whole_file::import(&host, &json, &cancel, &progress).await?;
            Ok(counts.map_or(Event::Cancelled, Event::Imported))
        }));
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

    async fn state_event(&self, tab: Option<i32>) -> Event {
        Event::State(self.state(tab).await)
    }

    /// An embedding that the model in memory has just made, with whose it is; none if there is no model any more.
    pub(in crate::host) fn example(&self, embedding: Vec<f32>) -> Option<Example> {
        let model = self.engine.with(|engine| engine.weights_sha256.clone())?;
        Some(Example { model, embedding })
    }

    /// Drops the model from the store and from memory. Work that needs it ends.
    async fn remove_model(self: &Rc<Self>) -> Result<(), HostError> {
        self.cancel_all_jobs();
        self.gpu.close();
        self.pool.close().await;
        self.engine.remove().await
    }
}

/// The person's labels after a change, as they are shown.
async fn changed(host: Rc<Host>, change: impl FnOnce(&mut OwnLabels) + 'static) -> Result<Event, HostError> {
    let change: Box<dyn FnOnce(&mut OwnLabels)> = Box::new(change);
    let (own, ()) = own_labels::change(&host, change).await?;
    Ok(Event::OwnLabels { labels: own.shown() })
}

/// How the cache is once a change is made.
async fn cache_event(
    change: impl Future<Output = Result<(), pith::store::StoreError>> + 'static,
) -> Result<Event, HostError> {
    let change: Pin<Box<dyn Future<Output = _>>> = Box::pin(change);
    let state = async {
        change.await?;
        cache::state().await
    };
    Ok(Event::Cache(state.await?))
}
