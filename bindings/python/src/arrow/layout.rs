//! What the columns of a schema are made of.

use super::abi::ArrowSchema;
use isofold::value::TimeUnit;
use isofold::{Code, Error, Result};

/// A column, as far as the kernel reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Layout {
    Null,
    Bool,
    Integer(Integer),
    Float16,
    Float32,
    Float64,
    Timestamp(TimeUnit),
    /// A timestamp without a zone.
    Local(TimeUnit),
    Date32,
    Date64,
    /// Integers of so many bits, of 10^-scale.
    Decimal(u16, i32),
    Text,
    LargeText,
    TextView,
    /// Bytes.
    Binary(Bytes),
    /// Codes, and what they stand for.
    Dictionary(Integer, Box<Layout>),
    /// A type the kernel never takes, by its name.
    Other(String),
}

/// The width and sign of integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Integer {
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
}

/// How bytes lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bytes {
    /// By offsets of 32 bits.
    Offsets,
    /// By offsets of 64 bits.
    LargeOffsets,
    /// By views.
    Views,
}

impl Bytes {
    /// The name of the Arrow type.
    pub fn name(self) -> &'static str {
        match self {
            Self::Offsets => "Binary",
            Self::LargeOffsets => "LargeBinary",
            Self::Views => "BinaryView",
        }
    }
}

/// A schema.
pub enum Shape {
    /// A struct: the names of its children, and those that are asked for, with their places.
    Table(Vec<String>, Vec<(usize, String, Layout)>),
    /// One column.
    Column(Layout),
}

impl Shape {
    /// The shape of a schema, with the columns of a struct that are wanted; others are not looked at.
    ///
    /// **Errors** `host.argument` for a schema that is none.
    pub fn of(schema: &ArrowSchema, is_wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let malformed = |what: &str| Error::new(Code::HostArgument, format!("the Arrow schema {what}"));
        if schema.release.is_none() {
            return Err(malformed("is released already"));
        }
        if schema.format() != Some("+s") || schema.dictionary().is_some() {
            return Layout::of(schema).map(Shape::Column).ok_or_else(|| malformed("has no format"));
        }
        let children = schema.children().ok_or_else(|| malformed("lacks children"))?;
        let mut columns = Vec::new();
        for (place, child) in children.iter().enumerate() {
            // a name that is no text is that of no declared column
            if let Some(name) = child.name().filter(|name| is_wanted(name)) {
                let layout =
                    Layout::of(child).ok_or_else(|| malformed("has no format").within(name).within("column"))?;
                columns.push((place, name.to_owned(), layout));
            }
        }
        let names = children.iter().map(|child| child.name().unwrap_or_default().to_owned()).collect();
        Ok(Shape::Table(names, columns))
    }
}

impl Layout {
    fn of(schema: &ArrowSchema) -> Option<Self> {
        let format = schema.format()?;
        let Some(values) = schema.dictionary() else { return Some(Self::of_format(format, schema)) };
        Some(match (Self::of_format(format, schema), Self::of(values)?) {
            (_, Layout::Dictionary(..)) => Layout::Other("Dictionary of Dictionary".to_owned()),
            (Layout::Integer(codes), values) => Layout::Dictionary(codes, Box::new(values)),
            _ => Layout::Other("Dictionary".to_owned()),
        })
    }

    fn of_format(format: &str, schema: &ArrowSchema) -> Self {
        // which zone it is does not change which instant is meant
        let (format, has_zone) = match format.split_at_checked(4) {
            Some((head, zone)) if head.starts_with("ts") => (head, !zone.is_empty()),
            _ => (format, false),
        };
        let time = |unit| if has_zone { Layout::Timestamp(unit) } else { Layout::Local(unit) };
        match format {
            "n" => Layout::Null,
            "b" => Layout::Bool,
            "c" => Layout::Integer(Integer::Int8),
            "C" => Layout::Integer(Integer::UInt8),
            "s" => Layout::Integer(Integer::Int16),
            "S" => Layout::Integer(Integer::UInt16),
            "i" => Layout::Integer(Integer::Int32),
            "I" => Layout::Integer(Integer::UInt32),
            "l" => Layout::Integer(Integer::Int64),
            "L" => Layout::Integer(Integer::UInt64),
            "e" => Layout::Float16,
            "f" => Layout::Float32,
            "g" => Layout::Float64,
            "tss:" => time(TimeUnit::Second),
            "tsm:" => time(TimeUnit::Millisecond),
            "tsu:" => time(TimeUnit::Microsecond),
            "tsn:" => time(TimeUnit::Nanosecond),
            "tdD" => Layout::Date32,
            "tdm" => Layout::Date64,
            "u" => Layout::Text,
            "U" => Layout::LargeText,
            "vu" => Layout::TextView,
            "z" => Layout::Binary(Bytes::Offsets),
            "Z" => Layout::Binary(Bytes::LargeOffsets),
            "vz" => Layout::Binary(Bytes::Views),
            _ if format.starts_with("d:") => decimal(format).unwrap_or_else(|| Layout::Other(name_of(format, schema))),
            _ => Layout::Other(name_of(format, schema)),
        }
    }
}

/// The decimal that a format such as `d:19,2` or `d:40,2,256` is.
fn decimal(format: &str) -> Option<Layout> {
    let mut parts = format.strip_prefix("d:")?.split(',').skip(1);
    let scale = parts.next()?.parse().ok()?;
    let bits = parts.next().map_or(Some(128), |bits| bits.parse().ok())?;
    matches!(bits, 32 | 64 | 128 | 256).then_some(Layout::Decimal(bits, scale))
}

/// The name of a type that is not read, for an error.
fn name_of(format: &str, schema: &ArrowSchema) -> String {
    let inner = || {
        let children = schema.children().unwrap_or_default();
        let names = children.iter().filter_map(|child| child.name()).take(5).collect::<Vec<_>>();
        names.join(", ")
    };
    match format {
        "+l" | "+vl" => "List".to_owned(),
        "+L" | "+vL" => "LargeList".to_owned(),
        "+s" => format!("Struct({})", inner()),
        "+m" => "Map".to_owned(),
        "+r" => "RunEndEncoded".to_owned(),
        _ if format.starts_with("w:") => format!("FixedSizeBinary({})", &format[2..]),
        _ if format.starts_with("+w:") => format!("FixedSizeList({})", &format[3..]),
        _ if format.starts_with("tt") => "Time".to_owned(),
        _ if format.starts_with("tD") => "Duration".to_owned(),
        _ if format.starts_with("ti") => "Interval".to_owned(),
        _ if format.starts_with("+u") => "Union".to_owned(),
        _ => format!("{format:?}"),
    }
}
