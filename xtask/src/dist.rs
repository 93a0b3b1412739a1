//! What is handed to the stores: a package for each browser, and the source from which whoever reviews Firefox's rebuilds it, bit
//! for bit.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use pith_tests::Brand;
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use crate::build::{Build, build, copy_folder, files_below};
use crate::step::{Step, cargo, run_aloud};
use crate::{model, paths, setup};

/// What a reviewer is told to run; README.md says the same.
const REBUILD: [&str; 2] = ["xtask", "build"];

#[derive(clap::Args)]
pub(crate) struct DistArguments {
    /// Rebuild from the source package in another folder, too, and compare
    #[arg(long)]
    rebuild: bool,
}

/// `cargo xtask dist`
pub(crate) fn dist(arguments: &DistArguments) -> Result<()> {
    setup::wasm_target()?;
    model::ensure(None)?;
    build(Build::Full)?.report();
    if arguments.rebuild {
        check_rebuilding()
    } else {
        hand_over().map(drop)
    }
}

/// What is handed over.
struct HandedOver {
    firefox: PathBuf,
    source: PathBuf,
}

/// Packs what is built, and the source.
fn hand_over() -> Result<HandedOver> {
    let [chrome, firefox, source] = [package(Brand::Chrome)?, package(Brand::Firefox)?, source()?];
    println!();
    for file in [&chrome, &firefox, &source] {
        println!("  {:>12} bytes  {}", file.metadata()?.len(), file.display());
    }
    let changed = git(&["status", "--porcelain"])?;
    if !changed.is_empty() {
        println!("\n  The source is that of the working tree, which is not what was committed:");
        print!("{}", String::from_utf8_lossy(&changed));
    }
    Ok(HandedOver { firefox, source })
}

/// Packs what is built, rebuilds from the source package in another folder, as a reviewer does, and compares with Firefox's.
/// Only the model and what Cargo downloads are not got anew: both are checked by their digests.
pub(crate) fn check_rebuilding() -> Result<()> {
    // Not below this folder, whose settings Cargo would follow too.
    let elsewhere = TempDir::with_prefix("pith-rebuilt-").context("cannot make a folder to rebuild in")?;
    let (ours, folder) = (elsewhere.path().join("package"), elsewhere.path().join("source"));
    let HandedOver { firefox, source } = hand_over()?;
    unpack(&firefox, &ours)?;
    unpack(&source, &folder)?;
    let model = model::default_folder()?;
    let name = model.strip_prefix(paths::target())?;
    copy_folder(&model, &folder.join("target").join(name))?;
    let mut rebuild = cargo();
    rebuild
        .args(REBUILD)
        .current_dir(&folder)
        .env_remove("CARGO_TARGET_DIR");
    run_aloud("rebuild from the source package", &mut rebuild)?;
    let theirs = folder.join("dist").join(Brand::Firefox.name());
    let differences = differences(&ours, &theirs)?;
    ensure!(
        differences.is_empty(),
        "what was rebuilt from the source package is another package: {}",
        differences.join(", ")
    );
    println!("      the same {} files, bit for bit", files_below(&ours)?.len());
    Ok(())
}

fn unpack(archive: &Path, folder: &Path) -> Result<()> {
    ZipArchive::new(File::open(archive)?)?
        .extract(folder)
        .with_context(|| format!("cannot unpack {}", archive.display()))
}

/// The files that are in one folder alone, or have other bytes in the other.
fn differences(ours: &Path, theirs: &Path) -> Result<Vec<String>> {
    let names = |folder: &Path| -> Result<BTreeSet<PathBuf>> {
        let files = files_below(folder)?.into_iter();
        Ok(files
            .filter_map(|file| Some(file.strip_prefix(folder).ok()?.to_owned()))
            .collect())
    };
    let (our_names, their_names) = (names(ours)?, names(theirs)?);
    let mut differences = Vec::new();
    for name in our_names.union(&their_names) {
        let is_in_both = our_names.contains(name) && their_names.contains(name);
        if !is_in_both || fs::read(ours.join(name))? != fs::read(theirs.join(name))? {
            differences.push(name.display().to_string());
        }
    }
    Ok(differences)
}

