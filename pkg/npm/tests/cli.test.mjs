// The command: it starts the program that lies beside the addon, hands on its exit code and signals, or says how to get it.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Rollup } from '../dist/esm/node.js'

const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'isofold-cli-'))
const run = (cli, ...words) => spawnSync(process.execPath, [cli, ...words], { encoding: 'utf8', cwd: folder })

test('the program folds what the library folds', () => {
  const spec = { name: 'r', columns: { ts: 'timestamp[s]', f: 'float64' }, time: 'ts', bucket: '1 hour', select: { n: 'count(*)', s: 'sum(f)' } }
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec))
  writeFileSync(join(folder, 'a.csv'), 'ts,f\n1,0.5\n2,\n')
  const told = run(CLI, 'fold', 'a.csv', '--spec', 'spec.json', '-o', 'a.iso', '--json')
  const rollup = new Rollup(spec)
  rollup.ingest([{ ts: 1, f: 0.5 }, { ts: 2, f: null }])
  assert.equal(JSON.parse(told.stdout)[0].digest, rollup.digest(), told.stderr)
  assert.equal(run(CLI, 'nonsense').status, 2)
  const refused = run(CLI, 'inspect', 'a.csv')
  assert.match(refused.stderr, /^isofold: decode\./)
  assert.equal(refused.status, 1)
})

test('a signal reaches the program, which ends by itself', async () => {
  const catalog = { source: { table: 't', columns: { ts: 'timestamp' }, time: 'ts', changes: 'start_offset' }, rollups: [{ spec: { name: 'h', bucket: '1 hour', select: { n: 'count(*)' } }, refresh: { start_offset: '1 day' } }] }
  writeFileSync(join(folder, 'isofold.json'), JSON.stringify(catalog))
  const child = spawn(process.execPath, [CLI, 'run', '--database', 'app.db'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise((resolve) => child.stderr.once('data', resolve))
  child.kill('SIGTERM')
  assert.equal(await new Promise((resolve) => child.once('exit', resolve)), 0)
})

test('where the program is not installed, the command says how to get it', () => {
  mkdirSync(join(folder, 'bare/esm'), { recursive: true })
  cpSync(CLI, join(folder, 'bare/esm/cli.js'))
  writeFileSync(join(folder, 'bare/package.json'), '{"type":"module"}')
  const told = run(join(folder, 'bare/esm/cli.js'), 'check')
  assert.deepEqual([told.status, told.stderr], [1, 'isofold: host.backend: the program is not installed: npm install @isofold/cli\n'])
})
