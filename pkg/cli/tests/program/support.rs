//! The program in a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder that goes when the test ends well.
pub struct Place(PathBuf);

/// What a command did.
pub struct Done {
    /// Its exit code.
    pub code: i32,
    /// What it wrote.
    pub out: String,
    /// What it complained of.
    pub err: String,
}

impl Place {
    /// An empty folder.
    pub fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("isofold-cli-{name}-{}", std::process::id()));
        drop(fs::remove_dir_all(&folder));
        fs::create_dir_all(&folder).expect("a folder");
        Self(folder)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), bytes).expect("a file");
    }

    /// Runs the program in the folder.
    pub fn run(&self, words: &[&str]) -> Done {
        let output = self.command(words).output().expect("the program");
        done(output)
    }

    /// The program in the folder.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_isofold"));
        command.args(words).current_dir(&self.0).env_remove("ISOFOLD_DATABASE").env_remove("ISOFOLD_CATALOG");
        command
    }
}

/// What the output of a process says.
pub fn done(output: Output) -> Done {
    Done {
        code: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            drop(fs::remove_dir_all(&self.0));
        }
    }
}

impl Done {
    /// The rows of an answer in JSON.
    #[track_caller]
    pub fn rows(&self) -> Vec<serde_json::Value> {
        assert_eq!(self.code, 0, "{}", self.err);
        let json: serde_json::Value = serde_json::from_str(&self.out).expect("JSON");
        let rows = if json.is_array() { &json } else { &json["rows"] };
        rows.as_array().expect("rows").clone()
    }

    /// The digest that a fold told.
    #[track_caller]
    pub fn digest(&self) -> String {
        self.rows()[0]["digest"].as_str().expect("a digest").to_owned()
    }
}
