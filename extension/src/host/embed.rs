//! Many sequences to embeddings: inline in slices, and on the pool's lanes at the same time where that repays.
//!
//! One queue, shortest sequences first. The inline place takes from its front, in slices short enough for messages to be
//! answered between them; a lane takes from its back, more at a time. So nothing waits for the pool to open, and a lane
//! that dies costs one slice, which goes back to the queue.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo::timers::future::TimeoutFuture;
use pith::model::cached::CachedEmbedding;
use pith::model::{Embeddings, Tokens};
use pith::run::{Queue, Ticket};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use super::error::HostError;
use super::job::Cancel;
use super::pace::Pace;
use super::pool::{Lane, Pool};

/// How many tokens go through the layers together inline, unless a single sequence has more: 15 to 40 ms of work. The clock
/// is looked at after each layer.
const BATCH_TOKENS: usize = 64;
/// The most that a lane takes at a time, in batches.
const LANE_BATCHES: usize = 4;
/// From this much work on, opening the pool repays its cost, and from this much, using one that is open
/// (the measurement is in `docs/ARCHITECTURE.md`).
const OPEN_POOL_TOKENS: usize = 4_000;
const USE_POOL_TOKENS: usize = 1_000;
/// While it waits for a lane, the inline place looks so often whether the lane is still there,
const LANE_LOOK_MS: u32 = 100;
/// and so many times until it gives it up: three seconds in all.
const LANE_LOOKS: u32 = 30;

/// What came of it.
pub(super) struct Embedded {
    /// One row a sequence, in their order, as the cache keeps it: those of a long text take a quarter of the memory so.
    pub(super) rows: Vec<CachedEmbedding>,
    /// Their tokens, all together.
    pub(super) tokens: usize,
    /// How many lanes took part.
    pub(super) lanes: usize,
}

