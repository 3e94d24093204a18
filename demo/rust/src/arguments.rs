//! What a command line says: `--name value`, in any order.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::str::FromStr;

/// The options of a command.
pub struct Arguments {
    given: BTreeMap<String, String>,
}

impl Arguments {
    /// The command (empty where none is given) and its options.
    ///
    /// **Errors** a word that is no option, an option without a value or given twice.
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<(String, Self), Box<dyn Error>> {
        let command = words.next().unwrap_or_default();
        let mut given = BTreeMap::new();
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").ok_or_else(|| format!("an option starts with --, got {word:?}"))?;
            let value = words.next().ok_or_else(|| format!("--{name} needs a value"))?;
            if given.insert(name.to_owned(), value).is_some() {
                return Err(format!("--{name} is given twice").into());
            }
        }
        Ok((command, Self { given }))
    }

    /// A file that must be named.
    ///
    /// **Errors** the option is absent.
    pub fn path(&self, name: &str) -> Result<&Path, Box<dyn Error>> {
        self.optional_path(name).ok_or_else(|| format!("--{name} FILE is needed").into())
    }

    /// A file that may be named.
    pub fn optional_path(&self, name: &str) -> Option<&Path> {
        self.given.get(name).map(Path::new)
    }

    /// A number, `default` where it is absent.
    ///
    /// **Errors** something else than a number.
    pub fn number<T: FromStr>(&self, name: &str, default: T) -> Result<T, Box<dyn Error>> {
        match self.given.get(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| format!("--{name} must be a number, got {text:?}").into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<(String, Arguments), Box<dyn Error>> {
        Arguments::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_come_in_any_order() {
        let (command, arguments) = parse("generate --seed 7 --out rows.arrow").expect("good");
        assert_eq!(command, "generate");
        assert_eq!(arguments.path("out").expect("given"), Path::new("rows.arrow"));
        assert_eq!(arguments.number("seed", 1_u64).expect("a number"), 7);
        assert_eq!(arguments.number("rows", 5_u64).expect("absent"), 5);
    }

    #[test]
    fn what_is_no_option_is_named() {
        let words = |line| parse(line).err().map(|error| error.to_string());
        assert_eq!(words("generate rows"), Some("an option starts with --, got \"rows\"".to_owned()));
        assert_eq!(words("generate --rows"), Some("--rows needs a value".to_owned()));
        assert_eq!(words("generate --a 1 --a 2"), Some("--a is given twice".to_owned()));
    }
}
