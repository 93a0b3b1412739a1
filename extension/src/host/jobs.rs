//! The jobs of this life of the service worker: who wants them, who listens, whose turn it is.
//!
//! A job belongs to a tab, or to the screen that has its text, and outlives the port that it was asked over. It ends when it
//! is done, by the wish of anybody who knows its name, and with its tab or its document; one that nobody asked for, or whose
//! text is in no tab, ends too when no screen listens any more. What ended is kept for a while, with its result.
//!
//! A job's text is brought and read as soon as it is asked for: what is meant is what stands there then. Then it waits for its
//! turn, for each tab does one job at a time.
//!
//! * `text`: how its text is brought. `work`: what is done in its turn.

mod text;
mod work;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use gloo::timers::future::TimeoutFuture;
use pith::run::{Schedule, Turn, Urgency};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use super::error::HostError;
use super::icon::Sign;
use super::job::Cancel;
use super::kept_texts::KeptText;
use super::session::Stream;
use super::tabs::{self, Shown};
use super::texts::Memo;
use crate::browser::session_value;
use crate::job_log::JobLog;
use crate::kept::labels::Example;
use crate::protocol::{Event, JobInfo, JobState, Priority, Scope, Snapshot, Task, TextInfo};

/// So many jobs of a tab that ended are kept, and of so many tabs.
const MOST_ENDED: usize = 12;
const MOST_TABS: usize = 8;
/// The browser ends a service worker that has called it for nothing in 30 seconds.
const ALIVE_MS: u32 = 20_000;

/// What is wanted.
pub(super) struct Order {
    pub(super) name: String,
    pub(super) task: Task,
    pub(super) is_whole: bool,
    pub(super) priority: Priority,
    pub(super) source: Source,
    pub(super) scope: Scope,
    /// The tab whose page it is about.
    pub(super) tab: Option<i32>,
    /// Whose turn it is apart from, where it is about no tab: the number of the session that asked; none: the host itself.
    pub(super) session: Option<u32>,
    /// The text is of a private window, or may be; of a tab's text, whether the tab is in one is looked at besides.
    pub(super) is_private: bool,
    /// It is asked by the gesture that lets Pith into the page.
    pub(super) is_by_gesture: bool,
}

/// Where the text of a job is.
#[derive(Clone)]
pub(super) enum Source {
    /// In the job's tab.
    Tab,
    /// It came with the request.
    Here(Rc<Snapshot>),
    /// It was read.
    Kept(Box<KeptText>),
    /// The job is over.
    Gone,
}

/// Jobs that wait for each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Queue {
    Tab(i32),
    Session(Option<u32>),
}

/// The number by which the host knows a job, in the order of asking.
type Number = u64;

struct Job {
    order: Order,
    state: JobState,
    text: Option<TextInfo>,
    log: JobLog,
    listeners: Vec<Stream>,
    /// The wish to stop bringing its text, while that is brought; and to stop its turn, while it has one.
    preparing: Option<Cancel>,
    turn: Option<Cancel>,
    /// How long it took to read the text, in milliseconds.
    read_ms: f64,
    /// What it has embedded of a long text's beginning, in an earlier turn too.
    memo: Rc<Memo>,
    /// What a label may be taught with.
    example: Option<Example>,
    /// When it ended, counted in jobs.
    ended: u64,
}

impl Job {
    fn tell(&mut self, event: Event, is_last: bool) {
        let Some(number) = self.log.add(event.clone(), is_last) else {
            return;
        };
        for listener in &self.listeners {
            listener.tell_numbered(number, is_last, &event);
        }
        if is_last {
            self.listeners.clear();
        }
    }

    /// Its turn is over, or not there yet.
    fn wait(&mut self) {
        if let Some(turn) = self.turn.take() {
            turn.cancel();
        }
        self.state = JobState::Queued;
        self.tell(Event::Queued, false);
    }

    fn queue(&self) -> Queue {
        self.order.tab.map_or(Queue::Session(self.order.session), Queue::Tab)
    }

    /// Is something done for it now?
    fn is_at_work(&self) -> bool {
        self.preparing.is_some() || self.turn.is_some()
    }

    /// Does it end with the last screen that shows it?
    fn needs_a_screen(&self) -> bool {
        self.order.priority == Priority::Automatic || self.order.tab.is_none()
    }
}

