"""The scores of a well: the formulas that are in use under their names, and mended ones beside them.

| in use | what is wrong | mended |
|---|---|---|
| `efficiency_score` | normal flow and current give 270 to 710 before the limit of 100, so healthy hours tie; without flow it is 100 | `efficiency`: no limit, over readings that have both gauges; NULL where none has |
| `health_score` | a gauge that is missing gives 0; normal temperatures cost up to 20 | `health`: NULL then; only what is outside of the normal range costs |
| `anomaly_count` | normal temperatures, from 90 °C on, are anomalies | `abnormal_readings`: above 100 °C |
| `uptime_percentage` | counts readings: above 100 at faster rates | `uptime`: counts minutes that have a reading |
"""

from __future__ import annotations

from .gauges import BY_NAME

EFFICIENCY_SCORE = "case when avg_motor_current > 0 then least(100.0, 10 * avg_flow_rate / avg_motor_current) else 0.0 end"
# `least` leaves NULLs out, as PostgreSQL's does: a missing gauge gives the whole penalty
HEALTH_SCORE = (
    "100 - least(100.0, 5 * avg_vibration + 0.5 * case when avg_motor_temp < 60 then 0.0 else avg_motor_temp - 60 end)"
)
ANOMALY = "vibration > 5.0 or motor_temp > 90 or flow_variance > 20"

_TEMP, _VIBRATION = BY_NAME["motor_temp"].normal_most, BY_NAME["vibration"].normal_most

_PUMPING = "flow_rate is not null and motor_current > 0"
_FLOW = f"avg(flow_rate) filter (where {_PUMPING})"
_CURRENT = f"avg(motor_current) filter (where {_PUMPING})"
FLOW_PER_AMPERE = f"{_FLOW} / {_CURRENT}"
#: The most flow at the least current of the normal range is 100.
EFFICIENCY_SCALE = f"{100 * BY_NAME['motor_current'].normal_least / BY_NAME['flow_rate'].normal_most}"
HEALTH = (
    "case when avg(vibration) is null or avg(motor_temp) is null then null else"
    f" 100 - least(100.0, 20 * greatest(0.0, avg(vibration) - {_VIBRATION}) + 2 * greatest(0.0, avg(motor_temp) - {_TEMP})) end"
)
ABNORMAL = f"vibration > 5.0 or motor_temp > {_TEMP} or flow_variance > 20"
#: At most 60 an hour, which is counted exactly.
ACTIVE_MINUTES = "approx_count_distinct(extract(minute from timestamp))"

#: What `flow_per_ampere` is made of.
STATES = (_FLOW, _CURRENT)

COMMENTS = {
    "efficiency_score": "10 × mean flow ÷ mean current, at most 100; 0 where there is no current, 100 where there is no flow",
    "health_score": "100 less 5 for each g of mean vibration and 0.5 for each °C of mean motor temperature above 60;"
    " 0 where vibration or temperature is missing",
    "anomaly_count": "readings with a vibration above 5 g, a motor temperature above 90 °C or a flow variance above 20 %",
    "flow_per_ampere": "mean flow ÷ mean current, in bbl/day and A, of readings that have a flow and a current",
    "efficiency": "flow per ampere in percent of the best of the normal range (2500 bbl/day at 35 A); not limited",
    "health": "100 less 20 for each g of mean vibration above 1.5 and 2 for each °C of mean motor temperature above 100,"
    " at least 0; NULL where either is missing",
    "abnormal_readings": "readings with a vibration above 5 g, a motor temperature above 100 °C or a flow variance above 20 %",
    "active_minutes": "minutes of the hour that have a reading",
    "uptime": "minutes of the hour that have a reading, in percent: never above 100",
}
