//! Figures of `run` for Prometheus: `GET /metrics`, in its text format.

use isofold::{Code, Error};
use isofold_stores::{CheckReport, RefreshReport};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// How long who asks may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is told, by catalog and rollup.
#[derive(Debug, Default)]
pub struct Figures {
    rollups: BTreeMap<(String, String), Of>,
    errors: BTreeMap<String, u64>,
}

#[derive(Debug, Default)]
struct Of {
    is_fresh: Option<bool>,
    lag_seconds: Option<u64>,
    groups: Option<u64>,
    bytes: Option<u64>,
    rows: u64,
    groups_written: u64,
    rows_skipped: u64,
    refreshes: u64,
}

impl Figures {
    fn locked(figures: &Mutex<Self>) -> MutexGuard<'_, Self> {
        figures.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts what a refresh did.
    pub fn refreshed(figures: &Mutex<Self>, catalog: &Path, report: &RefreshReport) {
        let mut figures = Self::locked(figures);
        for each in &report.rollups {
            let of = figures.rollups.entry((catalog.display().to_string(), each.name.clone())).or_default();
            of.rows += each.rows_read;
            of.groups_written += each.groups_written;
            of.rows_skipped += each.rows_skipped;
            of.refreshes += 1;
        }
    }

    /// Keeps how fresh rollups are.
    pub fn checked(figures: &Mutex<Self>, catalog: &Path, report: &CheckReport) {
        let mut figures = Self::locked(figures);
        for each in &report.rollups {
            let of = figures.rollups.entry((catalog.display().to_string(), each.name.clone())).or_default();
            of.is_fresh = Some(each.status == "fresh");
            of.lag_seconds = Some(each.lag_seconds);
            of.groups = Some(each.groups);
            of.bytes = Some(each.bytes);
        }
    }

    /// Counts a failure.
    pub fn failed(figures: &Mutex<Self>, catalog: &Path) {
        *Self::locked(figures).errors.entry(catalog.display().to_string()).or_default() += 1;
    }

    fn text(&self) -> String {
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, of: &dyn Fn(&Of) -> Option<u64>| {
            // writing into a String cannot fail
            let _ = writeln!(text, "# HELP isofold_{name} {help}\n# TYPE isofold_{name} {kind}");
            for ((catalog, rollup), figures) in &self.rollups {
                if let Some(value) = of(figures) {
                    let (catalog, rollup) = (label(catalog), label(rollup));
                    let _ = writeln!(text, "isofold_{name}{{catalog=\"{catalog}\",rollup=\"{rollup}\"}} {value}");
                }
            }
        };
        family("fresh", "gauge", "Whether the rollup is fresh.", &|of| of.is_fresh.map(u64::from));
        family("lag_seconds", "gauge", "How far the watermark is behind where a refresh would put it.", &|of| {
            of.lag_seconds
        });
        family("groups", "gauge", "Groups of the table.", &|of| of.groups);
        family("bytes", "gauge", "Bytes of the table.", &|of| of.bytes);
        family("rows_read_total", "counter", "Rows that refreshes read.", &|of| Some(of.rows));
        family("groups_written_total", "counter", "Groups that refreshes wrote.", &|of| Some(of.groups_written));
        family("rows_skipped_total", "counter", "Rows that did not fit and were left out.", &|of| {
            Some(of.rows_skipped)
        });
        family("refreshes_total", "counter", "Refreshes that ended well.", &|of| Some(of.refreshes));
        let _ = writeln!(
            text,
            "# HELP isofold_errors_total Refreshes and connections that failed.\n# TYPE isofold_errors_total counter"
        );
        for (catalog, errors) in &self.errors {
            let _ = writeln!(text, "isofold_errors_total{{catalog=\"{}\"}} {errors}", label(catalog));
        }
        text
    }
}

fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// An address at which figures are served.
pub struct Exposed(TcpListener);

impl Exposed {
    /// Takes the address; one without a host is of this machine alone.
    ///
    /// **Errors** `host.argument` where it cannot be had.
    pub fn bind(address: &str) -> Result<Self, Error> {
        let whole = if address.starts_with(':') { format!("127.0.0.1{address}") } else { address.to_owned() };
        let refused = |error| Error::new(Code::HostArgument, format!("--metrics {address}: {error}"));
        TcpListener::bind(whole).map(Self).map_err(refused)
    }

    /// Serves figures as long as the program runs.
    pub fn serve(self, figures: Arc<Mutex<Figures>>) {
        thread::spawn(move || {
            for stream in self.0.incoming().flatten() {
                // whoever asks and goes away is not missed
                drop(answer(stream, &figures));
            }
        });
    }
}

fn answer(stream: TcpStream, figures: &Mutex<Figures>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(io::Read::take(&stream, 1 << 14)).lines();
    let asked = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let is_known = asked.split(' ').nth(1) == Some("/metrics") && asked.starts_with("GET ");
    let (status, body) =
        if is_known { ("200 OK", Figures::locked(figures).text()) } else { ("404 Not Found", String::new()) };
    write!(
        &stream,
        "HTTP/1.1 {status}\r\ncontent-type: text/plain; version=0.0.4; charset=utf-8\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_text_with_a_line_for_each_rollup() {
        let figures = Mutex::new(Figures::default());
        let report = serde_json::from_str::<RefreshReport>(
            r#"{"now": "x", "rollups": [{"name": "h\"", "status": "ok", "rows_read": 7, "groups_written": 2, "groups_deleted": 0,
            "rows_skipped": 1, "transactions": 1, "ms": 3, "watermark": null, "refused": [], "lost": [], "stale": []}]}"#,
        );
        Figures::refreshed(&figures, Path::new("c.json"), &report.expect("a report"));
        Figures::failed(&figures, Path::new("c.json"));
        let text = Figures::locked(&figures).text();
        assert!(text.contains("isofold_rows_read_total{catalog=\"c.json\",rollup=\"h\\\"\"} 7\n"), "{text}");
        assert!(text.contains("isofold_errors_total{catalog=\"c.json\"} 1\n"), "{text}");
        assert!(!text.contains("isofold_fresh{"), "{text}");
    }
}
