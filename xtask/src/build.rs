//! Builds the extension: Wasm, its bindings, icons, pages and the model, into a folder for each browser that loads it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow};
use flate2::Compression;
use flate2::write::GzEncoder;
use pith_tests::Brand;
use wasm_bindgen_cli_support::Bindgen;

use crate::step::{Step, cargo, run_aloud};
use crate::{manifest, model, paths};

/// The sizes in which a browser wants the icon, in pixels.
const ICON_SIZES: [u32; 4] = [16, 32, 48, 128];

/// What only the service worker of Chrome needs, which can start no worker itself.
const OF_CHROME_ALONE: [&str; 2] = ["js/pool_page.js", "pages/pool.html"];

/// How much time the compiler may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As it ships: optimised as a whole.
    Full,
    /// For a try: larger, in the build that browsers of today take; compiled in a third of
    /// the time.
    Quick,
}

impl Build {
    /// The Cargo profile of its modules.
    fn profile(self) -> &'static str {
        match self {
            Self::Full => "wasm",
            Self::Quick => "quick",
        }
    }

    /// Where the unpacked extension for this browser is put.
    pub(crate) fn folder(self, brand: Brand) -> PathBuf {
        match self {
            Self::Full => paths::dist(brand),
            Self::Quick => paths::target().join("quick").join(brand.name()),
        }
    }
}

/// One Wasm module.
struct Module {
    /// The program it is made of.
    bin: &'static str,
    /// Its name in the package.
    name: &'static str,
}

const WORKER: Module = Module::of("worker", "worker");
const WORKER_RELAXED: Module = Module::of("worker", "worker_relaxed");
const BENCH: Module = Module::of("bench", "bench");
const BENCH_RELAXED: Module = Module::of("bench", "bench_relaxed");
const CONTRACT: Module = Module::of("contract", "contract");

/// The engine for a browser without relaxed SIMD.
const PLAIN_ENGINE: (&str, &[Module]) = ("engine", &[WORKER]);

/// Its place in a build for a try, which a browser of today takes: every Chromium that can load Pith has relaxed SIMD.
const STANDS_IN_FOR_PLAIN_ENGINE: &str =
    "export * from \"./worker_relaxed.js\";\nexport { default } from \"./worker_relaxed.js\";\n";

/// What the extension is made of besides: features of the crate, and the modules that are compiled with them, at the same time.
const EXTENSION: [(&str, &[Module]); 4] = [
    ("engine,relaxed-simd", &[WORKER_RELAXED]),
    ("gpu", &[Module::of("gpu", "gpu")]),
    ("ui", &[Module::of("popup", "popup"), Module::of("pages", "pages")]),
    ("pdf", &[Module::of("pdf", "pdf")]),
];

impl Module {
    const fn of(bin: &'static str, name: &'static str) -> Self {
        Self { bin, name }
    }
}

/// What was built, and how large it is.
pub(crate) struct Built {
    sizes: Vec<(String, u64, u64)>,
    packages: Vec<(PathBuf, u64)>,
}

impl Built {
    /// Prints the sizes.
    pub(crate) fn report(&self) {
        println!("\n  {:<28} {:>12} {:>12}", "file", "bytes", "gzip");
        for (name, raw, gzip) in &self.sizes {
            println!("  {name:<28} {raw:>12} {gzip:>12}");
        }
        for (folder, total_bytes) in &self.packages {
            println!("  {:<28} {total_bytes:>12}", "the whole package");
            println!("  in {}", folder.display());
        }
    }

    /// The large files: name, bytes, bytes after gzip.
    pub(crate) fn sizes(&self) -> &[(String, u64, u64)] {
        &self.sizes
    }
}

/// Builds the unpacked extension for each browser, of the same Wasm. The model must be there.
pub(crate) fn build(build: Build) -> Result<Built> {
    let wasm = paths::target().join("bound").join(build.profile());
    remove_folder(&wasm)?;
    fs::create_dir_all(&wasm)?;
    for (features, modules) in EXTENSION {
        build_modules(build, features, modules, &wasm)?;
    }
    match build {
        Build::Full => build_modules(build, PLAIN_ENGINE.0, PLAIN_ENGINE.1, &wasm)?,
        Build::Quick => fs::write(wasm.join("worker.js"), STANDS_IN_FOR_PLAIN_ENGINE)?,
    }
    let step = Step::start("put the packages together");
    for brand in Brand::ALL {
        // Built beside and put in place at the end: a browser never sees half a package.
        let dist = build.folder(brand);
        let new = dist.with_extension("new");
        remove_folder(&new)?;
        put_together(brand, &wasm, &new)?;
        remove_folder(&dist)?;
        fs::rename(&new, &dist)?;
    }
    step.done();
    measure(build)
}

