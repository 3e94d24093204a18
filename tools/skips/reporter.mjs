/**
 * A reporter for node:test that says nothing but which skipped tests may not be skipped, and lets the run fail for them.
 * A test is named after the suites around it: `client > a query is three trips`.
 */
import { isAllowed, refusal } from './skips.mjs'

export default async function* skips(events) {
  const around = []
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      around.length = data.nesting
      around.push(data.name)
    }
    if (type !== 'test:pass' || data.skip === undefined) continue
    const name = [...around.slice(0, data.nesting), data.name].join(' > ')
    if (isAllowed(name)) continue
    process.exitCode = 1
    yield `${refusal(name, data.skip === true ? '' : data.skip)}\n`
  }
}
