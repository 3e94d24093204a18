"""What can be set from outside: environment variables, or a file ``.env``."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of the service and the commands."""

    model_config = SettingsConfigDict(env_prefix="WELLS_", env_file=".env", extra="ignore")

    #: `postgresql://…`, or the path of an SQLite file; it may hold a password.
    database_url: SecretStr = Field(
        default=SecretStr(str(Path(".data") / "wells.db")), validation_alias=AliasChoices("database_url", "DATABASE_URL")
    )
    #: Whether this process refreshes the rollups when they are due; one of several does.
    schedule: bool = True
    #: Seconds between two looks at what is due and what is new.
    poll_seconds: float = Field(default=5.0, gt=0, le=3600)
    #: How many readings one request may bring.
    max_readings: int = Field(default=10_000, ge=1, le=100_000)
    #: The folder of public data sets, which has real wells.
    data: Path = Field(default=Path("../../../shared/data"), validation_alias=AliasChoices("data", "ISOFOLD_DATA"))
