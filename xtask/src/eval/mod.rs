//! `cargo xtask eval`: how well the engine reads, measured natively on the engine that ships.
//!
//! One subcommand a task; each reads JSON lines (the formats are in `data.rs`), from the files it knows in `--data`, or
//! from any file of its format given by `--file`. Nothing is trained or tuned here but by `summary --train`.
//!
//! * `data`: the formats, and what is to be minded of each file. `table`: what comes out.
//! * `engine`: texts to embeddings, with a cache between runs.
//! * `article`, `segmentation`, `speed`: before the model. `similarity`: the model. `summary`, `ask`, `classify`,
//!   `ready_made`: the tasks. `train`: the ranker's weights.
//! * `rouge`, `porter`: the measure of summaries.

mod article;
mod ask;
mod classify;
mod data;
mod engine;
mod porter;
mod ready_made;
mod rouge;
mod segmentation;
mod similarity;
mod speed;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod train;

use crate::model;
use anyhow::{Context, Result, ensure};
use clap::{Args, Subcommand};
use engine::Engine;
use pith::tasks::ranker::Weights;
use std::path::{Path, PathBuf};
use table::Row;

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
    /// The model: its id in assets/models.toml or a part of that, or a folder as `cargo xtask model` makes it; the one that
    /// the package carries when left out.
    #[arg(long, global = true)]
    model: Option<String>,
    /// Keeps embeddings in this file between runs, by model and text; the seconds then say little.
    #[arg(long, global = true)]
    cache: Option<PathBuf>,
    /// Embeds everything, however long a text is: the difference is what the budget costs.
    #[arg(long, global = true)]
    whole: bool,
    /// Embeds so many tokens of a text at the most, in place of the budget in the model's profile.
    #[arg(long, global = true, conflicts_with = "whole")]
    budget: Option<usize>,
    /// Prints JSON in place of the table.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Clone, Subcommand)]
enum Task {
    /// Main content of pages: F1 as the article-extraction-benchmark measures it.
    Article,
    /// Milliseconds for reading a long page, before the model: sentences, main content; then, by the length of a text, for a
    /// summary, a first question and the next, with the tokens that are embedded and the memory that it takes.
    Speed,
    /// Sentence boundaries: golden rules (exact) and treebanks (F1 of the ends inside paragraphs).
    Sentences,
    /// Likeness of two sentences, by the model that ships and by the published one: Spearman's correlation.
    Similarity,
    /// Questions over an article, and over all articles as one long page: accuracy of the first passage and sentence, and of
    /// knowing that it does not say; and the same of questions in another language than the article's.
    Ask {
        /// Asks the questions of this file in place of the article's own: the same ones, in another language.
        #[arg(long)]
        questions: Option<PathBuf>,
    },
    /// Classification without and with examples, by labels described for the data: accuracy.
    Classify,
    /// The sets of labels that ship, as the extension applies them: accuracy, and how often it is sure.
    ReadyMade,
    /// Summaries: ROUGE against references.
    Summary {
        /// Trains the ranker, and prints cross-validated and leave-one-kind-out figures.
        #[arg(long)]
        train: bool,
        /// Where to write the weights that were trained; those that ship are in src/tasks/summary_weights.json.
        #[arg(long, requires = "train")]
        write: Option<PathBuf>,
        /// Measures these weights in place of those that ship.
        #[arg(long, conflicts_with = "train")]
        weights: Option<PathBuf>,
    },
}

/// Runs what was asked for.
pub(crate) fn run(args: EvalArgs) -> Result<()> {
    let rows = measure(&args)?;
    table::print(&rows, args.json)
}

