//! Files that are written whole or not at all.

use crate::read::input_words;
use isofold::{Code, Error, Result};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Writes a file beside its place and moves it there, so that whatever ends the writing leaves what was there before.
///
/// **Errors** `host.argument` with what the system says.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    written(path, bytes)
        .map_err(|error| Error::new(Code::HostArgument, format!("{}: {}", path.display(), input_words(&error))))
}

fn written(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // where the path is a link, it stays one
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let before = fs::metadata(&target).ok();
    if before.as_ref().is_some_and(|before| !before.is_file()) {
        // a device or a pipe is no place to move a file to
        return OpenOptions::new().write(true).open(&target)?.write_all(bytes);
    }
    let beside = beside(&target);
    let whole = (|| {
        let mut file = OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.write_all(bytes)?;
        if let Some(before) = before {
            file.set_permissions(before.permissions())?;
        }
        file.sync_all()?;
        fs::rename(&beside, &target)
    })();
    if whole.is_err() {
        // what could not be written is no use; that it stays is told by the error
        drop(fs::remove_file(&beside));
        return whole;
    }
    // the move is kept once the folder is; not every system can say so
    drop(File::open(folder(&target)).and_then(|folder| folder.sync_all()));
    Ok(())
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn beside(target: &Path) -> PathBuf {
    let name = target.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    folder(target).join(format!(".{name}.{}", std::process::id()))
}