/// The registry.
#[derive(Default)]
pub(super) struct Jobs {
    registry: RefCell<Registry>,
    is_kept_alive: Cell<bool>,
}

#[derive(Default)]
struct Registry {
    schedule: Schedule<Queue, Number>,
    jobs: BTreeMap<Number, Job>,
    begun: Number,
    ended: u64,
}

impl Registry {
    fn number_of(&self, name: &str) -> Option<Number> {
        let mut jobs = self.jobs.iter();
        jobs.find(|(_, job)| job.order.name == name).map(|(number, _)| *number)
    }

    /// Those that are over make room.
    fn trim(&mut self) {
        let mut of_tabs: BTreeMap<Option<i32>, Vec<(u64, Number)>> = BTreeMap::new();
        for (number, job) in &self.jobs {
            if job.log.is_over() {
                of_tabs.entry(job.order.tab).or_default().push((job.ended, *number));
            }
        }
        let mut of_tabs: Vec<_> = of_tabs.into_values().collect();
        for of_tab in &mut of_tabs {
            // The last that ended comes first.
            of_tab.sort_unstable_by(|a, b| b.cmp(a));
        }
        of_tabs.sort_unstable_by(|a, b| b.cmp(a));
        for (place, of_tab) in of_tabs.iter().enumerate() {
            let kept = if place < MOST_TABS { MOST_ENDED } else { 0 };
            for (_, number) in of_tab.iter().skip(kept) {
                self.jobs.remove(number);
            }
        }
    }
}

impl Jobs {
    /// Is a job under way on this tab's page?
    pub(super) fn is_at_work(&self, tab: i32) -> bool {
        let is_of_tab = |job: &Job| job.order.tab == Some(tab) && job.is_at_work();
        self.registry.borrow().jobs.values().any(is_of_tab)
    }

    fn are_under_way(&self) -> bool {
        self.registry.borrow().jobs.values().any(Job::is_at_work)
    }

    /// Is there a job of this name, and of which tab?
    pub(super) fn tab_of(&self, name: &str) -> Option<Option<i32>> {
        let registry = self.registry.borrow();
        let number = registry.number_of(name)?;
        Some(registry.jobs.get(&number)?.order.tab)
    }

    /// What a label may be taught with, of a job that labelled a text.
    pub(super) fn example_of(&self, name: &str) -> Option<Example> {
        let registry = self.registry.borrow();
        let number = registry.number_of(name)?;
        registry.jobs.get(&number)?.example.clone()
    }

    /// The numbers of the jobs that are meant, those that wait before those that run: so ending all of them begins none.
    fn those(&self, are_meant: impl Fn(&Job) -> bool) -> Vec<Number> {
        let registry = self.registry.borrow();
        let meant = registry.jobs.iter().filter(|(_, job)| are_meant(job));
        let (running, others): (Vec<_>, Vec<_>) = meant.partition(|(_, job)| job.turn.is_some());
        others.into_iter().chain(running).map(|(number, _)| *number).collect()
    }

    fn with<R>(&self, number: Number, act: impl FnOnce(&mut Job) -> R) -> Option<R> {
        self.registry.borrow_mut().jobs.get_mut(&number).map(act)
    }
}

impl Host {
    /// Has a job done, or takes it up if it is known, after `after` of its events; `listener`, if there is one yet, is told them.
    pub(super) fn take_job(self: &Rc<Self>, order: Order, listener: Option<Stream>, after: u32) {
        let known = self.jobs.registry.borrow().number_of(&order.name);
        if let Some(number) = known {
            if let Some(listener) = listener {
                self.listen(number, listener, after);
            }
            if order.priority == Priority::Asked {
                self.raise(number);
            }
            return;
        }
        let cancel = Cancel::default();
        let tab = order.tab;
        let job = Job {
            order,
            state: JobState::Working,
            text: None,
            log: JobLog::new(after),
            listeners: listener.into_iter().collect(),
            preparing: Some(cancel.clone()),
            turn: None,
            read_ms: 0.0,
            memo: Rc::default(),
            example: None,
            ended: 0,
        };
        let number = {
            let mut registry = self.jobs.registry.borrow_mut();
            registry.begun += 1;
            let number = registry.begun;
            registry.jobs.insert(number, job);
            number
        };
        if tab.is_some() {
            self.icon.show(tab, Sign::Working);
        }
        self.stay_alive();
        self.load_soon();
        let host = self.clone();
        spawn_local(async move {
            match host.prepare(number, &cancel).await {
                // Whoever cancels it ends it.
                _ if cancel.is_cancelled() => {}
                Ok(()) => host.wait_for_turn(number),
                Err(error) => host.fail(number, &error),
            }
        });
    }

