"""The gauges of a well: what is measured, in which unit, between which bounds.

One reading has a value of each, or none where the gauge gave none.
"""

from __future__ import annotations

from typing import NamedTuple


class Gauge(NamedTuple):
    """A column of ``esp_telemetry``."""

    name: str
    title: str
    unit: str
    #: What a reading may be; outside of it the value is refused.
    least: float
    most: float
    #: What a healthy well shows.
    normal_least: float
    normal_most: float


INFINITY = float("inf")

GAUGES = (
    Gauge("flow_rate", "flow rate", "bbl/day", 0, INFINITY, 1500, 2500),
    Gauge("pip", "pump intake pressure", "psi", 0, INFINITY, 800, 1200),
    Gauge("motor_current", "motor current", "A", 0, INFINITY, 35, 55),
    Gauge("motor_temp", "motor temperature", "°C", -50, 200, 70, 100),
    Gauge("vibration", "vibration", "g", 0, INFINITY, 0.5, 1.5),
    Gauge("vsd_frequency", "frequency of the variable speed drive", "Hz", 0, 120, 45, 55),
    Gauge("flow_variance", "variance of the flow", "%", 0, INFINITY, 0, 10),
    Gauge("torque", "torque", "N·m", 0, INFINITY, 60, 80),
    Gauge("gor", "gas–oil ratio", "scf/bbl", 0, INFINITY, 300, 600),
)

BY_NAME = {gauge.name: gauge for gauge in GAUGES}
NAMES = tuple(BY_NAME)

#: The longest name of a well, as ``esp_telemetry.well_id`` takes it.
MAX_WELL_ID = 50
#: The nominal time between two readings of a well.
READING_SECONDS = 60
