CREATE TABLE IF NOT EXISTS "isofold_rollups" (name text PRIMARY KEY, source text NOT NULL, spec text NOT NULL, watermark bigint, dropped_before bigint, rows_dropped_before bigint, refreshed_at bigint, refresh_ms bigint, rows_read bigint, groups_written bigint, error text, revision bigint NOT NULL DEFAULT 0, catalog bigint NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS "isofold_schemas" (rollup text NOT NULL, version bigint NOT NULL, spec text NOT NULL, PRIMARY KEY (rollup, version));

CREATE TABLE IF NOT EXISTS "isofold_lost" (rollup text NOT NULL, start_us bigint NOT NULL, end_us bigint NOT NULL, changes bigint NOT NULL, told bigint NOT NULL DEFAULT 0, PRIMARY KEY (rollup, start_us, end_us));

CREATE TABLE IF NOT EXISTS "isofold_version" (version bigint NOT NULL);

CREATE TABLE IF NOT EXISTS "isofold_runs" (rollup text NOT NULL, started_at bigint NOT NULL, ended_at bigint NOT NULL, rows_read bigint, groups_written bigint, error text, PRIMARY KEY (rollup, started_at));

CREATE TABLE IF NOT EXISTS "isofold_skipped" (rollup text NOT NULL, start_us bigint NOT NULL, code text NOT NULL, place text NOT NULL, message text NOT NULL, count bigint NOT NULL, PRIMARY KEY (rollup, start_us, code, place));

CREATE TABLE IF NOT EXISTS "isofold_changes" (rollup text NOT NULL, start_us bigint NOT NULL, end_us bigint NOT NULL, moved bigint NOT NULL DEFAULT 0);

CREATE INDEX IF NOT EXISTS isofold_changes_rollup ON "isofold_changes" (rollup, start_us);

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_changes"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_changes"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_lost"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_lost"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_schemas"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_schemas"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_rollups"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_rollups"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_runs"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_runs"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_skipped"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_skipped"'::regclass, who); END LOOP; END $isofold$;

DO $isofold$ DECLARE who text; BEGIN FOR who IN SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a WHERE c.oid = '"isofold_version"'::regclass AND a.grantee <> c.relowner LOOP EXECUTE format('REVOKE ALL ON %s FROM %s', '"isofold_version"'::regclass, who); END LOOP; END $isofold$;

INSERT INTO "isofold_rollups" (name, source, spec, revision, rows_dropped_before) VALUES ($1::text, $2::text, $3::text, txid_current(), (SELECT max(rows_dropped_before) FROM "isofold_rollups" WHERE source = $2::text)) ON CONFLICT (name) DO UPDATE SET source = excluded.source, spec = excluded.spec;

INSERT INTO "isofold_schemas" (rollup, version, spec) VALUES ($1::text, $2::bigint, $3::text);

SELECT name, spec, dropped_before, rows_dropped_before, source FROM "isofold_rollups" ORDER BY name;

SELECT rollup, version, spec FROM "isofold_schemas" ORDER BY rollup, version DESC;

SELECT start_us, end_us, moved FROM "isofold_changes" WHERE rollup = $1::text OR rollup = (SELECT chr(9) || source FROM "isofold_rollups" WHERE name = $1::text AND catalog <> -1) GROUP BY 1, 2, 3 ORDER BY 1, 2;

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"isofold_rollups"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT CASE WHEN relkind IN ('r', 'p') THEN 'table' ELSE 'other' END FROM pg_class WHERE oid = to_regclass(E'"requests'' ""raw""\\"');

-- rollups.revision;

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"isofold_rollups"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

ALTER TABLE "isofold_rollups" ADD COLUMN revision bigint NOT NULL DEFAULT 0;

-- rollups.catalog;

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"isofold_rollups"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

ALTER TABLE "isofold_rollups" ADD COLUMN catalog bigint NOT NULL DEFAULT 0;

-- changes.moved;

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"isofold_changes"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

ALTER TABLE "isofold_changes" ADD COLUMN moved bigint NOT NULL DEFAULT 0;

SELECT 0::bigint AS kind, (SELECT CASE WHEN relkind IN ('r', 'p') THEN 'table' ELSE 'other' END FROM pg_class WHERE oid = to_regclass(E'"requests'' ""raw""\\"'))::text AS name, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::bigint AS watermark, (((SELECT count(*) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_class AS o ON o.relnamespace = p.pronamespace WHERE t.tgrelid = to_regclass(E'"requests'' ""raw""\\"') AND NOT t.tgisinternal AND t.tgname IN ('isofold_log_1ea1a8d18b4c5515_insert', 'isofold_log_1ea1a8d18b4c5515_update', 'isofold_log_1ea1a8d18b4c5515_delete', 'isofold_log_1ea1a8d18b4c5515_truncate') AND t.tgenabled IN ('O', 'A') AND p.proname = 'isofold_log_1ea1a8d18b4c5515' AND o.oid = to_regclass('"isofold_rollups"')) = 4 AND NOT EXISTS (SELECT FROM (WITH RECURSIVE below (oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(E'"requests'' ""raw""\\"') UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN below AS b ON i.inhparent = b.oid) SELECT b.oid::regclass::text, (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = b.oid AND t.tgname LIKE 'isofold_log_1ea1a8d18b4c5515%' AND t.tgenabled IN ('O', 'A')) FROM below AS b JOIN pg_class AS c ON c.oid = b.oid WHERE c.relkind IN ('r', 'p')) AS below (name, triggers) WHERE triggers <> 4))::int)::bigint AS dropped_before, ((coalesce(has_table_privilege(to_regclass('"isofold_changes"'), 'SELECT'), false) AND coalesce(has_table_privilege(to_regclass('"isofold_lost"'), 'SELECT'), false) AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"isofold_rollups"') AND attname = 'catalog' AND NOT attisdropped))::int)::bigint AS rows_dropped_before, NULL::bigint AS refreshed_at, NULL::bigint AS refresh_ms, NULL::bigint AS rows_read, NULL::bigint AS groups_written, NULL::text AS error, NULL::bigint AS revision, NULL::text AS spec, NULL::bigint AS catalog, NULL::bigint AS version UNION ALL SELECT 1, r.name, r.watermark, r.dropped_before, r.rows_dropped_before, r.refreshed_at, r.refresh_ms, r.rows_read, r.groups_written, r.error, CASE WHEN has_table_privilege(to_regclass(format('%I', r.name)), 'SELECT') AND NOT row_security_active(to_regclass(format('%I', r.name))) THEN r.revision END, s.spec, NULL, s.version FROM "isofold_rollups" AS r LEFT JOIN "isofold_schemas" AS s ON s.rollup = r.name ORDER BY 1, 2, 14 DESC;

SELECT 0::bigint AS kind, (SELECT CASE WHEN relkind IN ('r', 'p') THEN 'table' ELSE 'other' END FROM pg_class WHERE oid = to_regclass(E'"requests'' ""raw""\\"'))::text AS name, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint::bigint AS watermark, (((SELECT count(*) FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_class AS o ON o.relnamespace = p.pronamespace WHERE t.tgrelid = to_regclass(E'"requests'' ""raw""\\"') AND NOT t.tgisinternal AND t.tgname IN ('isofold_log_1ea1a8d18b4c5515_insert', 'isofold_log_1ea1a8d18b4c5515_update', 'isofold_log_1ea1a8d18b4c5515_delete', 'isofold_log_1ea1a8d18b4c5515_truncate') AND t.tgenabled IN ('O', 'A') AND p.proname = 'isofold_log_1ea1a8d18b4c5515' AND o.oid = to_regclass('"isofold_rollups"')) = 4 AND NOT EXISTS (SELECT FROM (WITH RECURSIVE below (oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(E'"requests'' ""raw""\\"') UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN below AS b ON i.inhparent = b.oid) SELECT b.oid::regclass::text, (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = b.oid AND t.tgname LIKE 'isofold_log_1ea1a8d18b4c5515%' AND t.tgenabled IN ('O', 'A')) FROM below AS b JOIN pg_class AS c ON c.oid = b.oid WHERE c.relkind IN ('r', 'p')) AS below (name, triggers) WHERE triggers <> 4))::int)::bigint AS dropped_before, ((coalesce(has_table_privilege(to_regclass('"isofold_changes"'), 'SELECT'), false) AND coalesce(has_table_privilege(to_regclass('"isofold_lost"'), 'SELECT'), false) AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = to_regclass('"isofold_rollups"') AND attname = 'catalog' AND NOT attisdropped))::int)::bigint AS rows_dropped_before, NULL::bigint AS refreshed_at, NULL::bigint AS refresh_ms, NULL::bigint AS rows_read, NULL::bigint AS groups_written, NULL::text AS error, NULL::bigint AS revision, NULL::text AS spec, NULL::bigint AS catalog, NULL::bigint AS version UNION ALL SELECT 1, r.name, r.watermark, r.dropped_before, r.rows_dropped_before, r.refreshed_at, r.refresh_ms, r.rows_read, r.groups_written, r.error, CASE WHEN has_table_privilege(to_regclass(format('%I', r.name)), 'SELECT') AND NOT row_security_active(to_regclass(format('%I', r.name))) THEN r.revision END, s.spec, r.catalog, s.version FROM "isofold_rollups" AS r LEFT JOIN "isofold_schemas" AS s ON s.rollup = r.name UNION ALL SELECT 2, c.rollup, min(c.start_us), max(c.end_us), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM "isofold_changes" AS c WHERE c.rollup IN ('hours', 'da''ys', E'	requests'' "raw"\\') AND c.start_us < (SELECT max(watermark) FROM "isofold_rollups" WHERE name IN ('hours', 'da''ys')) GROUP BY c.rollup, c.start_us / 3600000000 UNION ALL SELECT 3, l.rollup, l.start_us, l.end_us, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM "isofold_lost" AS l WHERE l.rollup IN ('hours', 'da''ys') ORDER BY 1, 2, 14 DESC;

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;

UPDATE "isofold_rollups" SET revision = txid_current() WHERE name = $1::text;

SELECT name, source, catalog, watermark, rows_dropped_before, spec FROM "isofold_rollups" ORDER BY name;

SELECT txid_current();

UPDATE "isofold_rollups" SET catalog = $2::bigint WHERE name = $1::text;

SELECT start_us, end_us, changes, told FROM "isofold_lost" WHERE rollup = $1::text ORDER BY 1, 2;

INSERT INTO "isofold_lost" (rollup, start_us, end_us, changes) VALUES ($1::text, $2::bigint, $3::bigint, $4::bigint) ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET told = 0, changes = excluded.changes + CASE isofold_lost.told WHEN 0 THEN isofold_lost.changes ELSE 0 END;

UPDATE "isofold_lost" SET told = 1 WHERE rollup = $1::text AND told = 0;

DELETE FROM "isofold_lost" WHERE rollup = $1::text AND end_us <= $2::bigint;

DELETE FROM "isofold_lost" WHERE rollup = $1::text AND start_us >= $2::bigint AND end_us <= $3::bigint;

DELETE FROM "isofold_changes" WHERE rollup = $1::text AND end_us > $2::bigint AND start_us < $3::bigint AND xmin::text::bigint = txid_current() % 4294967296;

WITH taken AS (DELETE FROM "isofold_changes" WHERE rollup = $2::text RETURNING start_us, end_us, moved) INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT r.name, t.start_us, t.end_us, t.moved FROM "isofold_rollups" AS r CROSS JOIN (SELECT min(start_us) AS start_us, max(end_us) AS end_us, moved FROM taken GROUP BY start_us / 3600000000, moved) AS t WHERE r.source = $1::text AND r.catalog <> -1;

DELETE FROM "isofold_changes" WHERE rollup = $1::text AND end_us > $2::bigint AND start_us < $3::bigint RETURNING start_us, end_us, moved;

INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) VALUES ($1::text, $2::bigint, $3::bigint, $4::bigint);

UPDATE "isofold_rollups" SET watermark = $2::bigint WHERE name = $1::text AND (watermark IS NULL OR watermark < $2::bigint);

UPDATE "isofold_rollups" SET watermark = $2::bigint WHERE name = $1::text AND watermark > $2::bigint;

UPDATE "isofold_rollups" SET refreshed_at = $2::bigint, refresh_ms = $3::bigint, rows_read = $4::bigint, groups_written = $5::bigint, error = $6::text WHERE name = $1::text;

SELECT r.name, r.refreshed_at, c.now FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now) AS c LEFT JOIN "isofold_rollups" AS r ON 1 = 1;

