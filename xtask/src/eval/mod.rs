//! `cargo xtask eval`: how well the engine reads, measured natively on the engine that ships.
//!
//! One subcommand a task; each reads JSON lines (the formats are in `data.rs`), from the files it knows in `--data`, or
//! from any file of its format given by `--file`. Nothing is trained or tuned here but by `summary --train`.

mod article;
mod ask;
mod classify;
mod data;
mod engine;
mod porter;
mod rouge;
mod segmentation;
mod speed;
mod summary;
mod table;
mod train;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use pith::tasks::ranker::Weights;
use std::path::PathBuf;

/// How well the engine reads.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// What to measure; everything when left out.
    #[command(subcommand)]
    task: Option<Task>,
    /// The folder with the evaluation data.
    #[arg(long, global = true)]
    data: Option<PathBuf>,
    /// One file of the task's format, in place of the data folder's files.
    #[arg(long, global = true)]
    file: Option<PathBuf>,
    /// The folder with weights.safetensors and tokenizer.json, as `cargo xtask model` makes it.
    #[arg(long, global = true, default_value = "target/model")]
    model: PathBuf,
    /// Keeps embeddings in this file between runs; the seconds then say little.
    #[arg(long, global = true)]
    cache: Option<PathBuf>,
    /// Prints JSON in place of the table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum Task {
    /// Main content of pages: F1 as the article-extraction-benchmark measures it.
    Article,
    /// Milliseconds for reading a long page, before the model: sentences, main content.
    Speed,
    /// Sentence boundaries: golden rules (exact) and treebanks (F1 of the ends inside paragraphs).
    Sentences,
    /// Questions over an article: accuracy of the first passage and sentence, and of knowing that it does not say.
    Ask,
    /// Classification without and with examples: accuracy.
    Classify,
    /// Summaries: ROUGE against references.
    Summary {
        /// Trains the ranker, prints cross-validated and leave-one-set-out figures, and writes its weights.
        #[arg(long)]
        train: bool,
        /// Measures these weights in place of those that ship.
        #[arg(long)]
        weights: Option<PathBuf>,
    },
}

/// Runs what was asked for.
pub(crate) fn run(args: EvalArgs) -> Result<()> {
    let mut rows = Vec::new();
    let everything = args.task.is_none();
    anyhow::ensure!(
        !everything || args.file.is_none(),
        "--file needs the task that its format belongs to"
    );
    let files = |names: &[&str]| -> Result<Vec<PathBuf>> {
        if let Some(file) = &args.file {
            return Ok(vec![file.clone()]);
        }
        let folder = args
            .data
            .as_ref()
            .context("give the folder of the evaluation data with --data, or a --file")?;
        Ok(names.iter().map(|name| folder.join(name)).collect())
    };
    if everything || matches!(args.task, Some(Task::Article)) {
        for file in files(&article::FILES)? {
            rows.extend(article::evaluate(&file)?);
        }
    }
    if everything || matches!(args.task, Some(Task::Sentences)) {
        for file in files(&segmentation::FILES)? {
            rows.extend(segmentation::evaluate(&file)?);
        }
    }
    if everything || matches!(args.task, Some(Task::Speed)) {
        rows.extend(speed::evaluate(args.data.as_ref().context("speed needs --data")?)?);
    }
    if !matches!(args.task, Some(Task::Article | Task::Sentences | Task::Speed)) {
        let mut engine = engine::Engine::open(&args.model, args.cache.as_deref())?;
        if matches!(args.task, Some(Task::Summary { train: true, .. })) {
            let folder = args.data.as_ref().context("training needs --data")?;
            rows.extend(train::train(folder, &mut engine)?);
        } else if everything || matches!(args.task, Some(Task::Summary { .. })) {
            let weights = match &args.task {
                Some(Task::Summary {
                    weights: Some(file), ..
                }) => summary::weights(file)?,
                _ => Weights::shipped(),
            };
            for file in files(&summary::FILES)? {
                rows.extend(summary::evaluate(&file, &weights, &mut engine)?);
            }
        }
        if everything || matches!(args.task, Some(Task::Ask)) {
            for file in files(&ask::FILES)? {
                rows.extend(ask::evaluate(&file, &mut engine)?);
            }
        }
        if everything || matches!(args.task, Some(Task::Classify)) {
            for file in files(&classify::FILES)? {
                rows.extend(classify::evaluate(&file, &mut engine)?);
            }
        }
        engine.keep()?;
    }
    table::print(&rows, args.json)
}
