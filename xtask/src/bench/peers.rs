//! The peers: onnxruntime-web and transformers.js by npm, and ONNX files of the same weights by Python.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::step::run_quietly;
use crate::{model, paths, setup};

/// Releases that are compared with. The development build is looked up: the newest that there is.
const ONNXRUNTIME: &str = "~1.30.0";
const TRANSFORMERS: &str = "^4.3.1";
const PYTHON_PACKAGES: [&str; 4] = ["numpy", "onnx", "onnxruntime", "safetensors"];

/// What was installed and made.
pub(super) struct Peers {
    /// Package -> version.
    pub(super) versions: Vec<(String, String)>,
    /// The ONNX files' names, f32 and INT8.
    pub(super) variants: Vec<String>,
}

impl Peers {
    /// Those of the variants that are INT8.
    pub(super) fn int8(&self) -> impl Iterator<Item = &String> {
        self.variants.iter().filter(|name| !name.ends_with("f32"))
    }
}

/// Installs what is missing.
pub(super) fn ensure() -> Result<Peers> {
    setup::node()?;
    setup::python_with_pip()?;
    let versions = install_packages()?;
    install_python()?;
    let variants = make_models()?;
    make_hugging_face_folders(&variants)?;
    Ok(Peers { versions, variants })
}

fn install_packages() -> Result<Vec<(String, String)>> {
    let folder = paths::bench().join("peers");
    fs::create_dir_all(&folder)?;
    let mut view = Command::new("npm");
    view.args(["view", "onnxruntime-web", "versions", "--json"]);
    let output = view.output().context("cannot start npm")?;
    let listed: Vec<String> =
        serde_json::from_slice(&output.stdout).context("npm lists no versions of onnxruntime-web")?;
    let newest = listed.iter().rfind(|version| version.contains("-dev."));
    let newest = newest.context("npm lists no development build of onnxruntime-web")?;
    let wanted = json!({
        "private": true,
        "dependencies": {
            "onnxruntime-web": ONNXRUNTIME,
            "onnxruntime-web-dev": format!("npm:onnxruntime-web@{newest}"),
            "@huggingface/transformers": TRANSFORMERS,
        },
    });
    fs::write(folder.join("package.json"), serde_json::to_vec_pretty(&wanted)?)?;
    let mut install = Command::new("npm");
    install.args([
        "install",
        "--no-package-lock",
        "--ignore-scripts",
        "--omit=optional",
        "--no-audit",
        "--no-fund",
    ]);
    run_quietly("install the peers", install.current_dir(&folder))?;
    ["onnxruntime-web", "onnxruntime-web-dev", "@huggingface/transformers"]
        .into_iter()
        .map(|package| {
            let file = folder.join("node_modules").join(package).join("package.json");
            let description: Value = serde_json::from_slice(&fs::read(&file)?)?;
            let version = description["version"].as_str().unwrap_or_default().to_owned();
            Ok((package.to_owned(), version))
        })
        .collect()
}

fn python() -> PathBuf {
    paths::bench().join("venv/bin/python")
}

fn install_python() -> Result<()> {
    let mut there = Command::new(python());
    there.args(["-c", "import numpy, onnx, onnxruntime, safetensors"]);
    if there.output().is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let mut environment = Command::new("python3");
    environment.args(["-m", "venv"]).arg(paths::bench().join("venv"));
    run_quietly("make a Python environment (Debian: python3-venv)", &mut environment)?;
    let mut pip = Command::new(python());
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    run_quietly("install onnx and onnxruntime", pip.args(PYTHON_PACKAGES))
}

/// `benches/peers.py` in its environment.
pub(super) fn script(arguments: &[&str]) -> Command {
    let mut python = Command::new(python());
    python.arg(paths::root().join("benches/peers.py")).args(arguments);
    python
}

/// Runs it to its end; gives what it printed last.
fn run_script(arguments: &[&str]) -> Result<Value> {
    let output = script(arguments)
        .output()
        .context("cannot start the Python environment")?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let last = printed.lines().next_back().unwrap_or_default();
    ensure!(
        output.status.success(),
        "benches/peers.py {arguments:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_str(last).context("benches/peers.py printed no JSON")
}

/// The peers compute MiniLM, as it was published; beside them so does Pith.
pub(super) const MODEL: &str = "all-MiniLM-L6-v2";

fn published() -> Result<PathBuf> {
    Ok(model::folder(Some(MODEL))?.join("source"))
}

fn make_models() -> Result<Vec<String>> {
    let folder = paths::bench().join("onnx");
    let list = folder.join("variants.json");
    let made: fn(&[u8]) -> Option<Vec<String>> = |bytes| serde_json::from_slice(bytes).ok();
    if let Some(variants) = fs::read(&list).ok().and_then(|bytes| made(&bytes)) {
        return Ok(variants);
    }
    let (source, out) = (published()?, folder.display().to_string());
    let names = run_script(&["models", &source.display().to_string(), &out])?;
    fs::write(&list, serde_json::to_vec(&names)?)?;
    Ok(serde_json::from_value(names)?)
}

/// The folders that transformers.js reads, one for each INT8 file: its q8 is whatever lies there.
fn make_hugging_face_folders(variants: &[String]) -> Result<()> {
    for variant in variants {
        let folder = paths::bench().join("models").join(variant);
        fs::create_dir_all(folder.join("onnx"))?;
        for file in ["config.json", "tokenizer.json"] {
            fs::copy(published()?.join(file), folder.join(file))?;
        }
        let settings = json!({
            "tokenizer_class": "BertTokenizer", "model_max_length": 512, "do_lower_case": true,
            "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]",
        });
        fs::write(folder.join("tokenizer_config.json"), serde_json::to_vec(&settings)?)?;
        let from = paths::bench().join("onnx").join(format!("{variant}.onnx"));
        fs::copy(from, folder.join("onnx/model_quantized.onnx"))?;
    }
    Ok(())
}
