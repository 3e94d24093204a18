//! What ends a command, and how it is told.

use crate::read::Places;
use crate::secrets::hidden;
use isofold::Error;
use std::fmt::Display;
use std::io;

/// A problem, told on stderr.
pub const PROBLEM: u8 = 1;
/// A command line that says nothing.
pub const USAGE: u8 = 2;
/// A rollup that is not fresh.
pub const NOT_FRESH: u8 = 3;

/// What ends a command.
#[derive(Debug)]
pub enum Problem {
    /// The kernel, a store or a reader refuses.
    Refused(Error),
    /// The command line says too little, or things that exclude each other.
    Usage(String),
    /// Whoever read the output has read enough.
    Closed,
}

/// The result of a command.
pub type Result<T = u8, E = Problem> = std::result::Result<T, E>;

impl Problem {
    /// Writes it to stderr and gives the exit code.
    pub fn tell(&self) -> u8 {
        match self {
            Problem::Refused(error) => {
                error.problems().for_each(complain_of);
                PROBLEM
            }
            Problem::Usage(words) => {
                complain(format_args!("{words} (isofold --help)"));
                USAGE
            }
            Problem::Closed => PROBLEM,
        }
    }

    /// The same problem with the places of rows in their files.
    pub fn told_by(self, places: &Places) -> Self {
        match self {
            Problem::Refused(error) => Problem::Refused(places.tell(&error)),
            other => other,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Problem::Refused(error)
    }
}

/// Writes a line to stderr, without passwords.
pub fn complain(words: impl Display) {
    eprintln!("{}", hidden(&format!("isofold: {words}")));
}

/// Writes one problem to stderr: its code, what is wrong, and where.
pub fn complain_of(error: &Error) {
    let error = error.alone();
    complain(format_args!("{}: {error}", error.code()));
}

/// What writing to stdout ended with.
pub fn of_output(error: &io::Error) -> Problem {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Problem::Closed;
    }
    Problem::Refused(Error::new(isofold::Code::HostArgument, format!("the output cannot be written: {error}")))
}
