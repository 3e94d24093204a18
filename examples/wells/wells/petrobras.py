r"""Real wells: Petrobras 3W (CC BY 4.0), whose gauges stand in for those of an electric pump.

| gauge | of 3W |
|---|---|
| flow_rate | P_TPT ÷ 10⁴ Pa |
| pip | P_PDG in psi |
| motor_current | P_MON_CKP ÷ 2·10⁵ Pa |
| motor_temp | T_TPT |
| vibration | \|T_JUS_CKP − T_TPT\| ÷ 20 °C |
| vsd_frequency | P_JUS_CKGL ÷ 5·10⁴ Pa |
| flow_variance | QGL |
| torque | T_JUS_CKP |
| gor | P_PDG ÷ P_TPT |

What lies outside the bounds of its gauge, as dead sensors do, is missing, as `POST /telemetry` would refuse it. Each
instance is moved by whole days to before a time; the order within a well stays, and nothing overlaps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from .gauges import GAUGES
from .readings import DAY_US, MINUTE_US, Diagnosis, Readings

FILE = "iot/petrobras_3w_wells.csv.gz"

#: The events of 3W, by the words of the table of diagnoses.
EVENTS = {1: "LOW_FLOW", 2: "VSD_ISSUE", 6: "GAS_LOCK", 7: "PUMP_WEAR", 8: "MOTOR_ISSUE"}
TRANSIENT = 100


def read(data: Path, end_us: int) -> tuple[Readings, list[Diagnosis]]:
    """Gives the readings of real wells, one a second, and a diagnosis for each labelled minute.

    - `data`: The folder of data sets.
    - `end_us`: All of them lie before the day of this instant; in microseconds since 1970.
    """
    frame = pd.read_csv(data / FILE)
    frame["time"] = _moved(frame, end_us)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = [
            frame.P_TPT / 1e4,
            frame.P_PDG / 6894.757,
            frame.P_MON_CKP / 2e5,
            frame.T_TPT,
            (frame.T_JUS_CKP - frame.T_TPT).abs() / 20,
            frame.P_JUS_CKGL / 5e4,
            frame.QGL,
            frame.T_JUS_CKP,
            frame.P_PDG / frame.P_TPT,
        ]
    values = np.column_stack([column.to_numpy(np.float64) for column in columns])
    for column, gauge in enumerate(GAUGES):
        given = values[:, column]
        given[~((given >= gauge.least) & (given <= gauge.most) & np.isfinite(given))] = np.nan
    order = np.argsort(frame.time.to_numpy(), kind="stable")
    readings = Readings(frame.well.to_numpy(object), frame.time.to_numpy(np.int64), values)
    return readings[order], _diagnoses(frame)


def _moved(frame: pd.DataFrame, end_us: int) -> pd.Series:
    times = frame.ts_ns // 1000
    for _, rows in frame.groupby("well"):
        before = end_us // DAY_US * DAY_US
        spans = times[rows.index].groupby(rows.instance).agg(["min", "max"]).sort_values("min", ascending=False)
        for instance, first, last in spans.itertuples():
            shift = (before - 1 - last) // DAY_US * DAY_US
            times[rows.index[rows.instance == instance]] += shift
            before = (first + shift) // DAY_US * DAY_US
    return times


def _diagnoses(frame: pd.DataFrame) -> list[Diagnosis]:
    labelled = frame[frame["class"].notna()]
    minutes = labelled.groupby(["well", labelled.time // MINUTE_US * MINUTE_US])["class"]
    rows = []
    for (well, time), classes in minutes:
        counts = classes.astype(int).value_counts()
        label = int(counts.index[0])
        name = EVENTS[label % TRANSIENT] if label else "NORMAL"
        severity = "info" if not label else "warning" if label > TRANSIENT else "critical"
        rows.append(Diagnosis(str(well), int(time), name, float(counts.iloc[0] / len(classes)), severity))
    return rows