INSERT INTO "isofold_runs" (rollup, started_at, ended_at, rows_read, groups_written, error) SELECT $1::text, t.started_at, greatest(t.started_at, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint), $3::bigint, $4::bigint, $5::text FROM (SELECT coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) + (SELECT count(*) FROM "isofold_runs" WHERE rollup = $1::text AND started_at - coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) BETWEEN 0 AND 999) AS started_at) AS t WHERE true ON CONFLICT (rollup, started_at) DO UPDATE SET ended_at = excluded.ended_at, rows_read = excluded.rows_read, groups_written = excluded.groups_written, error = excluded.error;

DELETE FROM "isofold_runs" WHERE rollup = $1::text AND started_at <= (SELECT started_at FROM "isofold_runs" WHERE rollup = $1::text ORDER BY started_at DESC LIMIT 1 OFFSET 1000);

SELECT rollup, started_at, ended_at, rows_read, groups_written, error FROM "isofold_runs" WHERE $1::text IS NULL OR rollup = $1::text ORDER BY started_at DESC, rollup LIMIT $2::bigint;

INSERT INTO "isofold_skipped" (rollup, start_us, code, place, message, count) VALUES ($1::text, $2::bigint, $3::text, $4::text, $5::text, $6::bigint) ON CONFLICT (rollup, start_us, code, place) DO UPDATE SET message = excluded.message, count = excluded.count;

