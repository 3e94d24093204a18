-- The all-time part of both summaries, written by refreshTelemetrySummaryViews (lib/services/refresh-summaries.ts).
-- Percentiles come from states, which SQL cannot merge; what ages (the last 24 hours, the last 7 days) is not here.

CREATE TABLE IF NOT EXISTS telemetry_domain_all_time (
  domain text PRIMARY KEY,
  total_requests_all_time bigint NOT NULL,
  successful_requests_all_time bigint NOT NULL,
  success_rate_pct numeric(5, 2) NOT NULL,
  total_cost_usd_all_time numeric(16, 6) NOT NULL,
  avg_cost_per_request numeric(16, 6) NOT NULL,
  max_cost_single_request numeric(10, 6),
  total_input_tokens bigint NOT NULL,
  total_output_tokens bigint NOT NULL,
  total_tokens bigint NOT NULL,
  avg_tokens_per_request numeric(16, 3) NOT NULL,
  avg_duration_ms numeric(16, 3),
  median_duration_ms numeric(16, 3),
  p95_duration_ms numeric(16, 3),
  max_duration_ms integer,
  avg_searches_per_request numeric(8, 3),
  total_searches bigint NOT NULL,
  avg_iterations_per_request numeric(8, 3),
  most_used_model text NOT NULL,
  unique_models_used integer NOT NULL,
  first_request_at timestamptz NOT NULL,
  last_request_at timestamptz NOT NULL,
  materialized_at timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS telemetry_model_all_time (
  model text PRIMARY KEY,
  total_uses bigint NOT NULL,
  unique_domains integer NOT NULL,
  successful_requests bigint NOT NULL,
  success_rate_pct numeric(5, 2) NOT NULL,
  total_cost numeric(16, 6) NOT NULL,
  avg_cost_per_request numeric(16, 6) NOT NULL,
  cost_per_1k_tokens numeric(16, 6),
  avg_duration_ms numeric(16, 3),
  p95_duration_ms numeric(16, 3),
  avg_tokens_per_request numeric(16, 3) NOT NULL,
  avg_input_tokens numeric(16, 3),
  avg_output_tokens numeric(16, 3),
  total_tokens bigint NOT NULL,
  avg_searches_per_request numeric(8, 3),
  avg_iterations_per_request numeric(8, 3),
  first_used_at timestamptz NOT NULL,
  last_used_at timestamptz NOT NULL,
  materialized_at timestamptz NOT NULL
);