/// Embeds each of `tokens`. `progress` is told tokens done and tokens in all. None if it was cancelled.
pub(super) async fn embed(
    host: &Rc<Host>,
    tokens: Vec<Tokens>,
    pace: &mut Pace,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Embedded>, HostError> {
    let Some(hidden) = host.engine.with(|engine| engine.encoder.hidden()) else {
        return Ok(None);
    };
    let work = Rc::new(SharedWork::new(tokens, hidden));
    let total = work.total_tokens as u64;
    let _over = OverWhenDropped(&work);
    if work.total_tokens >= USE_POOL_TOKENS {
        let (host, work) = (host.clone(), work.clone());
        spawn_local(async move {
            let lanes = if work.total_tokens >= OPEN_POOL_TOKENS {
                host.pool.lanes().await
            } else {
                host.pool.open_lanes().await
            };
            for lane in lanes {
                spawn_local(serve(lane, work.clone()));
            }
        });
    }
    loop {
        progress(work.done_tokens.get() as u64, total);
        if pace.is_due() {
            pace.take_turn().await;
        }
        if cancel.is_cancelled() {
            return Ok(None);
        }
        let batch = work.queue.borrow_mut().take_next();
        if let Some(batch) = batch {
            let Some(embedded) = embed_here(host, &work, &batch, pace, cancel).await? else {
                return Ok(None);
            };
            work.keep(&batch, embedded.values());
        } else if work.queue.borrow().is_done() {
            break;
        } else {
            work.wait_for_a_lane(&host.pool).await;
        }
    }
    progress(total, total);
    Ok(Some(Embedded {
        rows: work.rows.take().into_iter().flatten().collect(),
        tokens: work.total_tokens,
        lanes: work.lanes.get(),
    }))
}

/// Embeds a batch inline, layer by layer: a long sequence alone takes longer than a slice. None if it was cancelled.
async fn embed_here(
    host: &Rc<Host>,
    work: &SharedWork,
    batch: &[usize],
    pace: &mut Pace,
    cancel: &Cancel,
) -> Result<Option<Embeddings>, HostError> {
    let ids: Vec<&[u32]> = batch.iter().map(|&i| work.tokens[i].ids.as_slice()).collect();
    let Some(begun) = host.engine.with(|engine| engine.encoder.begin(&ids)) else {
        return Ok(None);
    };
    let mut forward = begun?;
    loop {
        let Some(embedded) = host.engine.with(|engine| engine.encoder.go_on(&mut forward)) else {
            return Ok(None);
        };
        if embedded.is_some() {
            return Ok(embedded);
        }
        if pace.is_due() {
            pace.take_turn().await;
        }
        if cancel.is_cancelled() {
            return Ok(None);
        }
    }
}

/// Has one lane work on the queue until that is empty or the lane gone.
async fn serve(lane: Rc<Lane>, work: Rc<SharedWork>) {
    if !lane.ready().await {
        return;
    }
    let mut is_first = true;
    while let Some((ticket, batch)) = work.take_for(&lane) {
        let sequences: Vec<&Tokens> = batch.iter().map(|&i| &work.tokens[i]).collect();
        let rows = lane.embed(&sequences).await;
        let Some(rows) = rows.filter(|rows| rows.len() == batch.len() * work.hidden) else {
            work.give_back(ticket);
            return;
        };
        if work.is_over.get() {
            return;
        }
        if is_first {
            work.lanes.set(work.lanes.get() + 1);
            is_first = false;
        }
        work.finish(ticket, &rows);
    }
}

/// What the inline place and the lanes work on together.
struct SharedWork {
    tokens: Rc<[Tokens]>,
    /// Values in a row.
    hidden: usize,
    total_tokens: usize,
    queue: RefCell<Queue<Rc<Lane>>>,
    rows: RefCell<Vec<Option<CachedEmbedding>>>,
    done_tokens: Cell<usize>,
    /// How many lanes have finished a slice.
    lanes: Cell<usize>,
    /// Nobody wants the result any more.
    is_over: Cell<bool>,
    /// The inline place, when it waits for a lane.
    waiting: RefCell<Option<oneshot::Sender<()>>>,
}

impl SharedWork {
    fn new(tokens: Vec<Tokens>, hidden: usize) -> Self {
        let lengths: Vec<usize> = tokens.iter().map(|tokens| tokens.ids.len()).collect();
        Self {
            total_tokens: lengths.iter().sum(),
            queue: RefCell::new(Queue::new(&lengths, BATCH_TOKENS)),
            rows: RefCell::new(vec![None; tokens.len()]),
            done_tokens: Cell::new(0),
            lanes: Cell::new(0),
            is_over: Cell::new(false),
            waiting: RefCell::default(),
            tokens: tokens.into(),
            hidden,
        }
    }

    /// A slice for a lane, while anybody wants the result.
    fn take_for(&self, lane: &Rc<Lane>) -> Option<(Ticket, Vec<usize>)> {
        if self.is_over.get() {
            return None;
        }
        self.queue.borrow_mut().take_for(lane.clone(), LANE_BATCHES)
    }

    /// A lane has done its slice. Nothing, if that was taken away from it meanwhile.
    fn finish(&self, ticket: Ticket, rows: &[f32]) {
        let sequences = self.queue.borrow_mut().finish(ticket);
        if let Some(sequences) = sequences {
            self.keep(&sequences, rows);
        }
        self.wake();
    }

    /// A lane has died on its slice.
    fn give_back(&self, ticket: Ticket) {
        self.queue.borrow_mut().give_back(ticket);
        self.wake();
    }

    /// `rows` is `[batch, hidden]`.
    fn keep(&self, batch: &[usize], rows: &[f32]) {
        let mut kept = self.rows.borrow_mut();
        for (&index, row) in batch.iter().zip(rows.chunks_exact(self.hidden)) {
            kept[index] = Some(CachedEmbedding::new(&self.tokens[index], row));
            self.done_tokens
                .set(self.done_tokens.get() + self.tokens[index].ids.len());
        }
    }

    fn wake(&self) {
        if let Some(waiting) = self.waiting.borrow_mut().take() {
            // It may have stopped waiting.
            let _ = waiting.send(());
        }
    }

    /// Waits until a lane has finished or died. One that is gone, or says nothing for too long, is given up.
    async fn wait_for_a_lane(&self, pool: &Pool) {
        let (sender, mut receiver) = oneshot::channel();
        *self.waiting.borrow_mut() = Some(sender);
        for _ in 0..LANE_LOOKS {
            match select(&mut receiver, TimeoutFuture::new(LANE_LOOK_MS)).await {
                Either::Left(_) => return,
                // Closes what is gone.
                Either::Right(_) => drop(pool.open_lanes().await),
            }
            if self.queue.borrow().places().any(|lane| !lane.is_open()) {
                break;
            }
        }
        let given_up = self.queue.borrow_mut().take_back_all();
        given_up.iter().for_each(|lane| lane.close());
    }
}

/// Tells the lanes that whoever asked has gone, however it goes.
struct OverWhenDropped<'a>(&'a SharedWork);

impl Drop for OverWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.is_over.set(true);
    }
}