DELETE FROM "isofold_skipped" WHERE rollup = $1::text AND start_us >= $2::bigint AND start_us < $3::bigint;

SELECT code, place, min(message), CAST(sum(count) AS bigint), min(start_us), max(start_us) FROM "isofold_skipped" WHERE rollup = $1::text GROUP BY code, place ORDER BY code, place;

UPDATE "isofold_rollups" SET dropped_before = $2::bigint WHERE name = $1::text AND (dropped_before IS NULL OR dropped_before < $2::bigint);

UPDATE "isofold_rollups" SET rows_dropped_before = $2::bigint WHERE source = $1::text AND (rows_dropped_before IS NULL OR rows_dropped_before < $2::bigint);

UPDATE "isofold_rollups" SET watermark = NULL, dropped_before = NULL WHERE name = $1::text;

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"isofold_version"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT (num_nulls(to_regclass('"isofold_changes"'), to_regclass('"isofold_lost"'), to_regclass('"isofold_schemas"'), to_regclass('"isofold_rollups"'), to_regclass('"isofold_runs"'), to_regclass('"isofold_skipped"'), to_regclass('"isofold_version"')) = 0)::int::bigint;

SELECT max(version) FROM "isofold_version";

SELECT n.nspname::text FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = to_regclass('"isofold_rollups"');

