//! Rows of Python objects as a batch: mappings, named tuples, dataclasses, models.

use crate::cells;
use crate::cells::TypeName;
use crate::errors::coded;
use crate::signals::Turns;
use isofold::Code;
use isofold_facade::{unread, Batch, Cell, ColumnBuilder, Declared};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyMapping, PySet, PyString, PyType};

/// Characters of a key that an error repeats.
const SHOWN_CHARS: usize = 60;

/// Rows read into columns.
pub struct Rows {
    count: usize,
    columns: Vec<ColumnBuilder<'static>>,
    /// Which declared columns a row has, be it NULL.
    present: Vec<bool>,
    /// What is wrong with those that are no rows.
    unread: Vec<(usize, isofold::Error)>,
}

impl Rows {
    /// Reads the declared columns; a key that a row lacks is NULL. What is no row is told when the batch is folded.
    pub fn read<'py>(
        py: Python<'py>,
        rows: impl Iterator<Item = PyResult<Bound<'py, PyAny>>>,
        declared: &[Declared],
    ) -> PyResult<Self> {
        let names: Vec<_> = declared.iter().map(|declared| PyString::intern(py, &declared.name)).collect();
        let mut read = Self {
            count: 0,
            columns: vec![ColumnBuilder::new(); declared.len()],
            present: vec![false; declared.len()],
            unread: Vec::new(),
        };
        let mut turns = Turns::new();
        for row in rows {
            let row = row?;
            let form = Form::of(&row)?;
            if let Form::None(problem) = form {
                read.unread.push((read.count, problem));
                read.columns.iter_mut().for_each(|column| column.push(Cell::Null));
            } else {
                for ((name, column), present) in names.iter().zip(&mut read.columns).zip(&mut read.present) {
                    match form.value(&row, name)? {
                        Some(value) => {
                            *present = true;
                            cells::push(column, &value)?;
                        }
                        None => column.push(Cell::Null),
                    }
                }
            }
            read.count += 1;
            turns.row(py)?;
        }
        Ok(read)
    }

    /// Which declared columns a row has.
    pub fn present(&self) -> &[bool] {
        &self.present
    }

    /// The batch of all declared columns.
    pub fn batch(self, py: Python<'_>, declared: &[Declared]) -> PyResult<Batch<'static>> {
        let mut batch = coded(py, Batch::new(self.count))?;
        let mut columns = declared.iter().zip(self.columns);
        columns.try_for_each(|(declared, column)| coded(py, batch.add(&declared.name, column.finish())))?;
        self.unread.into_iter().for_each(|(row, problem)| batch.refuse(row, problem));
        Ok(batch)
    }

    /// The batch of the columns that some row has; no rows have every column.
    pub fn batch_of_present(self, py: Python<'_>, declared: &[Declared]) -> PyResult<Batch<'static>> {
        let mut batch = coded(py, Batch::new(self.count))?;
        for ((declared, column), present) in declared.iter().zip(self.columns).zip(self.present) {
            if present || self.count == 0 {
                coded(py, batch.add(&declared.name, column.finish()))?;
            }
        }
        self.unread.into_iter().for_each(|(row, problem)| batch.refuse(row, problem));
        Ok(batch)
    }
}

/// How the values of a row are found.
enum Form<'a, 'py> {
    Dict(&'a Bound<'py, PyDict>),
    /// By the names of fields, and by those that a model takes besides them.
    Fields(Bound<'py, PyAny>, Option<Bound<'py, PyDict>>),
    Mapping,
    /// It is none: what is wrong.
    None(isofold::Error),
}

impl<'a, 'py> Form<'a, 'py> {
    fn of(row: &'a Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(row) = row.cast::<PyDict>() {
            return Ok(Self::Dict(row));
        }
        if let Some(fields) = fields_of(row)? {
            let extra = row.getattr_opt(intern!(row.py(), "__pydantic_extra__"))?;
            return Ok(Self::Fields(fields, extra.and_then(|extra| extra.cast_into().ok())));
        }
        // a class has the methods of its objects
        if !row.is_instance_of::<PyType>() && is_mapping(row)? {
            return Ok(Self::Mapping);
        }
        Ok(Self::None(match reader_words(row)? {
            Some(words) => unread::unread(words),
            None => unread::no_row(&TypeName(row).to_string()),
        }))
    }

    fn value(&self, row: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self {
            Self::Dict(row) => row.get_item(name),
            // a field may never have been set
            Self::Fields(fields, _) if fields.contains(name)? => row.getattr_opt(name),
            Self::Fields(_, extra) => extra.as_ref().map_or(Ok(None), |extra| extra.get_item(name)),
            Self::Mapping => match row.get_item(name) {
                Ok(value) => Ok(Some(value)),
                Err(error) if is_absent(row.py(), &error) => Ok(None),
                Err(error) => Err(error),
            },
            Self::None(_) => Ok(None),
        }
    }

    /// The names that the row has; `None` for what is no row.
    fn names(&self, row: &Bound<'py, PyAny>) -> PyResult<Vec<Bound<'py, PyAny>>> {
        match self {
            Self::Dict(row) => Ok(vec![row.keys().into_any()]),
            Self::Fields(fields, extra) => {
                let extra = extra.iter().map(|extra| extra.keys().into_any());
                Ok(std::iter::once(fields.clone()).chain(extra).collect())
            }
            Self::Mapping => row.call_method0(intern!(row.py(), "keys")).map(|keys| vec![keys]),
            Self::None(_) => Ok(Vec::new()),
        }
    }
}

/// The words of a reader that hands over an `isofold.Error` in the place of a row that it could not read.
fn reader_words(row: &Bound<'_, PyAny>) -> PyResult<Option<String>> {
    static ERROR: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    if !row.is_instance(ERROR.import(row.py(), "isofold.errors", "Error")?)? {
        return Ok(None);
    }
    row.getattr(intern!(row.py(), "message"))?.str().map(|words| Some(words.to_string_lossy().into_owned()))
}

/// The value of a row under a name; `None` where it has none.
///
/// **Errors** `ingest.row` for what is no row.
pub fn value_of<'py>(
    row: &Bound<'py, PyAny>,
    place: usize,
    name: &Bound<'py, PyString>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    match Form::of(row)? {
        Form::None(problem) => coded(row.py(), Err(problem.in_row(place))),
        form => form.value(row, name),
    }
}

