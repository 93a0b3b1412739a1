//! The outcome of all cases: a line a case as it comes, and at the end how many came out how.

use std::collections::BTreeMap;

use super::case::Case;
use super::finding::Findings;

/// How a case came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Right,
    /// It fails, as it is known to.
    KnownFailure,
    Wrong,
    /// It is right, and on the list of those that fail.
    Mended,
}

/// All outcomes so far.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Kind of case, name, outcome.
    outcomes: Vec<(String, String, Outcome)>,
}

impl Table {
    /// Takes in what came of a case, and prints it.
    pub(crate) fn note(&mut self, case: &Case, findings: &Findings, known: Option<&str>) {
        let outcome = match (findings.failures.is_empty(), known) {
            (true, None) => Outcome::Right,
            (true, Some(_)) => Outcome::Mended,
            (false, Some(_)) => Outcome::KnownFailure,
            (false, None) => Outcome::Wrong,
        };
        let Case { name, kind, source, .. } = case;
        match (outcome, known) {
            (Outcome::KnownFailure, Some(reason)) => println!("known failure  {name}: {reason}"),
            (Outcome::Mended, _) => println!("mended         {name}: take it off the list of known failures"),
            (Outcome::Wrong, _) => println!("wrong          {name} ({source})"),
            _ => println!("right          {name}"),
        }
        for failure in &findings.failures {
            println!("               - {failure}");
        }
        for report in &findings.reports {
            println!("               ~ {report}");
        }
        // `extraction: lists` and `pdf: ligatures` are of the kinds `extraction` and `pdf`.
        let kind = kind.split(':').next().unwrap_or_default().to_owned();
        self.outcomes.push((kind, name.clone(), outcome));
    }

    /// Prints the counts, by kind and in all.
    pub(crate) fn print(&self) {
        let mut by_kind: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (kind, _, outcome) in &self.outcomes {
            let (right, all) = by_kind.entry(kind).or_default();
            *right += usize::from(matches!(outcome, Outcome::Right | Outcome::Mended));
            *all += 1;
        }
        println!("\ncases by kind");
        for (kind, (right, all)) in by_kind {
            println!("{kind:<13} {right:>3} of {all:>3} right");
        }
        println!("cases: {}", self.verdict());
    }

    /// Whether every case came out as the list of known failures says.
    pub(crate) fn is_as_expected(&self) -> bool {
        self.count(Outcome::Wrong) == 0 && self.count(Outcome::Mended) == 0
    }

    /// The counts in one line.
    pub(crate) fn verdict(&self) -> String {
        let [right, known, wrong, mended] =
            [Outcome::Right, Outcome::KnownFailure, Outcome::Wrong, Outcome::Mended].map(|outcome| self.count(outcome));
        let mut line = format!(
            "{} passed, {} failed ({known} of them as known)",
            right + mended,
            known + wrong
        );
        if mended > 0 {
            line.push_str(&format!(
                "; on the list of known failures and right: {}",
                self.names(Outcome::Mended)
            ));
        }
        if wrong > 0 {
            line.push_str(&format!("; wrong: {}", self.names(Outcome::Wrong)));
        }
        line
    }

    fn count(&self, wanted: Outcome) -> usize {
        self.outcomes
            .iter()
            .filter(|(_, _, outcome)| *outcome == wanted)
            .count()
    }

    fn names(&self, wanted: Outcome) -> String {
        let of = self.outcomes.iter().filter(|(_, _, outcome)| *outcome == wanted);
        of.map(|(_, name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
    }
}
