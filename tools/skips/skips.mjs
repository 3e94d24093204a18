/**
 * Which tests may be skipped. A machine that cannot run a test says so and goes on; in CI that is a failure, unless
 * `ISOFOLD_ALLOW_SKIPS` names the test: names separated by commas, in which `*` stands for any text.
 *
 * The same rule is read by Rust (tests/reference/src/skip.rs) and pytest (skips_plugin.py beside this file).
 * For shells: `node tools/skips/skips.mjs NAME REASON`.
 */
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'

/** Whether the name is one of those that may be skipped, or this is not CI. */
export function isAllowed(name, { CI, ISOFOLD_ALLOW_SKIPS = '' } = process.env) {
  const patterns = ISOFOLD_ALLOW_SKIPS.split(',').map((pattern) => pattern.trim())
  return !CI || patterns.some((pattern) => matches(pattern, name))
}

function matches(pattern, name) {
  const literal = pattern.split('*').map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`, 's').test(name)
}

/** What is wrong with a test that is skipped in CI. */
export const refusal = (name, reason) => `skipped in CI, where ISOFOLD_ALLOW_SKIPS does not name it: ${name}${reason ? ` (${reason})` : ''}`

/** Tells that something is skipped. Errors: where that is not allowed. */
export function skipped(name, reason) {
  if (!isAllowed(name)) throw new Error(refusal(name, reason))
  console.log(`skipped: ${name}, ${reason}`)
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    skipped(argv[2], argv[3])
  } catch (error) {
    console.error(error.message)
    process.exitCode = 1
  }
}
