"""The simulated field: always the same, in the normal ranges, and with all that goes wrong."""

from __future__ import annotations

import numpy as np
import pytest
from conftest import NOW_US

from wells.gauges import GAUGES, NAMES
from wells.readings import DAY_US, MINUTE_US
from wells.simulator import WORN_EVERY, Field, simulate

DAYS, WELLS = 30, 4


@pytest.fixture(scope="module")
def month() -> Field:
    return simulate(NOW_US, DAYS, WELLS)


def test_a_seed_gives_the_same_field(month: Field) -> None:
    again, other = simulate(NOW_US, DAYS, WELLS), simulate(NOW_US, DAYS, WELLS, seed=4)
    for part in ("on_time", "late", "corrections"):
        one, two = getattr(month, part), getattr(again, part)
        assert one.times.tobytes() == two.times.tobytes()
        assert one.values.tobytes() == two.values.tobytes()
    assert month.diagnoses == again.diagnoses
    assert other.on_time.values.tobytes() != month.on_time.values.tobytes()


def test_more_wells_change_nothing_of_the_first_ones(month: Field) -> None:
    fewer = simulate(NOW_US, DAYS, 2)
    first = month.on_time[np.isin(month.on_time.wells, ["WELL-01", "WELL-02"])]
    assert first.values.tobytes() == fewer.on_time.values.tobytes()


def test_a_well_reads_once_a_minute_and_each_time_once(month: Field) -> None:
    final = month.final()
    assert len(set(zip(final.wells, final.times))) == len(final)
    assert final.times.max() <= NOW_US + 21 * MINUTE_US
    for well in set(final.wells):
        mine = final[final.wells == well]
        assert 0.95 * DAYS * 1440 < len(mine) < DAYS * 1440


def test_most_readings_are_in_the_normal_ranges(month: Field) -> None:
    final = month.final()
    healthy = final[np.array([int(well[-2:]) % WORN_EVERY != 0 for well in final.wells])]
    for column, gauge in enumerate(GAUGES):
        values = healthy.values[:, column]
        given = values[~np.isnan(values)]
        inside = (given >= gauge.normal_least) & (given <= gauge.normal_most)
        assert inside.mean() > 0.98, gauge.name
        assert ((given >= gauge.least) & (given <= gauge.most)).all()


def test_everything_goes_wrong_somewhere(month: Field) -> None:
    final = month.final()
    values = dict(zip(NAMES, final.values.T))
    assert ((values["flow_rate"] < 500) & (values["flow_variance"] > 20)).sum() > 100  # gas locks
    worn = final[np.argsort(final.times)]
    worn = worn[worn.wells == "WELL-03"].values[:, NAMES.index("vibration")]
    assert np.nanmean(worn[-1440:]) > np.nanmean(worn[:1440]) + 3  # a pump that wears
    assert np.isnan(final.values).sum() > 1000  # dead gauges
    steps = [np.diff(month.on_time.times[month.on_time.wells == well]) for well in set(final.wells)]
    assert max(step.max() for step in steps) > 5 * MINUTE_US  # drop-outs
    backward = simulate(NOW_US, DAYS, 1).on_time
    seconds = {int(time) % MINUTE_US for time in backward.times}
    assert len(seconds) > 1  # clocks that jumped
    assert {int(time) // DAY_US for time in month.late.times} and len(month.late) > 1000  # days that came late
    assert len(month.corrections) > 10
    wrong = dict(zip(zip(month.on_time.wells, month.on_time.times), month.on_time.values))
    for well, time, right in zip(month.corrections.wells, month.corrections.times, month.corrections.values):
        assert wrong[well, time].tobytes() != right.tobytes()
    assert {row.diagnosis for row in month.diagnoses} >= {"NORMAL", "GAS_LOCK", "PUMP_WEAR", "LOW_FLOW", "VIBRATION_ISSUE"}
    assert {row.severity for row in month.diagnoses} >= {"critical", "high", "medium", "info", "warning"}