DELETE FROM "isofold_version";

INSERT INTO "isofold_version" (version) VALUES (4);

DELETE FROM "isofold_rollups" WHERE name = $1::text;

DELETE FROM "isofold_schemas" WHERE rollup = $1::text;

DELETE FROM "isofold_changes" WHERE rollup = $1::text;

DELETE FROM "isofold_runs" WHERE rollup = $1::text;

DELETE FROM "isofold_skipped" WHERE rollup = $1::text;

SET LOCAL lock_timeout = '500ms';

SELECT pg_sleep(0.5);

DROP TABLE IF EXISTS "isofold_changes";

DROP TABLE IF EXISTS "isofold_lost";

DROP TABLE IF EXISTS "isofold_schemas";

DROP TABLE IF EXISTS "isofold_rollups";

DROP TABLE IF EXISTS "isofold_runs";

DROP TABLE IF EXISTS "isofold_skipped";

DROP TABLE IF EXISTS "isofold_version";

BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;

SET LOCAL TIME ZONE 'UTC';

SET LOCAL row_security = off;

BEGIN ISOLATION LEVEL READ COMMITTED;

SET LOCAL TIME ZONE 'UTC';

SET LOCAL row_security = off;

SELECT pg_advisory_xact_lock(-2799761291679969838);

SELECT pg_advisory_xact_lock(-44407879389170974);

BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;

SET LOCAL TIME ZONE 'UTC';

CREATE TABLE "hours" (bucket timestamptz NOT NULL, "model" text, "tier" bigint, "since" timestamptz, "paid" boolean, "ratio" double precision, "requests" bigint, "avg ""ms""" double precision, "first_seen" timestamptz, "all_paid" boolean, "last_model" text, "top" jsonb, state bytea NOT NULL);

CREATE UNIQUE INDEX "isofold_d9253ff06186cdd2_group" ON "hours" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "isofold_d9253ff06186cdd2_key" ON "hours" ("model", bucket);

ALTER TABLE "hours" ADD COLUMN "requests" bigint;

ALTER TABLE "hours" ADD COLUMN "avg ""ms""" double precision;

ALTER TABLE "hours" ADD COLUMN "first_seen" timestamptz;

ALTER TABLE "hours" ADD COLUMN "all_paid" boolean;

ALTER TABLE "hours" ADD COLUMN "last_model" text;

ALTER TABLE "hours" ADD COLUMN "top" jsonb;

SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass('"hours"') AND i.indisvalid;

ALTER TABLE "hours" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "hours";

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"hours"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND bucket < '2026-11-02T00:00:00Z'::timestamptz ORDER BY bucket;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "hours" ORDER BY bucket;

SELECT count(*) FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND bucket < '2026-11-02T00:00:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint, (extract(epoch FROM max(bucket)) * 1000000)::bigint, count(*) FROM "hours";

SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE "model" IS NULL;

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" GROUP BY "tier", "since", "ratio";

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "hours" WHERE (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz) OR (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz AND "model" IS NULL AND "tier" = $1::bigint) OR (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz AND "since" = $2::timestamptz AND "paid" = $3::boolean AND "ratio" = $4::double precision) ORDER BY bucket;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz;

