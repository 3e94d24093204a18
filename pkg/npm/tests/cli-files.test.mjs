// Files of the command: several at once, whole or not at all, and words for what cannot be read.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Rollup } from '../dist/esm/node.js'

const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
const SPEC = { name: 'r', columns: { ts: 'timestamp[s]', k: 'int64', ok: 'bool', f: 'float64' }, time: 'ts', bucket: '1 hour', group_by: ['k'], select: { n: 'count(*)', d: 'approx_count_distinct(k)', s: 'sum(f)', ok: 'bool_or(ok)' } }
const folder = mkdtempSync(join(tmpdir(), 'isofold-files-'))
const file = (name) => join(folder, name)
const write = (name, text) => writeFileSync(file(name), text)
write('spec.json', `\uFEFF${JSON.stringify(SPEC)}`)

function isofold(words, options = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', cwd: folder, ...options })
  return { status, stderr, json: () => JSON.parse(stdout) }
}

function rollupOf(start, count = 20_000) {
  const rollup = new Rollup(SPEC)
  rollup.ingest(Array.from({ length: count }, (_, i) => ({ ts: 0, k: start + i, ok: true, f: i })))
  return rollup
}

test('several files are folded as one, or none of them', () => {
  write('a.csv', 'ts,k,ok,f\n1,1,true,1\n2,2,false,inf\n')
  write('b.ndjson', '\uFEFF{"ts":3,"k":1}\r\n\r\n{"ts":4,"k":3,"f":2,"ok":null}\n')
  write('c.json', '\uFEFF[{"ts":5,"k":4,"ok":true,"f":null}]')
  const told = isofold(['fold', '--json', 'a.csv', 'b.ndjson', 'c.json', '--spec', 'spec.json', '-o', 'abc.isof'])
  assert.equal(told.status, 0, told.stderr)
  assert.deepEqual([told.json()[0].rows, told.json()[0].groups], [5, 4])
  write('bad.csv', 'ts,k,ok,f\n1,1,true,1\n2,x,false,2\n')
  const refused = isofold(['fold', 'a.csv', 'bad.csv', '--spec', 'spec.json', '-o', 'none.isof'])
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /^isofold: ingest\.type: bad\.csv: "x" is not an int64 \(column\.k\[1\]\)\n$/)
  assert.ok(!readdirSync(folder).includes('none.isof'))
})

test('a file has every declared column, whatever its kind, and rows that do not fit may be left out', () => {
  const fold = (name, text, ...more) => {
    write(name, text)
    return isofold(['fold', '--json', name, '--spec', 'spec.json', '-o', 'out.isof', ...more])
  }
  for (const [name, text] of [
    ['typed.csv', 'ts,k,OK,f\n1,1,true,1\n'],
    ['header.csv', 'ts,k,f\n'],
    ['typed.ndjson', '{"ts":1,"k":1,"Ok":true,"f":1}\n'],
    ['bare.ndjson', '{"ts":1,"k":1,"f":1}\n{"ts":2,"k":1,"f":1}\n'],
    ['bare.json', '[{"ts":1,"k":1,"f":1}]'],
    ['columns.json', '{"ts":[1],"k":[1],"f":[1]}'],
  ]) {
    const { status, stderr } = fold(name, text)
    assert.equal(status, 1, name)
    assert.match(stderr, /^isofold: ingest\.column: .*ok/, name)
  }
  const sparse = Array.from({ length: 3000 }, (_, k) => (k < 2000 ? `{"ts":${k},"k":1,"ok":true,"f":1}` : `{"ts":${k},"k":1}`))
  const full = sparse.map((line, k) => (k < 2000 ? line : `{"ts":${k},"k":1,"ok":null,"f":null}`))
  assert.equal(fold('sparse.ndjson', sparse.join('\n')).json()[0].digest, fold('full.ndjson', full.join('\n')).json()[0].digest)
  const extra = '{"ts":1,"k":1,"ok":true,"f":1,"more":1}\n'
  assert.equal(fold('extra.ndjson', extra).status, 0)
  assert.match(fold('extra.ndjson', extra, '--strict').stderr, /^isofold: ingest\.column: the column more is not declared/)
  const bad = fold('bad.csv', 'ts,k,ok,f\n1,1,true,1\n2,x,true,2\n3,1_0,true,2\n4,2,true,3\n', '--on-row-error', 'skip')
  assert.deepEqual([bad.status, bad.json()[0].rows, bad.json()[0].skipped], [0, 2, 2])
  assert.equal(bad.stderr, 'isofold: 2 rows are left out for ingest.type, the first: "x" is not an int64 (column.k[1])\n')
})

