/**
 * The documentation: the examples of `bindings/facade/api.json` run on both backends, and the declarations that are
 * published have its texts.
 *
 * Not here: that the sources have them (`cargo test -p isofold-facade --test docs`).
 */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { kernels } from './kernels.mjs'

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const { classes } = JSON.parse(read('../../../bindings/facade/api.json'))
const examples = ({ examples }) => examples?.js ?? []
const AsyncFunction = (async () => {}).constructor

/** Runs lines; what `// →` tells of a line must be its value. */
async function runs(isofold, lines) {
  const program = lines.map((line) => {
    const [, expression, value] = /^(.*?) \/\/ → (.*)$/.exec(line) ?? []
    return value === undefined ? line : `;assert.deepEqual(${expression}, ${value})`
  })
  await new AsyncFunction('assert', ...Object.keys(isofold), program.join('\n'))(assert, ...Object.values(isofold))
}

for (const [backend, isofold] of Object.entries(kernels)) {
  describe(`The examples, ${backend}`, () => {
    const first = examples(classes.find(({ name }) => name === 'Rollup'))
    for (const entry of classes) {
      const before = entry.name === 'Rollup' ? first : [...first, ...examples(entry)]
      it(`run for ${entry.js}`, () => runs(isofold, before))
      for (const member of entry.members.filter((member) => examples(member).length > 0)) {
        const run = () => runs(isofold, [...before, ...examples(member)])
        if (member.js_backends?.includes(backend) ?? true) it(`run for ${entry.js}.${member.js}`, run)
        else it(`are refused for ${entry.js}.${member.js}`, () => assert.rejects(run, { code: 'store.driver' }))
      }
    }
  })
}

describe('The declarations', () => {
  for (const [name, ...files] of [['Rollup', 'rollup', 'readable-rollup'], ['Result', 'result'], ['Error', 'error']]) {
    it(`have the texts of ${name}`, () => {
      const words = files.map((file) => read(`../dist/esm/types/${file}.d.ts`)).join('').replaceAll(/\s*\n\s*\* ?/g, ' ')
      const { doc, members } = classes.find((entry) => entry.name === name)
      assert.ok(words.includes(doc), doc)
      // what is inherited from Error has the words of Error
      const own = members.filter(({ js, kind }) => js !== null && js !== 'message' && !(name !== 'Rollup' && kind === 'constructor'))
      for (const { doc, js } of own) assert.ok(words.includes(doc), `${js}: ${doc}`)
    })
  }

  it('are not in the code that runs', () => {
    const { doc } = classes[0].members.find(({ name }) => name === 'query')
    for (const file of ['esm/browser.js', 'isofold.wasm']) assert.ok(!read(`../dist/${file}`).includes(doc), file)
  })
})
