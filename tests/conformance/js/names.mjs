/** Compares what a package really exports with the one list of names (`bindings/facade/api.json`). */

/** Names that hosts give to every function, every class and every error. */
const GIVEN = {
  classes: ['length', 'name', 'prototype'],
  prototypes: ['constructor', 'name', 'toString'],
  errors: ['stack', 'cause', 'line', 'column', 'originalLine', 'originalColumn', 'sourceURL'],
}

/** What is wrong with the names, in words. */
export function wrongNames(isofold, { classes, values }) {
  const wrong = []
  const compare = (place, found, listed) => {
    const [a, b] = [new Set(found), new Set(listed)]
    for (const name of a) if (!b.has(name)) wrong.push(`${place} has ${name}, which api.json does not list`)
    for (const name of b) if (!a.has(name)) wrong.push(`${place} lacks ${name}, which api.json lists`)
  }
  const listed = [...classes, ...values].map(({ js }) => js).filter((js) => js !== null)
  compare('the package', Object.keys(isofold), listed)
  const samples = samplesOf(isofold)
  for (const { js, members } of classes.filter(({ js }) => js !== null)) {
    const sample = samples[js]
    const own = [
      ...names(sample, GIVEN.errors),
      ...prototypes(sample).flatMap((prototype) => names(prototype, GIVEN.prototypes)),
      ...names(isofold[js], GIVEN.classes),
    ]
    const shown = members.filter((member) => member.js !== null && member.kind !== 'constructor')
    compare(js, own, shown.map((member) => member.js))
    for (const { js: name, kind } of shown.filter(({ kind }) => kind !== 'static')) {
      const value = name.startsWith('[') ? sample[Symbol[name.slice('[Symbol.'.length, -1)]] : sample[name]
      if ((typeof value === 'function') !== (kind === 'method')) wrong.push(`${js}.${name} must be a ${kind}`)
    }
  }
  return wrong
}

/** What an object inherits from, without what every object or error does. */
function prototypes(object) {
  const prototype = Object.getPrototypeOf(object)
  const isGiven = Object.hasOwn(prototype, 'hasOwnProperty') || prototype.constructor.name === 'Error'
  return isGiven ? [] : [prototype, ...prototypes(prototype)]
}

function names(object, given) {
  // a host may have made Symbol.dispose itself, under another description
  const wellKnown = (symbol) => `[Symbol.${Reflect.ownKeys(Symbol).find((name) => Symbol[name] === symbol)}]`
  // marks by which copies of the package know each other's errors are no part of what is called
  const isMark = (key) => key === Symbol.hasInstance || key === Symbol.for('isofold.error')
  const called = Reflect.ownKeys(object).filter((key) => typeof key !== 'symbol' || !isMark(key))
  const keys = called.map((key) => (typeof key === 'symbol' ? wellKnown(key) : key))
  return keys.filter((key) => !given.includes(key))
}

/** One object of every class. */
function samplesOf(isofold) {
  const spec = { name: 'names', columns: { ts: 'timestamp' }, time: 'ts', bucket: '1 day', select: { n: 'count(*)' } }
  const rollup = new isofold.Rollup(spec)
  let error
  try {
    isofold.Rollup.decode(new Uint8Array())
  } catch (thrown) {
    error = thrown
  }
  return { Rollup: rollup, Result: rollup.query(), IsofoldError: error }
}
