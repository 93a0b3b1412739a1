//! Questions over the article that they were asked of: which paragraph, which sentence; and how well questions of other
//! articles are told apart, which this one cannot answer.

use super::data::{Question, QuestionItem, mind, read, set_name};
use super::engine::Engine;
use super::table::Row;
use anyhow::{Context, Result, ensure};
use pith::model::Embeddings;
use pith::tasks::ask::{Answers, Ask, PageIndex};
use pith::text::Document;
use std::ops::Range;
use std::path::Path;
use std::time::Instant;

pub(super) const FILES: [&str; 12] = [
    "squad_tune.jsonl",
    "xquad_en_dev.jsonl",
    "xquad_de_dev.jsonl",
    "xquad_es_dev.jsonl",
    "xquad_ru_dev.jsonl",
    "xquad_ar_dev.jsonl",
    "xquad_hi_dev.jsonl",
    "xquad_zh_dev.jsonl",
    "qa_it_dev.jsonl",
    "qa_ja_dev.jsonl",
    "qa_ko_dev.jsonl",
    "qa_zh_hant_dev.jsonl",
];
/// Pages, and the files that hold the same questions in another language.
pub(super) const ACROSS_LANGUAGES: [(&str, &str); 8] = [
    ("xquad_de_dev.jsonl", "xquad_en_dev.jsonl"),
    ("xquad_es_dev.jsonl", "xquad_en_dev.jsonl"),
    ("xquad_ar_dev.jsonl", "xquad_en_dev.jsonl"),
    ("xquad_zh_dev.jsonl", "xquad_en_dev.jsonl"),
    ("xquad_en_dev.jsonl", "xquad_de_dev.jsonl"),
    ("xquad_en_dev.jsonl", "xquad_es_dev.jsonl"),
    ("xquad_en_dev.jsonl", "xquad_ar_dev.jsonl"),
    ("xquad_en_dev.jsonl", "xquad_zh_dev.jsonl"),
];
/// Passages are divided more finely than paragraphs; so many are looked at.
const DEPTH: usize = 50;

