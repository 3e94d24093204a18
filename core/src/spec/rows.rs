//! Expressions over the columns of one row: filters, keys and the arguments of aggregates.

use super::ColumnDef;
use crate::error::{Code, Error, Result};
use crate::expr::{check, Ast, Call, Expr, Scope};
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::{String, ToString};

/// A checked expression over columns, with its canonical text. Its leaves are indices into the columns of the spec.
#[derive(Clone, Debug)]
pub struct RowExpr {
    text: String,
    expr: Expr,
    data_type: Type,
}

impl PartialEq for RowExpr {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl RowExpr {
    /// The canonical text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The checked expression.
    #[must_use]
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The type of the values.
    #[must_use]
    pub fn data_type(&self) -> Type {
        self.data_type
    }
}

/// The columns of a row by name.
pub(crate) struct RowScope<'a> {
    columns: &'a [ColumnDef],
}

impl<'a> RowScope<'a> {
    pub(crate) fn new(columns: &'a [ColumnDef]) -> Self {
        Self { columns }
    }

    /// An expression of one scalar value.
    pub(crate) fn scalar(mut self, ast: &Ast) -> Result<RowExpr> {
        let expr = check(ast, &mut self)?;
        match expr.output_type() {
            OutputType::Scalar(data_type) => Ok(RowExpr { text: ast.to_string(), expr, data_type }),
            OutputType::List(_) | OutputType::Counts(_) => {
                Err(Error::new(Code::ExprType, "a single value is wanted here, not a list").at(ast.at()))
            }
        }
    }

    /// An expression that is true, false or NULL.
    pub(crate) fn condition(self, ast: &Ast) -> Result<RowExpr> {
        let condition = self.scalar(ast)?;
        if condition.data_type == Type::Bool {
            return Ok(condition);
        }
        Err(Error::new(Code::ExprType, format!("a condition is wanted here, got {}", condition.data_type)).at(ast.at()))
    }
}

impl Scope for RowScope<'_> {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        match self.columns.iter().position(|column| column.name() == name) {
            Some(index) => Ok((index, OutputType::Scalar(self.columns[index].column_type().data_type))),
            None => Err(Error::new(Code::ExprUnknownName, format!("{name} is not a declared column")).at(at)),
        }
    }

    fn call(&mut self, call: &Call, at: u32) -> Option<Result<(usize, OutputType)>> {
        super::is_aggregate(&call.name).then(|| {
            let text = format!("{} is an aggregate; rows are meant here", call.name);
            Err(Error::new(Code::ExprAggregate, text).at(at))
        })
    }
}

/// A scope without any name: what a constant may use.
struct Nothing;

impl Scope for Nothing {
    fn name(&mut self, name: &str, at: u32) -> Result<(usize, OutputType)> {
        Err(Error::new(Code::ExprArguments, format!("a constant is wanted here, got {name}")).at(at))
    }

    fn call(&mut self, _call: &Call, _at: u32) -> Option<Result<(usize, OutputType)>> {
        None
    }
}

/// The value of an expression without names.
pub(crate) fn constant(ast: &Ast) -> Result<Value> {
    check(ast, &mut Nothing)?.evaluate(&mut |_| Value::Null)
}
