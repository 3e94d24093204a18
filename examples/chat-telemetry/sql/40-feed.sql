-- What live streams read: which rows are new, and which hours have to be read anew.
--
-- An entry belongs to its transaction (tx): whoever remembers a snapshot (pg_current_snapshot) finds exactly what was
-- committed since, in whatever order transactions end. Nothing is missed, and nothing is seen twice.

CREATE TABLE IF NOT EXISTS chat_telemetry_feed (
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  logged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  domain text NOT NULL,
  -- the hour in UTC; -infinity when all rows went at once
  hour timestamptz NOT NULL,
  -- the row that is new; NULL when the hour has to be read anew
  row_id uuid
);
CREATE INDEX IF NOT EXISTS chat_telemetry_feed_tx ON chat_telemetry_feed (tx);
CREATE INDEX IF NOT EXISTS chat_telemetry_feed_logged_at ON chat_telemetry_feed (logged_at);

CREATE OR REPLACE FUNCTION telemetry_feed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    INSERT INTO chat_telemetry_feed (domain, hour) VALUES ('', '-infinity');
  END IF;
  IF TG_OP = 'INSERT' THEN
    -- a load of many rows is told by its hours
    IF (SELECT count(*) FROM (SELECT 1 FROM telemetry_new LIMIT 501) AS first_rows) <= 500 THEN
      INSERT INTO chat_telemetry_feed (domain, hour, row_id)
      SELECT telemetry_name(domain), telemetry_hour(created_at), id FROM telemetry_new;
    ELSE
      INSERT INTO chat_telemetry_feed (domain, hour)
      SELECT DISTINCT telemetry_name(domain), telemetry_hour(created_at) FROM telemetry_new;
    END IF;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO chat_telemetry_feed (domain, hour)
    SELECT DISTINCT telemetry_name(domain), telemetry_hour(created_at)
    FROM (SELECT domain, created_at FROM telemetry_new UNION ALL SELECT domain, created_at FROM telemetry_old) AS touched;
  END IF;
  IF TG_OP = 'DELETE' THEN
    INSERT INTO chat_telemetry_feed (domain, hour)
    SELECT DISTINCT telemetry_name(domain), telemetry_hour(created_at) FROM telemetry_old;
  END IF;
  PERFORM pg_notify('chat_telemetry', '');
  RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER telemetry_feed_insert AFTER INSERT ON chat_telemetry
  REFERENCING NEW TABLE AS telemetry_new FOR EACH STATEMENT EXECUTE FUNCTION telemetry_feed();
CREATE OR REPLACE TRIGGER telemetry_feed_update AFTER UPDATE ON chat_telemetry
  REFERENCING OLD TABLE AS telemetry_old NEW TABLE AS telemetry_new
  FOR EACH STATEMENT EXECUTE FUNCTION telemetry_feed();
CREATE OR REPLACE TRIGGER telemetry_feed_delete AFTER DELETE ON chat_telemetry
  REFERENCING OLD TABLE AS telemetry_old FOR EACH STATEMENT EXECUTE FUNCTION telemetry_feed();
CREATE OR REPLACE TRIGGER telemetry_feed_truncate AFTER TRUNCATE ON chat_telemetry
  FOR EACH STATEMENT EXECUTE FUNCTION telemetry_feed();
