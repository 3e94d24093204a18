//! From aggregate calls to atomic states and the leaves that read them.
//!
//! The one idea: `avg(x)` is `sum(x)` ÷ `count(x)`; every call is broken into atomic states, and whoever provides the
//! states keeps each once (a spec being compiled) or refuses what is not there (a query on a stored rollup).

use super::metric::{Leaf, Metric, Read};
use super::rows::{constant, RowExpr, RowScope};
use super::ColumnDef;
use crate::error::{Code, Error, Result};
use crate::expr::{Arguments, Ast, Call, Node, Scope};
use crate::limits;
use crate::math::fixed::{self, Decimal};
use crate::math::{Ddof, Float64};
use crate::state::{Edge, Extreme, StateKind};
use crate::value::{OutputType, Type, Value};
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// What a state is asked to see.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) kind: StateKind,
    pub(crate) argument: Option<RowExpr>,
    pub(crate) by: Option<RowExpr>,
    pub(crate) filter: Option<RowExpr>,
}

impl Wanted {
    /// The text by which a state is known: kind, parameters, argument, order and condition.
    pub(crate) fn text(&self) -> String {
        let argument = self.argument.as_ref().map_or("*", RowExpr::text);
        let by = self.by.as_ref().map_or_else(String::new, |by| format!(", {}", by.text()));
        let filter =
            self.filter.as_ref().map_or_else(String::new, |filter| format!(" filter (where {})", filter.text()));
        format!("{}({argument}{by}){filter}", self.kind.label())
    }
}

/// Gives the index of a state.
pub(crate) trait States {
    /// The index of the wanted state.
    fn state(&mut self, wanted: Wanted) -> Result<usize>;
}

/// The scope of a metric: aggregates, accessors and earlier metrics.
pub(crate) struct MetricScope<'a> {
    pub(crate) columns: &'a [ColumnDef],
    pub(crate) metrics: &'a [Metric],
    pub(crate) states: &'a mut dyn States,
    pub(crate) leaves: Vec<Leaf>,
}

type Found = (usize, OutputType);

/// Asks for the states that an aggregate reads, or of one that only an accessor reads.
pub(super) fn keep_states(ast: &Ast, columns: &[ColumnDef], states: &mut dyn States) -> Result<()> {
    let mut scope = MetricScope { columns, metrics: &[], states, leaves: Vec::new() };
    if let Node::Call(call) = ast.node() {
        if matches!(call.name.as_str(), "percentile_agg" | "tdigest") {
            return scope.summary(ast).map(drop);
        }
        if let Some(found) = scope.aggregate(call, ast.at()) {
            return found.map(drop);
        }
    }
    Err(wrong_summary(ast, "an aggregate, or a state such as percentile_agg(x),"))
}

/// A state that only an accessor can read.
enum Summary {
    /// With the scale of decimals.
    Percentiles([usize; 3], Option<u8>),
    TDigest(usize, Option<u8>),
    ValueCounts(usize, Type),
}

impl Scope for MetricScope<'_> {
    fn name(&mut self, name: &str, at: u32) -> Result<Found> {
        if let Some(index) = self.metrics.iter().position(|metric| metric.name == name) {
            let output = self.metrics[index].output_type();
            return Ok(self.leaf(Read::Metric(index), Vec::new(), output));
        }
        if self.columns.iter().any(|column| column.name() == name) {
            let text = format!("column {name} must stand inside an aggregate such as sum({name})");
            return Err(Error::new(Code::ExprAggregate, text).at(at));
        }
        let text = format!("{name} is neither a column nor an earlier metric");
        Err(Error::new(Code::ExprUnknownName, text).at(at))
    }

    fn call(&mut self, call: &Call, at: u32) -> Option<Result<Found>> {
        self.aggregate(call, at).or_else(|| self.accessor(call, at))
    }
}

