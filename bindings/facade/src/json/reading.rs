//! Reading a document to its end, keeping every problem.

use super::value::Json;
use crate::secret;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use hashbrown::HashTable;
use isofold::spec::Named;
use isofold::{Code, Error, Result};

/// The error codes of one kind of document, and the path its places start with.
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// The first name of every path; empty for options of a call.
    pub root: &'static str,
    /// A value of the wrong kind.
    pub invalid: Code,
    /// A key that is not known.
    pub unknown_key: Code,
    /// A key that is given twice.
    pub duplicate: Code,
    /// A key that is needed and absent.
    pub missing: Code,
}

impl Codes {
    /// For specs.
    pub const SPEC: Self = Self {
        root: "spec",
        invalid: Code::SpecInvalid,
        unknown_key: Code::SpecUnknownKey,
        duplicate: Code::SpecDuplicate,
        missing: Code::SpecMissing,
    };
    /// For queries.
    pub const QUERY: Self = Self {
        root: "query",
        invalid: Code::QueryInvalid,
        unknown_key: Code::QueryUnknownKey,
        duplicate: Code::QueryInvalid,
        missing: Code::QueryInvalid,
    };
    /// For catalogs.
    pub const CATALOG: Self = Self {
        root: "catalog",
        invalid: Code::CatalogInvalid,
        unknown_key: Code::CatalogUnknownKey,
        duplicate: Code::CatalogDuplicate,
        missing: Code::CatalogMissing,
    };
    /// For arguments of other calls.
    pub const OPTIONS: Self = Self {
        root: "",
        invalid: Code::HostArgument,
        unknown_key: Code::HostArgument,
        duplicate: Code::HostArgument,
        missing: Code::HostArgument,
    };
}

/// The problems of a document so far.
#[derive(Debug)]
pub struct Reading {
    codes: Codes,
    problems: Vec<Error>,
}

/// The keys of an object, each once.
#[derive(Clone, Debug)]
pub struct Fields<'j> {
    entries: Vec<(&'j str, &'j Json)>,
}

impl<'j> Fields<'j> {
    /// The value of a key; `None` when it is absent.
    pub fn get(&self, key: &str) -> Option<&'j Json> {
        self.entries.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// The value of a key; `None` when it is absent or null.
    pub fn present(&self, key: &str) -> Option<&'j Json> {
        self.get(key).filter(|value| **value != Json::Null)
    }

    /// The keys and values, as written.
    pub fn entries(&self) -> &[(&'j str, &'j Json)] {
        &self.entries
    }
}

impl Reading {
    /// Nothing read yet.
    pub fn new(codes: Codes) -> Self {
        Self { codes, problems: Vec::new() }
    }

    /// What was read, unless there were problems.
    pub fn finish<T>(self, read: T) -> Result<T> {
        Error::from_all(self.problems).map_or(Ok(read), Err)
    }

    /// Notes a problem at a path inside the document.
    pub fn refuse(&mut self, code: Code, message: String, path: &str) {
        self.problems.push(Error::new(code, message).within(path).within(self.codes.root));
    }

    /// Notes the problems of a document inside this one.
    pub fn adopt(&mut self, error: &Error, path: &str) {
        self.problems.extend(error.problems().map(|problem| problem.alone().within(path).within(self.codes.root)));
    }

    fn expected(&mut self, what: &str, got: &Json, path: &str) {
        self.refuse(self.codes.invalid, format!("{what} is expected, got {}", got.kind()), path);
    }

