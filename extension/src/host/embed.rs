//! Many sequences to embeddings, in the places that `pith::run` chooses for so much work: inline in any case, and on the
//! graphics processor and the pool's lanes at the same time where that repays.
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
use pith::model::{Encoder, Tokens};
use pith::run::{Numerics, Order, PlaceKind, Work};
use wasm_bindgen_futures::spawn_local;

use super::Host;
use super::engine::EngineSlot;
use super::error::HostError;
use super::gpu;
use super::job::Cancel;
use super::pace::Pace;
use crate::places::inline::{self, Lends};
use crate::places::lane_port::LanePort;
use crate::places::pool::LaneWeights;

/// While it waits for a lane, the inline place looks so often whether the lane is still there,
const LANE_LOOK_MS: u32 = 100;
/// and so many times until it gives it up: three seconds in all,
const LANE_LOOKS: u32 = 30;
/// and for a graphics processor so many times as long as what it was asked takes by what was measured.
const GPU_PATIENCE: u32 = 4;

/// What came of it.
pub(super) struct Embedded {
    /// One row a sequence, in their order, as the cache keeps it: those of a long text take a quarter of the memory so.
    pub(super) rows: Vec<CachedEmbedding>,
    /// Their tokens, all together.
    pub(super) tokens: usize,
    /// How many lanes took part.
    pub(super) lanes: usize,
    /// Whether the graphics processor did.
    pub(super) on_gpu: bool,
    /// What the rows are to those of our own kernels.
    pub(super) numerics: Numerics,
}

impl Lends for EngineSlot {
    fn lend<R>(&self, work: impl FnOnce(&mut Encoder) -> R) -> Option<R> {
        self.with(|engine| work(&mut engine.encoder))
    }
}

/// Embeds each of `tokens`. `progress` is told tokens done and tokens in all. None if it was cancelled.
pub(super) async fn embed(
    host: &Rc<Host>,
    tokens: Vec<Tokens>,
    pace: &mut Pace,
    cancel: &Cancel,
    progress: &dyn Fn(u64, u64),
) -> Result<Option<Embedded>, HostError> {
    let known = host
        .engine
        .with(|engine| (engine.encoder.hidden(), engine.profile.budget_tokens));
    let Some((hidden, budget_tokens)) = known else {
        return Ok(None);
    };
    let shared = Rc::new(SharedWork::new(tokens, hidden));
    let total_tokens = shared.work.borrow().total_tokens();
    let total = total_tokens as u64;
    let sequences = shared.work.borrow().sequences();
    let _over = OverWhenDropped(&shared);
    let order = Order::of(total_tokens, budget_tokens, &gpu::facts(host).await);
    let numerics = order.numerics();
    if order.uses(PlaceKind::WebGpu) {
        spawn_local(serve_on_gpu(host.clone(), shared.clone()));
    }
    if order.uses(PlaceKind::Pool) {
        spawn_local(serve_all(host.clone(), shared.clone(), order.clone()));
    }
    if order.wants_race() {
        spawn_local(gpu::race_when_idle(host.clone()));
    }
    if total_tokens > 0 {
        host.runs.decided(order);
    }
    loop {
        progress(shared.work.borrow().done_tokens() as u64, total);
        if !may_go_on(pace, cancel).await {
            return Ok(None);
        }
        let batch = shared.work.borrow_mut().take_next();
        if let Some(batch) = batch {
            let ids: Vec<&[u32]> = batch
                .iter()
                .filter_map(|&index| Some(sequences.get(index)?.ids.as_slice()))
                .collect();
            let embedded = inline::embed(&host.engine, &ids, async || may_go_on(pace, cancel).await).await?;
            let Some(embedded) = embedded else { return Ok(None) };
            shared.work.borrow_mut().keep(&batch, embedded.values());
        } else if shared.work.borrow().is_done() {
            break;
        } else {
            shared.wait_for_a_lane(host).await;
        }
    }
    progress(total, total);
    let rows = shared.work.borrow_mut().take_rows();
    Ok(Some(Embedded {
        rows,
        tokens: total_tokens,
        lanes: shared.lanes.get(),
        on_gpu: shared.on_gpu.get(),
        numerics,
    }))
}

/// Gives others their turn when it is due. False if the result is not wanted any more.
async fn may_go_on(pace: &mut Pace, cancel: &Cancel) -> bool {
    if pace.is_due() {
        pace.take_turn().await;
    }
    !cancel.is_cancelled()
}

/// Has the pool's lanes work on the queue, opened for it if the order says so.
async fn serve_all(host: Rc<Host>, shared: Rc<SharedWork>, mut order: Order) {
    let lanes = if order.opens_pool() {
        let Some(weights) = lane_weights(&host) else { return };
        host.pool.lanes(&weights).await
    } else {
        host.pool.open_lanes().await
    };
    if lanes.is_empty() {
        order.lose(PlaceKind::Pool);
        host.runs.decided(order);
    }
    for lane in lanes {
        let shared = shared.clone();
        let host = host.clone();
        spawn_local(async move {
            let took_part = || shared.lanes.set(shared.lanes.get() + 1);
            serve(&host, lane, &shared, PlaceKind::Pool.appetite(), took_part).await;
        });
    }
}

