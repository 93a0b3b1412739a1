//! The prose steps of a case as steps for a machine. It knows the phrases that cases are written in, a handful of them, and
//! says which it does not know; remarks in brackets are for people.

use super::step::Step;

/// The steps of one line of prose: phrases with commas or semicolons between them. `before` are the steps of the line before it,
/// which a way back leads back from: it can be repeated with them only.
pub(crate) fn steps(prose: &str, before: &[Step]) -> Result<Vec<Step>, String> {
    let prose = without_remarks(prose);
    let mut steps = Vec::new();
    let mut rest = prose.as_str();
    while !rest.trim().is_empty() {
        let clean = rest.trim_start_matches([',', ';', ' ']);
        let clean = ["then ", "and "]
            .iter()
            .fold(clean, |text, word| text.strip_prefix(word).unwrap_or(text));
        // A question may hold commas: it is the rest of the line.
        if let Some(question) = clean.strip_prefix("ask:") {
            steps.push(Step::Ask {
                question: Some(question.trim().to_owned()),
            });
            break;
        }
        let end = end_of_phrase(clean);
        let phrase = clean[..end].trim();
        rest = &clean[end..];
        if let Some(times) = phrase.strip_prefix("repeat ").and_then(times) {
            let there = if steps.first() == Some(&Step::Back) {
                before
            } else {
                &[]
            };
            let once = [there, steps.as_slice()].concat();
            for _ in 0..times {
                steps.extend(once.iter().cloned());
            }
        } else {
            steps.extend(of_phrase(phrase).ok_or_else(|| format!("not understood: `{phrase}`"))?);
        }
    }
    Ok(steps)
}

/// Where the phrase ends: before a comma or semicolon outside brackets.
fn end_of_phrase(text: &str) -> usize {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' | ';' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

/// A bracket after a space is a remark; one after a word belongs to it, as in `history.back()`.
fn without_remarks(text: &str) -> String {
    let mut kept = String::new();
    let mut depth = 0;
    for character in text.chars() {
        match character {
            '(' if depth > 0 || kept.ends_with(' ') => depth += 1,
            ')' if depth > 0 => depth -= 1,
            _ if depth == 0 => kept.push(character),
            _ => {}
        }
    }
    kept
}

/// The steps of one phrase; none if it is not known.
fn of_phrase(phrase: &str) -> Option<Vec<Step>> {
    let words: Vec<&str> = phrase.split_whitespace().collect();
    let begins = |start: &str| phrase.starts_with(start);
    let holds = |part: &str| phrase.contains(part);
    let argument = || {
        let (_, after) = phrase.split_once('(')?;
        Some(after.rsplit_once(')')?.0.trim_matches(['\'', '"']).to_owned())
    };
    let one = |step: Step| Some(vec![step]);
    match words.first().copied().unwrap_or_default() {
        "open" if holds("panel") => Some(Vec::new()),
        "open" if holds("history") => one(Step::OpenHistory),
        "open" if holds("file:") => one(open("file")),
        "open" if holds("://") => one(open(words.iter().find(|word| word.contains("://"))?)),
        "open" => one(Step::Open),
        "tab" if holds("before the extension was installed") => one(Step::FreshBrowser { page_first: true }),
        "fresh" => one(Step::FreshBrowser { page_first: false }),
        "start" if holds("once") => Some(vec![Step::Summarize]),
        "start" => one(Step::BeginSummary),
        "select" => one(Step::Select),
        "right" => Some(Vec::new()),
        "choose" if holds("selection") => Some(vec![Step::SummarizeSelection, Step::Read]),
        "summarize" | "choose" => {
            let once = [Step::Summarize, Step::Read];
            let count = words
                .iter()
                .find_map(|word| word.parse().ok())
                .filter(|_| holds("times"));
            Some(vec![once; count.unwrap_or(1)].concat())
        }
        "ask" => one(Step::Ask { question: None }),
        "click" if holds("answer") => one(Step::ClickAnswer),
        "click" => one(Step::Click {
            selector: words.get(1..)?.join(" "),
        }),
        "mark" => one(Step::ClickAnswer),
        "clear" => one(Step::CloseCard),
        "close" if holds("tab") => one(Step::CloseTab),
        "close" => one(Step::CloseCard),
        "evaluate" => one(Step::PageCheck),
        "reload" => one(Step::Reload),
        "wait" if holds("until") => Some(Vec::new()),
        "wait" if holds("up to") => one(Step::WaitForCard { ms: time_ms(&words)? }),
        "wait" => one(Step::Wait { ms: time_ms(&words)? }),
        "after" => {
            let rest = phrase.split_once(" ms ").or_else(|| phrase.split_once(" s "))?.1;
            let mut steps = vec![Step::Wait { ms: time_ms(&words)? }];
            steps.extend(of_phrase(rest)?);
            Some(steps)
        }
        "end" | "stop" | "restart" if holds("worker") => one(Step::StopWorker),
        "let" if holds("worker") => one(Step::LetWorkerSleep),
        "call" => one(Step::CallWithField {
            function: words.get(1)?.split('(').next()?.to_owned(),
        }),
        "no" | "do" | "finish" => Some(vec![Step::Wait { ms: 500 }]),
        "press" => one(Step::Ask { question: None }),
        "fill" if holds("history") => one(Step::FillHistory {
            entries: words.iter().find_map(|word| word.parse().ok())?,
        }),
        "note" if holds("memory") => one(Step::NoteMemory),
        _ if begins("history.back()") => one(Step::Back),
        _ if begins("damage(") => one(Step::Damage { mode: argument()? }),
        _ if holds("overrideQuotaForOrigin(") => one(Step::Quota {
            bytes: bytes(&argument()?)?,
        }),
        _ if begins("repeat") || begins("with ") => one(Step::NotDone {
            what: phrase.to_owned(),
        }),
        _ => None,
    }
}

fn open(address: &str) -> Step {
    Step::OpenAddress {
        address: address.to_owned(),
    }
}

/// `three times` of `repeat three times`.
fn times(words: &str) -> Option<usize> {
    let count = words.strip_suffix(" times")?;
    let in_words = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    ];
    count
        .parse()
        .ok()
        .or_else(|| in_words.iter().position(|word| *word == count))
}

