//! What an evaluation found, as a table or as JSON.

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
}

/// Prints the rows, aligned, or as one JSON array.
pub(super) fn print(rows: &[Row], as_json: bool) -> anyhow::Result<()> {
    if as_json {
        println!("{}", serde_json::to_string_pretty(rows)?);
        return Ok(());
    }
    let head = ["task", "data set", "metric", "figure", "baselines", "items", "seconds"].map(str::to_owned);
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
        ]
    });
    let lines: Vec<[String; 7]> = std::iter::once(head).chain(cells).collect();
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
    if value <= 1.0 {
        format!("{value:.3}")
    } else {
        format!("{value:.1}")
    }
}
