//! What an evaluation found, as a table or as JSON.

use std::time::Instant;

use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) task: &'static str,
    pub(super) set: String,
    pub(super) metric: String,
    pub(super) figure: f64,
    /// What simpler ways reach on the same items.
    pub(super) baselines: Vec<(String, f64)>,
    pub(super) items: usize,
    pub(super) seconds: f64,
    /// Why the figure flatters: what was trained on, chosen on or written for these very items.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) mind: &'static str,
}

impl Row {
    pub(super) fn new(task: &'static str, set: impl Into<String>, metric: impl Into<String>, figure: f64) -> Self {
        Self {
            task,
            set: set.into(),
            metric: metric.into(),
            figure,
            baselines: Vec::new(),
            items: 0,
            seconds: 0.0,
            mind: "",
        }
    }

    /// What a simpler way reaches on the same items.
    #[must_use]
    pub(super) fn beside(mut self, name: impl Into<String>, value: f64) -> Self {
        self.baselines.push((name.into(), value));
        self
    }

    /// Over how many items, and since when they are being measured.
    #[must_use]
    pub(super) fn over(mut self, items: usize, start: Instant) -> Self {
        (self.items, self.seconds) = (items, start.elapsed().as_secs_f64());
        self
    }

    /// Why the figure flatters.
    #[must_use]
    pub(super) fn minding(mut self, mind: &'static str) -> Self {
        self.mind = mind;
        self
    }
}

/// Prints the rows, aligned, or as one JSON array.
pub(super) fn print(rows: &[Row], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(rows)?);
        return Ok(());
    }
    let head = [
        "task",
        "data set",
        "metric",
        "figure",
        "beside it",
        "items",
        "seconds",
        "mind",
    ]
    .map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let baselines: Vec<String> = row
            .baselines
            .iter()
            .map(|(name, value)| format!("{name} {}", shown(*value)))
            .collect();
        [
            row.task.to_owned(),
            row.set.clone(),
            row.metric.clone(),
            shown(row.figure),
            baselines.join(", "),
            row.items.to_string(),
            format!("{:.1}", row.seconds),
            row.mind.to_owned(),
        ]
    });
    let lines: Vec<[String; 8]> = std::iter::once(head).chain(cells).collect();
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or_default()
    };
    for line in &lines {
        let padded: Vec<String> = line
            .iter()
            .enumerate()
            .map(|(column, cell)| format!("{cell:<0$}", width(column)))
            .collect();
        println!("{}", padded.join("  ").trim_end());
    }
    Ok(())
}

/// Shares in per cent with one decimal are what the literature prints; F1 of boundaries and content have three.
fn shown(value: f64) -> String {
    if value.abs() <= 1.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.1}")
    }
}