    /// A job has its text, and waits for its turn.
    fn wait_for_turn(self: &Rc<Self>, number: Number) {
        let turn = {
            let registry = &mut *self.jobs.registry.borrow_mut();
            let Some(job) = registry.jobs.get_mut(&number) else {
                return;
            };
            job.preparing = None;
            let urgency = match job.order.priority {
                Priority::Automatic => Urgency::Automatic,
                Priority::Asked => Urgency::Asked,
            };
            let turn = registry.schedule.add(job.queue(), number, urgency);
            if turn.begins != Some(number) {
                job.wait();
            }
            turn
        };
        self.take_turn(&turn);
    }

    /// Tells `listener` what it has not seen of a job, and what comes.
    fn listen(&self, number: Number, listener: Stream, after: u32) {
        self.jobs.with(number, |job| {
            for (number, is_last, event) in job.log.since(after) {
                listener.tell_numbered(number, is_last, event);
            }
            if !job.log.is_over() {
                job.listeners.retain(|known| !known.is_same(&listener));
                job.listeners.push(listener);
            }
        });
    }

    /// Somebody asks for what began by itself.
    fn raise(self: &Rc<Self>, number: Number) {
        self.jobs.with(number, |job| job.order.priority = Priority::Asked);
        let turn = self.jobs.registry.borrow_mut().schedule.raise(&number);
        self.take_turn(&turn);
    }

    /// Stops the job that gives way and begins the one whose turn it is.
    fn take_turn(self: &Rc<Self>, turn: &Turn<Number>) {
        if let Some(number) = turn.gives_way {
            self.jobs.with(number, Job::wait);
        }
        if let Some(number) = turn.begins {
            self.begin(number);
        }
    }

    fn begin(self: &Rc<Self>, number: Number) {
        let cancel = Cancel::default();
        self.jobs.with(number, |job| {
            job.state = JobState::Working;
            job.turn = Some(cancel.clone());
        });
        let host = self.clone();
        spawn_local(async move {
            let outcome = host.work(number, &cancel).await;
            host.came_to(number, &cancel, outcome);
        });
    }

    /// Keeps the service worker from being ended as idle while a job is under way: work alone is no reason for the browser, and
    /// no screen may be there that hears of it.
    fn stay_alive(self: &Rc<Self>) {
        if self.jobs.is_kept_alive.replace(true) {
            return;
        }
        let host = self.clone();
        spawn_local(async move {
            loop {
                TimeoutFuture::new(ALIVE_MS).await;
                if !host.jobs.are_under_way() {
                    break;
                }
                // Any call to the browser counts; what it says does not matter.
                drop(session_value("").await);
            }
            host.jobs.is_kept_alive.set(false);
        });
    }

    /// A job is over: its turn is the next one's, its last event is told, and the icon says what came of it.
    fn end(self: &Rc<Self>, number: Number, state: JobState, event: Event, sign: Sign) {
        let ended = {
            let registry = &mut *self.jobs.registry.borrow_mut();
            let Some(job) = registry.jobs.get_mut(&number).filter(|job| !job.log.is_over()) else {
                return;
            };
            registry.ended += 1;
            job.ended = registry.ended;
            job.state = state;
            job.order.source = Source::Gone;
            job.memo = Rc::default();
            job.tell(event, true);
            let stopped = [job.preparing.take(), job.turn.take()];
            let was_at_work = stopped.iter().any(Option::is_some);
            stopped.iter().flatten().for_each(Cancel::cancel);
            (job.order.tab.filter(|_| was_at_work), registry.schedule.end(&number))
        };
        let (tab, turn) = ended;
        if let Some(tab) = tab {
            // What else is done there has the sign.
            let is_at_work = turn.begins.is_some() || self.jobs.is_at_work(tab);
            self.icon.show(Some(tab), if is_at_work { Sign::Working } else { sign });
        }
        self.take_turn(&turn);
        self.jobs.registry.borrow_mut().trim();
    }

