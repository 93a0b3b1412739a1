//! What happens around a case: the worker's death, storage that is damaged or full, kept results, memory, consoles.

use pith_tests::{HarnessError, Page};
use serde_json::{Value, json};

use super::super::case::Expect;
use super::{Session, WORK_LIMIT};
use crate::worker::{ask, work_on};

/// Does something to the largest binary that the extension has stored, whatever its stores are called.
const DAMAGE: &str = "async (mode) => {
    const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const sizeOf = (value) => value?.size ?? value?.byteLength ?? 0;
    for (const { name } of await indexedDB.databases()) {
        const database = await done(indexedDB.open(name));
        let largest = { size: 0 };
        for (const store of database.objectStoreNames) {
            for (const key of await done(database.transaction(store).objectStore(store).getAllKeys())) {
                const record = await done(database.transaction(store).objectStore(store).get(key));
                // A value by itself, or in a field of the record.
                const held = sizeOf(record) > 0 ? { record } : record;
                for (const [field, value] of Object.entries(Object(held))) {
                    const size = sizeOf(value);
                    if (size > largest.size) largest = { size, store, key, held, field };
                }
            }
        }
        if (largest.size > 100000) {
            const { store, key, held, field, size } = largest;
            const old = held[field];
            const bytes = new Uint8Array(old instanceof Blob ? await old.arrayBuffer() : (old.buffer ?? old).slice(0));
            const changed = mode === 'cut' ? bytes.slice(0, size >> 1) : bytes.fill(0, size >> 1);
            held[field] = old instanceof Blob ? new Blob([changed]) : changed;
            const transaction = database.transaction(store, 'readwrite');
            const committed = new Promise((resolve, reject) => {
                transaction.oncomplete = resolve;
                transaction.onabort = () => reject(transaction.error);
            });
            const records = transaction.objectStore(store);
            const record = held.record ?? held;
            if (records.keyPath) records.put(record); else records.put(record, key);
            await committed;
            database.close();
            return `${store}, ${size} bytes`;
        }
        database.close();
    }
    throw new Error('nothing is stored');
}";

/// What is listened to of a console.
const CONSOLE_EVENTS: [(&str, &str); 3] = [
    ("Runtime.enable", "Runtime.consoleAPICalled"),
    ("Runtime.enable", "Runtime.exceptionThrown"),
    ("Log.enable", "Log.entryAdded"),
];

