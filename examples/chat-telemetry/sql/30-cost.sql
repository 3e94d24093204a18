-- What a request costs: one table of prices, filled from lib/prices.json at every init.

CREATE TABLE IF NOT EXISTS model_prices (
  -- a model has the price of the longest prefix that fits; the empty one fits all
  prefix text PRIMARY KEY,
  input_usd numeric(10, 2) NOT NULL,
  output_usd numeric(10, 2) NOT NULL
);

-- USD of a request; prices are per million tokens.
CREATE OR REPLACE FUNCTION telemetry_cost(model text, input_tokens bigint, output_tokens bigint) RETURNS numeric
  LANGUAGE sql STABLE PARALLEL SAFE
  BEGIN ATOMIC
    SELECT round((input_tokens * p.input_usd + output_tokens * p.output_usd) / 1000000, 6)
    FROM model_prices AS p WHERE starts_with(model, p.prefix) ORDER BY length(p.prefix) DESC LIMIT 1;
  END;

CREATE OR REPLACE FUNCTION telemetry_fill_row() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  IF NEW.cost_usd IS NULL AND NEW.input_tokens IS NOT NULL AND NEW.output_tokens IS NOT NULL THEN
    NEW.cost_usd := telemetry_cost(NEW.model, NEW.input_tokens, NEW.output_tokens);
  END IF;
  IF TG_OP = 'UPDATE' THEN
    NEW.updated_at := now();
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE TRIGGER telemetry_fill_row BEFORE INSERT OR UPDATE ON chat_telemetry
  FOR EACH ROW EXECUTE FUNCTION telemetry_fill_row();

-- Rows from before the two counts: 30 % of tokens_used went in, 70 % came out. Run it once when switching over.
CREATE OR REPLACE FUNCTION telemetry_split_tokens_used() RETURNS bigint LANGUAGE sql AS $$
  WITH split AS (
    UPDATE chat_telemetry
    SET input_tokens = round(tokens_used * 0.3), output_tokens = tokens_used - round(tokens_used * 0.3)
    WHERE tokens_used IS NOT NULL AND input_tokens IS NULL AND output_tokens IS NULL
    RETURNING 1
  ) SELECT count(*) FROM split
$$;
