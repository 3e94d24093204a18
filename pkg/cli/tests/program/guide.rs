//! `docs/cli.md` as it stands there: its files, its commands, and what they write.
//!
//! The one idea: a block with a name is a file; a block `sh` is run, and the block `text` after it is what it writes.
//! `ISOFOLD_GENERATE=1` writes what they write into the guide.

use crate::support::{done, Place};
use std::path::Path;
use std::process::Command;

#[test]
fn the_guide_says_what_the_program_does() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let guide = std::fs::read_to_string(&path).expect("the guide");
    let place = Place::new("guide");
    let program = Path::new(env!("CARGO_BIN_EXE_isofold")).parent().expect("a folder");
    let search = format!("{}:{}", program.display(), std::env::var("PATH").unwrap_or_default());
    let (mut written, mut said, mut commands) = (String::new(), None::<String>, 0);
    let mut parts = guide.split("```");
    written += parts.next().unwrap_or_default();
    while let Some(block) = parts.next() {
        let (info, body) = block.split_once('\n').unwrap_or((block, ""));
        let mut body = body.to_owned();
        match info.split_once(' ') {
            Some((_, name)) => place.write(name, &body),
            None if info == "sh" => {
                let mut shell = Command::new("sh");
                shell
                    .args(["-euc", &body])
                    .current_dir(place.path())
                    .env("PATH", &search)
                    .env_remove("ISOFOLD_DATABASE");
                let told = done(shell.output().expect("a shell"));
                assert_eq!(told.code, 0, "{body}: {}", told.err);
                said = Some(told.out);
                commands += 1;
            }
            None if info == "text" => body = said.take().expect("a command before its text"),
            None => {}
        }
        written += &format!("```{info}\n{body}```{}", parts.next().unwrap_or_default());
    }
    assert!(commands > 3, "{commands}");
    if std::env::var_os("ISOFOLD_GENERATE").is_some() {
        std::fs::write(&path, &written).expect("the guide");
    }
    assert_eq!(written, guide, "ISOFOLD_GENERATE=1 cargo test -p isofold-cli --test program guide writes it");
}
