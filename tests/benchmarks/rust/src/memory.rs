//! What the operating system says of this process.

use std::fs;
use std::io;

/// Clock ticks of Linux for programs, whatever the kernel's own are.
const TICKS_PER_SECOND: f64 = 100.0;

/// Bytes of this process: `VmRSS` now, `VmHWM` at most since the peak was forgotten.
pub fn bytes(name: &str) -> io::Result<u64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|word| word.parse::<u64>().ok());
    Ok(kilobytes.unwrap_or(0) * 1024)
}

/// Starts a new peak.
pub fn forget_peak() -> io::Result<()> {
    fs::write("/proc/self/clear_refs", "5")
}

/// Seconds of all threads, ended ones among them, to a hundredth.
pub fn cpu_seconds() -> io::Result<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // the name of the program, in parentheses, may hold anything
    let fields = stat.rsplit(')').next().unwrap_or("").split_whitespace();
    let ticks: f64 = fields.skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    Ok(ticks / TICKS_PER_SECOND)
}
