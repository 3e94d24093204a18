//! How many threads a host gets of those it asks for.

use alloc::format;
use alloc::string::ToString;
use isofold::math::Float64;
use isofold::{limits, Code, Error, Result};

/// The threads of an ingest that asks for so many: at most those of the machine, all of them for 0 and where nothing is
/// asked.
///
/// **Errors** `host.argument` for a number that is negative or has a fraction.
pub fn threads(asked: Option<f64>) -> Result<usize> {
    let asked = asked.unwrap_or(0.0);
    // casting saturates, and what a double cannot hold of its whole part is no fraction
    let is_whole = asked >= u64::MAX as f64 || asked as u64 as f64 == asked;
    if !is_whole {
        let number = Float64::from_bits(asked.to_bits()).to_string();
        let number = number.strip_suffix(".0").unwrap_or(&number);
        let message = format!("threads must be a whole number, 0 or more, got {number}");
        return Err(Error::new(Code::HostArgument, message).within("threads"));
    }
    let available = available().min(limits::MAX_THREADS);
    // casting saturates
    Ok(if asked == 0.0 { available } else { available.min(asked as usize) })
}

/// Threads of the machine.
#[cfg(feature = "threads")]
pub(crate) fn available() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

#[cfg(not(feature = "threads"))]
fn available() -> usize {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_whole_number_is_granted_what_the_machine_has() {
        let all = available().min(limits::MAX_THREADS);
        for (asked, granted) in [(None, all), (Some(0.0), all), (Some(-0.0), all), (Some(1.0), 1)] {
            assert_eq!(threads(asked), Ok(granted), "{asked:?}");
        }
        for huge in [20_000.0, 4_294_967_296.0, 1e300, f64::INFINITY] {
            assert_eq!(threads(Some(huge)), Ok(all), "{huge}");
        }
    }

    #[test]
    fn what_is_no_number_of_threads_is_refused() {
        for asked in [-1.0, 1.5, f64::NAN, f64::NEG_INFINITY] {
            let error = threads(Some(asked)).expect_err("no number of threads");
            assert_eq!((error.code(), error.path()), (Code::HostArgument, "threads"), "{asked}");
        }
    }
}