/// `3 s` or `600 ms` among the words.
fn time_ms(words: &[&str]) -> Option<u64> {
    words.windows(2).find_map(|pair| {
        let amount: f64 = pair[0].parse().ok()?;
        match pair[1] {
            "ms" => Some(amount as u64),
            "s" | "seconds" => Some((amount * 1000.0) as u64),
            _ => None,
        }
    })
}

/// `1 MB` at the end.
fn bytes(text: &str) -> Option<u64> {
    let mut words = text.split_whitespace().rev();
    let unit = match words.next()? {
        "MB" => 1_000_000,
        "kB" => 1_000,
        _ => return None,
    };
    Some(words.next()?.parse::<u64>().ok()? * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_become_steps() {
        let wait = |ms| Step::Wait { ms };
        let cases = [
            (
                "after 200 ms end the service worker (chrome://serviceworker-internals Stop)",
                vec![wait(200), Step::StopWorker],
            ),
            (
                "click #n7, wait 600 ms, do not reload",
                vec![
                    Step::Click {
                        selector: "#n7".to_owned(),
                    },
                    wait(600),
                    wait(500),
                ],
            ),
            ("history.back(), wait 3 s", vec![Step::Back, wait(3000)]),
            (
                "let the worker idle out (35 s), then ask: Why, and when?",
                vec![
                    Step::LetWorkerSleep,
                    Step::Ask {
                        question: Some("Why, and when?".to_owned()),
                    },
                ],
            ),
            (
                "fresh profile; CDP Storage.overrideQuotaForOrigin(origin of the extension, 1 MB)",
                vec![
                    Step::FreshBrowser { page_first: false },
                    Step::Quota { bytes: 1_000_000 },
                ],
            ),
            (
                "close the tab within 100 ms; repeat two times",
                vec![Step::CloseTab, Step::CloseTab, Step::CloseTab],
            ),
        ];
        for (prose, expected) in cases {
            assert_eq!(steps(prose, &[Step::Reload]), Ok(expected), "{prose}");
        }
        assert!(steps("fly to the moon", &[]).is_err());
        let there_and_back = [Step::Back, Step::Reload, Step::Back];
        assert_eq!(
            steps("history.back(); repeat one times", &[Step::Reload]),
            Ok(there_and_back.to_vec())
        );
    }
}
