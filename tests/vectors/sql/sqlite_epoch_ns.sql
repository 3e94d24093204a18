CREATE TABLE IF NOT EXISTS "main"."isofold_rollups" (name text PRIMARY KEY, source text NOT NULL, spec text NOT NULL, watermark INTEGER, dropped_before INTEGER, rows_dropped_before INTEGER, refreshed_at INTEGER, refresh_ms INTEGER, rows_read INTEGER, groups_written INTEGER, error text, revision INTEGER NOT NULL DEFAULT 0, catalog INTEGER NOT NULL DEFAULT 0);

CREATE TABLE IF NOT EXISTS "main"."isofold_schemas" (rollup text NOT NULL, version INTEGER NOT NULL, spec text NOT NULL, PRIMARY KEY (rollup, version));

CREATE TABLE IF NOT EXISTS "main"."isofold_lost" (rollup text NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, changes INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (rollup, start_us, end_us));

CREATE TABLE IF NOT EXISTS "main"."isofold_version" (version INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS "main"."isofold_runs" (rollup text NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER NOT NULL, rows_read INTEGER, groups_written INTEGER, error text, PRIMARY KEY (rollup, started_at));

CREATE TABLE IF NOT EXISTS "main"."isofold_skipped" (rollup text NOT NULL, start_us INTEGER NOT NULL, code text NOT NULL, place text NOT NULL, message text NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (rollup, start_us, code, place));

CREATE TABLE IF NOT EXISTS "main"."isofold_changes" (rollup text NOT NULL, start_us INTEGER NOT NULL, end_us INTEGER NOT NULL, moved INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (rollup, start_us, end_us)) WITHOUT ROWID;

INSERT INTO "main"."isofold_rollups" (name, source, spec, revision, rows_dropped_before) VALUES (?1, ?2, ?3, random(), (SELECT max(rows_dropped_before) FROM "main"."isofold_rollups" WHERE source = ?2)) ON CONFLICT (name) DO UPDATE SET source = excluded.source, spec = excluded.spec;

INSERT INTO "main"."isofold_schemas" (rollup, version, spec) VALUES (?1, ?2, ?3);

SELECT name, spec, dropped_before, rows_dropped_before, source FROM "main"."isofold_rollups" ORDER BY name;

SELECT rollup, version, spec FROM "main"."isofold_schemas" ORDER BY rollup, version DESC;

SELECT start_us, end_us, moved FROM "main"."isofold_changes" WHERE rollup = ?1 OR rollup = (SELECT char(9) || source FROM "main"."isofold_rollups" WHERE name = ?1 AND catalog <> -1) GROUP BY 1, 2, 3 ORDER BY 1, 2;

SELECT name, type FROM pragma_table_info('isofold_rollups', 'main');

SELECT kind FROM (SELECT CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' THEN 'table' ELSE 'other' END AS kind FROM "main"."sqlite_master" WHERE type IN ('table', 'view') AND name = 'requests'' "raw"\' COLLATE NOCASE) LIMIT 1;

-- rollups.revision;

SELECT name, type FROM pragma_table_info('isofold_rollups', 'main');

ALTER TABLE "main"."isofold_rollups" ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;

-- rollups.catalog;

SELECT name, type FROM pragma_table_info('isofold_rollups', 'main');

ALTER TABLE "main"."isofold_rollups" ADD COLUMN catalog INTEGER NOT NULL DEFAULT 0;

-- changes.moved;

SELECT name, type FROM pragma_table_info('isofold_changes', 'main');

ALTER TABLE "main"."isofold_changes" ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;

SELECT 0 AS kind, (SELECT kind FROM (SELECT CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' THEN 'table' ELSE 'other' END AS kind FROM "main"."sqlite_master" WHERE type IN ('table', 'view') AND name = 'requests'' "raw"\' COLLATE NOCASE) LIMIT 1) AS name, (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000) AS watermark, ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'trigger' AND tbl_name = 'requests'' "raw"\' AND name IN ('isofold_log_1ea1a8d18b4c5515_insert', 'isofold_log_1ea1a8d18b4c5515_update', 'isofold_log_1ea1a8d18b4c5515_delete')) = 3 AND ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'trigger' AND tbl_name = 'requests'' "raw"\' AND name IN ('isofold_log_1ea1a8d18b4c5515_replace', 'isofold_log_1ea1a8d18b4c5515_replace_update')) = 2 OR NOT EXISTS (SELECT 1 FROM pragma_index_list('requests'' "raw"\', 'main') AS l WHERE l."unique" AND NOT EXISTS (SELECT 1 FROM pragma_index_info(l.name, 'main') AS i WHERE i.name IS NULL) UNION ALL SELECT 1 FROM pragma_table_info('requests'' "raw"\', 'main') WHERE pk > 0 AND type = 'INTEGER' COLLATE NOCASE AND (SELECT max(pk) FROM pragma_table_info('requests'' "raw"\', 'main')) = 1))) AS dropped_before, ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'table' AND name IN ('isofold_changes', 'isofold_lost')) = 2 AND EXISTS (SELECT 1 FROM (SELECT name, type FROM pragma_table_info('isofold_rollups', 'main')) WHERE name = 'catalog')) AS rows_dropped_before, NULL AS refreshed_at, NULL AS refresh_ms, NULL AS rows_read, NULL AS groups_written, NULL AS error, NULL AS revision, NULL AS spec, NULL AS catalog, NULL AS version UNION ALL SELECT 1, r.name, r.watermark, r.dropped_before, r.rows_dropped_before, r.refreshed_at, r.refresh_ms, r.rows_read, r.groups_written, r.error, r.revision, s.spec, NULL, s.version FROM "main"."isofold_rollups" AS r LEFT JOIN "main"."isofold_schemas" AS s ON s.rollup = r.name ORDER BY 1, 2, 14 DESC;

SELECT 0 AS kind, (SELECT kind FROM (SELECT CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' THEN 'table' ELSE 'other' END AS kind FROM "main"."sqlite_master" WHERE type IN ('table', 'view') AND name = 'requests'' "raw"\' COLLATE NOCASE) LIMIT 1) AS name, (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000) AS watermark, ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'trigger' AND tbl_name = 'requests'' "raw"\' AND name IN ('isofold_log_1ea1a8d18b4c5515_insert', 'isofold_log_1ea1a8d18b4c5515_update', 'isofold_log_1ea1a8d18b4c5515_delete')) = 3 AND ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'trigger' AND tbl_name = 'requests'' "raw"\' AND name IN ('isofold_log_1ea1a8d18b4c5515_replace', 'isofold_log_1ea1a8d18b4c5515_replace_update')) = 2 OR NOT EXISTS (SELECT 1 FROM pragma_index_list('requests'' "raw"\', 'main') AS l WHERE l."unique" AND NOT EXISTS (SELECT 1 FROM pragma_index_info(l.name, 'main') AS i WHERE i.name IS NULL) UNION ALL SELECT 1 FROM pragma_table_info('requests'' "raw"\', 'main') WHERE pk > 0 AND type = 'INTEGER' COLLATE NOCASE AND (SELECT max(pk) FROM pragma_table_info('requests'' "raw"\', 'main')) = 1))) AS dropped_before, ((SELECT count(*) FROM "main"."sqlite_master" WHERE type = 'table' AND name IN ('isofold_changes', 'isofold_lost')) = 2 AND EXISTS (SELECT 1 FROM (SELECT name, type FROM pragma_table_info('isofold_rollups', 'main')) WHERE name = 'catalog')) AS rows_dropped_before, NULL AS refreshed_at, NULL AS refresh_ms, NULL AS rows_read, NULL AS groups_written, NULL AS error, NULL AS revision, NULL AS spec, NULL AS catalog, NULL AS version UNION ALL SELECT 1, r.name, r.watermark, r.dropped_before, r.rows_dropped_before, r.refreshed_at, r.refresh_ms, r.rows_read, r.groups_written, r.error, r.revision, s.spec, r.catalog, s.version FROM "main"."isofold_rollups" AS r LEFT JOIN "main"."isofold_schemas" AS s ON s.rollup = r.name UNION ALL SELECT 2, c.rollup, min(c.start_us), max(c.end_us), NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM "main"."isofold_changes" AS c WHERE c.rollup IN ('hours', 'da''ys', '	requests'' "raw"\') AND c.start_us < (SELECT max(watermark) FROM "main"."isofold_rollups" WHERE name IN ('hours', 'da''ys')) GROUP BY c.rollup, c.start_us / 3600000000 UNION ALL SELECT 3, l.rollup, l.start_us, l.end_us, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM "main"."isofold_lost" AS l WHERE l.rollup IN ('hours', 'da''ys') ORDER BY 1, 2, 14 DESC;

SELECT (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000);

UPDATE "main"."isofold_rollups" SET revision = random() WHERE name = ?1;

SELECT name, source, catalog, watermark, rows_dropped_before, spec FROM "main"."isofold_rollups" ORDER BY name;

SELECT (random() & 4611686018427387903) + 1;

UPDATE "main"."isofold_rollups" SET catalog = ?2 WHERE name = ?1;

SELECT start_us, end_us, changes, told FROM "main"."isofold_lost" WHERE rollup = ?1 ORDER BY 1, 2;

INSERT INTO "main"."isofold_lost" (rollup, start_us, end_us, changes) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET told = 0, changes = excluded.changes + CASE isofold_lost.told WHEN 0 THEN isofold_lost.changes ELSE 0 END;

UPDATE "main"."isofold_lost" SET told = 1 WHERE rollup = ?1 AND told = 0;

DELETE FROM "main"."isofold_lost" WHERE rollup = ?1 AND end_us <= ?2;

DELETE FROM "main"."isofold_lost" WHERE rollup = ?1 AND start_us >= ?2 AND end_us <= ?3;

DELETE FROM "main"."isofold_changes" WHERE rollup = ?1 AND end_us > ?2 AND start_us < ?3;

INSERT INTO "main"."isofold_changes" (rollup, start_us, end_us, moved) SELECT r.name, t.start_us, t.end_us, t.moved FROM "main"."isofold_rollups" AS r CROSS JOIN (SELECT min(start_us) AS start_us, max(end_us) AS end_us, moved FROM (SELECT * FROM "main"."isofold_changes" WHERE rollup = ?2) AS taken GROUP BY start_us / 3600000000, moved) AS t WHERE r.source = ?1 AND r.catalog <> -1 ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = max(moved, excluded.moved);

DELETE FROM "main"."isofold_changes" WHERE rollup = ?2 AND ?1 IS NOT NULL;

DELETE FROM "main"."isofold_changes" WHERE rollup = ?1 AND end_us > ?2 AND start_us < ?3 RETURNING start_us, end_us, moved;

INSERT INTO "main"."isofold_changes" (rollup, start_us, end_us, moved) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = max(moved, excluded.moved);

UPDATE "main"."isofold_rollups" SET watermark = ?2 WHERE name = ?1 AND (watermark IS NULL OR watermark < ?2);

UPDATE "main"."isofold_rollups" SET watermark = ?2 WHERE name = ?1 AND watermark > ?2;

UPDATE "main"."isofold_rollups" SET refreshed_at = ?2, refresh_ms = ?3, rows_read = ?4, groups_written = ?5, error = ?6 WHERE name = ?1;

SELECT r.name, r.refreshed_at, c.now FROM (SELECT (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000) AS now) AS c LEFT JOIN "main"."isofold_rollups" AS r ON 1 = 1;

INSERT INTO "main"."isofold_runs" (rollup, started_at, ended_at, rows_read, groups_written, error) SELECT ?1, t.started_at, max(t.started_at, (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)), ?3, ?4, ?5 FROM (SELECT coalesce(?2, (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)) + (SELECT count(*) FROM "main"."isofold_runs" WHERE rollup = ?1 AND started_at - coalesce(?2, (CAST(strftime('%s', 'now') AS INTEGER) * 1000000 + CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)) BETWEEN 0 AND 999) AS started_at) AS t WHERE true ON CONFLICT (rollup, started_at) DO UPDATE SET ended_at = excluded.ended_at, rows_read = excluded.rows_read, groups_written = excluded.groups_written, error = excluded.error;

DELETE FROM "main"."isofold_runs" WHERE rollup = ?1 AND started_at <= (SELECT started_at FROM "main"."isofold_runs" WHERE rollup = ?1 ORDER BY started_at DESC LIMIT 1 OFFSET 1000);

SELECT rollup, started_at, ended_at, rows_read, groups_written, error FROM "main"."isofold_runs" WHERE ?1 IS NULL OR rollup = ?1 ORDER BY started_at DESC, rollup LIMIT ?2;

INSERT INTO "main"."isofold_skipped" (rollup, start_us, code, place, message, count) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (rollup, start_us, code, place) DO UPDATE SET message = excluded.message, count = excluded.count;

DELETE FROM "main"."isofold_skipped" WHERE rollup = ?1 AND start_us >= ?2 AND start_us < ?3;

SELECT code, place, min(message), CAST(sum(count) AS bigint), min(start_us), max(start_us) FROM "main"."isofold_skipped" WHERE rollup = ?1 GROUP BY code, place ORDER BY code, place;

UPDATE "main"."isofold_rollups" SET dropped_before = ?2 WHERE name = ?1 AND (dropped_before IS NULL OR dropped_before < ?2);

UPDATE "main"."isofold_rollups" SET rows_dropped_before = ?2 WHERE source = ?1 AND (rows_dropped_before IS NULL OR rows_dropped_before < ?2);

UPDATE "main"."isofold_rollups" SET watermark = NULL, dropped_before = NULL WHERE name = ?1;

SELECT name, type FROM pragma_table_info('isofold_version', 'main');

SELECT count(*) = 7 FROM "main"."sqlite_master" WHERE type = 'table' AND name IN ('isofold_changes', 'isofold_lost', 'isofold_schemas', 'isofold_rollups', 'isofold_runs', 'isofold_skipped', 'isofold_version');

SELECT max(version) FROM "main"."isofold_version";

SELECT NULL;

DELETE FROM "main"."isofold_version";

INSERT INTO "main"."isofold_version" (version) VALUES (4);

DELETE FROM "main"."isofold_rollups" WHERE name = ?1;

DELETE FROM "main"."isofold_schemas" WHERE rollup = ?1;

DELETE FROM "main"."isofold_changes" WHERE rollup = ?1;

DELETE FROM "main"."isofold_runs" WHERE rollup = ?1;

DELETE FROM "main"."isofold_skipped" WHERE rollup = ?1;

DROP TABLE IF EXISTS "main"."isofold_changes";

DROP TABLE IF EXISTS "main"."isofold_lost";

DROP TABLE IF EXISTS "main"."isofold_schemas";

DROP TABLE IF EXISTS "main"."isofold_rollups";

DROP TABLE IF EXISTS "main"."isofold_runs";

DROP TABLE IF EXISTS "main"."isofold_skipped";

DROP TABLE IF EXISTS "main"."isofold_version";

BEGIN;

BEGIN IMMEDIATE;

BEGIN;

CREATE TABLE "main"."hours" (bucket TEXT NOT NULL, "model" TEXT, "tier" INTEGER, "since" TEXT, "paid" INTEGER, "ratio" REAL, "requests" INTEGER, "avg ""ms""" REAL, "first_seen" TEXT, "all_paid" INTEGER, "last_model" TEXT, "top" TEXT, state BLOB NOT NULL);

CREATE UNIQUE INDEX "main"."isofold_d9253ff06186cdd2_group" ON "hours" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "main"."isofold_d9253ff06186cdd2_key" ON "hours" ("model", bucket);

ALTER TABLE "main"."hours" ADD COLUMN "requests" INTEGER;

ALTER TABLE "main"."hours" ADD COLUMN "avg ""ms""" REAL;

ALTER TABLE "main"."hours" ADD COLUMN "first_seen" TEXT;

ALTER TABLE "main"."hours" ADD COLUMN "all_paid" INTEGER;

ALTER TABLE "main"."hours" ADD COLUMN "last_model" TEXT;

ALTER TABLE "main"."hours" ADD COLUMN "top" TEXT;

SELECT name FROM pragma_index_list('hours', 'main');

ALTER TABLE "main"."hours" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "main"."hours";

SELECT name, type FROM pragma_table_info('hours', 'main');

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' AND bucket < '2026-11-02T00:00:00Z' ORDER BY bucket;

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."hours" ORDER BY bucket;

SELECT count(*) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' AND bucket < '2026-11-02T00:00:00Z';

SELECT min(bucket), max(bucket), count(*) FROM "main"."hours";

SELECT max(bucket) FROM "main"."hours" WHERE bucket < '2026-11-02T00:00:00Z';

SELECT min(bucket) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z';

SELECT min(bucket) FROM "main"."hours";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT max(bucket) FROM "main"."hours" WHERE bucket < '2026-11-02T00:00:00Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, max(bucket) FROM "main"."hours" WHERE bucket < '2026-11-02T00:00:00Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."hours" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."hours" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."hours" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."hours" WHERE "model" IS NULL;

SELECT "tier", "since", "ratio", max(bucket) FROM "main"."hours" WHERE bucket < '2026-11-02T00:00:00Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."hours" GROUP BY "tier", "since", "ratio";

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."hours" WHERE (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z') OR (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z' AND "model" IS NULL AND "tier" = ?1) OR (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z' AND "since" = ?2 AND "paid" = ?3 AND "ratio" = ?4) ORDER BY bucket;

SELECT min(bucket) FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z';

INSERT INTO "main"."hours" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13), (?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "main"."hours" WHERE bucket = ?1 AND "model" IS ?2 AND "tier" IS ?3 AND "since" IS ?4 AND "paid" IS ?5 AND "ratio" IS ?6;

DELETE FROM "main"."hours" WHERE bucket < '1970-01-01T00:00:00Z' AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "main"."hours" WHERE bucket < '1970-01-01T00:00:00Z' ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "main"."hours" WHERE bucket < '1970-01-01T00:00:00Z' LIMIT 1) AS oldest;

SELECT coalesce(sum(length(state)), 0) FROM "main"."hours";

CREATE TABLE "main"."da'ys" (bucket TEXT NOT NULL, "model" TEXT, "tier" INTEGER, "since" TEXT, "paid" INTEGER, "ratio" REAL, "requests" INTEGER, "avg ""ms""" REAL, "first_seen" TEXT, "all_paid" INTEGER, "last_model" TEXT, "top" TEXT, state BLOB NOT NULL);

CREATE UNIQUE INDEX "main"."isofold_ff623b44dbc7b2e2_group" ON "da'ys" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "main"."isofold_ff623b44dbc7b2e2_key" ON "da'ys" ("model", bucket);

ALTER TABLE "main"."da'ys" ADD COLUMN "requests" INTEGER;

ALTER TABLE "main"."da'ys" ADD COLUMN "avg ""ms""" REAL;

ALTER TABLE "main"."da'ys" ADD COLUMN "first_seen" TEXT;

ALTER TABLE "main"."da'ys" ADD COLUMN "all_paid" INTEGER;

ALTER TABLE "main"."da'ys" ADD COLUMN "last_model" TEXT;

ALTER TABLE "main"."da'ys" ADD COLUMN "top" TEXT;

SELECT name FROM pragma_index_list('da''ys', 'main');

ALTER TABLE "main"."da'ys" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "main"."da'ys";

SELECT name, type FROM pragma_table_info('da''ys', 'main');

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z' AND bucket < '2026-11-02T00:00:00Z' ORDER BY bucket;

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."da'ys" ORDER BY bucket;

SELECT count(*) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z' AND bucket < '2026-11-02T00:00:00Z';

SELECT min(bucket), max(bucket), count(*) FROM "main"."da'ys";

SELECT max(bucket) FROM "main"."da'ys" WHERE bucket < '2026-11-02T00:00:00Z';

SELECT min(bucket) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z';

SELECT min(bucket) FROM "main"."da'ys";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT max(bucket) FROM "main"."da'ys" WHERE bucket < '2026-11-02T00:00:00Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, max(bucket) FROM "main"."da'ys" WHERE bucket < '2026-11-02T00:00:00Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."da'ys" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."da'ys" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."da'ys" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."da'ys" WHERE "model" IS NULL;

SELECT "tier", "since", "ratio", max(bucket) FROM "main"."da'ys" WHERE bucket < '2026-11-02T00:00:00Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."da'ys" GROUP BY "tier", "since", "ratio";

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."da'ys" WHERE (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z') OR (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z' AND "model" IS NULL AND "tier" = ?1) OR (bucket >= '1970-01-01T00:00:00Z' AND bucket < '1970-01-01T01:00:00Z' AND "since" = ?2 AND "paid" = ?3 AND "ratio" = ?4) ORDER BY bucket;

SELECT min(bucket) FROM "main"."da'ys" WHERE bucket >= '2026-11-01T05:30:00Z';

INSERT INTO "main"."da'ys" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13), (?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "main"."da'ys" WHERE bucket = ?1 AND "model" IS ?2 AND "tier" IS ?3 AND "since" IS ?4 AND "paid" IS ?5 AND "ratio" IS ?6;

DELETE FROM "main"."da'ys" WHERE bucket < '1970-01-01T00:00:00Z' AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "main"."da'ys" WHERE bucket < '1970-01-01T00:00:00Z' ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "main"."da'ys" WHERE bucket < '1970-01-01T00:00:00Z' LIMIT 1) AS oldest;

SELECT coalesce(sum(length(state)), 0) FROM "main"."da'ys";

CREATE TABLE "main"."ticks" (bucket TEXT NOT NULL, "model" TEXT, "tier" INTEGER, "since" TEXT, "paid" INTEGER, "ratio" REAL, "requests" INTEGER, "avg ""ms""" REAL, "first_seen" TEXT, "all_paid" INTEGER, "last_model" TEXT, "top" TEXT, state BLOB NOT NULL);

CREATE UNIQUE INDEX "main"."isofold_3c3e9967d641c884_group" ON "ticks" (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0)));

CREATE INDEX "main"."isofold_3c3e9967d641c884_key" ON "ticks" ("model", bucket);

ALTER TABLE "main"."ticks" ADD COLUMN "requests" INTEGER;

ALTER TABLE "main"."ticks" ADD COLUMN "avg ""ms""" REAL;

ALTER TABLE "main"."ticks" ADD COLUMN "first_seen" TEXT;

ALTER TABLE "main"."ticks" ADD COLUMN "all_paid" INTEGER;

ALTER TABLE "main"."ticks" ADD COLUMN "last_model" TEXT;

ALTER TABLE "main"."ticks" ADD COLUMN "top" TEXT;

SELECT name FROM pragma_index_list('ticks', 'main');

ALTER TABLE "main"."ticks" DROP COLUMN "la""te";

DROP TABLE IF EXISTS "main"."ticks";

SELECT name, type FROM pragma_table_info('ticks', 'main');

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z' AND bucket < '2026-11-02T00:00:00.000000Z' ORDER BY bucket;

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."ticks" ORDER BY bucket;

SELECT count(*) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z' AND bucket < '2026-11-02T00:00:00.000000Z';

SELECT min(bucket), max(bucket), count(*) FROM "main"."ticks";

SELECT max(bucket) FROM "main"."ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z';

SELECT min(bucket) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z';

SELECT min(bucket) FROM "main"."ticks";

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT max(bucket) FROM "main"."ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, max(bucket) FROM "main"."ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z' AND "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z' AND "model" IS NULL;

WITH RECURSIVE k(v) AS (SELECT (SELECT "model" FROM "main"."ticks" WHERE "model" IS NOT NULL ORDER BY "model" LIMIT 1) UNION ALL SELECT (SELECT t."model" FROM "main"."ticks" AS t WHERE t."model" > k.v ORDER BY t."model" LIMIT 1) FROM k WHERE k.v IS NOT NULL) SELECT "v", (SELECT min(bucket) FROM "main"."ticks" WHERE "model" = k.v) FROM k WHERE v IS NOT NULL UNION ALL SELECT NULL, min(bucket) FROM "main"."ticks" WHERE "model" IS NULL;

SELECT "tier", "since", "ratio", max(bucket) FROM "main"."ticks" WHERE bucket < '2026-11-02T00:00:00.000000Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z' GROUP BY "tier", "since", "ratio";

SELECT "tier", "since", "ratio", min(bucket) FROM "main"."ticks" GROUP BY "tier", "since", "ratio";

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."ticks" WHERE (bucket >= '1970-01-01T00:00:00.000000Z' AND bucket < '1970-01-01T01:00:00.000000Z') OR (bucket >= '1970-01-01T00:00:00.000000Z' AND bucket < '1970-01-01T01:00:00.000000Z' AND "model" IS NULL AND "tier" = ?1) OR (bucket >= '1970-01-01T00:00:00.000000Z' AND bucket < '1970-01-01T01:00:00.000000Z' AND "since" = ?2 AND "paid" = ?3 AND "ratio" = ?4) ORDER BY bucket;

SELECT min(bucket) FROM "main"."ticks" WHERE bucket >= '2026-11-01T05:30:00.250000Z';

INSERT INTO "main"."ticks" (bucket, "model", "tier", "since", "paid", "ratio", "requests", "avg ""ms""", "first_seen", "all_paid", "last_model", "top", state) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13), (?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26) ON CONFLICT (bucket, ("model" IS NULL), (coalesce("model", '')), ("tier" IS NULL), (coalesce("tier", 0)), ("since" IS NULL), (coalesce("since", '')), ("paid" IS NULL), (coalesce("paid", 0)), ("ratio" IS NULL), (coalesce("ratio", 0))) DO UPDATE SET "requests" = excluded."requests", "avg ""ms""" = excluded."avg ""ms""", "first_seen" = excluded."first_seen", "all_paid" = excluded."all_paid", "last_model" = excluded."last_model", "top" = excluded."top", state = excluded.state;

DELETE FROM "main"."ticks" WHERE bucket = ?1 AND "model" IS ?2 AND "tier" IS ?3 AND "since" IS ?4 AND "paid" IS ?5 AND "ratio" IS ?6;

DELETE FROM "main"."ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z' AND bucket <= (SELECT max(bucket) FROM (SELECT bucket FROM "main"."ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z' ORDER BY bucket LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "main"."ticks" WHERE bucket < '1970-01-01T00:00:00.000000Z' LIMIT 1) AS oldest;

SELECT coalesce(sum(length(state)), 0) FROM "main"."ticks";

SELECT r."model", r."ms", r."paid", r."ratio", r."since", r."tier", r."ts" FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250000000 AND r."ts" < 1793577600000000000;

SELECT r."model" FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000000000 AND r."ts" < 1793577600000000000;

SELECT NULL, NULL, NULL, encoding FROM pragma_encoding;

SELECT r."model" FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250000000 AND r."ts" < 1793577600000000000 AND ((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992));

SELECT r."model", (r."ts" >= -62135596800000000000 AND r."ts" < 1793577600000000000 AND ((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992))) AS "takes_0" FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250000000 AND r."ts" < 1793577600000000000;

SELECT r."model", (r."ts" >= -62135596800000000000 AND r."ts" < 1793577600000000000 AND ((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992))) AS "takes_0", (r."ts" >= 1793511000250000000 AND r."ts" < 253402300800000000000 AND ((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992))) AS "takes_1" FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000000000 AND r."ts" < 253402300800000000000 AND ((((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992))));

SELECT NULL, NULL, NULL, encoding FROM pragma_encoding;

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."hours" WHERE bucket >= '2026-11-01T05:30:00Z' AND bucket < '2026-11-02T00:00:00Z' AND ("model" = 'o''ne\') AND (((((+"model") COLLATE BINARY) GLOB '50%*') OR ("tier" IN ((1), (2))) OR (NOT (+"paid"))) OR instr("model", char(0)) > 0) AND (CAST("ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) ORDER BY bucket;

SELECT "bucket", "model", "tier", "since", "paid", "ratio", state FROM "main"."hours" WHERE ("model" = 'o''ne\') AND (((((+"model") COLLATE BINARY) GLOB '50%*') OR ("tier" IN ((1), (2))) OR (NOT (+"paid"))) OR instr("model", char(0)) > 0) AND (CAST("ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) ORDER BY bucket;

SELECT count(*) FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= 1793511000250000000 AND r."ts" < 1793577600000000000;

SELECT count(*) FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000000000 AND r."ts" < 1793577600000000000 AND ((((+r."model") COLLATE BINARY) = 'o''ne\') OR typeof(r."model") NOT IN ('text', 'null')) AND (((((+r."model") COLLATE BINARY) GLOB '50%*') OR ((+r."tier") IN ((1), (2))) OR (NOT (+r."paid"))) OR typeof(r."model") NOT IN ('text', 'null') OR typeof(r."paid") NOT IN ('integer', 'null') OR (+r."paid") NOT IN (0, 1) OR typeof(r."tier") NOT IN ('integer', 'null') OR instr(r."model", char(0)) > 0) AND ((CAST(r."ratio" AS REAL) > (CAST(3602879701896397 AS REAL) / CAST(36028797018963968 AS REAL))) OR typeof(r."ratio") NOT IN ('real', 'integer', 'null') OR (typeof(r."ratio") = 'integer' AND (+r."ratio") NOT BETWEEN -9007199254740992 AND 9007199254740992));

SELECT count(*) FROM "main"."requests' ""raw""\" AS r WHERE r."ts" < -62135596800000000000 OR r."ts" >= 253402300800000000000;

SELECT (SELECT min(r."ts") FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000000000 AND r."ts" < 253402300800000000000), (SELECT max(r."ts") FROM "main"."requests' ""raw""\" AS r WHERE r."ts" >= -62135596800000000000 AND r."ts" < 1000);

DELETE FROM "main"."requests' ""raw""\" AS r WHERE "ts" < 0 AND r."ts" <= (SELECT max(oldest."ts") FROM (SELECT r."ts" FROM "main"."requests' ""raw""\" AS r WHERE "ts" < 0 ORDER BY r."ts" LIMIT 100) AS oldest);

SELECT count(*) FROM (SELECT 1 FROM "main"."requests' ""raw""\" AS r WHERE "ts" < 0 LIMIT 1) AS oldest;

SELECT l.name, i.name FROM pragma_index_list('requests'' "raw"\', 'main') AS l JOIN pragma_index_info(l.name, 'main') AS i WHERE l."unique" UNION ALL SELECT '', name FROM pragma_table_info('requests'' "raw"\', 'main') WHERE pk > 0 AND type = 'INTEGER' COLLATE NOCASE AND (SELECT max(pk) FROM pragma_table_info('requests'' "raw"\', 'main')) = 1 ORDER BY 1;

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_insert" ON public."part";

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_insert" AFTER INSERT ON public."part" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((NEW."ts" - (NEW."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE NEW."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_update" ON public."part";

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_update" AFTER UPDATE ON public."part" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((OLD."ts" - (OLD."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE OLD."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((NEW."ts" - (NEW."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE NEW."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_delete" ON public."part";

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_delete" AFTER DELETE ON public."part" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((OLD."ts" - (OLD."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE OLD."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_replace" ON public."part";

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_replace" BEFORE INSERT ON public."part" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."id" = NEW."id" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."model" = NEW."model" AND replaced."ts" = NEW."ts" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; END;

DROP TRIGGER IF EXISTS "isofold_log_1ea1a8d18b4c5515_replace_update" ON public."part";

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_replace_update" BEFORE UPDATE OF "id", "model", "ts" ON public."part" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."id" = NEW."id" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."model" = NEW."model" AND replaced."ts" = NEW."ts" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; END;

SELECT min(h.start_us)::bigint, max(h.end_us)::bigint FROM (SELECT min(x.at)::bigint AS start_us, max(x.at)::bigint + 1 AS end_us FROM (SELECT NULL::bigint AS "ts") AS absent CROSS JOIN LATERAL (SELECT floor("ts"::numeric / 1000) AS at FROM part) AS x WHERE x.at >= -377705116800000000 AND x.at < 253402300800000000 GROUP BY floor(x.at::numeric / 3600000000)) AS h;

SELECT name, sql, NULL FROM "main"."sqlite_master" WHERE type = 'trigger' AND tbl_name = 'requests'' "raw"\' AND name LIKE 'isofold_log_1ea1a8d18b4c5515%';

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_insert" AFTER INSERT ON "requests' ""raw""\" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((NEW."ts" - (NEW."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE NEW."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_update" AFTER UPDATE ON "requests' ""raw""\" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((OLD."ts" - (OLD."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE OLD."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((NEW."ts" - (NEW."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE NEW."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_delete" AFTER DELETE ON "requests' ""raw""\" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 0 FROM (SELECT ((OLD."ts" - (OLD."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early WHERE OLD."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO NOTHING; END;

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_replace" BEFORE INSERT ON "requests' ""raw""\" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."id" = NEW."id" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."model" = NEW."model" AND replaced."ts" = NEW."ts" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; END;

CREATE TRIGGER "main"."isofold_log_1ea1a8d18b4c5515_replace_update" BEFORE UPDATE OF "id", "model", "ts" ON "requests' ""raw""\" FOR EACH ROW BEGIN INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."id" = NEW."id" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; INSERT INTO "isofold_changes" (rollup, start_us, end_us, moved) SELECT '	requests'' "raw"\', coalesce((us - early) - ((us - early) % 3600000000 + 3600000000) % 3600000000, -377705116800000000), coalesce(us - (us % 3600000000 + 3600000000) % 3600000000 + 3600000000, 253402300799999999), 1 FROM (SELECT ((replaced."ts" - (replaced."ts" % 1000 + 1000) % 1000) / 1000) AS us, 0 AS early FROM "requests' ""raw""\" AS replaced WHERE replaced."model" = NEW."model" AND replaced."ts" = NEW."ts" AND replaced."ts" IS NOT NULL) WHERE true ON CONFLICT (rollup, start_us, end_us) DO UPDATE SET moved = 1; END;

DROP TRIGGER IF EXISTS "main"."isofold_log_insert";