/// Puts a browser's package together, of Wasm that is bound already.
fn put_together(brand: Brand, wasm: &Path, new: &Path) -> Result<()> {
    let root = paths::root();
    copy_folder(wasm, &new.join("wasm"))?;
    let manifest = manifest::of(brand, &fs::read_to_string(root.join("manifest.json"))?)?;
    fs::write(new.join("manifest.json"), manifest)?;
    copy_folder(&root.join("extension/js"), &new.join("js"))?;
    // Of what differs between browsers the package has one side.
    remove_folder(&new.join("js/gap"))?;
    copy_folder(&root.join("extension/js/gap").join(brand.name()), &new.join("js/gap"))?;
    copy_folder(&root.join("assets/pages"), &new.join("pages"))?;
    if brand != Brand::Chrome {
        for file in OF_CHROME_ALONE {
            fs::remove_file(new.join(file)).with_context(|| format!("{file} is not there to be left out"))?;
        }
    }
    copy_folder(&root.join("assets/_locales"), &new.join("_locales"))?;
    draw_icons(&root.join("assets/icons/pith.svg"), &new.join("icons"))?;
    fs::create_dir_all(new.join("model"))?;
    let model = model::default_folder()?;
    let description = model::description_in(&model)?;
    let files = description.files().map(|file| file.name.as_str());
    for file in files.into_iter().chain(["model.json"]) {
        fs::copy(model.join(file), new.join("model").join(file))
            .with_context(|| format!("the model's {file} is missing: cargo xtask model makes it"))?;
    }
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        fs::copy(root.join(licence), new.join(licence))?;
    }
    Ok(())
}

/// Builds the extension whose page runs what can be tested only inside a browser; gives its folder.
pub(crate) fn build_contract() -> Result<PathBuf> {
    let folder = paths::target().join("contract-extension");
    remove_folder(&folder)?;
    copy_folder(&paths::root().join("tests/contract"), &folder)?;
    fs::create_dir_all(folder.join("wasm"))?;
    build_modules(Build::Full, "contract", &[CONTRACT], &folder.join("wasm"))?;
    Ok(folder)
}

/// Builds what `cargo xtask bench` measures, in both builds, into a folder.
pub(crate) fn build_bench(folder: &Path) -> Result<()> {
    build_modules(Build::Full, "bench", &[BENCH], folder)?;
    build_modules(Build::Full, "bench,relaxed-simd", &[BENCH_RELAXED], folder)
}

/// Compiles these modules, which have the same features, and binds them to JavaScript in `folder`.
fn build_modules(build: Build, features: &str, modules: &[Module], folder: &Path) -> Result<()> {
    let names: Vec<String> = modules.iter().map(|module| format!("{}.wasm", module.name)).collect();
    let mut compile = cargo();
    compile.args([
        "build",
        "--package",
        "pith-extension",
        "--target",
        "wasm32-unknown-unknown",
        "--locked",
    ]);
    compile.args(["--features", features, "--profile", build.profile()]);
    compile.args(["--config", &without_own_paths()?]);
    // In their place Cargo would take no flags of ours.
    compile.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    for module in modules {
        compile.args(["--bin", module.bin]);
    }
    run_aloud(&format!("compile {}", names.join(", ")), &mut compile)?;
    modules.iter().try_for_each(|module| bind(build, module, folder))
}

/// What has the compiler write no path of this machine into a module: the places of panics in what others wrote are in Cargo's own
/// folder, which is another one for everybody who builds the same source. As Cargo's setting, which joins those that are there.
fn without_own_paths() -> Result<String> {
    let home = paths::cargo_home()?;
    let home = home.to_str().context("the home folder's name is no Unicode")?;
    let flag = toml::Value::from(format!("--remap-path-prefix={home}=/cargo"));
    Ok(format!("target.wasm32-unknown-unknown.rustflags=[{flag}]"))
}

fn bind(build: Build, module: &Module, folder: &Path) -> Result<()> {
    let Module { bin, name } = module;
    let wasm = paths::target()
        .join("wasm32-unknown-unknown")
        .join(build.profile())
        .join(format!("{bin}.wasm"));
    let step = Step::start(format!("bind {name}.wasm to JavaScript"));
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(wasm)
        .out_name(name)
        .typescript(false)
        .omit_default_module_path(true);
    // After a panic the worker takes a fresh instance of the same module.
    bindgen.reset_state_function(*bin == WORKER.bin);
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

/// What the packages weigh. The large files are the same in each.
fn measure(build: Build) -> Result<Built> {
    let mut packages = Vec::new();
    for brand in Brand::ALL {
        let folder = build.folder(brand);
        let mut total_bytes = 0;
        for file in files_below(&folder)? {
            total_bytes += file.metadata()?.len();
        }
        packages.push((folder, total_bytes));
    }
    let dist = build.folder(Brand::Chrome);
    let mut sizes = Vec::new();
    for file in files_below(&dist)? {
        let name = file.strip_prefix(&dist)?.display().to_string();
        if name.ends_with(".wasm") || name.ends_with(".safetensors") {
            let bytes = fs::read(&file)?;
            let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
            gzip.write_all(&bytes)?;
            sizes.push((name, bytes.len() as u64, gzip.finish()?.len() as u64));
        }
    }
    Ok(Built { sizes, packages })
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
