// The command: its words, what it writes, and its exit codes.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { PGlite } from '@electric-sql/pglite'
import { Bool, Float64, Int64, Table, tableToIPC, TimestampMillisecond, Utf8, vectorFromArray } from 'apache-arrow'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { Rollup } from '../dist/esm/node.js'

const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'isofold-cli-'))
const file = (name) => join(folder, name)
const COLUMNS = { ts: 'timestamp', model: 'string', tokens: 'int64', ms: 'float64', ok: 'bool' }
const SPEC = {
  name: 'hours', columns: COLUMNS, time: 'ts', bucket: '1 hour', group_by: ['model'],
  select: { requests: 'count(*)', tokens_sum: 'sum(tokens)', p95: 'approx_percentile(0.95, percentile_agg(ms))', fine: 'bool_and(ok)' },
}

function isofold(words, env = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', env: { ...process.env, ...env } })
  return { status, stdout, stderr, json: () => JSON.parse(stdout) }
}

const rows = Array.from({ length: 900 }, (_, i) => ({
  ts: new Date(Date.UTC(2026, 10, 1) + i * 61_000).toISOString(),
  model: i % 11 === 0 ? null : ['a,b', 'say "hi"', 'möbius\nline'][i % 3],
  tokens: i % 7 === 0 ? null : i,
  ms: i / 8,
  ok: i % 2 === 0,
}))

test('files are folded, inspected and merged into the same bytes', () => {
  const quoted = (value) => (value === null ? '' : `"${String(value).replaceAll('"', '""')}"`)
  const lines = rows.slice(0, 500).map((row) => Object.values(row).map(quoted).join(','))
  writeFileSync(file('a.csv'), `\uFEFF${Object.keys(COLUMNS).join(',')}\r\n${lines.join('\r\n')}\r\n`)
  writeFileSync(file('b.ndjson'), rows.slice(500).map((row) => JSON.stringify(row)).join('\n'))
  writeFileSync(file('spec.json'), JSON.stringify(SPEC))
  for (const name of ['a.csv', 'b.ndjson']) {
    const { status, stderr } = isofold(['fold', file(name), '--spec', file('spec.json'), '-o', file(`${name}.isof`)])
    assert.equal(status, 0, stderr)
  }
  const merged = isofold(['merge', '--json', file('a.csv.isof'), file('b.ndjson.isof'), '-o', file('all.isof')])
  const whole = new Rollup(SPEC)
  whole.ingest(rows)
  assert.equal(merged.json()[0].digest, whole.digest())
  assert.deepEqual(new Uint8Array(readFileSync(file('all.isof'))), whole.encode())
  assert.equal(isofold(['inspect', '--json', file('all.isof')]).json().stats.rows, 900)
})

