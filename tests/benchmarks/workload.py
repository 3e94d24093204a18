"""The rows of the benchmarks: requests to language models over 30 days, from a seed, in the order of time and shuffled.

Every value is a function of (seed, row, what), so that another language can make the same rows:
``bits = splitmix64(seed + what * 2**32 + row)``, and a draw in [0, 1) is its upper 53 bits divided by 2**53. Durations
are rounded to a microsecond, which hides the last bit of the platform's logarithm.

    python workload.py FOLDER ROWS

writes, for each order, raw little-endian arrays (for Rust and JavaScript), Arrow files (keys as a dictionary, and as plain
text), an Arrow stream and a Parquet file (for the DuckDBs of JavaScript), and JSON (for rows as objects).
"""

import json
import os
import sys
from pathlib import Path

import numpy
import polars
import pyarrow
import pyarrow.feather
import pyarrow.ipc
import pyarrow.parquet

SEED = 20261102
START_MS = 1_793_491_200_000
DAYS = 30
DAY_MS = 86_400_000
USERS = 50_000
BATCH_ROWS = 1 << 17
JSON_ROWS = 250_000
ORDERS = ("time", "shuffled")
MODELS = [
    "claude-haiku", "claude-opus", "claude-sonnet", "command-r", "deepseek-v3", "gemini-flash",
    "gemini-pro", "gpt-4o", "gpt-4o-mini", "llama-3-70b", "mistral-large", "o3-mini",
]  # fmt: skip
PRICES_USD = [0.25, 15.0, 3.0, 0.5, 0.27, 0.075, 1.25, 2.5, 0.15, 0.6, 2.0, 1.1]
FAILURES = [429, 500, 503]


def bits(rows: int, what: int) -> numpy.ndarray:
    """Random bits of every row for one use."""
    with numpy.errstate(over="ignore"):
        z = numpy.arange(rows, dtype=numpy.uint64) + numpy.uint64(SEED + what * 2**32)
        z = (z + numpy.uint64(1)) * numpy.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
        return z ^ (z >> numpy.uint64(31))


def draws(rows: int, what: int) -> numpy.ndarray:
    """Draws in [0, 1) of every row for one use."""
    return (bits(rows, what) >> numpy.uint64(11)).astype(numpy.float64) * 2.0**-53


def columns(rows: int) -> dict[str, numpy.ndarray]:
    """The columns in the order of arrival: that of time but for a jitter of five seconds."""
    jitter = (draws(rows, 0) * 10_000).astype(numpy.int64) - 5_000
    moments = START_MS + numpy.arange(rows, dtype=numpy.int64) * (DAYS * DAY_MS) // rows + jitter
    shares = numpy.cumsum(1 / (numpy.arange(len(MODELS)) + 4.5))
    model = numpy.searchsorted(shares / shares[-1], draws(rows, 1), side="right")
    user = (USERS * draws(rows, 2) ** 2).astype(numpy.uint32)
    # 1 - draw lies in (0, 1], where the logarithm is finite
    normal = numpy.sqrt(-2 * numpy.log(1 - draws(rows, 3))) * numpy.cos(2 * numpy.pi * draws(rows, 4))
    duration = numpy.round(numpy.exp(7 + 0.7 * normal), 3)
    tokens = 1 + (8_000 * draws(rows, 5)).astype(numpy.int64)
    failed = draws(rows, 6)
    status = numpy.where(failed < 0.06, numpy.array(FAILURES)[(failed * 50).astype(numpy.int64) % 3], 200)
    return {
        "ts": numpy.clip(moments, START_MS, START_MS + DAYS * DAY_MS - 1),
        "model": numpy.minimum(model, len(MODELS) - 1).astype(numpy.uint8),
        "user_id": numpy.minimum(user, USERS - 1),
        "duration_ms": duration,
        "cost_usd": tokens * numpy.array(PRICES_USD)[model] / 1e6,
        "status_code": status.astype(numpy.int32),
    }


def user_names() -> list[str]:
    return [f"user-{user:05}" for user in range(USERS)]


def table(rows: dict[str, numpy.ndarray], is_text: bool) -> pyarrow.Table:
    """The rows as an Arrow table."""

    def keys(codes: numpy.ndarray, texts: list[str]) -> pyarrow.Array:
        encoded = pyarrow.DictionaryArray.from_arrays(pyarrow.array(codes.astype(numpy.int32)), pyarrow.array(texts))
        return encoded.cast(pyarrow.string()) if is_text else encoded

    return pyarrow.table(
        {
            "ts": pyarrow.array(rows["ts"], pyarrow.timestamp("ms", "UTC")),
            "model": keys(rows["model"], MODELS),
            "user_id": keys(rows["user_id"], user_names()),
            "duration_ms": rows["duration_ms"],
            "cost_usd": rows["cost_usd"],
            "status_code": rows["status_code"],
        }
    )


def write_json(folder: Path, frame: polars.DataFrame) -> None:
    """Writes arrays of objects, none longer than a text of JavaScript may be."""
    for block, start in enumerate(range(0, len(frame), JSON_ROWS)):
        frame.slice(start, JSON_ROWS).write_json(folder / f"rows-{block:03}.json")


def write(folder: Path, count: int) -> None:
    """Writes all files; the last one, rows.json, says that they are complete."""
    folder.mkdir(parents=True, exist_ok=True)
    print(f"making {count:,} rows", file=sys.stderr)
    arrived = columns(count)
    places = numpy.argsort(bits(count, 7), kind="stable")
    for order in ORDERS:
        rows = arrived if order == "time" else {name: values[places] for name, values in arrived.items()}
        (folder / order).mkdir(exist_ok=True)
        for name, values in rows.items():
            values.tofile(folder / order / f"{name}.bin")
        for keys in ("dictionary", "text"):
            file = str(folder / order / f"{keys}.arrow")
            arrow = table(rows, keys == "text")
            pyarrow.feather.write_feather(arrow, file, "uncompressed", chunksize=BATCH_ROWS)
            if keys == "dictionary":
                pyarrow.parquet.write_table(arrow, folder / order / "rows.parquet", compression="snappy")
                with pyarrow.ipc.new_stream(folder / order / "dictionary.arrows", arrow.schema) as stream:
                    stream.write_table(arrow, BATCH_ROWS)
                write_json(folder / order, polars.from_arrow(arrow).with_columns(polars.col("ts").dt.timestamp("ms")))
    told = {"rows": count, "seed": SEED, "models": MODELS, "users": user_names(), "start_ms": START_MS, "days": DAYS}
    unfinished = folder / "rows.json.new"
    unfinished.write_text(json.dumps(told))
    os.replace(unfinished, folder / "rows.json")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
