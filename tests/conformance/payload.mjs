/** What every host is given: the vectors, the data sets that are at hand, the list of names. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')
const vectors = join(root, 'tests/vectors')
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))

/** The payload; the rows of the data sets are written into `folder`. */
export function payload(folder) {
  const words = ['run', '--quiet', '--locked', '--package', 'isofold-conformance', '--', 'data', folder]
  execFileSync('cargo', words, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] })
  const sets = json(join(vectors, 'data_sets.json')).sets.map((set) => {
    const rows = join(folder, `${set.name}.json`)
    return existsSync(rows) ? { ...set, batch: json(rows) } : set
  })
  const files = readdirSync(vectors).filter((name) => name.endsWith('.json') && name !== 'data_sets.json')
  return { topics: files.map((name) => json(join(vectors, name))), sets, api: json(join(root, 'bindings/facade/api.json')) }
}