test('lines of CSV and integers of JSON are what stands there', () => {
  const outcome = (name, text) => {
    write(name, text)
    const told = isofold(['fold', '--json', name, '--spec', 'spec.json', '-o', 'out.isof'])
    return told.status === 0 ? told.json()[0].rows : told.stderr.split(': ')[1]
  }
  const head = 'ts,k,ok,f'
  assert.equal(outcome('cr.csv', `${head}\r1,1,true,1\r\r2,2,t,2\r`), 2)
  assert.equal(outcome('short.csv', `${head}\n1,1,true\n`), 'ingest.row')
  assert.equal(outcome('long.csv', `${head}\n1,1,true,1,5\n`), 'ingest.row')
  assert.equal(outcome('open.csv', `${head}\n1,1,true,"1\n`), 'ingest.row')
  assert.equal(outcome('after.csv', `${head}\n1,"1"x,true,1\n`), 'ingest.row')
  assert.equal(outcome('head.csv', '"ts"x,k,ok,f\n1,1,true,1\n'), 'host.argument')
  assert.equal(outcome('twice.csv', 'ts,k,ok,f,k\n1,1,true,1,2\n'), 'ingest.column')
  assert.equal(outcome('large.ndjson', '{"ts":1,"k":9007199254740993,"ok":true,"f":1}'), 1)
  assert.equal(outcome('larger.ndjson', '{"ts":1,"k":12345678901234567890123,"ok":true,"f":1}'), 'ingest.type')
})

test('lines that cannot be read are rows that do not fit', () => {
  const fold = (name, text, ...more) => {
    write(name, text)
    return isofold(['fold', '--json', name, '--spec', 'spec.json', '-o', 'lines.isof', ...more])
  }
  const files = {
    'lines.csv': ['ts,k,ok,f\n1,1,t,1\n2\n3,1,t,1,5\n\n4,"x"y,t,1\r\n5,1,t,"1"\n"6\n",1,t,1\n7,1,t,1\n', 3, 4, 'line 3 of lines.csv has 1 fields, its header 4'],
    'lines.ndjson': ['{"ts":1,"k":1,"ok":true,"f":1}\n\n{oops\n[1]\n"x"\n7\nnull\n{"ts":2,"k":1,"ok":true,"f":1}\n', 2, 5, 'line 3 of lines.ndjson is not JSON'],
    'lines.json': ['[{"ts":1,"k":1,"ok":true,"f":1}, 5, [], {"ts":2,"k":1,"ok":true,"f":1}]', 2, 2, 'a row must be a mapping or an object'],
  }
  for (const [name, [text, rows, skipped, words]] of Object.entries(files)) {
    const stopped = fold(name, text)
    assert.equal(stopped.status, 1)
    assert.ok(stopped.stderr.startsWith(`isofold: ingest.row: ${words}`), stopped.stderr)
    const left = fold(name, text, '--on-row-error', 'skip')
    assert.equal(left.status, 0, left.stderr)
    assert.deepEqual([left.json()[0].rows, left.json()[0].skipped], [rows, skipped], left.stderr)
    assert.match(left.stderr, new RegExp(`^isofold: \\d rows are left out for ingest.row, the first: ${words}`, 'm'))
  }
  for (const text of ['ts,k,ok,f\n1,1,t,"1\n2,1,t,1\n3,1,t,1\n', 'ts,k,ok,f\n1,1,t,"1\n2,1,t,1\n3,1,t,"1\n4,1,t,1\n']) {
    const { status, stderr } = fold('q.csv', text, '--on-row-error', 'skip')
    assert.equal(status, 1)
    assert.match(stderr, /^isofold: host\.argument: a quote of line 2 is not closed in it and takes in the lines up to 4: /)
  }
})