fn measure(args: &EvalArgs) -> Result<Vec<Row>> {
    let mut rows = Vec::new();
    let everything = args.task.is_none();
    ensure!(
        !everything || args.file.is_none(),
        "--file needs the task that its format belongs to"
    );
    // Looked for before the work begins, which takes minutes.
    let files = |is_wanted: bool, names: &[&str]| {
        if everything || is_wanted {
            files(args, names)
        } else {
            Ok(Vec::new())
        }
    };
    let (train, write, weights) = match &args.task {
        Some(Task::Summary { train, write, weights }) => (*train, write.as_deref(), weights.as_deref()),
        _ => (false, None, None),
    };
    let is = |task: fn(&Task) -> bool| args.task.as_ref().is_some_and(task);
    let articles = files(is(|task| matches!(task, Task::Article)), &article::FILES)?;
    let segmented = files(is(|task| matches!(task, Task::Sentences)), &segmentation::FILES)?;
    let timed = files(is(|task| matches!(task, Task::Speed)), &speed::FILES)?;
    let alike = files(is(|task| matches!(task, Task::Similarity)), &similarity::FILES)?;
    let summaries = files(
        is(|task| matches!(task, Task::Summary { train: false, .. })),
        &summary::FILES,
    )?;
    let trained_on = if train {
        self::files(args, &train::FILES)?
    } else {
        Vec::new()
    };
    let is_asked = is(|task| matches!(task, Task::Ask { .. }));
    let asked_in = match &args.task {
        Some(Task::Ask { questions }) => questions.clone(),
        _ => None,
    };
    ensure!(
        asked_in.is_none() || args.file.is_some(),
        "--questions needs the --file whose pages are asked"
    );
    let pages = files(is_asked, &ask::FILES)?.into_iter();
    let mut questions: Vec<_> = pages.map(|page| (page, asked_in.clone())).collect();
    if args.file.is_none() && (everything || is_asked) {
        let folder = folder(args)?;
        let across = ask::ACROSS_LANGUAGES;
        questions.extend(across.map(|(page, asked_in)| (folder.join(page), Some(folder.join(asked_in)))));
    }
    let labelled = files(is(|task| matches!(task, Task::Classify)), &classify::FILES)?;
    let ready_made = files(is(|task| matches!(task, Task::ReadyMade)), &ready_made::FILES)?;

    for file in articles {
        rows.extend(article::evaluate(&file)?);
    }
    for file in segmented {
        rows.extend(segmentation::evaluate(&file)?);
    }
    if !timed.is_empty() {
        rows.extend(speed::evaluate(folder(args)?)?);
    }
    if is(|task| matches!(task, Task::Article | Task::Sentences)) {
        return Ok(rows);
    }
    // The weights are trained on what everything says.
    let budget_tokens = if args.whole || train {
        Some(usize::MAX)
    } else {
        args.budget
    };
    // It takes a minute: only for who asks for it.
    if is(|task| matches!(task, Task::Speed)) {
        let model = model_folder(args)?;
        let open = || Engine::open(&model, None, budget_tokens);
        rows.extend(speed::by_length(folder(args)?, &speed::LENGTHS, open)?);
        return Ok(rows);
    }
    let mut engine = Engine::open(&model_folder(args)?, args.cache.as_deref(), budget_tokens)?;
    for file in alike {
        rows.extend(similarity::evaluate(&file, &mut engine)?);
    }
    engine.keep()?;
    let given = weights.map(summary::weights).transpose()?;
    let weights = given.as_ref().unwrap_or(Weights::shipped());
    for file in summaries {
        rows.extend(summary::evaluate(&file, weights, &mut engine)?);
    }
    if !trained_on.is_empty() {
        rows.extend(train::train(folder(args)?, write, &mut engine)?);
    }
    engine.keep()?;
    for (file, asked_in) in questions {
        rows.extend(ask::evaluate(&file, asked_in.as_deref(), &mut engine)?);
        engine.keep()?;
    }
    for file in labelled {
        rows.extend(classify::evaluate(&file, &mut engine)?);
    }
    engine.keep()?;
    if !ready_made.is_empty() {
        rows.extend(ready_made::evaluate(&ready_made, &mut engine)?);
    }
    engine.keep()?;
    eprintln!("embedded {} texts, recalled the others", engine.embedded());
    Ok(rows)
}

/// The files of a task: of these names in the data folder, or the one that was given in their place.
fn files(args: &EvalArgs, names: &[&str]) -> Result<Vec<PathBuf>> {
    if let Some(file) = &args.file {
        ensure!(file.is_file(), "--file {}: there is no such file", file.display());
        return Ok(vec![file.clone()]);
    }
    let folder = folder(args)?;
    let lacks: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !folder.join(name).is_file())
        .collect();
    ensure!(
        lacks.is_empty(),
        "--data {} lacks {}; one task alone needs fewer files",
        folder.display(),
        lacks.join(", ")
    );
    Ok(names.iter().map(|name| folder.join(name)).collect())
}

/// The folder of the model that was asked for.
fn model_folder(args: &EvalArgs) -> Result<PathBuf> {
    match args.model.as_deref() {
        Some(folder) if Path::new(folder).is_dir() => Ok(PathBuf::from(folder)),
        id => model::folder(id),
    }
}

fn folder(args: &EvalArgs) -> Result<&Path> {
    let folder = args.data.as_deref();
    let folder = folder.context("give the folder of the evaluation data with --data, or a --file")?;
    ensure!(folder.is_dir(), "--data {}: there is no such folder", folder.display());
    Ok(folder)
}
