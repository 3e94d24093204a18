/**
 * Runs the README's Python and TypeScript as they stand there and compares the digests that they print last.
 *
 * Not here: its Rust, which runs as a doc test of the core.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildAll, built } from './setup/build.mjs'
import { root, run } from './setup/steps.mjs'
import { requireTools } from './setup/toolchain.mjs'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

async function main() {
  await requireTools()
  await buildAll(false)
  // Beside the hosts, where the package is found as in a project that has it installed.
  const folder = mkdtempSync(join(root, 'demo/hosts/readme-'))
  try {
    const python = await printed(folder, 'python', 'example.py', built.python)
    const javaScript = await printed(folder, 'ts', 'example.mjs', process.execPath)
    if (!/^[0-9a-f]{64}$/.test(python)) throw new Error(`the Python example must print a digest last, got ${python}`)
    if (python !== javaScript) throw new Error(`the examples must print one digest, got ${python} and ${javaScript}`)
    console.log(`README: one digest in Python and TypeScript, ${python}`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The last line that the README's block of a language prints. */
async function printed(folder, language, name, program) {
  const block = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'ms').exec(readme)
  if (block === null) throw new Error(`README.md has no block of ${language}`)
  writeFileSync(join(folder, name), block[1])
  return (await run(program, [join(folder, name)])).trim().split('\n').at(-1)
}

main().catch((error) => {
  console.error(`readme: ${error.message}`)
  process.exitCode = 1
})