    fn fail(self: &Rc<Self>, number: Number, error: &HostError) {
        self.note_error(error);
        self.end(number, JobState::Ended, error.event(), Sign::Failed(error.sentence()));
    }

    fn cancel(self: &Rc<Self>, number: Number) {
        self.end(number, JobState::Ended, Event::Cancelled, Sign::Nothing);
    }

    /// Stops the job of this name. Nothing, if there is none, or none that is not over.
    pub(super) fn cancel_job(self: &Rc<Self>, name: &str) {
        let number = self.jobs.registry.borrow().number_of(name);
        if let Some(number) = number {
            self.cancel(number);
        }
    }

    /// Stops all jobs: what they need is taken away.
    pub(super) fn cancel_all_jobs(self: &Rc<Self>) {
        for number in self.jobs.those(|job| !job.log.is_over()) {
            self.cancel(number);
        }
    }

    /// Stops jobs and forgets that they were.
    fn forget_jobs(self: &Rc<Self>, are_meant: impl Fn(&Job) -> bool) {
        for number in self.jobs.those(are_meant) {
            self.cancel(number);
            self.jobs.registry.borrow_mut().jobs.remove(&number);
        }
    }

    /// A port is closed. Jobs that only its screen wanted end with it.
    pub(super) fn stop_listening(self: &Rc<Self>, session: u32) {
        let mut left = Vec::new();
        for (number, job) in &mut self.jobs.registry.borrow_mut().jobs {
            let listened = job.listeners.len();
            job.listeners.retain(|listener| !listener.is_of(session));
            let is_left = job.listeners.is_empty() && listened > 0;
            if is_left && !job.log.is_over() && job.needs_a_screen() {
                left.push(*number);
            }
        }
        for number in self.jobs.those(|_| true) {
            if left.contains(&number) {
                self.cancel(number);
                self.jobs.registry.borrow_mut().jobs.remove(&number);
            }
        }
    }

    /// `chrome.tabs.onRemoved`: all that was about its pages ends.
    pub async fn tab_closed(self: &Rc<Self>, tab: i32) {
        self.forget_jobs(|job| job.order.tab == Some(tab));
        self.texts.forget_private_of(tab);
        self.page_errors.borrow_mut().remove(&Some(tab));
        self.icon.forget(tab);
        self.nonces.forget(tab).await;
    }

    /// The tab shows another document than this: jobs of this one end. None: of any that was read.
    fn forget_other_documents(self: &Rc<Self>, tab: i32, document: Option<&str>) {
        self.forget_jobs(|job| {
            let read = job.text.as_ref().map(|text| text.document.as_str());
            job.order.tab == Some(tab) && read.is_some() && read != document
        });
    }

    /// Looks whether the tab still shows the document whose jobs there are, and ends them if not. Whether it does.
    pub(super) async fn look_at_document(self: &Rc<Self>, tab: i32) -> bool {
        match tabs::document(tab).await {
            Shown::Document(document) => {
                self.forget_other_documents(tab, Some(&document));
                true
            }
            Shown::Unread => {
                self.forget_other_documents(tab, None);
                false
            }
            // A page that is busy is still the one that it was.
            Shown::Silent => true,
        }
    }

    /// The jobs of the document that a tab shows, the oldest first.
    pub(super) async fn jobs_of(self: &Rc<Self>, tab: i32) -> Result<Event, HostError> {
        let is_there = self.look_at_document(tab).await;
        // One whose text is being fetched is about whatever is there.
        let is_of_document = |job: &&Job| is_there || (job.text.is_none() && !job.log.is_over());
        let registry = self.jobs.registry.borrow();
        let of_tab = registry
            .jobs
            .values()
            .filter(|job| job.order.tab == Some(tab))
            .filter(is_of_document);
        let jobs = of_tab.map(|job| JobInfo {
            job: job.order.name.clone(),
            task: job.order.task.clone(),
            scope: job.order.scope,
            whole: job.order.is_whole,
            priority: job.order.priority,
            state: job.state,
            text: job.text.clone(),
        });
        Ok(Event::Jobs { jobs: jobs.collect() })
    }
}