/// `asked_in`: a file with the same questions in another language, which are asked in place of the page's own.
pub(super) fn evaluate(file: &Path, asked_in: Option<&Path>, engine: &mut Engine) -> Result<Vec<Row>> {
    let start = Instant::now();
    let mut items: Vec<QuestionItem> = read(file)?;
    if let Some(asked_in) = asked_in {
        ask_as_in(&mut items, &read(asked_in)?)
            .with_context(|| format!("{} and {}", file.display(), asked_in.display()))?;
    }
    for item in &items {
        ensure!(
            item.qs.iter().all(|question| question.p < item.paras.len()),
            "{}: a question to `{}` names a paragraph that is not there",
            file.display(),
            item.title
        );
    }
    let mut questions = 0_usize;
    let (mut fused, mut words_only) = (Right::default(), Right::default());
    let (mut answered, mut elsewhere) = (Vec::new(), Vec::new());
    let mut embedded = Vec::new();
    for item in &items {
        let texts: Vec<&str> = item.qs.iter().map(|question| question.q.as_str()).collect();
        embedded.push(engine.embed_questions(&texts)?);
    }
    for (number, item) in items.iter().enumerate() {
        let (mut page, paragraphs) = Page::of(item);
        for (row, question) in item.qs.iter().enumerate() {
            let index = page.suited(&question.q, engine)?;
            let answers = answer(index, &question.q, embedded[number].row(row), DEPTH, engine)?;
            fused.count(&answers, item, question, &paragraphs);
            // Like nothing: the words alone decide.
            words_only.count(
                &index.answer(&question.q, &[], DEPTH).run(),
                item,
                question,
                &paragraphs,
            );
            questions += 1;
            answered.push(answers.confidence);
        }
        // As many questions of the next article.
        let other = (number + 1) % items.len();
        for (row, question) in items[other].qs.iter().enumerate().take(item.qs.len()) {
            let index = page.suited(&question.q, engine)?;
            let answers = answer(index, &question.q, embedded[other].row(row), 1, engine)?;
            elsewhere.push(answers.confidence);
        }
    }
    // The hard kind: the paragraph that answers is taken out, all that is around it stays.
    let mut removed = Vec::new();
    for (number, item) in items.iter().enumerate() {
        for paragraph in 0..item.paras.len() {
            let mut rest = item.clone();
            rest.paras.remove(paragraph);
            let (mut page, _) = Page::of(&rest);
            for (row, question) in item
                .qs
                .iter()
                .enumerate()
                .filter(|(_, question)| question.p == paragraph)
            {
                let index = page.suited(&question.q, engine)?;
                let answers = answer(index, &question.q, embedded[number].row(row), 1, engine)?;
                removed.push(answers.confidence);
            }
        }
    }
    let (one_page, one_page_words) = on_one_page(&items, &embedded, engine)?;
    let set = match asked_in {
        Some(asked_in) => format!("{}, asked as in {}", set_name(file), set_name(asked_in)),
        None => set_name(file),
    };
    let row_of = |set: &str, metric: &str, figure: f64| {
        Row::new("ask", set, metric, figure)
            .over(questions, start)
            .minding(mind(&set_name(file)))
    };
    let row = |metric: &str, figure: f64| row_of(&set, metric, figure);
    let share = |sum: f64| 100.0 * sum / questions.max(1) as f64;
    let beside_words = |metric: &str, ours: f64, words: f64| row(metric, share(ours)).beside("BM25", share(words));
    let long = format!("{set}, one page");
    let on_long = |metric: &str, ours: f64, words: f64| row_of(&long, metric, share(ours)).beside("BM25", share(words));
    Ok(vec![
        beside_words("paragraph accuracy@1", fused.paragraphs, words_only.paragraphs),
        beside_words("paragraph MRR", fused.reciprocal_ranks, words_only.reciprocal_ranks),
        beside_words("sentence accuracy@1", fused.sentences, words_only.sentences),
        row(
            "AUROC, question of another article",
            area_under_roc(&answered, &elsewhere),
        ),
        row(
            "AUROC, answering paragraph removed",
            area_under_roc(&answered, &removed),
        ),
        row("answered, of those it can answer", 100.0 * above(&answered)),
        row("answered, of those asked of another article", 100.0 * above(&elsewhere)),
        row("answered, answering paragraph removed", 100.0 * above(&removed)),
        on_long("paragraph accuracy@1", one_page.paragraphs, one_page_words.paragraphs),
        on_long(
            "paragraph MRR",
            one_page.reciprocal_ranks,
            one_page_words.reciprocal_ranks,
        ),
        on_long("sentence accuracy@1", one_page.sentences, one_page_words.sentences),
    ])
}

/// Puts the questions of parallel items in the place of these items' own.
fn ask_as_in(items: &mut [QuestionItem], others: &[QuestionItem]) -> Result<()> {
    ensure!(items.len() == others.len(), "they differ in the number of articles");
    for (item, other) in items.iter_mut().zip(others) {
        let places = |item: &QuestionItem| item.qs.iter().map(|question| question.p).collect::<Vec<_>>();
        ensure!(
            places(item) == places(other),
            "the questions to `{}` and `{}` are not the same",
            item.title,
            other.title
        );
        for (question, other) in item.qs.iter_mut().zip(&other.qs) {
            question.q.clone_from(&other.q);
        }
    }
    Ok(())
}

/// All questions over all articles as one page, of which the budget covers a part: by everything, and by words alone.
fn on_one_page(items: &[QuestionItem], embedded: &[Embeddings], engine: &mut Engine) -> Result<(Right, Right)> {
    let mut page = QuestionItem {
        title: String::new(),
        paras: Vec::new(),
        qs: Vec::new(),
    };
    for item in items {
        let first = page.paras.len();
        page.paras.extend_from_slice(&item.paras);
        page.qs.extend(item.qs.iter().map(|question| Question {
            p: first + question.p,
            ..question.clone()
        }));
    }
    let rows = embedded.iter().flat_map(Embeddings::iter);
    let (mut asked, paragraphs) = Page::of(&page);
    let (mut fused, mut words_only) = (Right::default(), Right::default());
    for (question, row) in page.qs.iter().zip(rows) {
        let index = asked.suited(&question.q, engine)?;
        let answers = answer(index, &question.q, row, DEPTH, engine)?;
        fused.count(&answers, &page, question, &paragraphs);
        let answers = index.answer(&question.q, &[], DEPTH).run();
        words_only.count(&answers, &page, question, &paragraphs);
    }
    Ok((fused, words_only))
}

