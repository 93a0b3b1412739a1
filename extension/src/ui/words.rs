//! What the screens say in numbers: pure functions from measured values to text, tested on the host. They never invent a
//! value: what was not measured is left out.

use crate::protocol::{PoolState, Stage};

/// `5 of 31 sentences · 100 % read · 182 ms · on this device`. The share is rounded down, so that 100 % means all of it.
///
/// `total_chars` of zero counts as read whole.
pub fn numbers_line(chosen: usize, total_sentences: u32, read_chars: u32, total_chars: u32, total_ms: f64) -> String {
    let percent = (u64::from(read_chars.min(total_chars)) * 100)
        .checked_div(u64::from(total_chars))
        .unwrap_or(100);
    let noun = if total_sentences == 1 { "sentence" } else { "sentences" };
    format!(
        "{chosen} of {total_sentences} {noun} · {percent} % read · {} · on this device",
        milliseconds(total_ms)
    )
}

/// Whole milliseconds below ten seconds, seconds with one decimal above.
pub fn milliseconds(elapsed_ms: f64) -> String {
    if elapsed_ms < 10_000.0 {
        format!("{elapsed_ms:.0} ms")
    } else {
        format!("{:.1} s", elapsed_ms / 1000.0)
    }
}

/// Decimal megabytes with one decimal, as file managers and package pages count them.
pub fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Share of the whole bar, 0..=1, that is filled. Loading the model has the bar to itself; the stages of the work follow
/// one another, embedding being almost all of it. Unknown totals count as nothing done yet.
pub fn bar_share(stage: Stage, done: u32, total: u32) -> f64 {
    let share = if total > 0 {
        f64::from(done.min(total)) / f64::from(total)
    } else {
        0.0
    };
    let (from, to) = match stage {
        Stage::Loading => (0.0, 1.0),
        Stage::Reading => (0.0, 0.08),
        Stage::Embedding => (0.08, 0.98),
        Stage::Ranking => (0.98, 1.0),
    };
    from + (to - from) * share
}

/// The stage of the work in words.
pub fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Loading => "Loading the model",
        Stage::Reading => "Reading",
        Stage::Embedding => "Weighing the sentences",
        Stage::Ranking => "Choosing the sentences",
    }
}

/// What has to be said beside a result: a text shown whole, sentences weighed by their beginning only.
pub fn own_notes(is_whole: bool, truncated_sentences: u32) -> Vec<String> {
    let whole = is_whole.then(|| "The text is so short that it is shown whole.".to_owned());
    let truncated = match truncated_sentences {
        0 => None,
        1 => Some("One very long sentence was weighed by its beginning only.".to_owned()),
        more => Some(format!(
            "{more} very long sentences were weighed by their beginning only."
        )),
    };
    whole.into_iter().chain(truncated).collect()
}

/// What the cache of embeddings holds.
pub fn remembered(entries: u64, size_bytes: f64) -> String {
    let noun = if entries == 1 { "sentence" } else { "sentences" };
    format!(
        "The meaning of {entries} {noun}, as numbers and not as text ({}), so that a page is read faster the next time.",
        megabytes(size_bytes)
    )
}

/// The workers that help with long texts; nothing while none was wanted.
pub fn helpers(pool: &PoolState) -> Option<String> {
    match (pool.lanes, &pool.why_not) {
        (0, None) => None,
        (0, Some(why_not)) => Some(format!("none: {why_not}")),
        (1, _) => Some("1 worker".to_owned()),
        (lanes, _) => Some(format!("{lanes} workers")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_line_rounds_the_share_down_and_knows_the_singular() {
        let cases = [
            (
                (4, 31, 1000, 1000, 182.4),
                "4 of 31 sentences · 100 % read · 182 ms · on this device",
            ),
            (
                (4, 31, 999, 1000, 182.6),
                "4 of 31 sentences · 99 % read · 183 ms · on this device",
            ),
            (
                (1, 1, 10, 10, 0.2),
                "1 of 1 sentence · 100 % read · 0 ms · on this device",
            ),
            (
                (0, 0, 0, 0, 12_345.0),
                "0 of 0 sentences · 100 % read · 12.3 s · on this device",
            ),
        ];
        for ((chosen, total, read, chars, elapsed_ms), expected) in cases {
            assert_eq!(numbers_line(chosen, total, read, chars, elapsed_ms), expected);
        }
    }

    #[test]
    fn the_bar_never_runs_backwards_through_the_stages_of_the_work() {
        let stages = [Stage::Reading, Stage::Embedding, Stage::Ranking];
        let shares: Vec<f64> = stages
            .into_iter()
            .flat_map(|stage| [0, 5, 10].map(|done| bar_share(stage, done, 10)))
            .collect();
        assert!(shares.is_sorted(), "{shares:?}");
        assert_eq!(shares.last(), Some(&1.0));
        assert_eq!(bar_share(Stage::Embedding, 5, 0), 0.08);
        assert_eq!(bar_share(Stage::Loading, 12, 24), 0.5);
    }

    #[test]
    fn helpers_are_named_only_once_they_were_wanted() {
        let pool = |lanes, why_not: Option<&str>| PoolState {
            lanes,
            load_ms: None,
            why_not: why_not.map(str::to_owned),
        };
        assert_eq!(helpers(&pool(0, None)), None);
        assert_eq!(helpers(&pool(0, Some("one core"))).as_deref(), Some("none: one core"));
        assert_eq!(helpers(&pool(1, None)).as_deref(), Some("1 worker"));
        assert_eq!(helpers(&pool(3, None)).as_deref(), Some("3 workers"));
    }

    #[test]
    fn notes_are_given_only_when_there_is_something_to_say() {
        assert_eq!(own_notes(false, 0), Vec::<String>::new());
        assert_eq!(own_notes(true, 2).len(), 2);
        assert!(own_notes(false, 1)[0].starts_with("One very long sentence"));
    }
}
