//! What came of the checks of one case.

/// Failures, and what is only reported.
#[derive(Debug, Clone, Default)]
pub(crate) struct Findings {
    /// Each a sentence.
    pub(crate) failures: Vec<String>,
    /// What was wished for and is not so, and what was not checked.
    pub(crate) reports: Vec<String>,
}

impl Findings {
    pub(crate) fn fail(&mut self, failure: String) {
        self.failures.push(failure);
    }

    pub(crate) fn report(&mut self, report: String) {
        self.reports.push(report);
    }

    /// A failure, or if it is a soft one a report.
    pub(crate) fn note(&mut self, is_soft: bool, finding: String) {
        if is_soft {
            self.report(finding);
        } else {
            self.fail(finding);
        }
    }

    /// Both, each with what it is about before it.
    pub(crate) fn add(&mut self, about: &str, other: Self) {
        let named = |finding: String| {
            if about.is_empty() {
                finding
            } else {
                format!("{about}: {finding}")
            }
        };
        self.failures.extend(other.failures.into_iter().map(named));
        self.reports.extend(other.reports.into_iter().map(named));
    }
}
