//! The columns that a contestant answers, as the checker reads them.

use serde_json::{Map, Value};

/// Named columns of one length.
#[derive(Default)]
pub struct Answer(Vec<(&'static str, Vec<Value>)>);

impl Answer {
    pub fn put<T: Into<Value>>(&mut self, name: &'static str, values: impl IntoIterator<Item = T>) {
        self.0.push((name, values.into_iter().map(Into::into).collect()));
    }

    pub fn to_json(&self) -> Value {
        Value::Object(
            self.0.iter().map(|(name, values)| ((*name).to_owned(), values.clone().into())).collect::<Map<_, _>>(),
        )
    }
}
