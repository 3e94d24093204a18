-- The bucket tables under their old names and columns, for psql, Grafana and whoever read them before.
--
-- What isofold has stored, and the rest from rows: the hours past the watermark, and the day that has not ended.

-- When a bucket was first written, and when it last changed.
CREATE OR REPLACE FUNCTION telemetry_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END $$;
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['telemetry_hours', 'telemetry_domain_hours', 'telemetry_model_hours', 'telemetry_days',
    'telemetry_domain_days', 'telemetry_model_days'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN IF NOT EXISTS created_at timestamptz NOT NULL DEFAULT now(), '
      'ADD COLUMN IF NOT EXISTS updated_at timestamptz NOT NULL DEFAULT now()', name);
    EXECUTE format('CREATE OR REPLACE TRIGGER telemetry_touch BEFORE UPDATE ON %I '
      'FOR EACH ROW EXECUTE FUNCTION telemetry_touch()', name);
  END LOOP;
END $$;

-- Up to where a rollup is built.
CREATE OR REPLACE FUNCTION telemetry_watermark(rollup text) RETURNS timestamptz LANGUAGE sql STABLE
  RETURN coalesce((SELECT to_timestamp(watermark / 1000000.0) FROM isofold_rollups WHERE name = rollup), '-infinity');

-- Sums and counts, which add up, of hours that are not stored yet.
CREATE OR REPLACE FUNCTION telemetry_open_hours(since timestamptz)
  RETURNS TABLE (bucket timestamptz, domain text, model text, requests bigint, successes bigint, input_tokens bigint,
    output_tokens bigint, cost_usd numeric, duration_ms bigint, duration_rows bigint, searches bigint,
    search_rows bigint, iterations bigint, iteration_rows bigint)
  LANGUAGE sql STABLE AS $$
  SELECT telemetry_hour(created_at), telemetry_name(domain), telemetry_name(model), count(*),
    count(*) FILTER (WHERE success), coalesce(sum(input_tokens), 0), coalesce(sum(output_tokens), 0),
    coalesce(sum(cost_usd), 0), coalesce(sum(duration_ms), 0), count(duration_ms), coalesce(sum(search_count), 0),
    count(search_count), coalesce(sum(iterations), 0), count(iterations)
  FROM chat_telemetry WHERE created_at >= since GROUP BY 1, 2, 3
$$;

-- The same of days that are not stored yet, from hours that are and hours that are not.
CREATE OR REPLACE FUNCTION telemetry_open_days(since timestamptz)
  RETURNS TABLE (bucket timestamptz, domain text, model text, requests bigint, successes bigint, input_tokens bigint,
    output_tokens bigint, cost_usd numeric, duration_ms bigint, duration_rows bigint, searches bigint,
    search_rows bigint, iterations bigint, iteration_rows bigint)
  LANGUAGE sql STABLE AS $$
  WITH built AS MATERIALIZED (SELECT telemetry_watermark('telemetry_model_hours') AS until)
  SELECT telemetry_day(h.bucket), h.domain, h.model, sum(h.requests), sum(h.successes), sum(h.input_tokens),
    sum(h.output_tokens), sum(h.cost_usd), sum(h.duration_ms), sum(h.duration_rows), sum(h.searches),
    sum(h.search_rows), sum(h.iterations), sum(h.iteration_rows)
  FROM (
    SELECT bucket, domain, model, requests, successes, input_tokens, output_tokens, cost_usd::numeric, duration_ms,
      duration_rows, searches, search_rows, iterations, iteration_rows
    FROM telemetry_model_hours, built WHERE bucket >= since AND bucket < until
    UNION ALL
    SELECT * FROM telemetry_open_hours(greatest(since, (SELECT until FROM built)))
  ) AS h GROUP BY 1, 2, 3
$$;

DO $$
DECLARE
  -- the measures of the old tables, of one group …
  stored text := 'requests::integer AS total_requests, successes::integer AS success_count, '
    '(requests - successes)::integer AS failure_count, input_tokens::bigint AS total_input_tokens, '
    'output_tokens::bigint AS total_output_tokens, cost_usd::numeric(16, 6) AS total_cost_usd, '
    'round(avg_duration_ms::numeric)::integer AS avg_duration_ms, avg_searches::numeric(8, 3) AS avg_searches, '
    'avg_iterations::numeric(8, 3) AS avg_iterations, created_at, updated_at';
  -- … and of groups that are joined
  joined text := 'sum(requests)::integer, sum(successes)::integer, sum(requests - successes)::integer, '
    'sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(cost_usd)::numeric(16, 6), '
    'round(sum(duration_ms) / nullif(sum(duration_rows), 0))::integer, '
    '(sum(searches) / nullif(sum(search_rows), 0))::numeric(8, 3), '
    '(sum(iterations) / nullif(sum(iteration_rows), 0))::numeric(8, 3), now(), now()';
  level record;
BEGIN
  FOR level IN SELECT * FROM (VALUES
    ('chat_telemetry_rollups', 'telemetry', ''),
    ('chat_telemetry_domain_rollups', 'telemetry_domain', 'domain, '),
    ('chat_telemetry_model_rollups', 'telemetry_model', 'domain, model, ')
  ) AS levels (view, tables, keys) LOOP
    EXECUTE format(
      $view$CREATE OR REPLACE VIEW %1$I WITH (security_invoker = true) AS
      SELECT 'hour' AS granularity, bucket AS bucket_start, bucket + interval '1 hour' AS bucket_end, %5$s %6$s
      FROM %2$I
      UNION ALL
      SELECT 'hour', bucket, bucket + interval '1 hour', %5$s %7$s
      FROM telemetry_open_hours(telemetry_watermark(%4$L)) GROUP BY %5$s bucket
      UNION ALL
      SELECT 'day', bucket, bucket + interval '24 hours', %5$s %6$s FROM %3$I
      UNION ALL
      SELECT 'day', bucket, bucket + interval '24 hours', %5$s %7$s
      FROM telemetry_open_days(telemetry_watermark(%3$L)) GROUP BY %5$s bucket$view$,
      level.view, level.tables || '_hours', level.tables || '_days', level.tables || '_hours', level.keys, stored,
      joined);
  END LOOP;
END $$;

-- Totals over all organisations are the operator's.
GRANT SELECT ON chat_telemetry_domain_rollups, chat_telemetry_model_rollups TO telemetry_tenant;