impl MetricScope<'_> {
    fn leaf(&mut self, read: Read, states: Vec<usize>, output: OutputType) -> Found {
        self.leaf_of(None, read, states, output)
    }

    /// A leaf whose states hold units of decimals, where there is a scale.
    fn leaf_of(&mut self, scale: Option<u8>, read: Read, states: Vec<usize>, output: OutputType) -> Found {
        let leaf = Leaf { read, states, scale };
        let slot = self.leaves.iter().position(|known| *known == leaf).unwrap_or_else(|| {
            self.leaves.push(leaf);
            self.leaves.len() - 1
        });
        (slot, output)
    }

    /// The slot of the same sum of integers as a double; an earlier metric may be one.
    pub(crate) fn sum_as_double(&mut self, slot: usize) -> Option<usize> {
        let mut leaf = self.leaves.get(slot)?;
        while let Read::Metric(earlier) = leaf.read {
            let metric = self.metrics.get(earlier)?;
            leaf = metric.leaves.get(metric.expr.is_leaf()?)?;
        }
        let (states, scale) = (leaf.states.clone(), leaf.scale);
        let double = OutputType::Scalar(Type::Float64);
        (leaf.read == Read::Sum).then(|| self.leaf_of(scale, Read::SumAsDouble, states, double).0)
    }

    fn scalar(&mut self, read: Read, states: Vec<usize>, data_type: Type) -> Found {
        self.leaf(read, states, OutputType::Scalar(data_type))
    }

    fn aggregate(&mut self, call: &Call, at: u32) -> Option<Result<Found>> {
        Some(match call.name.as_str() {
            "count" => self.count(call, at),
            "sum" => self.sum_or_avg(call, at, Read::Sum),
            "avg" => self.sum_or_avg(call, at, Read::Avg),
            "min" => self.extremum(call, at, Extreme::Min),
            "max" => self.extremum(call, at, Extreme::Max),
            "variance" | "var_samp" => self.spread(call, at, Read::Variance(Ddof::Sample)),
            "var_pop" => self.spread(call, at, Read::Variance(Ddof::Population)),
            "stddev" | "stddev_samp" => self.spread(call, at, Read::Stddev(Ddof::Sample)),
            "stddev_pop" => self.spread(call, at, Read::Stddev(Ddof::Population)),
            "median" => self.median(call, at),
            "approx_count_distinct" => self.distinct(call, at),
            "mode" => self.mode(call, at),
            "value_counts" => self.value_counts(call, at),
            "first" => self.edge(call, at, Edge::First),
            "last" => self.edge(call, at, Edge::Last),
            "exemplar" => self.exemplar(call, at),
            "bool_and" => self.bools(call, at, Read::BoolAnd),
            "bool_or" => self.bools(call, at, Read::BoolOr),
            "percentile_agg" | "tdigest" => Err(Error::new(
                Code::ExprAggregate,
                format!("{0} gives a state; read it with approx_percentile(0.95, {0}(…))", call.name),
            )
            .at(at)),
            _ => return None,
        })
    }

    fn accessor(&mut self, call: &Call, at: u32) -> Option<Result<Found>> {
        Some(match call.name.as_str() {
            "approx_percentile" => self.percentile(call, at),
            "approx_percentile_rank" => self.percentile_rank(call, at),
            "percentile_error" => self.percentile_error(call, at),
            "histogram" => self.histogram(call, at),
            "count_of" => self.count_of(call, at),
            "topn" => self.topn(call, at),
            "num_distinct" => self.num_distinct(call, at),
            _ => return None,
        })
    }

    fn count(&mut self, call: &Call, at: u32) -> Result<Found> {
        let argument = if is_star(call) { None } else { Some(self.one_argument(call, at)?) };
        let filter = self.filter(call)?;
        let count = self.states.state(Wanted { kind: StateKind::Count, argument, by: None, filter })?;
        Ok(self.scalar(Read::Count, vec![count], Type::Int64))
    }

    fn sum_or_avg(&mut self, call: &Call, at: u32, read: Read) -> Result<Found> {
        let argument = self.number_argument(call, at)?;
        let data_type = argument.data_type();
        let kind = if data_type == Type::Float64 { StateKind::SumFloat } else { StateKind::SumInt };
        let filter = self.filter(call)?;
        let sum = self.of(kind, &argument, &filter)?;
        let count = self.of(StateKind::Count, &argument, &filter)?;
        let output = if read == Read::Sum { data_type } else { Type::Float64 };
        Ok(self.leaf_of(scale(data_type), read, vec![sum, count], OutputType::Scalar(output)))
    }

    fn spread(&mut self, call: &Call, at: u32, read: Read) -> Result<Found> {
        let argument = self.number_argument(call, at)?;
        let (sum, squares) = match argument.data_type() {
            Type::Float64 => (StateKind::SumFloat, StateKind::SumSquaresFloat),
            _ => (StateKind::SumInt, StateKind::SumSquaresInt),
        };
        let filter = self.filter(call)?;
        let states = vec![
            self.of(sum, &argument, &filter)?,
            self.of(squares, &argument, &filter)?,
            self.of(StateKind::Count, &argument, &filter)?,
        ];
        Ok(self.leaf_of(scale(argument.data_type()), read, states, OutputType::Scalar(Type::Float64)))
    }

    fn extremum(&mut self, call: &Call, at: u32, extreme: Extreme) -> Result<Found> {
        let argument = self.one_argument(call, at)?;
        let data_type = argument.data_type();
        let filter = self.filter(call)?;
        let state = self.of(StateKind::Extremum(extreme, data_type), &argument, &filter)?;
        Ok(self.scalar(Read::Extremum, vec![state], data_type))
    }

    fn median(&mut self, call: &Call, at: u32) -> Result<Found> {
        let (states, scale) = self.percentiles(call, at, limits::HISTOGRAM_SCALE_DEFAULT)?;
        let half = Float64::from_bits(0x3fe0_0000_0000_0000);
        Ok(self.leaf_of(scale, Read::Percentile(half), states.to_vec(), OutputType::Scalar(Type::Float64)))
    }

    fn distinct(&mut self, call: &Call, at: u32) -> Result<Found> {
        let argument = self.argument_and_option(call, at)?;
        let precision =
            self.option(call, limits::DISTINCT_PRECISION, limits::DISTINCT_PRECISION_DEFAULT, "precision")?;
        let filter = self.filter(call)?;
        let state = self.of(StateKind::Distinct(precision), &argument, &filter)?;
        Ok(self.scalar(Read::Distinct, vec![state], Type::Int64))
    }

    fn mode(&mut self, call: &Call, at: u32) -> Result<Found> {
        let argument = self.one_argument(call, at)?;
        let data_type = argument.data_type();
        let filter = self.filter(call)?;
        let kind = StateKind::ValueCounts(data_type, limits::VALUE_COUNTS_DEFAULT);
        let state = self.of(kind, &argument, &filter)?;
        Ok(self.scalar(Read::Mode, vec![state], data_type))
    }

    fn value_counts(&mut self, call: &Call, at: u32) -> Result<Found> {
        let (state, data_type) = self.value_counts_state(call, at)?;
        Ok(self.leaf(Read::ValueCounts, vec![state], OutputType::Counts(data_type)))
    }

    fn edge(&mut self, call: &Call, at: u32, edge: Edge) -> Result<Found> {
        self.arity(call, at, 2..=2)?;
        let value = self.row_expr(&arguments(call)[0])?;
        let by = self.row_expr(&arguments(call)[1])?;
        let data_type = value.data_type();
        let kind = StateKind::Edge(edge, data_type, by.data_type());
        let filter = self.filter(call)?;
        let state = self.states.state(Wanted { kind, argument: Some(value), by: Some(by), filter })?;
        Ok(self.scalar(Read::Edge, vec![state], data_type))
    }

    fn exemplar(&mut self, call: &Call, at: u32) -> Result<Found> {
        let argument = self.argument_and_option(call, at)?;
        let k = self.option(call, 1..=limits::EXEMPLAR_MAX, 1, "k")?;
        let data_type = argument.data_type();
        let filter = self.filter(call)?;
        let state = self.of(StateKind::Exemplar(data_type, k), &argument, &filter)?;
        Ok(if k == 1 {
            self.scalar(Read::Exemplar, vec![state], data_type)
        } else {
            self.leaf(Read::Exemplars, vec![state], OutputType::List(data_type))
        })
    }

    fn bools(&mut self, call: &Call, at: u32, read: Read) -> Result<Found> {
        let argument = self.one_argument(call, at)?;
        if argument.data_type() != Type::Bool {
            let text = format!("{} takes a bool, got {}", call.name, argument.data_type());
            return Err(Error::new(Code::ExprType, text).at(arguments(call)[0].at()));
        }
        let filter = self.filter(call)?;
        let state = self.of(StateKind::Bools, &argument, &filter)?;
        Ok(self.scalar(read, vec![state], Type::Bool))
    }

    fn percentile(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 2..=2)?;
        let p = self.number(&arguments(call)[0])?;
        let one = Float64::from_i64(1);
        if p.is_nan() || p.order_key() < Float64::ZERO.order_key() || p.order_key() > one.order_key() {
            let text = format!("p must be from 0 to 1, got {p}");
            return Err(Error::new(Code::ExprArguments, text).at(arguments(call)[0].at()));
        }
        let (read, states, scale) = match self.summary(&arguments(call)[1])? {
            Summary::Percentiles(states, scale) => (Read::Percentile(p), states.to_vec(), scale),
            Summary::TDigest(state, scale) => (Read::DigestPercentile(p), vec![state], scale),
            Summary::ValueCounts(..) => {
                return Err(wrong_summary(&arguments(call)[1], "percentile_agg(x) or tdigest(x)"));
            }
        };
        Ok(self.leaf_of(scale, read, states, OutputType::Scalar(Type::Float64)))
    }

    fn percentile_rank(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 2..=2)?;
        let value = self.number(&arguments(call)[0])?;
        match self.summary(&arguments(call)[1])? {
            Summary::Percentiles(states, scale) => {
                Ok(self.scalar(Read::PercentileRank(in_units(value, scale)), states.to_vec(), Type::Float64))
            }
            Summary::TDigest(state, scale) => {
                let read = Read::DigestPercentileRank(in_units(value, scale));
                Ok(self.scalar(read, vec![state], Type::Float64))
            }
            Summary::ValueCounts(..) => Err(wrong_summary(&arguments(call)[1], "percentile_agg(x) or tdigest(x)")),
        }
    }

    fn percentile_error(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 1..=1)?;
        match self.summary(&arguments(call)[0])? {
            Summary::Percentiles([histogram, ..], _) => {
                Ok(self.scalar(Read::PercentileError, vec![histogram], Type::Float64))
            }
            _ => Err(wrong_summary(&arguments(call)[0], "percentile_agg(x)")),
        }
    }

    fn histogram(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 2..=limits::MAX_EXPR_ARGUMENTS)?;
        let bounds = arguments(call)[1..].iter().map(|bound| self.number(bound)).collect::<Result<Vec<_>>>()?;
        if let Some(index) = bounds.windows(2).position(|pair| pair[0].order_key() >= pair[1].order_key()) {
            let text = format!("bounds must rise, {} comes after {}", bounds[index + 1], bounds[index]);
            return Err(Error::new(Code::ExprArguments, text).at(arguments(call)[index + 2].at()));
        }
        match self.summary(&arguments(call)[0])? {
            Summary::Percentiles([histogram, ..], scale) => {
                let bounds = bounds.into_iter().map(|bound| in_units(bound, scale)).collect();
                Ok(self.leaf(Read::Histogram(bounds), vec![histogram], OutputType::List(Type::Int64)))
            }
            _ => Err(wrong_summary(&arguments(call)[0], "percentile_agg(x)")),
        }
    }

    fn count_of(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 2..=2)?;
        let (state, data_type) = self.counts_summary(&arguments(call)[0])?;
        let value = constant_of(&arguments(call)[1], data_type)?;
        Ok(self.scalar(Read::CountOf(value), vec![state], Type::Int64))
    }

    fn topn(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 2..=2)?;
        let (state, data_type) = self.counts_summary(&arguments(call)[0])?;
        let n = self.integer(&arguments(call)[1], 1..=i64::from(limits::VALUE_COUNTS_MAX), "n")?;
        // cannot truncate: at most VALUE_COUNTS_MAX
        Ok(self.leaf(Read::TopN(n as usize), vec![state], OutputType::List(data_type)))
    }

    fn num_distinct(&mut self, call: &Call, at: u32) -> Result<Found> {
        self.arity(call, at, 1..=1)?;
        let (state, _) = self.counts_summary(&arguments(call)[0])?;
        Ok(self.scalar(Read::NumDistinct, vec![state], Type::Int64))
    }

    fn counts_summary(&mut self, ast: &Ast) -> Result<(usize, Type)> {
        match self.summary(ast)? {
            Summary::ValueCounts(state, data_type) => Ok((state, data_type)),
            _ => Err(wrong_summary(ast, "value_counts(x)")),
        }
    }

    fn summary(&mut self, ast: &Ast) -> Result<Summary> {
        let Node::Call(call) = ast.node() else {
            return Err(wrong_summary(ast, "a state such as percentile_agg(x)"));
        };
        match call.name.as_str() {
            "percentile_agg" => {
                let scale = self.option(call, limits::HISTOGRAM_SCALE, limits::HISTOGRAM_SCALE_DEFAULT, "scale")?;
                let (states, scale) = self.percentiles(call, ast.at(), scale)?;
                Ok(Summary::Percentiles(states, scale))
            }
            "tdigest" => {
                let argument = self.number_argument_and_option(call, ast.at())?;
                let sizes = 1..=limits::TDIGEST_SIZE_MAX;
                let size = self.option(call, sizes, limits::TDIGEST_SIZE_DEFAULT, "size")?;
                let filter = self.filter(call)?;
                let state = self.of(StateKind::TDigest(size), &argument, &filter)?;
                Ok(Summary::TDigest(state, scale(argument.data_type())))
            }
            "value_counts" => {
                let (state, data_type) = self.value_counts_state(call, ast.at())?;
                Ok(Summary::ValueCounts(state, data_type))
            }
            _ => Err(wrong_summary(ast, "a state such as percentile_agg(x)")),
        }
    }

    /// The histogram, the minimum and the maximum, and the scale of decimals.
    fn percentiles(&mut self, call: &Call, at: u32, precision: u8) -> Result<([usize; 3], Option<u8>)> {
        let argument = self.number_argument_and_option(call, at)?;
        let data_type = argument.data_type();
        let filter = self.filter(call)?;
        let histogram = match data_type {
            Type::Decimal(_) => StateKind::UnitHistogram(precision),
            _ => StateKind::Histogram(precision),
        };
        let states = [
            self.of(histogram, &argument, &filter)?,
            self.of(StateKind::Extremum(Extreme::Min, data_type), &argument, &filter)?,
            self.of(StateKind::Extremum(Extreme::Max, data_type), &argument, &filter)?,
        ];
        Ok((states, scale(data_type)))
    }

    fn value_counts_state(&mut self, call: &Call, at: u32) -> Result<(usize, Type)> {
        let argument = self.argument_and_option(call, at)?;
        let limit = self.option(call, 1..=limits::VALUE_COUNTS_MAX, limits::VALUE_COUNTS_DEFAULT, "limit")?;
        let data_type = argument.data_type();
        let filter = self.filter(call)?;
        Ok((self.of(StateKind::ValueCounts(data_type, limit), &argument, &filter)?, data_type))
    }

    fn of(&mut self, kind: StateKind, argument: &RowExpr, filter: &Option<RowExpr>) -> Result<usize> {
        self.states.state(Wanted { kind, argument: Some(argument.clone()), by: None, filter: filter.clone() })
    }

    fn filter(&self, call: &Call) -> Result<Option<RowExpr>> {
        call.filter.as_ref().map(|condition| RowScope::new(self.columns).condition(condition)).transpose()
    }

    fn row_expr(&self, ast: &Ast) -> Result<RowExpr> {
        RowScope::new(self.columns).scalar(ast)
    }

    fn one_argument(&self, call: &Call, at: u32) -> Result<RowExpr> {
        self.arity(call, at, 1..=1)?;
        self.row_expr(&arguments(call)[0])
    }

    fn argument_and_option(&self, call: &Call, at: u32) -> Result<RowExpr> {
        self.arity(call, at, 1..=2)?;
        self.row_expr(&arguments(call)[0])
    }

    fn number_argument(&self, call: &Call, at: u32) -> Result<RowExpr> {
        self.arity(call, at, 1..=1)?;
        self.number_argument_and_option(call, at)
    }

    fn number_argument_and_option(&self, call: &Call, at: u32) -> Result<RowExpr> {
        let argument = self.argument_and_option(call, at)?;
        if argument.data_type().is_number() {
            return Ok(argument);
        }
        let text = format!("{} takes a number, got {}", call.name, argument.data_type());
        Err(Error::new(Code::ExprType, text).at(arguments(call)[0].at()))
    }

    fn arity(&self, call: &Call, at: u32, takes: core::ops::RangeInclusive<usize>) -> Result<()> {
        if !is_star(call) && takes.contains(&arguments(call).len()) {
            return Ok(());
        }
        let (least, most) = (takes.start(), takes.end());
        let wanted = if least == most { format!("{least}") } else { format!("{least} to {most}") };
        let given = if is_star(call) { "*".into() } else { format!("{}", arguments(call).len()) };
        let text = format!("{} takes {wanted} arguments, got {given}", call.name);
        Err(Error::new(Code::ExprArguments, text).at(at))
    }

    /// The optional second argument, an integer constant in a range.
    fn option<T>(&self, call: &Call, range: core::ops::RangeInclusive<T>, default: T, what: &str) -> Result<T>
    where
        T: Copy + Into<i64> + TryFrom<i64>,
    {
        let Some(ast) = arguments(call).get(1) else { return Ok(default) };
        let value = self.integer(ast, (*range.start()).into()..=(*range.end()).into(), what)?;
        Ok(T::try_from(value).unwrap_or(default))
    }

    fn integer(&self, ast: &Ast, range: core::ops::RangeInclusive<i64>, what: &str) -> Result<i64> {
        match constant(ast)? {
            Value::Int64(value) if range.contains(&value) => Ok(value),
            _ => {
                let text = format!("{what} must be an integer from {} to {}, got {ast}", range.start(), range.end());
                Err(Error::new(Code::ExprArguments, text).at(ast.at()))
            }
        }
    }

    fn number(&self, ast: &Ast) -> Result<Float64> {
        match constant(ast)? {
            Value::Int64(value) => Ok(Float64::from_i64(value)),
            Value::Float64(value) => Ok(value),
            Value::Decimal(units, scale) => Ok(fixed::to_float(units, scale)),
            _ => Err(Error::new(Code::ExprArguments, format!("a constant number is wanted, got {ast}")).at(ast.at())),
        }
    }
}

