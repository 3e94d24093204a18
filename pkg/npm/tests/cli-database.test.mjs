// What `--database` names, and what is never told back of it.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const CLI = fileURLToPath(new URL('../dist/esm/cli.js', import.meta.url))
const SECRET = 's3cr:et/P%W'
const FORMS = [SECRET, encodeURIComponent(SECRET), SECRET.replaceAll(/(.)/g, '\\$1')]
const CATALOG = { source: { table: 't', columns: { ts: 'timestamp' }, time: 'ts' }, rollups: [{ spec: { name: 'h', bucket: '1 hour', select: { n: 'count(*)' } } }] }
const folder = mkdtempSync(join(tmpdir(), 'isofold-database-'))
writeFileSync(join(folder, 'isofold.json'), JSON.stringify(CATALOG))
const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG') && !name.startsWith('ISOFOLD')))

function run(words, env = {}) {
  return spawnSync(process.execPath, [CLI, ...words], { encoding: 'utf8', cwd: folder, env: { ...environment, ...env } })
}

const url = encodeURIComponent(SECRET)
const connections = [
  `host=127.0.0.1 port=1 user=boss password='${SECRET}' dbname=x`,
  `host = 127.0.0.1 port=1 user=boss password = ${SECRET}`,
  `user=boss password='${SECRET.replaceAll(/(.)/g, '\\$1')}' host=127.0.0.1 port=1`,
  `password='${SECRET}`,
  `postgresql://boss:${url}@127.0.0.1:1/x`,
  `POSTGRESQL://boss:${url}@127.0.0.1:1/x`,
  `postgres://127.0.0.1:1/x?user=boss&password=${url}`,
  `postgres//boss:${url}@127.0.0.1:1/x`,
  `postgresql:/boss:${SECRET}@127.0.0.1:1/x`,
  `postgresql://boss:${url}@127.0.0.1:1:2/x`,
  `postgresql://boss:${SECRET}@127.0.0.1:1/x`,
  `mysql://boss:${SECRET}@127.0.0.1:1/x`,
  `boss:${SECRET}@127.0.0.1/x`,
  `postgresql://boss:${url}@no-such-host.invalid/x`,
  `postgresql://boss:${url}@[::1/x`,
]
for (const [at, connection] of connections.entries()) {
  test(`connection ${at} is refused with a code and without its password`, () => {
    for (const [words, env] of [
      [['check', '--database', connection], {}],
      [['check'], { ISOFOLD_DATABASE: connection }],
      [['check', '--catalog', connection, '--database', connection], {}],
      [['check', `--databse=${connection}`], {}],
      [['fold', connection, '--spec', connection, '-o', 'out'], {}],
      [['inspect', connection], {}],
      [[connection], {}],
    ]) {
      const { status, stdout, stderr } = run(words, env)
      assert.ok(status === 1 || status === 2, stderr)
      assert.match(stderr, /^isofold: /)
      if (status === 1) assert.match(stderr, /^isofold: (?!host\.panic)[a-z]+\.[a-z_]+: ./)
      for (const form of [...FORMS, 's3cr', 'et/P%W']) assert.ok(!(stdout + stderr).includes(form), `${words[0]}: ${stderr}`)
      assert.ok(!/^\s+at /m.test(stderr), stderr)
    }
    assert.deepEqual(readdirSync(folder), ['isofold.json'])
  })
}

/** What a client says first to a server of PostgreSQL: its name and its database. */
async function greeting(connection) {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  const child = spawn(process.execPath, [CLI, 'check', '--database', connection(port)], { cwd: folder, env: environment })
  const [socket] = await once(server, 'connection')
  const [bytes] = await once(socket, 'data')
  socket.destroy()
  server.close()
  const [status] = await once(child, 'exit')
  assert.equal(status, 1)
  const words = bytes.subarray(8).toString('utf8').split('\0')
  return Object.fromEntries(words.slice(0, -2).flatMap((word, at) => (at % 2 === 0 ? [[word, words[at + 1]]] : [])))
}

test('keywords of libpq name a database as its URL does', async () => {
  const expected = { user: 'the boss', database: "o'clock", application_name: 'night run' }
  for (const connection of [
    (port) => `host=127.0.0.1 port=${port} user='the boss' dbname='o\\'clock' application_name='night run' password=x`,
    (port) => `hostaddr = 127.0.0.1  host = elsewhere.invalid port = ${port} user = the\\ boss dbname = o\\'clock application_name=night\\ run`,
    (port) => `Postgresql://the%20boss@127.0.0.1:${port}/o'clock?application_name=night%20run`,
  ]) {
    const { user, database, application_name } = await greeting(connection)
    assert.deepEqual({ user, database, application_name }, expected)
  }
})
