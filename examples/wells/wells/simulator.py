"""Wells that never were, always the same for a seed: healthy ones in the normal ranges, and what goes wrong.

Each well has a generator of its own: more wells change nothing of the first ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .gauges import GAUGES, NAMES
from .readings import DAY_US, MINUTE_US, Diagnosis, Readings

FLOW, PIP, CURRENT, TEMP, VIBRATION, FREQUENCY, VARIANCE, TORQUE, GOR = range(len(NAMES))
DAY_MINUTES = 24 * 60

#: How often things happen to a well, in days from one to the next.
GAS_LOCK_DAYS = 6
DROP_OUT_DAYS = 4
DEAD_GAUGE_DAYS = 9
CLOCK_JUMP_DAYS = 15
LATE_DAY_DAYS = 20
CORRECTION_DAYS = 5
#: Every third well has a pump that wears.
WORN_EVERY = 3


@dataclass
class Field:
    """What a field of wells sent, in the order in which it arrived."""

    #: What came while it was measured, wrong values of broken transmitters included.
    on_time: Readings
    #: Days that a well could not send, and sent later.
    late: Readings
    #: Readings of `on_time` once more, as they should have been.
    corrections: Readings
    diagnoses: list[Diagnosis] = field(default_factory=list)

    def final(self) -> Readings:
        """The readings once everything arrived: one for each well and time."""
        corrected = dict(zip(zip(self.corrections.wells, self.corrections.times), self.corrections.values))
        values = self.on_time.values.copy()
        for row, key in enumerate(zip(self.on_time.wells, self.on_time.times)):
            if key in corrected:
                values[row] = corrected[key]
        return Readings.joined([Readings(self.on_time.wells, self.on_time.times, values), self.late])


def simulate(end_us: int, days: int = 90, wells: int = 11, seed: int = 3) -> Field:
    """Gives the readings of wells up to a time, one a minute and well, and their diagnoses.

    - `end_us`: The end in microseconds since 1970; the last reading is in the minute before.
    - `days`: How many days before that they begin.
    - `wells`: How many wells: ``WELL-01``, ``WELL-02``, …
    - `seed`: Another seed is another field.
    """
    parts = [_Well(number, end_us, days, seed).run() for number in range(1, wells + 1)]
    diagnoses = sorted((row for part in parts for row in part.diagnoses), key=lambda row: (row.time, row.well))
    on_time, late, corrections = (
        Readings.joined([getattr(part, name) for part in parts]) for name in ("on_time", "late", "corrections")
    )
    # as they came: by time, and wells beside each other
    return Field(on_time[np.argsort(on_time.times, kind="stable")], late, corrections, diagnoses)


class _Well:
    def __init__(self, number: int, end_us: int, days: int, seed: int) -> None:
        self.name = f"WELL-{number:02}"
        self.is_worn = number % WORN_EVERY == 0
        self.random = np.random.Generator(np.random.PCG64([seed, number]))
        self.days = days
        self.count = days * DAY_MINUTES
        # each well reads at a second of its own
        second = int(self.random.integers(0, 60))
        first = end_us // MINUTE_US * MINUTE_US - self.count * MINUTE_US
        self.times = first + np.arange(self.count, dtype=np.int64) * MINUTE_US + second * 1_000_000
        self.diagnoses: list[Diagnosis] = []

    def run(self) -> Field:
        values = self._healthy()
        if self.is_worn:
            self._wear(values)
        self._gas_locks(values)
        self._dead_gauges(values)
        values = np.round(values, 3)
        kept = self._drop_outs()
        self._jump_clocks()
        everything = Readings(np.full(self.count, self.name, object), self.times, values)
        is_late = self._late_days()
        on_time, late = everything[kept & ~is_late], everything[kept & is_late]
        corrections = self._broken_transmitters(on_time)
        self._checks(everything[kept])
        return Field(on_time, late, corrections, self.diagnoses)

    def _healthy(self) -> NDArray[np.float64]:
        """Each gauge wanders around a level of its own with the day, inside its normal range."""
        hours = np.arange(self.count) / 60
        values = np.empty((self.count, len(GAUGES)))
        for column, gauge in enumerate(GAUGES):
            span = gauge.normal_most - gauge.normal_least
            level = gauge.normal_least + span * self.random.uniform(0.35, 0.65)
            phase = self.random.uniform(0, 2 * np.pi)
            wave = 0.12 * span * np.sin(2 * np.pi * hours / 24 + phase)
            noise = self.random.normal(0, 0.06 * span, self.count)
            values[:, column] = np.clip(level + wave + noise, gauge.normal_least, gauge.normal_most)
        return values

    def _wear(self, values: NDArray[np.float64]) -> None:
        """A pump that wears gives a third less at the end, at the same current, shaking and hot."""
        worn = np.linspace(0, 1, self.count) ** 2
        values[:, FLOW] *= 1 - 0.35 * worn
        values[:, VIBRATION] += 5 * worn
        values[:, TEMP] += 25 * worn
        for day in range(0, self.days, 2):
            at = day * DAY_MINUTES + int(self.random.integers(0, DAY_MINUTES))
            if worn[at] > 0.1:
                self._diagnose(at, "PUMP_WEAR", 0.5 + worn[at] / 2, "critical" if worn[at] > 0.6 else "medium")
            if worn[at] > 0.5:
                self._diagnose(at + 1, "VIBRATION_ISSUE", 0.7, "high")
                self._diagnose(at + 2, "MOTOR_ISSUE", 0.65, "high")

    def _gas_locks(self, values: NDArray[np.float64]) -> None:
        """Gas in the pump: flow collapses, the motor runs without load, the intake pressure climbs."""
        for first, length in self._times(GAS_LOCK_DAYS, 15, 90):
            at = slice(first, first + length)
            values[at, FLOW] *= 0.15
            values[at, CURRENT] *= 0.6
            values[at, PIP] *= 1.3
            values[at, TORQUE] *= 0.5
            values[at, VARIANCE] += 25
            values[at, GOR] *= 3
            self._diagnose(first + 5, "GAS_LOCK", 0.9, "critical")
            self._diagnose(first + 7, "LOW_FLOW", 0.8, "warning")

    def _dead_gauges(self, values: NDArray[np.float64]) -> None:
        """A gauge that gives nothing for hours while the others go on."""
        for first, length in self._times(DEAD_GAUGE_DAYS, 90, 600):
            values[first : first + length, int(self.random.integers(0, len(GAUGES)))] = np.nan

    def _drop_outs(self) -> NDArray[np.bool_]:
        """Times without any reading."""
        kept = np.ones(self.count, bool)
        for first, length in self._times(DROP_OUT_DAYS, 5, 240):
            kept[first : first + length] = False
        return kept

    def _jump_clocks(self) -> None:
        """A clock that is set back or ahead for some readings; the odd second keeps every time once."""
        for first, length in self._times(CLOCK_JUMP_DAYS, 10, 60):
            minutes = int(self.random.integers(-20, 20))
            self.times[first : first + length] += minutes * MINUTE_US + int(self.random.integers(1, 999_999))

    def _late_days(self) -> NDArray[np.bool_]:
        is_late = np.zeros(self.count, bool)
        for first, _ in self._times(LATE_DAY_DAYS, 1, 2):
            is_late[first // DAY_MINUTES * DAY_MINUTES :][:DAY_MINUTES] = True
        return is_late

    def _broken_transmitters(self, on_time: Readings) -> Readings:
        """Writes what a broken transmitter sent into the readings, and gives what was right."""
        spans = [slice(first, first + length) for first, length in self._times(CORRECTION_DAYS, 3, 20)]
        right = Readings.joined([on_time[span] for span in spans])
        right.values = right.values.copy()
        for span in spans:
            on_time.values[span, FLOW] *= 10
            on_time.values[span, TEMP] = 0
        # spans that overlap give a reading once
        _, once = np.unique(right.times, return_index=True)
        return right[once]

    def _checks(self, readings: Readings) -> None:
        """Twice a day somebody looks, and mostly all is well."""
        for at in range(0, len(readings), DAY_MINUTES // 2):
            name, severity = [("NORMAL", "info"), ("NORMAL", "info"), ("UNKNOWN", "low"), ("VSD_ISSUE", "medium")][
                int(self.random.choice(4, p=[0.6, 0.3, 0.06, 0.04]))
            ]
            confidence = round(float(self.random.uniform(0.5, 1)), 2)
            self.diagnoses.append(Diagnosis(self.name, int(readings.times[at]), name, confidence, severity))

    def _diagnose(self, minute: int, name: str, confidence: float, severity: str) -> None:
        time = int(self.times[min(minute, self.count - 1)])
        self.diagnoses.append(Diagnosis(self.name, time, name, round(float(confidence), 2), severity))

    def _times(self, every_days: float, least: int, most: int) -> list[tuple[int, int]]:
        """First minutes and lengths of what happens once in some days, at least once."""
        how_often = max(1, round(self.days / every_days))
        firsts = np.sort(self.random.integers(0, max(1, self.count - most), how_often))
        return [(int(first), int(self.random.integers(least, most))) for first in firsts]
