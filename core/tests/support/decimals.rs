//! Specs over the columns of `support/rows.rs`, with decimals.

use isofold::spec::SpecSource;

/// The spec with tokens that are decimals.
pub fn with_decimals(mut source: SpecSource, scale: u8) -> SpecSource {
    for (name, column_type) in &mut source.columns {
        if name == "tokens" {
            *column_type = format!("decimal({scale})");
        }
    }
    source
}
