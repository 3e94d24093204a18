"""Who takes part, in which forms, and what each promises of its answers."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Promise:
    """The errors that a contestant states (or, where it states none, that are known of its method)."""

    #: sums, means and deviations: "exact" to the last bit, or the rounding of doubles in any order
    sums: str = "rounded"
    #: ("exact",), ("relative", bound of the value), ("rank", bound of the rank)
    percentiles: tuple[str, float] = ("exact", 0.0)
    #: standard error of the distinct count; 0 is exact
    distinct: float = 0.0
    #: up to so many values the distinct count is exact all the same
    distinct_exact: int = 0


ISOFOLD = Promise("exact", ("relative", 0.005416), 0.016, 256)
DUCKDB_2 = Promise(percentiles=("rank", 0.03), distinct=0.0325)
# 64 registers
DUCKDB_1 = Promise(percentiles=("rank", 0.03), distinct=0.13)


@dataclass(frozen=True)
class Contestant:
    """One engine in one host and form; `program` is the runner and its first words."""

    name: str
    host: str
    program: str
    promise: Promise
    #: npm or PyPI package that must be there; "" for none
    needs: str = ""
    is_ours: bool = False
    has_threads: bool = False
    orders: tuple[str, ...] = ("time", "shuffled")
    keys: tuple[str, ...] = ("dictionary",)
    queries: str = "simple,full"
    note: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def ours(name: str, host: str, program: str, **more: object) -> Contestant:
    return Contestant(name, host, program, ISOFOLD, is_ours=True, **more)  # type: ignore[arg-type]


TEXT_TOO = ("dictionary", "text")
CONTESTANTS = [
    ours("isofold, Rust", "rust", "isofold", has_threads=True, note="borrowed columns, blocks of 65,536 rows"),
    ours("isofold, Python from Arrow", "python", "isofold", needs="isofold", has_threads=True, keys=TEXT_TOO),
    ours("isofold, Node addon from Arrow", "node", "isofold:addon-arrow", has_threads=True, keys=TEXT_TOO),
    ours("isofold, Node addon from typed arrays", "node", "isofold:addon-typed", has_threads=True),
    ours("isofold, Node addon from objects", "node", "isofold:addon-rows", has_threads=True),
    ours("isofold, wasm from Arrow", "node", "isofold:wasm-arrow", keys=TEXT_TOO),
    ours("isofold, wasm from typed arrays", "node", "isofold:wasm-typed"),
    ours("isofold, wasm from objects", "node", "isofold:wasm-rows"),
    Contestant("DuckDB", "python", "duckdb", DUCKDB_2, "duckdb", has_threads=True, keys=TEXT_TOO,
               note="dictionary keys are ENUMs; t-digest, HyperLogLog of 1,024 registers"),
    Contestant("Polars, streaming", "python", "polars:streaming", Promise(percentiles=("rank", 0.03), distinct=0.07),
               "polars", has_threads=True, keys=TEXT_TOO,
               note="dictionary keys are Categorical; approx_quantile and approx_n_unique"),
    Contestant("Polars, in memory", "python", "polars:in-memory", Promise(distinct=0.0065), "polars", has_threads=True,
               note="exact quantiles, approx_n_unique"),
    Contestant("chDB, exact quantiles", "python", "chdb:exact", Promise(distinct=0.01), "chdb", has_threads=True,
               keys=TEXT_TOO, note="dictionary keys are LowCardinality; uniqCombined"),
    Contestant("chDB, DDSketch", "python", "chdb:ddsketch", Promise(percentiles=("relative", 0.0101), distinct=0.01),
               "chdb", has_threads=True, note="quantilesDD(0.01), uniqCombined"),
    Contestant("DataFusion", "python", "datafusion", Promise(percentiles=("rank", 0.03), distinct=0.0081), "datafusion",
               has_threads=True, note="t-digest, approx_distinct"),
    Contestant("pandas", "python", "pandas", Promise(), "pandas", note="exact quantiles and nunique"),
    Contestant("bitrep, Rust", "rust", "bitrep", Promise("exact", ("relative", 0.0079)),
               note="exact sums and moments, RelSketch; groups at fixed places, plain sets of users"),
    Contestant("DuckDB, Node", "node", "duckdb_node", DUCKDB_1, "@duckdb/node-api", has_threads=True,
               note="t-digest, HyperLogLog of 64 registers"),
    Contestant("DuckDB-Wasm", "node", "duckdb_wasm", DUCKDB_1, "@duckdb/duckdb-wasm",
               note="in Node's thread, build with exceptions"),
    Contestant("Arquero", "node", "arquero", Promise(), "arquero", note="exact quantiles and distinct counts"),
    Contestant("JS loop over typed arrays", "node", "loops:typed", Promise(), "@datadog/sketches-js",
               note="groups at fixed places; full keeps every value and a Set of users"),
    Contestant("JS loop over objects", "node", "loops:objects", Promise(), "@datadog/sketches-js",
               note="Map of text keys; full keeps every value and a Set of users"),
    Contestant("JS loop and sketches-js", "node", "loops:sketches", Promise(percentiles=("relative", 0.0101)),
               "@datadog/sketches-js", queries="full", note="over typed arrays, DDSketch 1 %, a Set of users"),
]  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """A contestant in one order, form of keys and number of threads."""

    contestant: Contestant
    order: str
    keys: str
    threads: int

    @property
    def label(self) -> str:
        return f"{self.contestant.name}|{self.order}|{self.keys}|{self.threads}"


def entries(only: list[str], threads: int, is_trial: bool) -> list[Entry]:
    """All that runs, text keys only in the order of time; a trial runs each contestant once in each order."""
    wanted = [contestant for contestant in CONTESTANTS if matches(contestant, only)]
    return [
        Entry(contestant, order, keys, count)
        for contestant in wanted
        for order in contestant.orders
        for keys in contestant.keys
        for count in ((1, threads) if contestant.has_threads and threads > 1 else (1,))
        if (keys == "dictionary" or order == "time")
        and not (is_trial and contestant.has_threads and threads > 1 and (count == 1) != (order == "time"))
    ]


def matches(contestant: Contestant, only: list[str]) -> bool:
    return not only or any(word.lower() in contestant.name.lower() for word in only)
