//! One metric of a rollup.

use isofold::query::{BucketChoice, Frame, QuerySource};
use isofold::spec::Named;
use isofold::{Rollup, Value};

/// One metric, by name or as an expression over stored states.
pub fn ask(rollup: &Rollup, expression: &str, bucket: BucketChoice) -> isofold::Result<Frame> {
    let metric = Named { name: Some("answer".into()), expression: expression.into() };
    rollup.query(&QuerySource { select: Some(vec![metric]), bucket, ..QuerySource::default() })
}

/// The values of the metric that [`ask`] asked for.
pub fn answers_in(frame: &Frame) -> &[Value] {
    frame.column("answer").expect("the metric that was asked for").values()
}
