// The rollup that the examples of the documentation go on from: two requests in two hours.

use isofold::batch::Batch;
use isofold::column::{Column, Values};
use isofold::spec::{Named, Spec, SpecSource};
use isofold::time::BucketSource;
use isofold::Rollup;

pub fn requests() -> Rollup {
    let pairs = |pairs: &[(&str, &str)]| pairs.iter().map(|&(name, text)| (name.into(), text.into())).collect();
    let spec = Spec::compile(&SpecSource {
        name: "requests_1hour".into(),
        columns: pairs(&[("ts", "timestamp"), ("model", "string"), ("ms", "float64")]),
        time: "ts".into(),
        bucket: BucketSource { width: "1 hour".into(), ..BucketSource::default() },
        group_by: vec![Named { name: None, expression: "model".into() }],
        filter: None,
        select: pairs(&[("n", "count(*)"), ("avg_ms", "avg(ms)")]),
        keep: Vec::new(),
    });
    let mut rollup = Rollup::new(spec.expect("the spec is right"));
    let batch = Batch::new(2)
        .with("ts", Column::new(Values::Timestamp(vec![1_793_528_100_000_000, 1_793_533_500_000_000].into())))
        .with("model", Column::new(Values::String(vec![0, 0].into(), vec!["o3".into()].into())))
        .with("ms", Column::new(Values::Float64([120.0_f64, 80.0].map(f64::to_bits).to_vec().into())));
    rollup.ingest(&batch).expect("the rows fit");
    rollup
}
