/**
 * Runs the vectors over an imported package, whatever the host: it gets them as an object and uses no host's API.
 *
 * The one idea: running a step gives the entries that the step has in its file, as in the Rust runner.
 */
import { answers, bytes, forms, hex } from './cells.mjs'
import { wrongNames } from './names.mjs'

/** Failures that a report repeats. */
const SHOWN = 12

/**
 * Everything: the cases in every form, the digests of the data sets, the exported names.
 *
 * `slim` is the entry without wasm inside, `labels` are the words that mean this host in the `hosts` of vectors.
 */
export async function runAll(isofold, slim, labels, { topics, sets, api }) {
  const failures = [slim, ...(labels.includes('browser') ? [isofold] : [])].flatMap(unready)
  await isofold.init()
  let cases = 0
  for (const { topic, cases: all } of topics) {
    for (const one of all.filter(({ hosts }) => hosts === undefined || hosts.some((host) => labels.includes(host)))) {
      cases += 1
      for (const form of one.forms ?? Object.keys(forms)) {
        failures.push(...runCase(isofold, one, form).map((failure) => `${topic}/${one.name} as ${form}: ${failure}`))
      }
    }
  }
  const here = sets.filter(({ batch }) => batch !== undefined)
  const digests = Object.fromEntries(here.map((set) => [set.name, fold(isofold, set, failures)]))
  failures.push(...wrongNames(isofold, api))
  return { backend: isofold.backend, cases, failed: failures.length, failures: failures.slice(0, SHOWN), digests }
}

/** Before `init()`, where it is needed, every use is refused with a code. */
function unready({ Rollup, IsofoldError }) {
  try {
    new Rollup('{}')
  } catch (error) {
    if (error instanceof IsofoldError && error.code === 'host.init') return []
  }
  return ['before init() a rollup must be refused with host.init']
}

function runCase(isofold, { specs, batches, steps }, form) {
  const rollups = {}
  const failures = []
  steps.forEach((step, index) => {
    const outcome = {}
    try {
      Object.assign(outcome, verbs[step.do]({ isofold, specs, batches, form, rollups, step }))
    } catch (error) {
      if (!(error instanceof isofold.IsofoldError)) return failures.push(`step ${index} (${step.do}) throws ${error?.stack ?? error}`)
      outcome.error = problems(error)
    }
    for (const [key, value] of Object.entries(outcome)) {
      const [found, expected] = [JSON.stringify(value), JSON.stringify(step[key])]
      if (found !== expected) failures.push(`step ${index} (${step.do}): ${key} ${difference(found, expected)}`)
    }
    if (step.error !== undefined && outcome.error === undefined) {
      failures.push(`step ${index} (${step.do}): the error ${JSON.stringify(step.error)} is expected`)
    }
  })
  return failures
}

/** The places of two texts around where they part. */
function difference(found, expected = 'nothing') {
  let at = 0
  while (found[at] === expected[at]) at += 1
  const near = (text) => text.slice(Math.max(0, at - 100), at + 60)
  return `is …${near(found)}…, expected …${near(expected)}…`
}

function problems(error) {
  if (error.problems[0]?.code !== error.code || error.problems[0]?.path !== error.path) throw new Error('the first problem is another')
  if (typeof error.message !== 'string' || error.message === '') throw new Error('an error without words')
  return error.problems.map(({ code, path, position }) => (position == null ? { code, path: named(path) } : { code, path: named(path), position }))
}

/** A place, with an option that JavaScript spells otherwise as the others do. */
function named(path) {
  return { maxRows: 'max_rows', maxGroups: 'max_groups' }[path] ?? path
}

/** A report without the words of errors, which are not compared. */
function wordless({ errors, ...report }) {
  const places = ({ count, first }) => ({ count, first: first.map(({ row, path }) => ({ row, path })) })
  return { ...report, errors: Object.fromEntries(Object.entries(errors).map(([code, problems]) => [code, places(problems)])) }
}

/** The budget of a step, as JavaScript calls it. */
function budget({ within: { max_rows: maxRows, max_groups: maxGroups, ...range } = {} }) {
  return { ...(maxRows === undefined ? {} : { maxRows }), ...(maxGroups === undefined ? {} : { maxGroups }), ...range }
}

