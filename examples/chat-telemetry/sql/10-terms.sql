-- The rules of terms that SQL shares with lib/catalog.ts.

-- How a domain or model is called: trimmed, and 'unknown' without a name.
CREATE OR REPLACE FUNCTION telemetry_name(given text) RETURNS text
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN coalesce(nullif(btrim(given), ''), 'unknown');

-- The hour in UTC, whatever the session's zone is.
CREATE OR REPLACE FUNCTION telemetry_hour(at timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_trunc('hour', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

-- The day in UTC.
CREATE OR REPLACE FUNCTION telemetry_day(at timestamptz) RETURNS timestamptz
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN date_trunc('day', at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC';

-- The time, which a session can hold still as TELEMETRY_NOW does for the application.
CREATE OR REPLACE FUNCTION telemetry_now() RETURNS timestamptz
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN coalesce(nullif(current_setting('app.now', true), '')::timestamptz, now());
