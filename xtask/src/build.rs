//! Builds the extension: Wasm, its bindings, icons, pages and the model, into a folder that a browser loads.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use flate2::Compression;
use flate2::write::GzEncoder;
use wasm_bindgen_cli_support::Bindgen;

use crate::paths;
use crate::step::{Step, cargo, run_quietly};

/// The sizes in which a browser wants the icon, in pixels.
const ICON_SIZES: [u32; 4] = [16, 32, 48, 128];

/// One Wasm module of the extension.
struct Module {
    /// The program it is made of.
    bin: &'static str,
    /// Its name in the package.
    name: &'static str,
    features: &'static str,
    profile: &'static str,
}

const WORKER: Module = Module {
    bin: "worker",
    name: "worker",
    features: "engine",
    profile: "wasm",
};
const WORKER_RELAXED: Module = Module {
    bin: "worker",
    name: "worker_relaxed",
    features: "engine,relaxed-simd",
    profile: "wasm",
};
const POPUP: Module = Module {
    bin: "popup",
    name: "popup",
    features: "ui",
    profile: "wasm-ui",
};
const PAGES: Module = Module {
    bin: "pages",
    name: "pages",
    features: "ui",
    profile: "wasm-ui",
};
const PDF: Module = Module {
    bin: "pdf",
    name: "pdf",
    features: "pdf",
    profile: "wasm-ui",
};
const CONTRACT: Module = Module {
    bin: "contract",
    name: "contract",
    features: "contract",
    profile: "wasm",
};
const BENCH: Module = Module {
    bin: "bench",
    name: "bench",
    features: "bench",
    profile: "wasm",
};
const BENCH_RELAXED: Module = Module {
    bin: "bench",
    name: "bench_relaxed",
    features: "bench,relaxed-simd",
    profile: "wasm",
};

/// What was built, and how large it is.
pub(crate) struct Built {
    sizes: Vec<(String, u64, u64)>,
    total_bytes: u64,
}

impl Built {
    /// Prints the sizes.
    pub(crate) fn report(&self) {
        println!("\n  {:<28} {:>12} {:>12}", "in dist/chrome", "bytes", "gzip");
        for (name, raw, gzip) in &self.sizes {
            println!("  {name:<28} {raw:>12} {gzip:>12}");
        }
        println!("  {:<28} {:>12}", "the whole package", self.total_bytes);
    }

    /// The large files: name, bytes, bytes after gzip.
    pub(crate) fn sizes(&self) -> &[(String, u64, u64)] {
        &self.sizes
    }
}

/// Builds `dist/chrome`. The model must be there.
pub(crate) fn build() -> Result<Built> {
    let dist = paths::dist_chrome();
    // Built beside and put in place at the end: a browser never sees half a package.
    let new = dist.with_extension("new");
    remove_folder(&new)?;
    fs::create_dir_all(new.join("wasm"))?;
    for module in [WORKER, WORKER_RELAXED, POPUP, PAGES, PDF] {
        build_module(&module, &new.join("wasm"))?;
    }
    let step = Step::start("put the package together");
    let root = paths::root();
    fs::copy(root.join("manifest.json"), new.join("manifest.json"))?;
    copy_folder(&root.join("extension/js"), &new.join("js"))?;
    copy_folder(&root.join("assets/pages"), &new.join("pages"))?;
    copy_folder(&root.join("assets/_locales"), &new.join("_locales"))?;
    draw_icons(&root.join("assets/icons/pith.svg"), &new.join("icons"))?;
    fs::create_dir_all(new.join("model"))?;
    for file in ["model.json", "weights.safetensors", "tokenizer.json"] {
        fs::copy(paths::model().join(file), new.join("model").join(file))
            .with_context(|| format!("the model's {file} is missing: cargo xtask model makes it"))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root.join(licence), new.join(licence))?;
    }
    remove_folder(&dist)?;
    fs::rename(&new, &dist)?;
    step.done();
    measure(&dist)
}

/// Builds the extension whose page runs what can be tested only inside a browser; gives its folder.
pub(crate) fn build_contract() -> Result<PathBuf> {
    let folder = paths::target().join("contract-extension");
    remove_folder(&folder)?;
    copy_folder(&paths::root().join("tests/contract"), &folder)?;
    fs::create_dir_all(folder.join("wasm"))?;
    build_module(&CONTRACT, &folder.join("wasm"))?;
    Ok(folder)
}

/// Builds what `cargo xtask bench` measures, in both builds, into a folder.
pub(crate) fn build_bench(folder: &Path) -> Result<()> {
    for module in [BENCH, BENCH_RELAXED] {
        build_module(&module, folder)?;
    }
    Ok(())
}

fn build_module(module: &Module, folder: &Path) -> Result<()> {
    let Module {
        bin,
        name,
        features,
        profile,
    } = module;
    let mut build = cargo();
    build.args([
        "build",
        "--package",
        "pith-extension",
        "--target",
        "wasm32-unknown-unknown",
        "--locked",
    ]);
    build.args(["--bin", bin, "--features", features, "--profile", profile]);
    run_quietly(
        &format!("compile {name}.wasm (the first time takes minutes)"),
        &mut build,
    )?;
    let wasm = paths::target()
        .join("wasm32-unknown-unknown")
        .join(profile)
        .join(format!("{bin}.wasm"));
    let step = Step::start(format!("bind {name}.wasm to JavaScript"));
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(true);
    // After a panic the worker takes a fresh instance of the same module.
    bindgen.reset_state_function(module.bin == WORKER.bin);
    bindgen.remove_name_section(true).remove_producers_section(true);
    let bound = bindgen.web(true).and_then(|bindgen| bindgen.generate(folder));
    bound
        .map_err(|error| anyhow!("{error:#}"))
        .with_context(|| format!("cannot bind {name}.wasm"))?;
    step.done();
    Ok(())
}

fn draw_icons(svg: &Path, folder: &Path) -> Result<()> {
    let drawing = resvg::usvg::Tree::from_data(&fs::read(svg)?, &resvg::usvg::Options::default())
        .with_context(|| format!("{} is no drawing", svg.display()))?;
    fs::create_dir_all(folder)?;
    for size in ICON_SIZES {
        let mut pixels = resvg::tiny_skia::Pixmap::new(size, size).context("an icon without pixels")?;
        let scale = size as f32 / drawing.size().width();
        resvg::render(
            &drawing,
            resvg::tiny_skia::Transform::from_scale(scale, scale),
            &mut pixels.as_mut(),
        );
        fs::write(folder.join(format!("pith-{size}.png")), pixels.encode_png()?)?;
    }
    Ok(())
}

fn measure(dist: &Path) -> Result<Built> {
    let mut sizes = Vec::new();
    let mut total_bytes = 0;
    for file in files_below(dist)? {
        let bytes = fs::read(&file)?;
        total_bytes += bytes.len() as u64;
        let name = file.strip_prefix(dist)?.display().to_string();
        if name.ends_with(".wasm") || name.ends_with(".safetensors") {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&bytes)?;
            sizes.push((name, bytes.len() as u64, gzip.finish()?.len() as u64));
        }
    }
    Ok(Built { sizes, total_bytes })
}

/// All files below `folder`, in the order of their paths.
pub(crate) fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            files.append(&mut files_below(&path)?);
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for file in files_below(from)? {
        let copy = to.join(file.strip_prefix(from)?);
        if let Some(parent) = copy.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::copy(&file, copy)?;
    }
    Ok(())
}

pub(crate) fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}