test('columns in Parquet and Arrow files fold into the same bytes as their rows', () => {
  const micros = (at) => BigInt(Date.parse(at)) * 1000n + 7n
  const column = (name, convert = (value) => value) => rows.map((row) => (row[name] === null ? null : convert(row[name])))
  const parquetOf = (ts) => new Uint8Array(parquetWriteBuffer({
    columnData: [
      { name: 'ts', nullable: true, ...ts },
      { name: 'model', data: column('model'), type: 'STRING', nullable: true },
      { name: 'tokens', data: column('tokens', BigInt), type: 'INT64', nullable: true },
      { name: 'ms', data: column('ms'), type: 'DOUBLE', nullable: true },
      { name: 'ok', data: column('ok'), type: 'BOOLEAN', nullable: true },
    ],
    rowGroupSize: 250,
  }))
  writeFileSync(file('rows.parquet'), parquetOf({ data: column('ts', micros), type: 'INT64' }))
  writeFileSync(file('dates.parquet'), parquetOf({ data: column('ts', (at) => new Date(at)), type: 'TIMESTAMP' }))
  const micro = { ...SPEC, columns: { ...COLUMNS, ts: 'timestamp[us]' } }
  writeFileSync(file('micro.json'), JSON.stringify(micro))
  const exact = new Rollup(micro)
  exact.ingest(rows.map((row) => ({ ...row, ts: row.ts.replace('.000Z', '.000007Z') })))
  const folded = (name, spec) => isofold(['fold', '--json', file(name), '--spec', file(spec), '-o', file('out.isof')])
  assert.equal(folded('rows.parquet', 'micro.json').json()[0].digest, exact.digest())

  const table = new Table({
    ts: vectorFromArray(column('ts', (at) => new Date(at)), new TimestampMillisecond('UTC')),
    model: vectorFromArray(column('model'), new Utf8()),
    tokens: vectorFromArray(column('tokens', BigInt), new Int64()),
    ms: vectorFromArray(column('ms'), new Float64()),
    ok: vectorFromArray(column('ok'), new Bool()),
  })
  writeFileSync(file('rows.arrow'), tableToIPC(table, 'file'))
  const whole = new Rollup(SPEC)
  whole.ingest(rows)
  for (const name of ['rows.arrow', 'dates.parquet']) {
    assert.equal(folded(name, 'spec.json').json()[0].digest, whole.digest(), name)
  }

  const berlin = { ...SPEC, bucket: { width: '1 day', timezone: 'Europe/Berlin' } }
  const told = { ...berlin, columns: { ...COLUMNS, ts: { type: 'timestamp', timezone: 'Europe/Berlin' } } }
  writeFileSync(file('berlin.json'), JSON.stringify(berlin))
  writeFileSync(file('told.json'), JSON.stringify(told))
  const texts = new Rollup(told)
  texts.ingest(rows.map((row) => ({ ...row, ts: row.ts.replace(/Z$/, '') })))
  const naive = { ...Object.fromEntries(['model', 'tokens', 'ms', 'ok'].map((name) => [name, table.getChild(name)])), ts: vectorFromArray(column('ts', (at) => new Date(at)), new TimestampMillisecond()) }
  writeFileSync(file('naive.arrow'), tableToIPC(new Table(naive), 'file'))
  const schema = [
    { name: 'root', num_children: 5 },
    { name: 'ts', type: 'INT64', repetition_type: 'OPTIONAL', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: false, unit: 'MICROS' } },
    { name: 'model', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
    { name: 'tokens', type: 'INT64', repetition_type: 'OPTIONAL' },
    { name: 'ms', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
    { name: 'ok', type: 'BOOLEAN', repetition_type: 'OPTIONAL' },
  ]
  const columnData = [['ts', (at) => BigInt(Date.parse(at)) * 1000n], ['model'], ['tokens', BigInt], ['ms'], ['ok']].map(([name, convert]) => ({ name, data: column(name, convert) }))
  writeFileSync(file('naive.parquet'), new Uint8Array(parquetWriteBuffer({ columnData, schema })))
  for (const name of ['naive.arrow', 'naive.parquet']) {
    assert.equal(folded(name, 'told.json').json()[0].digest, texts.digest(), name)
    assert.match(folded(name, 'berlin.json').stderr, /^isofold: ingest\.time: the time 20.* has no zone and the buckets are of Europe\/Berlin/, name)
  }
  for (const name of ['rows.arrow', 'dates.parquet']) assert.equal(folded(name, 'berlin.json').status, 0, name)

  for (const name of ['bad.parquet', 'bad.arrow']) {
    writeFileSync(file(name), 'no table')
    const { status, stderr } = folded(name, 'spec.json')
    assert.ok(status === 1 && stderr.includes('host.argument'), stderr)
  }
})

test('a store is kept by commands', async () => {
  const url = `pglite:${file('database')}`
  const database = new PGlite(file('database'))
  await database.query('CREATE TABLE requests (ts timestamptz, model text, tokens int, ms float8, ok bool)')
  for (const row of rows.slice(0, 60)) await database.query('INSERT INTO requests VALUES ($1, $2, $3, $4, $5)', Object.values(row))
  await database.close()
  const { columns, time, ...spec } = SPEC
  const rollups = [{ spec, refresh: { schedule_interval: '1 hour' } }]
  writeFileSync(file('catalog.json'), JSON.stringify({ source: { table: 'requests', columns, time }, rollups }))
  const env = { ISOFOLD_CATALOG: file('catalog.json'), ISOFOLD_DATABASE: url }
  const early = isofold(['refresh'], env)
  assert.equal(early.status, 1)
  assert.match(early.stderr, /store\.table/)
  assert.equal(isofold(['init', '--json'], env).json()[0].status, 'made')
  assert.equal(isofold(['check'], env).status, 3)
  assert.ok(isofold(['run', '--rounds', '1', '--json'], env).json()[0].groups_written > 0)
  const answer = isofold(['query', 'hours', '--json', '--bucket', 'none', '--group-by', '', '--select', 'requests'], env)
  assert.deepEqual(answer.json().rows, [{ requests: 60 }])
  assert.equal(isofold(['refresh', '--json', '--rollup', 'hours', '--since', '2026-11-01'], env).json()[0].groups_written, 0)
})

test('problems end with 1, wrong words with 2', () => {
  writeFileSync(file('bad.isof'), 'isof\x01')
  for (const [words, status, told] of [
    [['inspect', file('bad.isof')], 1, /decode\.truncated/],
    [['inspect', file('none.isof')], 1, /no such file/],
    [['check', '--catalog', file('spec.json')], 1, /host\.argument/],
    [['refesh'], 2, /no command refesh/],
    [['inspect'], 2, /the file is missing/],
    [['check', '--since', '1'], 2, /since/],
  ]) {
    const run = isofold(words, { ISOFOLD_DATABASE: undefined })
    assert.equal(run.status, status, run.stderr)
    assert.match(run.stderr, told)
  }
  assert.match(isofold(['--help']).stdout, /refresh/)
})