INSERT INTO "hours" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES ($1::timestamptz, $2::text, $3::bigint, $4::timestamptz, $5::boolean, $6::double precision, $7::bigint, $8::double precision, $9::timestamptz, $10::boolean, $11::text, $12::jsonb, $13::bytea), ($14::timestamptz, $15::text, $16::bigint, $17::timestamptz, $18::boolean, $19::double precision, $20::bigint, $21::double precision, $22::timestamptz, $23::boolean, $24::text, $25::jsonb, $26::bytea) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "hours" WHERE bucket = $1::timestamptz AND "model" IS NOT DISTINCT FROM $2::text AND "tier" IS NOT DISTINCT FROM $3::bigint AND "since" IS NOT DISTINCT FROM $4::timestamptz AND "paid" IS NOT DISTINCT FROM $5::boolean AND "ratio" IS NOT DISTINCT FROM $6::double precision;

DELETE FROM "hours" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "hours" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "hours" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz LIMIT 1) AS oldest;

SELECT pg_total_relation_size('"hours"'::regclass);

CREATE TABLE "da'ys" (bucket timestamptz NOT NULL, "model" text, "tier" bigint, "since" timestamptz, "paid" boolean, "ratio" double precision, "requests" bigint, "avg ""ms""" double precision, "first_seen" timestamptz, "all_paid" boolean, "last_model" text, "top" jsonb, state bytea NOT NULL);

CREATE UNIQUE INDEX "isofold_ff623b44dbc7b2e2_group" ON "da'ys" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "isofold_ff623b44dbc7b2e2_key" ON "da'ys" ("model", bucket);

ALTER TABLE "da'ys" ADD COLUMN "requests" bigint;

ALTER TABLE "da'ys" ADD COLUMN "avg ""ms""" double precision;

ALTER TABLE "da'ys" ADD COLUMN "first_seen" timestamptz;

ALTER TABLE "da'ys" ADD COLUMN "all_paid" boolean;

ALTER TABLE "da'ys" ADD COLUMN "last_model" text;

ALTER TABLE "da'ys" ADD COLUMN "top" jsonb;

SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass('"da''ys"') AND i.indisvalid;

ALTER TABLE "da'ys" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "da'ys";

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"da''ys"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND bucket < '2026-11-02T00:00:00Z'::timestamptz ORDER BY bucket;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "da'ys" ORDER BY bucket;

SELECT count(*) FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND bucket < '2026-11-02T00:00:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint, (extract(epoch FROM max(bucket)) * 1000000)::bigint, count(*) FROM "da'ys";

SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE "model" IS NULL;

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket < '2026-11-02T00:00:00Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" GROUP BY "tier", "since", "ratio";

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "da'ys" WHERE (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz) OR (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz AND "model" IS NULL AND "tier" = $1::bigint) OR (bucket >= '1970-01-01T00:00:00Z'::timestamptz AND bucket < '1970-01-01T01:00:00Z'::timestamptz AND "since" = $2::timestamptz AND "paid" = $3::boolean AND "ratio" = $4::double precision) ORDER BY bucket;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "da'ys" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz;

INSERT INTO "da'ys" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES ($1::timestamptz, $2::text, $3::bigint, $4::timestamptz, $5::boolean, $6::double precision, $7::bigint, $8::double precision, $9::timestamptz, $10::boolean, $11::text, $12::jsonb, $13::bytea), ($14::timestamptz, $15::text, $16::bigint, $17::timestamptz, $18::boolean, $19::double precision, $20::bigint, $21::double precision, $22::timestamptz, $23::boolean, $24::text, $25::jsonb, $26::bytea) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "da'ys" WHERE bucket = $1::timestamptz AND "model" IS NOT DISTINCT FROM $2::text AND "tier" IS NOT DISTINCT FROM $3::bigint AND "since" IS NOT DISTINCT FROM $4::timestamptz AND "paid" IS NOT DISTINCT FROM $5::boolean AND "ratio" IS NOT DISTINCT FROM $6::double precision;

DELETE FROM "da'ys" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "da'ys" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "da'ys" WHERE bucket < '1970-01-01T00:00:00Z'::timestamptz LIMIT 1) AS oldest;

SELECT pg_total_relation_size('"da''ys"'::regclass);

CREATE TABLE "ticks" (bucket timestamptz NOT NULL, "model" text, "tier" bigint, "since" timestamptz, "paid" boolean, "ratio" double precision, "requests" bigint, "avg ""ms""" double precision, "first_seen" timestamptz, "all_paid" boolean, "last_model" text, "top" jsonb, state bytea NOT NULL);