test('a write that ends in the middle leaves the file that was there', () => {
  const before = rollupOf(0).encode()
  write('b.isof', rollupOf(10_000).encode())
  write('many.csv', `ts,k,ok,f\n${Array.from({ length: 20_000 }, (_, k) => `0,${k},true,1\n`).join('')}`)
  for (const words of ['merge a.isof b.isof', 'fold many.csv --spec spec.json']) {
    write('a.isof', before)
    const script = `trap '' XFSZ; ulimit -f 40; exec "${process.execPath}" "${CLI}" ${words} -o a.isof`
    const { status, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8', cwd: folder })
    assert.equal(status, 1, stderr)
    assert.match(stderr, /^isofold: host\.argument: EFBIG/)
    assert.deepEqual(new Uint8Array(readFileSync(file('a.isof'))), before)
  }
  assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith('.')), [])
})

test('a file that is written again keeps its mode, and a link stays a link', () => {
  write('kept.isof', 'before')
  chmodSync(file('kept.isof'), 0o640)
  symlinkSync('kept.isof', file('link.isof'))
  assert.equal(isofold(['fold', 'a.csv', '--spec', 'spec.json', '-o', 'link.isof']).status, 0)
  assert.equal(readlinkSync(file('link.isof')), 'kept.isof')
  assert.equal(statSync(file('kept.isof')).mode & 0o777, 0o640)
  assert.equal(Rollup.decode(readFileSync(file('kept.isof'))).stats().rows, 2)
  assert.equal(isofold(['fold', 'a.csv', '--spec', 'spec.json', '-o', '/dev/null']).status, 0)
})

test('what cannot be read is told in one line with a code', () => {
  mkdirSync(file('folder.csv'))
  const files = {
    'bad.json': '[{', 'scalar.json': '5', 'null.json': 'null', 'bad.ndjson': '{"ts":1}\n{oops\n', 'scalar.ndjson': '5\n', 'latin1.csv': Buffer.from('ts,k,ok,f\n1,1,caf\xe9,1\n', 'latin1'),
    'latin1.ndjson': Buffer.from('{"ts":1,"k":"\xe9"}', 'latin1'), 'words.csv': 'ts,k,ok,f\n1,1,constructor,toString\n', 'junk.txt': 'x',
  }
  for (const [name, text] of Object.entries(files)) write(name, text)
  write('badspec.json', '{oops')
  const fold = (name, spec = 'spec.json') => ['fold', name, '--spec', spec, '-o', 'out']
  const acts = [...Object.keys(files), 'folder.csv', 'none.csv', '.'].map((name) => fold(name))
  acts.push(fold('a.csv', 'badspec.json'), fold('a.csv', 'none.json'), ['inspect', 'junk.txt'], ['inspect', '.'], ['merge', 'a.isof', 'junk.txt', '-o', 'out'], ['merge', 'a.isof', '-o', 'no/such/folder/out'])
  for (const words of acts) {
    const { status, stderr } = isofold(words)
    assert.equal(status, 1, `${words}: ${stderr}`)
    for (const line of stderr.trimEnd().split('\n')) assert.match(line, /^isofold: (?!host\.panic)[a-z]+\.[a-z_]+: ./, `${words}`)
  }
  write('names.csv', 'ts,k,ok,f,constructor,__proto__\n1,2,t,3,4,5\n')
  assert.equal(isofold(['fold', 'names.csv', '--spec', 'spec.json', '-o', 'names.isof']).status, 0)
  assert.match(isofold(fold('bad.ndjson')).stderr, /line 2 of bad\.ndjson is not JSON/)
  assert.match(isofold(fold('latin1.csv')).stderr, /ingest\.text: latin1\.csv is not UTF-8/)
  for (const name of ['constructor', 'toString', '__proto__']) assert.equal(isofold([name]).status, 2)
})
