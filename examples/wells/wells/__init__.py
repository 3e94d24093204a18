"""Telemetry of oil wells: readings, rollups that follow them, and the service that answers from those."""