CREATE UNIQUE INDEX "isofold_3c3e9967d641c884_group" ON "ticks" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "isofold_3c3e9967d641c884_key" ON "ticks" ("model", bucket);

ALTER TABLE "ticks" ADD COLUMN "requests" bigint;

ALTER TABLE "ticks" ADD COLUMN "avg ""ms""" double precision;

ALTER TABLE "ticks" ADD COLUMN "first_seen" timestamptz;

ALTER TABLE "ticks" ADD COLUMN "all_paid" boolean;

ALTER TABLE "ticks" ADD COLUMN "last_model" text;

ALTER TABLE "ticks" ADD COLUMN "top" jsonb;

SELECT c.relname::text FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid WHERE i.indrelid = to_regclass('"ticks"') AND i.indisvalid;

ALTER TABLE "ticks" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "ticks";

SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = to_regclass('"ticks"') AND attnum > 0 AND NOT attisdropped ORDER BY attnum;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz AND bucket < '2026-11-02T00:00:00.000000Z'::timestamptz ORDER BY bucket;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "ticks" ORDER BY bucket;

SELECT count(*) FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz AND bucket < '2026-11-02T00:00:00.000000Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint, (extract(epoch FROM max(bucket)) * 1000000)::bigint, count(*) FROM "ticks";

SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE "model" IS NULL;

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM max(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz GROUP BY "tier", "since", "ratio";

SELECT "tier", (extract(epoch FROM "since") * 1000000)::bigint, "ratio", (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" GROUP BY "tier", "since", "ratio";

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "ticks" WHERE (bucket >= '1970-01-01T00:00:00.000000Z'::timestamptz AND bucket < '1970-01-01T01:00:00.000000Z'::timestamptz) OR (bucket >= '1970-01-01T00:00:00.000000Z'::timestamptz AND bucket < '1970-01-01T01:00:00.000000Z'::timestamptz AND "model" IS NULL AND "tier" = $1::bigint) OR (bucket >= '1970-01-01T00:00:00.000000Z'::timestamptz AND bucket < '1970-01-01T01:00:00.000000Z'::timestamptz AND "since" = $2::timestamptz AND "paid" = $3::boolean AND "ratio" = $4::double precision) ORDER BY bucket;

SELECT (extract(epoch FROM min(bucket)) * 1000000)::bigint FROM "ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z'::timestamptz;

INSERT INTO "ticks" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES ($1::timestamptz, $2::text, $3::bigint, $4::timestamptz, $5::boolean, $6::double precision, $7::bigint, $8::double precision, $9::timestamptz, $10::boolean, $11::text, $12::jsonb, $13::bytea), ($14::timestamptz, $15::text, $16::bigint, $17::timestamptz, $18::boolean, $19::double precision, $20::bigint, $21::double precision, $22::timestamptz, $23::boolean, $24::text, $25::jsonb, $26::bytea) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", 'epoch'::timestamptz)), ("paid" IS NULL), (coalesce("paid", false)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "ticks" WHERE bucket = $1::timestamptz AND "model" IS NOT DISTINCT FROM $2::text AND "tier" IS NOT DISTINCT FROM $3::bigint AND "since" IS NOT DISTINCT FROM $4::timestamptz AND "paid" IS NOT DISTINCT FROM $5::boolean AND "ratio" IS NOT DISTINCT FROM $6::double precision;

DELETE FROM "ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z'::timestamptz AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z'::timestamptz ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z'::timestamptz LIMIT 1) AS oldest;

SELECT pg_total_relation_size('"ticks"'::regclass);

SELECT r."model"::text AS "model", r."ms"::double precision AS "ms", r."paid", r."ratio"::double precision AS "ratio", (extract(epoch FROM r."since"::timestamptz) * 1000000)::bigint AS "since", r."tier", r."ts" FROM "requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250 AND r."ts" < 1793577600000;

SELECT r."model"::text AS "model" FROM "requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000 AND r."ts" < 1793577600000;

SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), CASE WHEN coalesce(c.collisdeterministic, true) THEN 'exact' ELSE '' END, current_setting('server_encoding') FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation WHERE a.attrelid = to_regclass(E'"requests'' ""raw""\\"') AND a.attnum > 0 AND NOT a.attisdropped;

SELECT r."model"::text AS "model" FROM "requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250 AND r."ts" < 1793577600000 AND (r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint);

SELECT r."model"::text AS "model", (r."ts" >= -62135596800000 AND r."ts" < 1793577600000 AND (r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint))::int AS "takes_0" FROM "requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250 AND r."ts" < 1793577600000;

SELECT r."model"::text AS "model", (r."ts" >= -62135596800000 AND r."ts" < 1793577600000 AND (r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint))::int AS "takes_0", (r."ts" >= 1793511000250 AND r."ts" < 253402300800000 AND (r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint))::int AS "takes_1" FROM "requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000 AND r."ts" < 253402300800000 AND (((r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint)));

SELECT a.attname::text, format_type(a.atttypid, a.atttypmod), CASE WHEN coalesce(c.collisdeterministic, true) THEN 'exact' ELSE '' END, current_setting('server_encoding') FROM pg_attribute AS a LEFT JOIN pg_collation AS c ON c.oid = a.attcollation WHERE a.attrelid = to_regclass('"hours"') AND a.attnum > 0 AND NOT a.attisdropped;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "hours" WHERE bucket >= '2026-11-01T05:30:00Z'::timestamptz AND bucket < '2026-11-02T00:00:00Z'::timestamptz AND ("model" = E'o''ne\\'::text) AND ((("model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR ("tier" IN ('1'::bigint, '2'::bigint)) OR (NOT "paid")) AND (nullif("ratio", 'NaN'::double precision) > '0.1'::double precision) AND (("since" < '2026-11-01T00:00:00Z'::timestamptz) OR ("since" >= '10000-01-01 00:00:00+00'::timestamptz OR "since" = '-infinity'::timestamptz)) AND (length(("model"::text COLLATE "C")) < '9'::bigint) ORDER BY bucket;

SELECT (extract(epoch FROM "bucket") * 1000000)::bigint, "model", "tier", (extract(epoch FROM "since") * 1000000)::bigint, "paid", "ratio", state FROM "hours" WHERE ("model" = E'o''ne\\'::text) AND ((("model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR ("tier" IN ('1'::bigint, '2'::bigint)) OR (NOT "paid")) AND (nullif("ratio", 'NaN'::double precision) > '0.1'::double precision) AND (("since" < '2026-11-01T00:00:00Z'::timestamptz) OR ("since" >= '10000-01-01 00:00:00+00'::timestamptz OR "since" = '-infinity'::timestamptz)) AND (length(("model"::text COLLATE "C")) < '9'::bigint) ORDER BY bucket;

SELECT count(*) FROM "requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250 AND r."ts" < 1793577600000;

SELECT count(*) FROM "requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000 AND r."ts" < 1793577600000 AND (r."model" = E'o''ne\\'::text) AND (((r."model"::text COLLATE "C") LIKE E'50\\%%' ESCAPE E'\\') OR (r."tier" IN ('1'::bigint, '2'::bigint)) OR (NOT r."paid")) AND (nullif(r."ratio", 'NaN'::double precision) > '0.1'::double precision) AND ((r."since" < '2026-11-01T00:00:00Z'::timestamptz) OR (r."since" >= '10000-01-01 00:00:00+00'::timestamptz OR r."since" = '-infinity'::timestamptz)) AND (length((r."model"::text COLLATE "C")) < '9'::bigint);

SELECT count(*) FROM "requests' ""raw""\" AS r WHERE r."ts" < -62135596800000 OR r."ts" >= 253402300800000;

SELECT (SELECT min(r."ts") FROM "requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000 AND r."ts" < 253402300800000), (SELECT max(r."ts") FROM "requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000 AND r."ts" < 1);

DELETE FROM "requests' ""raw""\" AS r WHERE "ts" < 0 AND r."ts" <= (SELECT max(oldest."ts") FROM (SELECT r."ts" FROM "requests' ""raw""\" AS r WHERE "ts" < 0 ORDER BY r."ts" LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "requests' ""raw""\" AS r WHERE "ts" < 0 LIMIT 1) AS oldest;

WITH RECURSIVE below (oid) AS (SELECT inhrelid FROM pg_inherits WHERE inhparent = to_regclass(E'"requests'' ""raw""\\"') UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN below AS b ON i.inhparent = b.oid) SELECT b.oid::regclass::text, (SELECT count(*) FROM pg_trigger AS t WHERE t.tgrelid = b.oid AND t.tgname LIKE 'isofold_log_1ea1a8d18b4c5515%' AND t.tgenabled IN ('O', 'A')) FROM below AS b JOIN pg_class AS c ON c.oid = b.oid WHERE c.relkind IN ('r', 'p');

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_insert" ON public."part";

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_insert" AFTER INSERT ON public."part" REFERENCING NEW TABLE AS isofold_new FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_update" ON public."part";

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_update" AFTER UPDATE ON public."part" REFERENCING OLD TABLE AS isofold_old NEW TABLE AS isofold_new FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_delete" ON public."part";

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_delete" AFTER DELETE ON public."part" REFERENCING OLD TABLE AS isofold_old FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_truncate" ON public."part";

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_truncate" AFTER TRUNCATE ON public."part" FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

SELECT min(h.start_us)::bigint, max(h.end_us)::bigint FROM (SELECT min(x.at)::bigint AS start_us, max(x.at)::bigint + 1 AS end_us FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric * 1000) AS at FROM part) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000 GROUP BY floor(x.at::numeric / 3600000000)) AS h;

SELECT t.tgname::text, t.tgenabled::text || ' ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname), p.prosecdef::text || ' ' || array_to_string(p.proconfig, '; ') || ' ' || p.prosrc FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE t.tgrelid = to_regclass(E'"requests'' ""raw""\\"') AND NOT t.tgisinternal AND t.tgname LIKE 'isofold_log_1ea1a8d18b4c5515%';

LOCK TABLE "requests' ""raw""\" IN SHARE ROW EXCLUSIVE MODE;

CREATE OR REPLACE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' AS $isofold$
#variable_conflict use_column
DECLARE isofold_low bigint; isofold_high bigint; BEGIN IF to_regclass('"own"."isofold_changes"') IS NULL THEN RETURN NULL; END IF; IF TG_OP = 'TRUNCATE' THEN INSERT INTO "own"."isofold_changes" (rollup, start_us, end_us, moved) VALUES (E'	requests'' "raw"\\', -377705116800000000, 253402300799999999, 0); RETURN NULL; END IF; IF TG_OP <> 'DELETE' THEN SELECT min(x.at), max(x.at) INTO isofold_low, isofold_high FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric * 1000) AS at FROM isofold_new) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000; IF floor(isofold_low::numeric / 3600000000) = floor(isofold_high::numeric / 3600000000) THEN INSERT INTO "own"."isofold_changes" (rollup, start_us, end_us, moved) VALUES (E'	requests'' "raw"\\', isofold_low::bigint, isofold_high::bigint + 1, 0); ELSIF isofold_low IS NOT NULL THEN INSERT INTO "own"."isofold_changes" (rollup, start_us, end_us, moved) SELECT E'	requests'' "raw"\\', t.start_us, t.end_us, 0 FROM (SELECT min(x.at)::bigint AS start_us, max(x.at)::bigint + 1 AS end_us FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric * 1000) AS at FROM isofold_new) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000 GROUP BY floor(x.at::numeric / 3600000000)) AS t; END IF; END IF; IF TG_OP <> 'INSERT' THEN SELECT min(x.at), max(x.at) INTO isofold_low, isofold_high FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric * 1000) AS at FROM isofold_old) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000; IF floor(isofold_low::numeric / 3600000000) = floor(isofold_high::numeric / 3600000000) THEN INSERT INTO "own"."isofold_changes" (rollup, start_us, end_us, moved) VALUES (E'	requests'' "raw"\\', isofold_low::bigint, isofold_high::bigint + 1, (TG_OP = 'UPDATE')::int); ELSIF isofold_low IS NOT NULL THEN INSERT INTO "own"."isofold_changes" (rollup, start_us, end_us, moved) SELECT E'	requests'' "raw"\\', t.start_us, t.end_us, (TG_OP = 'UPDATE')::int FROM (SELECT min(x.at)::bigint AS start_us, max(x.at)::bigint + 1 AS end_us FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric * 1000) AS at FROM isofold_old) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000 GROUP BY floor(x.at::numeric / 3600000000)) AS t; END IF; END IF; RETURN NULL; END $isofold$;

REVOKE ALL ON FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"() FROM PUBLIC;

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_insert" AFTER INSERT ON "requests' ""raw""\" REFERENCING NEW TABLE AS isofold_new FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_update" AFTER UPDATE ON "requests' ""raw""\" REFERENCING OLD TABLE AS isofold_old NEW TABLE AS isofold_new FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_delete" AFTER DELETE ON "requests' ""raw""\" REFERENCING OLD TABLE AS isofold_old FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

CREATE TRIGGER "isofold_log_1ea1a8d18b4c5515_truncate" AFTER TRUNCATE ON "requests' ""raw""\" FOR EACH STATEMENT EXECUTE FUNCTION "own"."isofold_log_1ea1a8d18b4c5515"();

DROP TRIGGER IF EXISTS "isofold_log_insert" ON "requests' ""raw""\";

DROP FUNCTION IF EXISTS "own"."isofold_log_1ea1a8d18b4c5515"() CASCADE;
