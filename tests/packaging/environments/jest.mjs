/** Jest, which runs every file of tests in a JavaScript realm of its own. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { reported, run } from '../project.mjs'

// results are looked at in the realm of the test, where classes of another realm are strangers
const test = (name, start) => `
  const { readFileSync, writeFileSync } = require('node:fs')
  const isofold = require('${name}')
  const { report } = require('./program.cjs')

  test('rollups answer in the realm of the test', async () => {
    ${start}
    const rollup = new isofold.Rollup({ name: 'r', columns: { ts: 'timestamp', x: 'float64', i: 'int64' }, time: 'ts', bucket: '1 hour', select: { s: 'sum(x)', i: 'sum(i)', b: 'bool_or(x > 1)' } })
    rollup.ingest({ ts: [new Date(0)], x: Float64Array.of(1.5), i: BigInt64Array.of(2n) })
    expect(rollup.query().rows()).toEqual([{ bucket: new Date(0), s: 1.5, i: 2, b: true }])
    expect(rollup.query().column('s')).toEqual(Float64Array.of(1.5))
    expect(() => rollup.query({ select: ['none'] })).toThrow(isofold.IsofoldError)
    expect(isofold.Rollup.decode(Uint8Array.from(rollup.encode())).digest()).toBe(rollup.digest())
    writeFileSync('report.json', JSON.stringify(await report(isofold)))
  })
`
const slim = "isofold.initSync(readFileSync(require.resolve('isofold/isofold.wasm')))"

async function tested(workplace, name, imported, start) {
  const folder = workplace.project(name, { 'isofold.test.js': test(imported, start), 'jest.config.js': 'module.exports = {}\n' })
  const program = readFileSync(join(folder, 'program.mjs'), 'utf8')
  workplace.write(folder, { 'program.cjs': program.replace('export async function report', 'exports.report = async function report') })
  await run(folder, 'node_modules/.bin/jest', ['--ci'])
  return reported(await run(folder, 'node', ['-p', "require('node:fs').readFileSync('report.json', 'utf8')"]))
}

export const environments = {
  jest: { backend: 'native', run: (w) => tested(w, 'jest', 'isofold', '') },
  'jest-slim': { backend: 'wasm', run: (w) => tested(w, 'jest-slim', 'isofold/slim', slim) },
}