impl Session<'_> {
    pub(super) fn in_a_fresh_browser(mut self, page_first: bool) -> Result<Self, HarnessError> {
        self.leave()?;
        self.consoles.clear();
        let address = page_first.then(|| self.address());
        let (stage, page) = self.stage.replaced(address.as_deref())?;
        self.stage = stage;
        self.page = page;
        Ok(self)
    }

    pub(super) fn close_tab(&mut self) -> Result<(), HarnessError> {
        self.seen.mark = None;
        self.leave()
    }

    pub(super) fn stop_worker(&mut self) -> Result<(), HarnessError> {
        self.hear_consoles();
        self.stage.setup.extension.stop_service_worker()
    }

    pub(super) fn let_worker_sleep(&mut self) -> Result<(), HarnessError> {
        self.hear_consoles();
        self.consoles.clear();
        self.stage.setup.extension.let_service_worker_sleep()
    }

    pub(super) fn damage(&mut self, mode: &str) -> Result<(), HarnessError> {
        let worker = self.stage.setup.extension.service_worker()?;
        worker.call(DAMAGE, &[json!(mode)]).map(drop)
    }

    /// A worker that starts anew finds nothing to complain of.
    pub(super) fn check_that_the_store_is_repaired(&mut self) -> Result<(), HarnessError> {
        self.stage.setup.extension.let_service_worker_sleep()?;
        self.seen.spoke_of_damage = false;
        self.summarize()?;
        if self.seen.spoke_of_damage || self.seen.summary.is_none() {
            let shown = &self.seen.shown;
            self.findings
                .fail(format!("the store was not repaired; shown: {shown}"));
        }
        Ok(())
    }

    pub(super) fn keep_history(&mut self) -> Result<(), HarnessError> {
        self.stage.use_up();
        self.of_worker(json!({ "kind": "switchHistory", "on": true, "days": 30 }))
            .map(drop)
    }

    /// Has short texts summarized until so many results are kept.
    pub(super) fn fill_history(&mut self, entries: u64) -> Result<(), HarnessError> {
        self.keep_history()?;
        let console = self.console()?;
        for entry in 0..entries {
            let text = format!("The ferry leaves at six on day {entry}. It carries the post. It carries nobody else.");
            let title = format!("Day {entry}");
            let snapshot = json!({ "scope": "selection", "text": text, "title": title, "url": "", "language": "en" });
            let request = work_on(&snapshot, &json!({ "task": "summarize" }));
            ask(&console, &request, WORK_LIMIT)?;
        }
        console.close()
    }

    pub(super) fn open_history(&mut self) -> Result<(), HarnessError> {
        let history = self.of_worker(json!({ "kind": "history", "query": "" }))?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let entries = history["found"].as_array().into_iter().flatten().map(|entry| {
            let lines = entry["lines"].as_array().into_iter().flatten().map(text);
            let all = [text(&entry["title"]), text(&entry["question"])]
                .into_iter()
                .chain(lines);
            all.collect::<Vec<_>>().join("\n")
        });
        self.seen.history = Some(entries.collect());
        Ok(())
    }

    /// The worker's answer to a screen of Pith's.
    fn of_worker(&self, request: Value) -> Result<Value, HarnessError> {
        let console = self.console()?;
        let mut reply = ask(&console, &request, WORK_LIMIT)?;
        console.close()?;
        Ok(reply["answer"].take())
    }

    fn console(&self) -> Result<Page, HarnessError> {
        let setup = &self.stage.setup;
        setup.browser.open(&setup.extension.url("pages/popup.html"))
    }

    /// What the service worker holds: its JavaScript, and what lies behind its buffers, the Wasm's memory among it.
    pub(super) fn note_memory(&mut self) -> Result<(), HarnessError> {
        let worker = self.stage.setup.extension.service_worker()?;
        worker.request("HeapProfiler.collectGarbage", json!({}))?;
        let usage = worker.request("Runtime.getHeapUsage", json!({}))?;
        let part = |name: &str| usage[name].as_f64().unwrap_or_default();
        let total = part("usedSize") + part("backingStorageSize");
        self.findings.report(format!("the worker holds {:.1} MB", total / 1e6));
        self.seen.memory_bytes.push(total);
        Ok(())
    }

    /// Listens to the consoles of page and worker, where the case asks for them.
    pub(super) fn listen_to_consoles(&mut self) -> Result<(), HarnessError> {
        let is_asked_for = |expect: &Expect| !expect.console_must_not_contain.is_empty();
        let expect = &self.case.expect;
        let parts = expect
            .rest
            .values()
            .filter_map(|part| serde_json::from_value::<Expect>(part.clone()).ok());
        if !is_asked_for(expect) && !parts.into_iter().any(|part| is_asked_for(&part)) {
            return Ok(());
        }
        self.hear_consoles();
        self.consoles.clear();
        if let Some(page) = &self.page {
            for (enable, event) in CONSOLE_EVENTS {
                self.consoles.push((None, page.listen(event)));
                page.target().request(enable, json!({}))?;
            }
        }
        for (enable, event) in CONSOLE_EVENTS {
            let worker = self.stage.setup.extension.service_worker()?;
            let events = worker.listen(event);
            worker.request(enable, json!({}))?;
            self.consoles.push((Some(worker), events));
        }
        Ok(())
    }

    /// Takes in what the consoles hold by now.
    pub(super) fn hear_consoles(&mut self) {
        for (_, events) in &self.consoles {
            self.seen.console.extend(events.so_far().iter().map(Value::to_string));
        }
    }
}