    /// The fields of an object with keys of its author's choice.
    pub fn object<'j>(&mut self, json: &'j Json, path: &str) -> Fields<'j> {
        let mut entries: Vec<(&str, &Json)> = Vec::new();
        match json {
            Json::Object(written) => {
                let secret = secret::drawn();
                let hash = |key: &str| secret.text(key);
                let mut seen = HashTable::new();
                for (key, value) in written {
                    let key = key.as_str();
                    if seen.find(hash(key), |known| *known == key).is_some() {
                        self.refuse(self.codes.duplicate, format!("the key {key} is given twice"), &join(path, key));
                        continue;
                    }
                    seen.insert_unique(hash(key), key, |known| hash(known));
                    entries.push((key, value));
                }
            }
            other => self.expected("an object", other, path),
        }
        Fields { entries }
    }

    /// The fields of an object with known keys; any other key is a problem.
    pub fn known<'j>(&mut self, json: &'j Json, path: &str, known: &[&str]) -> Fields<'j> {
        let fields = self.object(json, path);
        for (key, _) in &fields.entries {
            if !known.contains(key) {
                let message = format!("the key {key} is unknown, known are {}", known.join(", "));
                self.refuse(self.codes.unknown_key, message, &join(path, key));
            }
        }
        fields
    }

    /// The value of a key that has to be there.
    pub fn required<'j>(&mut self, fields: &Fields<'j>, key: &str) -> Option<&'j Json> {
        self.required_at(fields, key, "")
    }

    /// The value of a key that has to be in the object at a path.
    pub fn required_at<'j>(&mut self, fields: &Fields<'j>, key: &str, path: &str) -> Option<&'j Json> {
        let value = fields.get(key);
        if value.is_none() {
            self.refuse(self.codes.missing, format!("the key {key} is missing"), &join(path, key));
        }
        value
    }

    /// A text.
    pub fn text(&mut self, json: &Json, path: &str) -> Option<String> {
        if let Json::Text(text) = json {
            return Some(text.clone());
        }
        self.expected("a text", json, path);
        None
    }

    /// The text of a key, where it is present.
    pub fn optional_text(&mut self, fields: &Fields<'_>, key: &str, path: &str) -> Option<String> {
        fields.present(key).and_then(|json| self.text(json, &join(path, key)))
    }

    /// A whole number from 0.
    pub fn count(&mut self, json: &Json, path: &str) -> Option<u64> {
        let count = match json {
            Json::Int64(value) => u64::try_from(*value).ok(),
            Json::Number(value) => {
                crate::conform::number::to_int64(value.to_bits()).and_then(|whole| u64::try_from(whole).ok())
            }
            _ => None,
        };
        if count.is_none() {
            let got =
                if let Json::Int64(_) | Json::Number(_) = json { json.to_string() } else { json.kind().to_owned() };
            self.refuse(self.codes.invalid, format!("a whole number from 0 is expected, got {got}"), path);
        }
        count
    }

    /// Texts, as an array.
    pub fn texts(&mut self, json: &Json, path: &str) -> Vec<String> {
        let Json::Array(items) = json else {
            self.expected("an array of texts", json, path);
            return Vec::new();
        };
        let numbered = items.iter().enumerate();
        numbered.filter_map(|(index, item)| self.text(item, &format!("{path}[{index}]"))).collect()
    }

    /// Names and texts, as an object.
    pub fn pairs(&mut self, json: &Json, path: &str) -> Vec<(String, String)> {
        let fields = self.object(json, path);
        let texts = fields.entries.into_iter();
        texts.filter_map(|(key, value)| Some((key.to_owned(), self.text(value, &join(path, key))?))).collect()
    }

    /// Expressions with or without a name: an array of texts and of objects name → expression, or one such object.
    pub fn named(&mut self, json: &Json, path: &str) -> Vec<Named> {
        match json {
            Json::Object(_) => self.pairs(json, path).into_iter().map(with_name).collect(),
            Json::Array(items) => {
                let mut all = Vec::new();
                for (index, item) in items.iter().enumerate() {
                    let path = format!("{path}[{index}]");
                    match item {
                        Json::Text(text) => all.push(Named { name: None, expression: text.clone() }),
                        Json::Object(_) => all.extend(self.pairs(item, &path).into_iter().map(with_name)),
                        other => self.expected("a text or an object name → expression", other, &path),
                    }
                }
                all
            }
            other => {
                self.expected("an array of texts or an object name → expression", other, path);
                Vec::new()
            }
        }
    }
}

fn with_name((name, expression): (String, String)) -> Named {
    Named { name: Some(name), expression }
}

/// A path and the next name in it.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}