const verbs = {
  new: ({ isofold, specs, rollups, step }) => void (rollups[step.on] = new isofold.Rollup(specs[step.spec])),
  ingest({ batches, form, rollups, step }) {
    const outcome = rollups[step.on].ingest(forms[form](batches[step.batch]), step.options)
    return typeof outcome === 'number' ? { rows: outcome } : { report: wordless(outcome) }
  },
  merge: ({ rollups, step }) => rollups[step.on].merge(rollups[step.with], budget(step)),
  merge_bytes: ({ rollups, step }) => rollups[step.on].merge(step.of === undefined ? bytes(step.bytes) : rollups[step.of].encode(), budget(step)),
  coarsen: ({ rollups, step }) => void (rollups[step.into] = rollups[step.on].coarsen(step.options)),
  slice: ({ rollups, step }) => void (rollups[step.into] = rollups[step.on].slice(step.start, step.end)),
  replace: ({ rollups, step }) => rollups[step.on].replace(step.start, step.end, rollups[step.with], budget(step)),
  prune: ({ rollups, step }) => ({ groups: rollups[step.on].prune(step.before) }),
  recode: ({ isofold, rollups, step }) => void (rollups[step.into] = isofold.Rollup.decode(rollups[step.on].encode())),
  decode: ({ isofold, rollups, step }) => void (rollups[step.on] = isofold.Rollup.decode(bytes(step.bytes), budget(step))),
  rows: ({ rollups, step }) => ({ states: rollups[step.on].rows().map(({ state }) => hex(state)) }),
  from_rows({ isofold, specs, batches, rollups, step }) {
    const given = () => forms.rows(batches[step.batch]).map((row, at) => ({ ...row, state: bytes(step.states[at]) }))
    const rows = step.of === undefined ? given() : rollups[step.of].rows()
    rollups[step.on] = isofold.Rollup.fromRows(specs[step.spec], rows, budget(step))
  },
  merge_rows: ({ rollups, step }) => rollups[step.on].mergeRows(rollups[step.of].rows(), budget(step)),
  same: ({ rollups, step }) => ({ same: rollups[step.on].digest() === rollups[step.with].digest() }),
  check({ rollups, step }) {
    const rollup = rollups[step.on]
    // the memory behind a rollup is the one number that depends on the host
    const { memory_bytes: _, ...stats } = rollup.stats()
    const outcome = { size: rollup.size, digest: rollup.digest(), stats }
    return step.bytes === undefined ? outcome : { ...outcome, bytes: hex(rollup.encode()) }
  },
  check_spec: ({ rollups, step }) => ({ spec: rollups[step.on].spec, canonical: rollups[step.on].canonical }),
  query({ rollups, step }) {
    const result = rollups[step.on].query(step.query)
    const warnings = result.warnings.map(({ message: _, ...warning }) => warning)
    const outcome = { columns: answers(result) }
    return step.warnings === undefined && warnings.length === 0 ? outcome : { ...outcome, warnings }
  },
}

/** The digest of a data set, folded whole and in three parts that are merged last to first. */
function fold(isofold, { name, spec, rows, digest: expected, size, batch }, failures) {
  const columns = forms.columns(batch)
  const whole = new isofold.Rollup(spec)
  whole.ingest(columns)
  if (whole.size !== size) failures.push(`${name} has ${whole.size} groups, expected ${size}`)
  const merged = new isofold.Rollup(spec)
  for (const part of [2, 1, 0]) {
    const [start, end] = [Math.floor((rows * part) / 3), Math.floor((rows * (part + 1)) / 3)]
    const rollup = new isofold.Rollup(spec)
    rollup.ingest(Object.fromEntries(Object.entries(columns).map(([name, cells]) => [name, cells.slice(start, end)])))
    merged.merge(part === 1 ? rollup.encode() : rollup)
  }
  for (const [how, rollup] of Object.entries({ whole, merged })) {
    if (rollup.digest() !== expected) failures.push(`${name}, ${how}: the digest is ${rollup.digest()}, expected ${expected}`)
  }
  return whole.digest()
}
