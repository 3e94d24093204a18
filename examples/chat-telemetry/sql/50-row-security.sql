-- Who reads what: an organisation reads and writes rows of its own domains, and nothing that mixes domains of others.
--
-- The application serves an organisation as the role telemetry_tenant with `app.organization` set; the owner of the
-- tables (refreshes, the operator) is not restricted. With Supabase, put auth.jwt() in the place of the setting.

DO $$ BEGIN
  CREATE ROLE telemetry_tenant NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$;
GRANT telemetry_tenant TO CURRENT_USER;
DO $$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO telemetry_tenant', current_schema());
END $$;

CREATE OR REPLACE FUNCTION telemetry_organization() RETURNS text
  LANGUAGE sql STABLE PARALLEL SAFE
  RETURN current_setting('app.organization', true);

DO $$
DECLARE
  -- read through the rule of names, written by whoever owns the domain
  rows_of_domains text[] := ARRAY['chat_telemetry', 'conversations', 'chat_cost_alerts'];
  -- the domain is a key of these already
  of_domains text[] := ARRAY['telemetry_model_hours', 'telemetry_domain_hours', 'telemetry_model_days',
    'telemetry_domain_days', 'telemetry_model_months', 'telemetry_domain_all_time'];
  own text := '(SELECT d.domain FROM organization_domains AS d WHERE d.organization_id = telemetry_organization())';
  name text;
BEGIN
  FOREACH name IN ARRAY rows_of_domains LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('DROP POLICY IF EXISTS own_domains ON %I', name);
    EXECUTE format('CREATE POLICY own_domains ON %I TO telemetry_tenant USING (telemetry_name(domain) IN %s)', name, own);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO telemetry_tenant', name);
  END LOOP;
  FOREACH name IN ARRAY of_domains LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('DROP POLICY IF EXISTS own_domains ON %I', name);
    EXECUTE format('CREATE POLICY own_domains ON %I FOR SELECT TO telemetry_tenant USING (domain IN %s)', name, own);
    EXECUTE format('GRANT SELECT ON %I TO telemetry_tenant', name);
  END LOOP;
  ALTER TABLE chat_telemetry_feed ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS own_domains ON chat_telemetry_feed;
  EXECUTE 'CREATE POLICY own_domains ON chat_telemetry_feed FOR SELECT TO telemetry_tenant USING '
    || format('(domain IN %s OR hour = ''-infinity'')', own);
  ALTER TABLE organization_domains ENABLE ROW LEVEL SECURITY;
  DROP POLICY IF EXISTS own_domains ON organization_domains;
  CREATE POLICY own_domains ON organization_domains FOR SELECT TO telemetry_tenant
    USING (organization_id = telemetry_organization());
END $$;

GRANT SELECT ON chat_telemetry_feed, organization_domains, model_prices TO telemetry_tenant;
-- names, specs and watermarks of rollups, which tell nothing of rows
GRANT SELECT ON isofold_rollups, isofold_schemas, isofold_version, isofold_changes, isofold_lost TO telemetry_tenant;