/// What the page answers, the sentences that it opens for the question embedded.
pub(super) fn answer(
    page: &PageIndex,
    question: &str,
    embedding: &[f32],
    count: usize,
    engine: &mut Engine,
) -> Result<Answers> {
    let opened = page.open(question, embedding, &|text| engine.count_tokens(text)).run();
    let rows = engine.embed(&page.inputs(&opened))?;
    Ok(page.answer_opened(question, embedding, &opened, &rows, count).run())
}

/// Sums over questions.
#[derive(Default)]
struct Right {
    paragraphs: f64,
    sentences: f64,
    reciprocal_ranks: f64,
}

impl Right {
    fn count(&mut self, answers: &Answers, item: &QuestionItem, question: &Question, paragraphs: &[Range<usize>]) {
        let gold = &paragraphs[question.p];
        let place = answers
            .passages
            .iter()
            .position(|passage| gold.contains(&passage.span.start));
        self.paragraphs += f64::from(u8::from(place == Some(0)));
        self.reciprocal_ranks += place.map_or(0.0, |place| 1.0 / (place + 1) as f64);
        let holds_answer = |sentence: &Range<usize>| {
            question.a.iter().any(|(at, _)| {
                let offset = item.paras[question.p]
                    .char_indices()
                    .nth(*at)
                    .map_or(0, |(offset, _)| offset);
                sentence.contains(&(gold.start + offset))
            })
        };
        self.sentences += f64::from(u8::from(answers.best_sentence.as_ref().is_some_and(holds_answer)));
    }
}

fn above(confidences: &[f32]) -> f64 {
    confidences.iter().filter(|confidence| **confidence >= 0.5).count() as f64 / confidences.len().max(1) as f64
}

/// An article as the extension has it asked: sampled once more for a question that what was embedded before does not suit.
struct Page {
    read: Ask,
    indices: Vec<PageIndex>,
}

impl Page {
    /// The article as a page, a line for each paragraph, and where the paragraphs lie.
    fn of(item: &QuestionItem) -> (Self, Vec<Range<usize>>) {
        let mut text = String::new();
        let mut paragraphs = Vec::new();
        for paragraph in &item.paras {
            let start = text.len();
            text += paragraph;
            paragraphs.push(start..text.len());
            text.push('\n');
        }
        let mut read = Ask::new(Document::plain(text, Some(item.title.clone())), usize::MAX);
        while !read.read_on(usize::MAX).done {}
        let indices = Vec::new();
        (Self { read, indices }, paragraphs)
    }

    fn suited(&mut self, question: &str, engine: &mut Engine) -> Result<&PageIndex> {
        let suited = self.indices.iter().position(|index| index.suits(question));
        let place = match suited {
            Some(place) => place,
            None => {
                self.indices.push(sample(self.read.clone(), question, engine)?);
                self.indices.len() - 1
            }
        };
        Ok(&self.indices[place])
    }
}

/// Embeds what a budget has room for, as is best for this question.
fn sample(mut page: Ask, question: &str, engine: &mut Engine) -> Result<PageIndex> {
    let sampling = page.sampling_for(question);
    page.look_within(engine.budget_tokens(), sampling, &|text| engine.count_tokens(text))
        .run();
    let embeddings = engine.embed(&page.inputs())?;
    Ok(page.index(embeddings, engine.profile()))
}

/// How often a positive's score is above a negative's.
fn area_under_roc(positives: &[f32], negatives: &[f32]) -> f64 {
    let mut all: Vec<(f32, bool)> = positives
        .iter()
        .map(|score| (*score, true))
        .chain(negatives.iter().map(|score| (*score, false)))
        .collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut wins = 0.0;
    let mut below = 0.0;
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let positive = group.iter().filter(|(_, positive)| *positive).count() as f64;
        let negative = group.len() as f64 - positive;
        wins += positive * (below + negative / 2.0);
        below += negative;
    }
    wins / (positives.len() * negatives.len()).max(1) as f64
}
