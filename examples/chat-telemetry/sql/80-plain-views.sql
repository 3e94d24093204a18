-- The views over rows, as they were where they could be made.

CREATE OR REPLACE VIEW chat_telemetry_metrics WITH (security_invoker = true) AS
SELECT telemetry_hour(created_at) AS hour, count(DISTINCT session_id) AS total_sessions,
  count(DISTINCT telemetry_name(domain)) AS unique_domains, avg(duration_ms) AS avg_duration_ms,
  percentile_cont(0.5) WITHIN GROUP (ORDER BY duration_ms) AS median_duration_ms,
  percentile_cont(0.95) WITHIN GROUP (ORDER BY duration_ms) AS p95_duration_ms, avg(iterations) AS avg_iterations,
  avg(search_count) AS avg_searches, avg(total_results) AS avg_results,
  round(100.0 * count(*) FILTER (WHERE success) / count(*), 2) AS success_rate, count(error) AS error_count
FROM chat_telemetry WHERE created_at >= telemetry_now() - interval '168 hours' GROUP BY 1;

CREATE OR REPLACE VIEW chat_telemetry_cost_analytics WITH (security_invoker = true) AS
SELECT telemetry_day(created_at) AS day, telemetry_name(model) AS model, count(*) AS total_requests,
  count(DISTINCT session_id) AS unique_sessions, count(DISTINCT telemetry_name(domain)) AS unique_domains,
  sum(input_tokens) AS total_input_tokens, sum(output_tokens) AS total_output_tokens,
  sum(total_tokens) AS total_tokens, avg(input_tokens) AS avg_input_tokens, avg(output_tokens) AS avg_output_tokens,
  sum(cost_usd) AS total_cost_usd, avg(cost_usd) AS avg_cost_usd, max(cost_usd) AS max_cost_usd,
  min(cost_usd) FILTER (WHERE cost_usd > 0) AS min_cost_usd, avg(duration_ms) AS avg_duration_ms,
  avg(search_count) AS avg_searches, avg(iterations) AS avg_iterations,
  round(100.0 * count(*) FILTER (WHERE success) / count(*), 2) AS success_rate
FROM chat_telemetry
WHERE created_at >= telemetry_now() - interval '720 hours' AND cost_usd IS NOT NULL GROUP BY 1, 2;

CREATE OR REPLACE VIEW chat_telemetry_hourly_costs WITH (security_invoker = true) AS
SELECT telemetry_hour(created_at) AS hour, telemetry_name(model) AS model, count(*) AS requests,
  sum(total_tokens) AS tokens, sum(cost_usd) AS cost_usd, avg(cost_usd) AS avg_cost, max(cost_usd) AS peak_cost,
  sum(cost_usd) / 60 AS cost_per_minute, sum(total_results)::numeric / nullif(sum(total_tokens), 0) AS results_per_token
FROM chat_telemetry WHERE created_at >= telemetry_now() - interval '24 hours' GROUP BY 1, 2;

-- Three months are more than rows are kept: this one reads the days.
CREATE OR REPLACE VIEW chat_telemetry_domain_costs WITH (security_invoker = true) AS
WITH days AS (
  SELECT bucket, domain, model, requests, successes, input_tokens + output_tokens AS tokens, cost_usd::numeric AS cost,
    duration_ms, duration_rows FROM telemetry_model_days
  UNION ALL
  SELECT bucket, domain, model, requests, successes, input_tokens + output_tokens, cost_usd, duration_ms, duration_rows
  FROM telemetry_open_days(telemetry_watermark('telemetry_model_days'))
), by_model AS (
  SELECT domain, model, date_trunc('month', bucket AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS month,
    sum(requests) AS requests, sum(successes) AS successes, sum(tokens) AS tokens, sum(cost)::numeric(16, 6) AS cost,
    sum(duration_ms) AS duration_ms, sum(duration_rows) AS duration_rows
  FROM days
  WHERE bucket >= (telemetry_day(telemetry_now()) AT TIME ZONE 'UTC' - interval '3 months') AT TIME ZONE 'UTC'
  GROUP BY 1, 2, 3
)
SELECT domain, month, sum(requests) AS total_requests, sum(tokens) AS total_tokens, sum(cost) AS total_cost_usd,
  jsonb_object_agg(model, jsonb_build_object('requests', requests, 'cost', cost)) AS cost_by_model,
  round(100.0 * sum(successes) / sum(requests), 2) AS success_rate,
  sum(duration_ms) / nullif(sum(duration_rows), 0) AS avg_duration_ms
FROM by_model GROUP BY 1, 2;

GRANT SELECT ON chat_telemetry_metrics, chat_telemetry_cost_analytics, chat_telemetry_hourly_costs,
  chat_telemetry_domain_costs TO telemetry_tenant;