/// The package of a browser, of what is built.
fn package(brand: Brand) -> Result<PathBuf> {
    let folder = paths::dist(brand);
    let files = files_below(&folder)?;
    let names = files.iter().map(|file| Ok(file.strip_prefix(&folder)?.to_owned()));
    pack(brand.name(), &folder, &names.collect::<Result<Vec<_>>>()?)
}

/// The source package: every file that git knows, as it is in the working tree. What was unpacked from one has no git, and is
/// not packed again.
fn source() -> Result<PathBuf> {
    let listed = git(&["ls-files", "-z"])?;
    let listed = String::from_utf8(listed).context("a file's name is no Unicode")?;
    let mut names: Vec<PathBuf> = listed.split_terminator('\0').map(PathBuf::from).collect();
    // What was deleted and not committed yet.
    names.retain(|name| paths::root().join(name).exists());
    ensure!(
        !names.is_empty(),
        "git knows no file here: the source is packed in a clone of the repository"
    );
    names.sort();
    pack("source", paths::root(), &names)
}

/// Packs these files of a folder. The same files give the same archive, byte for byte.
fn pack(what: &str, folder: &Path, names: &[PathBuf]) -> Result<PathBuf> {
    let path = paths::packages().join(format!("pith-{}-{what}.zip", env!("CARGO_PKG_VERSION")));
    fs::create_dir_all(paths::packages())?;
    let step = Step::start_counted(format!("pack {}", path.display()), names.len() as u64);
    let mut archive = ZipWriter::new(BufWriter::new(File::create(&path)?));
    for (number, name) in names.iter().enumerate() {
        let file = folder.join(name);
        let is_program = fs::metadata(&file)?.permissions().mode() & 0o100 != 0;
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .unix_permissions(if is_program { 0o755 } else { 0o644 });
        archive.start_file_from_path(name, options)?;
        io::copy(&mut File::open(&file)?, &mut archive).with_context(|| format!("cannot pack {}", file.display()))?;
        step.at(number as u64 + 1);
    }
    archive.finish()?;
    step.done();
    Ok(path)
}

/// What git prints.
fn git(arguments: &[&str]) -> Result<Vec<u8>> {
    let mut git = Command::new("git");
    let output = git
        .args(arguments)
        .current_dir(paths::root())
        .output()
        .context("cannot start git")?;
    ensure!(
        output.status.success(),
        "{git:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_wherever_it_is() {
        let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let write = |folder: &Path, name: &str, text: &str| {
            fs::create_dir_all(folder.join("in")).unwrap();
            fs::write(folder.join(name), text).unwrap();
        };
        for (name, our_text, their_text) in [
            ("in/both", Some("the same"), Some("the same")),
            ("in/changed", Some("one"), Some("two")),
            ("only_ours", Some(""), None),
            ("only_theirs", None, Some("")),
        ] {
            our_text.inspect(|text| write(ours.path(), name, text));
            their_text.inspect(|text| write(theirs.path(), name, text));
        }
        assert_eq!(
            differences(ours.path(), theirs.path()).unwrap(),
            ["in/changed", "only_ours", "only_theirs"]
        );
    }

    #[test]
    fn the_same_files_make_the_same_archive() {
        let names = ["Cargo.toml", ".ci/run"].map(PathBuf::from);
        let path = pack("test", paths::root(), &names).unwrap();
        let first = fs::read(&path).unwrap();
        assert_eq!(fs::read(pack("test", paths::root(), &names).unwrap()).unwrap(), first);
        let mut archive = ZipArchive::new(File::open(&path).unwrap()).unwrap();
        for (index, mode) in [0o100_644, 0o100_755].into_iter().enumerate() {
            let file = archive.by_index(index).unwrap();
            assert_eq!(file.unix_mode(), Some(mode));
            assert_eq!(file.last_modified(), Some(DateTime::default()), "no time of its own");
        }
        fs::remove_file(path).unwrap();
    }
}