fn constant_of(ast: &Ast, data_type: Type) -> Result<Value> {
    let value = match (constant(ast)?, data_type) {
        (Value::Int64(value), Type::Float64) => Value::Float64(Float64::from_i64(value)),
        (value, Type::Decimal(scale)) => value.to_decimal(scale).unwrap_or(value),
        (Value::String(text), Type::Timestamp) => {
            Value::Timestamp(crate::time::parse_timestamp(&text).map_err(|error| error.at(ast.at()))?)
        }
        (value, _) => value,
    };
    if value.as_scalar().is_some_and(|scalar| scalar.data_type() == data_type) {
        return Ok(value);
    }
    Err(Error::new(Code::ExprType, format!("a constant {data_type} is wanted, got {ast}")).at(ast.at()))
}

/// The scale of decimals.
fn scale(data_type: Type) -> Option<u8> {
    match data_type {
        Type::Decimal(scale) => Some(scale),
        _ => None,
    }
}

/// A number next to states that hold units of decimals: the digits of its text, not what it is as a double.
fn in_units(value: Float64, scale: Option<u8>) -> Float64 {
    match (scale, Decimal::from_float(value)) {
        (Some(scale), Some(decimal)) => decimal.times_power(scale).to_float(),
        _ => value,
    }
}

fn is_star(call: &Call) -> bool {
    matches!(call.arguments, Arguments::Star)
}

fn arguments(call: &Call) -> &[Ast] {
    match &call.arguments {
        Arguments::Star => &[],
        Arguments::List(list) => list,
    }
}

fn wrong_summary(ast: &Ast, wanted: &str) -> Error {
    Error::new(Code::ExprArguments, format!("{wanted} is wanted here, got {ast}")).at(ast.at())
}
