"""Turns CSV, CSV.gz or Parquet into the Arrow file that every host of the demonstration reads.

    python demo/prepare.py FILE --spec SPEC.json --out FILE.arrow

Columns get the types that the spec declares; a blank cell is a missing value. Columns it does not declare are left out.
Texts become codes into one dictionary per column, which is how column stores keep them.
"""

import argparse
import json
import re
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.ipc as ipc
import pyarrow.parquet as parquet

BATCH_ROWS = 65_536
READ_BYTES = 8 << 20
SILENT_SECONDS = 2.0

ZONED = re.compile(r":.*(Z|[+-]\d\d:?(\d\d)?)$")

ARROW_TYPES = {
    "timestamp": pa.timestamp("us", tz="UTC"),
    "timestamp[s]": pa.int64(),
    "timestamp[ms]": pa.int64(),
    "timestamp[us]": pa.int64(),
    "timestamp[ns]": pa.int64(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "string": pa.string(),
}


class Progress:
    """Tells how many rows have been read, on one line, once reading takes longer than a moment."""

    def __init__(self):
        self._started = time.monotonic()
        self._told = 0.0

    def tell(self, rows):
        passed = time.monotonic() - self._started
        if passed > SILENT_SECONDS and passed - self._told > 0.5:
            self._told = passed
            print(f"\r  {rows:,} rows in {passed:.0f} s", end="", file=sys.stderr, flush=True)

    def end(self):
        if self._told:
            print(file=sys.stderr)


def open_csv(path, schema):
    return csv.open_csv(
        path,
        read_options=csv.ReadOptions(block_size=READ_BYTES),
        convert_options=csv.ConvertOptions(
            include_columns=schema.names,
            column_types=dict(zip(schema.names, schema.types)),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def csv_batches(path, schema):
    """The schema and the record batches of a CSV file, compressed or not."""
    texts = pa.schema([(field.name, pa.string() if pa.types.is_timestamp(field.type) else field.type) for field in schema])
    first = next(iter(open_csv(path, texts)), texts.empty_table())
    for place, field in enumerate(schema):
        # The reader takes a column of times either all with a zone or all without; the kernel reads the latter as UTC.
        if pa.types.is_timestamp(field.type) and not any(ZONED.search(text or "") for text in first[place].to_pylist()):
            schema = schema.set(place, pa.field(field.name, pa.timestamp("us")))
    return schema, open_csv(path, schema)


def parquet_batches(path, schema):
    """The schema and the record batches of a Parquet file; times stay as they are, the rest is cast without loss."""
    file = parquet.ParquetFile(path)
    for place, field in enumerate(schema):
        stored = file.schema_arrow.field(field.name).type
        if pa.types.is_timestamp(stored):
            schema = schema.set(place, pa.field(field.name, stored))
    batches = file.iter_batches(BATCH_ROWS, columns=schema.names)
    return schema, (
        pa.record_batch([batch.column(field.name).cast(field.type) for field in schema], schema=schema) for batch in batches
    )


def read(path, spec):
    """The declared columns of a file, as one table."""
    unknown = sorted(set(spec["columns"].values()) - ARROW_TYPES.keys())
    if unknown:
        sys.exit(f"{path}: no column type is called {', '.join(unknown)}")
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in spec["columns"].items()])
    schema, batches = (parquet_batches if path.suffix == ".parquet" else csv_batches)(path, schema)
    progress, read_batches, rows = Progress(), [], 0
    for batch in batches:
        read_batches.append(batch)
        rows += batch.num_rows
        progress.tell(rows)
    progress.end()
    return pa.Table.from_batches(read_batches, schema=schema)


def write(table, path):
    """An Arrow file of record batches; each text column has one dictionary for all of them."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            encoded = table.column(place).combine_chunks().dictionary_encode()
            table = table.set_column(place, field.name, encoded)
    half = path.with_name(path.name + ".half")
    with ipc.new_file(half, table.schema) as writer:
        writer.write_table(table.combine_chunks(), max_chunksize=BATCH_ROWS)
    half.rename(path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--spec", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    try:
        table = read(arguments.file, json.loads(arguments.spec.read_text()))
    except (pa.ArrowInvalid, KeyError, OSError) as error:
        sys.exit(f"{arguments.file}: {error}")
    write(table, arguments.out)
    print(f"{table.num_rows:,} rows of {arguments.file.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
