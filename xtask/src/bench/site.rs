//! The folder that is served to the contestants, and the work that all are given.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use pith::model::{Role, Tokenizer};
use serde_json::{Map, json};

use crate::build::{build_bench, copy_folder, files_below, remove_folder};
use crate::paths;

/// Sentences of many kinds, whose words the texts are made of.
const SENTENCES: &str = include_str!("../sentences.txt");

/// The files of the page, the Wasm in both builds, the model, the texts; with `peers`, theirs too.
pub(super) fn make(model: &Path, peers: bool) -> Result<std::path::PathBuf> {
    let site = paths::bench().join("site");
    remove_folder(&site)?;
    copy_folder(&paths::root().join("benches/page"), &site)?;
    fs::create_dir_all(site.join("wasm"))?;
    build_bench(&site.join("wasm"))?;
    link(model, &site.join("model"))?;
    fs::write(site.join("work.json"), texts(model)?)?;
    if peers {
        let modules = paths::bench().join("peers/node_modules");
        fs::create_dir_all(site.join("peers"))?;
        for (package, name) in [
            ("onnxruntime-web", "onnxruntime-web"),
            ("onnxruntime-web-dev", "onnxruntime-web-dev"),
            ("@huggingface/transformers", "transformers"),
        ] {
            link(&modules.join(package).join("dist"), &site.join("peers").join(name))?;
        }
        link(&paths::bench().join("onnx"), &site.join("onnx"))?;
        link(&paths::bench().join("models"), &site.join("models"))?;
    }
    isolate(&site)?;
    Ok(site)
}

/// Folders of many megabytes are not copied.
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("cannot link {} to {}", to.display(), from.display()))
}

/// Pages and workers are to be cross-origin isolated: the peers' threads need it, and the clock is finer.
fn isolate(site: &Path) -> Result<()> {
    let mut headers = Map::new();
    for file in files_below(site)? {
        let name = file.strip_prefix(site)?.display().to_string();
        if [".html", ".js", ".mjs"].iter().any(|ending| name.ends_with(ending)) {
            let both = json!({ "cross-origin-opener-policy": "same-origin",
                               "cross-origin-embedder-policy": "require-corp" });
            headers.insert(name, both);
        }
    }
    fs::write(site.join("headers.json"), serde_json::to_vec(&headers)?)?;
    Ok(())
}

/// `hundred`: a hundred texts of about 25 tokens. `mixed`: three hundred of 5 to 120, as long as an article's sentences
/// are (most of them short, some very long). `hundredIds`, `mixedIds`: the same as token ids.
fn texts(model: &Path) -> Result<Vec<u8>> {
    let description = crate::model::description_in(model)?;
    let tokenizer = fs::read(model.join(&description.tokenizer.name))?;
    let tokenizer = Tokenizer::from_file(&tokenizer, description.profile())?;
    let words: Vec<&str> = SENTENCES.split_whitespace().collect();
    let mut next = 0;
    let mut text = |tokens: usize| -> Result<String> {
        let mut text = String::new();
        while tokenizer.encode(Role::Passage, &text)?.ids.len() < tokens {
            text.push_str(words[next % words.len()]);
            text.push(' ');
            next += 1;
        }
        Ok(text)
    };
    let hundred = (0..100).map(|i| text(22 + i % 6)).collect::<Result<Vec<_>>>()?;
    let mixed = (0..300).map(|i| text(mixed_length(i))).collect::<Result<Vec<_>>>()?;
    let ids = |texts: &[String]| {
        let ids = texts.iter().map(|text| Ok(tokenizer.encode(Role::Passage, text)?.ids));
        ids.collect::<Result<Vec<_>>>()
    };
    let (hundred_ids, mixed_ids) = (ids(&hundred)?, ids(&mixed)?);
    let longest = mixed_ids.iter().map(Vec::len).max().unwrap_or_default();
    ensure!(
        (100..140).contains(&longest),
        "the longest of the mixed texts has {longest} tokens"
    );
    let work = json!({ "hundred": hundred, "hundredIds": hundred_ids, "mixed": mixed, "mixedIds": mixed_ids });
    Ok(serde_json::to_vec(&work)?)
}

/// Tokens of the mixed texts in turn, 5 to 120: most are between 12 and 45.
fn mixed_length(index: usize) -> usize {
    const LENGTHS: [usize; 20] = [
        18, 27, 9, 33, 22, 45, 14, 5, 30, 61, 24, 38, 12, 20, 84, 28, 7, 35, 51, 16,
    ];
    if index % 60 == 59 {
        120
    } else {
        LENGTHS[index % LENGTHS.len()]
    }
}
