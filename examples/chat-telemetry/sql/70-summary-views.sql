-- Both summaries with every column: all time as of `materialized_at`, the last 24 hours and 7 days as of now.

CREATE OR REPLACE VIEW chat_telemetry_domain_summary WITH (security_invoker = true) AS
WITH recent AS (
  SELECT telemetry_name(domain) AS domain,
    count(*) FILTER (WHERE created_at >= telemetry_now() - interval '24 hours') AS requests_last_24h,
    sum(coalesce(cost_usd, 0)) FILTER (WHERE created_at >= telemetry_now() - interval '24 hours') AS cost_last_24h,
    count(*) AS requests_last_7d,
    sum(coalesce(cost_usd, 0)) AS cost_last_7d
  FROM chat_telemetry
  WHERE created_at >= telemetry_now() - interval '168 hours' AND created_at < telemetry_now() GROUP BY 1
)
SELECT s.domain, s.total_requests_all_time, s.successful_requests_all_time, s.success_rate_pct,
  s.total_cost_usd_all_time, s.avg_cost_per_request, s.max_cost_single_request, s.total_input_tokens,
  s.total_output_tokens, s.total_tokens, s.avg_tokens_per_request, s.avg_duration_ms, s.median_duration_ms,
  s.p95_duration_ms, s.max_duration_ms, s.avg_searches_per_request, s.total_searches, s.avg_iterations_per_request,
  s.most_used_model, s.unique_models_used, s.first_request_at, s.last_request_at,
  coalesce(r.requests_last_24h, 0) AS requests_last_24h, r.cost_last_24h,
  coalesce(r.requests_last_7d, 0) AS requests_last_7d, r.cost_last_7d, s.materialized_at
FROM telemetry_domain_all_time AS s LEFT JOIN recent AS r USING (domain);

CREATE OR REPLACE VIEW chat_telemetry_model_summary WITH (security_invoker = true) AS
WITH recent AS (
  SELECT telemetry_name(model) AS model,
    count(*) FILTER (WHERE created_at >= telemetry_now() - interval '24 hours') AS uses_last_24h,
    count(*) AS uses_last_7d
  FROM chat_telemetry
  WHERE created_at >= telemetry_now() - interval '168 hours' AND created_at < telemetry_now() GROUP BY 1
)
SELECT s.model, s.total_uses, s.unique_domains, s.successful_requests, s.success_rate_pct, s.total_cost,
  s.avg_cost_per_request, s.cost_per_1k_tokens, s.avg_duration_ms, s.p95_duration_ms, s.avg_tokens_per_request,
  s.avg_input_tokens, s.avg_output_tokens, s.total_tokens, s.avg_searches_per_request, s.avg_iterations_per_request,
  s.first_used_at, s.last_used_at, coalesce(r.uses_last_24h, 0) AS uses_last_24h,
  coalesce(r.uses_last_7d, 0) AS uses_last_7d, s.materialized_at
FROM telemetry_model_all_time AS s LEFT JOIN recent AS r USING (model);

-- A model is used by many organisations: its summary is the operator's. Organisations ask fetchModelSummary.
GRANT SELECT ON chat_telemetry_domain_summary TO telemetry_tenant;