/// Puts the names that a row has into a set.
pub fn add_keys<'py>(row: &Bound<'py, PyAny>, keys: &Bound<'py, PySet>) -> PyResult<()> {
    for names in Form::of(row)?.names(row)? {
        keys.call_method1(intern!(row.py(), "update"), (names,))?;
    }
    Ok(())
}

/// The texts among keys, and the first key that is none.
pub fn texts_of<'py>(keys: impl Iterator<Item = Bound<'py, PyAny>>) -> (Vec<String>, Option<Bound<'py, PyAny>>) {
    let (mut texts, mut other) = (Vec::new(), None);
    for key in keys {
        match key.extract::<String>() {
            Ok(text) => texts.push(text),
            Err(_) => other = other.or(Some(key)),
        }
    }
    (texts, other)
}

/// The problem of the first row that has a key which is no text; `None` where all keys are texts.
pub fn problem_of_keys(rows: &[Bound<'_, PyAny>]) -> PyResult<Option<isofold::Error>> {
    for (place, row) in rows.iter().enumerate() {
        for names in Form::of(row)?.names(row)? {
            let names = names.try_iter()?.collect::<PyResult<Vec<_>>>()?;
            if let Some(key) = texts_of(names.into_iter()).1 {
                return Ok(Some(no_name(&key).within("rows").in_row(place)));
            }
        }
    }
    Ok(None)
}

/// The problem of a name of a column that is no text, or one with half a surrogate pair.
pub fn no_name(key: &Bound<'_, PyAny>) -> isofold::Error {
    let shown = key.repr().map_or_else(|_| TypeName(key).to_string(), |text| text.to_string_lossy().into_owned());
    let shown: String = shown.chars().take(SHOWN_CHARS).collect();
    let what =
        if key.is_instance_of::<PyString>() { "is not Unicode".to_owned() } else { format!("is {}", TypeName(key)) };
    isofold::Error::new(Code::IngestColumn, format!("the name of a column must be a text, {shown} {what}"))
}

/// The names of the fields of a named tuple, a dataclass, a model of pydantic, a struct of msgspec; `None` for others.
pub fn fields_of<'py>(row: &Bound<'py, PyAny>) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = row.py();
    let class = row.get_type();
    let places = [
        intern!(py, "_fields"),
        intern!(py, "__dataclass_fields__"),
        intern!(py, "model_fields"),
        intern!(py, "__pydantic_fields__"),
        intern!(py, "__struct_fields__"),
    ];
    // a mapping has keys, whatever else its class has
    if is_mapping(row)? {
        return Ok(None);
    }
    for place in places {
        if let Ok(fields) = class.getattr(place) {
            return Ok(Some(fields));
        }
    }
    Ok(None)
}

/// A mapping; one that is registered as none, such as `sqlite3.Row`, still has keys.
fn is_mapping(row: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(row.cast::<PyMapping>().is_ok() || row.hasattr(intern!(row.py(), "keys"))?)
}

fn is_absent(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<pyo3::exceptions::PyKeyError>(py)
        || error.is_instance_of::<pyo3::exceptions::PyIndexError>(py)
}