/// What a lane is told to load; none while no model is in memory.
pub(super) fn lane_weights(host: &Host) -> Option<LaneWeights> {
    host.engine
        .with(|engine| LaneWeights::of(&engine.weights, &engine.encoder))
}

/// Has the graphics processor work on the queue, opened for it if need be.
async fn serve_on_gpu(host: Rc<Host>, shared: Rc<SharedWork>) {
    let Some(lane) = gpu::lane(&host).await else { return };
    let took_part = || shared.on_gpu.set(true);
    serve(&host, lane.clone(), &shared, host.gpu.appetite(), took_part).await;
    if !lane.is_open() {
        host.gpu.lost(&lane);
    }
}

/// Has one lane work on the queue, so many tokens at a time, until that is empty or the lane gone.
/// `took_part` is called when it has finished its first slice.
async fn serve(host: &Host, lane: Rc<LanePort>, shared: &SharedWork, appetite: usize, took_part: impl Fn()) {
    if !lane.ready().await {
        return;
    }
    let sequences = shared.work.borrow().sequences();
    let mut is_first = true;
    loop {
        let taken = shared.work.borrow_mut().take_for(lane.clone(), appetite);
        let Some((ticket, slice)) = taken else { return };
        let ids = slice
            .iter()
            .filter_map(|&index| Some(sequences.get(index)?.ids.as_slice()));
        let ids: Vec<&[u32]> = ids.collect();
        let lengths: Vec<u32> = ids.iter().map(|ids| ids.len() as u32).collect();
        // None once the model has been dropped: the inline place finds the same, and says so.
        let words = host.engine.with(|engine| engine.encoder.look_up(&ids).ok()).flatten();
        let embedded = match words {
            Some(words) => lane.embed(&words, &lengths).await,
            None => None,
        };
        let Some(rows) = embedded else {
            shared.work.borrow_mut().give_back(ticket);
            shared.wake();
            return;
        };
        if shared.work.borrow().is_over() {
            return;
        }
        let is_done = shared.work.borrow_mut().finish(ticket, &rows);
        shared.wake();
        if !is_done {
            return;
        }
        if is_first {
            took_part();
            is_first = false;
        }
    }
}

/// What the inline place and the lanes work on together.
struct SharedWork {
    work: RefCell<Work<Rc<LanePort>>>,
    /// How many lanes of the pool have finished a slice.
    lanes: Cell<usize>,
    /// Whether the graphics processor has.
    on_gpu: Cell<bool>,
    /// The inline place, when it waits for a lane.
    waiting: RefCell<Option<oneshot::Sender<()>>>,
}

impl SharedWork {
    fn new(tokens: Vec<Tokens>, hidden: usize) -> Self {
        Self {
            work: RefCell::new(Work::new(tokens, hidden)),
            lanes: Cell::new(0),
            on_gpu: Cell::new(false),
            waiting: RefCell::default(),
        }
    }

    fn wake(&self) {
        if let Some(waiting) = self.waiting.borrow_mut().take() {
            // It may have stopped waiting.
            let _ = waiting.send(());
        }
    }

    /// Waits until a lane has finished or died. One that is gone, or says nothing for too long, is given up.
    async fn wait_for_a_lane(&self, host: &Host) {
        let (sender, mut receiver) = oneshot::channel();
        *self.waiting.borrow_mut() = Some(sender);
        let gpu = host.gpu.lane().await;
        let asked = gpu.filter(|gpu| self.work.borrow().places().any(|lane| Rc::ptr_eq(lane, gpu)));
        let asked_ms = asked.map_or(0, |gpu| host.gpu.time_ms(gpu.asked_tokens()));
        let patience_ms = asked_ms.saturating_mul(GPU_PATIENCE);
        for _ in 0..LANE_LOOKS.max(patience_ms / LANE_LOOK_MS) {
            match select(&mut receiver, TimeoutFuture::new(LANE_LOOK_MS)).await {
                Either::Left(_) => return,
                // Closes what is gone.
                Either::Right(_) => {
                    host.pool.open_lanes().await;
                    host.gpu.lane().await;
                }
            }
            if self.work.borrow().places().any(|lane| !lane.is_open()) {
                break;
            }
        }
        let given_up = self.work.borrow_mut().take_back_all();
        given_up
            .iter()
            .for_each(|lane| lane.give_up("it did not answer in time".to_owned()));
    }
}

/// Tells the lanes that whoever asked has gone, however it goes.
struct OverWhenDropped<'a>(&'a SharedWork);

impl Drop for OverWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.work.borrow_mut().end();
    }
}
