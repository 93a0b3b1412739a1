//! Cases from people: what they reported of tools of this kind, one folder a case (`tests/cases`, whose README explains the
//! fields). A case needs no code: it is a page or file and what is to come of it.
//!
//! Pages are read in the real browser by the real content script; what it hands over goes through the same engine, compiled
//! for the host, to show every sentence. Summaries, answers and marks are those of the card. Texts need no browser.

mod case;
mod checks;
mod finding;
mod known;
mod prose;
mod reading;
mod seen;
mod segment;
mod session;
mod stage;
mod step;
mod table;

use std::env;
use std::path::{Path, PathBuf};

use case::{Action, Case};
use finding::Findings;
use known::Known;
use pith_tests::Brand;
use stage::Stage;
use table::Table;

/// Names another folder of cases.
const FOLDER: &str = "PITH_CASES";

/// Only cases whose name contains one of these are tried: parts of names, with commas between them.
const ONLY: &str = "PITH_CASES_ONLY";

#[test]
fn every_case_comes_out_right_or_is_known_not_to() {
    let folder = env::var_os(FOLDER).map_or_else(own_folder, PathBuf::from);
    let folder = folder
        .canonicalize()
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let cases = case::all(&folder).unwrap();
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    let brand = Brand::wanted().unwrap();
    let known = Known::of(&folder, brand).unwrap();
    let strays = known.strays(|name| cases.iter().any(|case| case.name == name));
    assert!(
        strays.is_empty(),
        "on the list of known failures, and no cases: {strays:?}"
    );

    let only = env::var(ONLY).unwrap_or_default();
    let is_wanted = |case: &&Case| only.is_empty() || only.split(',').any(|part| case.name.contains(part));
    let mut stage = None;
    let mut table = Table::default();
    for case in cases.iter().filter(is_wanted) {
        let findings = findings_of(case, &folder, &mut stage);
        table.note(case, &findings, known.reason(&case.name));
    }
    table.print();
    assert!(table.is_as_expected(), "{}", table.verdict());
}

fn own_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("cases")
}

/// Tries one case. What goes wrong around it counts as its failure, and the next case has a fresh browser.
fn findings_of(case: &Case, folder: &Path, stage: &mut Option<Stage>) -> Findings {
    let tried = if case.action == Action::Segment && !case.is_page() {
        segment::check(case)
    } else {
        let started = match stage.take() {
            Some(stage) => Ok(stage),
            None => Stage::start(folder),
        };
        let tried = started.and_then(|started| started.run(case)).map(|(findings, kept)| {
            *stage = kept;
            findings
        });
        tried.map_err(|error| error.to_string())
    };
    tried.unwrap_or_else(|reason| {
        let mut findings = Findings::default();
        findings.fail(reason);
        findings
    })
}
