-- The table of chat requests and what belongs to it, under the names that they always had.

CREATE TABLE IF NOT EXISTS organizations (
  id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  name text NOT NULL,
  -- SHA-256 of the key that signs in, hexadecimal; without one nobody does
  key_sha256 text
);

CREATE TABLE IF NOT EXISTS organization_domains (
  domain text PRIMARY KEY CHECK (domain = telemetry_name(domain)),
  organization_id text NOT NULL REFERENCES organizations (id) ON DELETE CASCADE
);

CREATE TABLE IF NOT EXISTS conversations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  domain text,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS chat_telemetry (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  session_id text NOT NULL,
  conversation_id uuid REFERENCES conversations (id) ON DELETE CASCADE,
  model text NOT NULL,
  start_time timestamptz NOT NULL,
  end_time timestamptz,
  duration_ms integer,
  iterations integer DEFAULT 0,
  max_iterations integer DEFAULT 3,
  search_count integer DEFAULT 0,
  total_results integer DEFAULT 0,
  searches jsonb DEFAULT '[]',
  -- deprecated: input_tokens and output_tokens say more
  tokens_used integer,
  success boolean DEFAULT false,
  error text,
  final_response_length integer,
  logs jsonb DEFAULT '[]',
  domain text,
  user_agent text,
  ip_address text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  input_tokens integer,
  output_tokens integer,
  total_tokens integer GENERATED ALWAYS AS (coalesce(input_tokens, 0) + coalesce(output_tokens, 0)) STORED,
  cost_usd numeric(10, 6),
  model_config jsonb DEFAULT '{}'
);

CREATE INDEX IF NOT EXISTS chat_telemetry_created_at ON chat_telemetry (created_at);
CREATE INDEX IF NOT EXISTS chat_telemetry_domain ON chat_telemetry (telemetry_name(domain), created_at);
CREATE INDEX IF NOT EXISTS chat_telemetry_session ON chat_telemetry (session_id);
CREATE INDEX IF NOT EXISTS chat_telemetry_conversation ON chat_telemetry (conversation_id);

CREATE TABLE IF NOT EXISTS chat_cost_alerts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  -- NULL watches all domains
  domain text,
  alert_type text NOT NULL CHECK (alert_type IN ('hourly', 'daily', 'monthly', 'per_request')),
  threshold_usd numeric(10, 2) NOT NULL CHECK (threshold_usd > 0),
  current_value numeric(16, 6),
  last_triggered timestamptz,
  enabled boolean NOT NULL DEFAULT true,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX IF NOT EXISTS chat_cost_alerts_what ON chat_cost_alerts ((coalesce(domain, '')), alert_type);

-- When each job of the schedule ran last, so that a restart forgets nothing.
CREATE TABLE IF NOT EXISTS telemetry_jobs (
  name text PRIMARY KEY,
  slot timestamptz NOT NULL,
  claimed_at timestamptz NOT NULL,
  finished_at timestamptz,
  error text
);
