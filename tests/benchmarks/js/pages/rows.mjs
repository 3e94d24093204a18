/** The thousand rows of a first query, and how a page reports. */
export const rows = Array.from({ length: 1000 }, (_, i) => ({ ts: 1793491200000 + i * 60_000, model: `model-${i % 3}`, ms: ((i * 7919) % 1009) + 0.5 }))

/** Leaves in the title what came out of `work`, and how long after the last byte was there. */
export function report(prepare, work) {
  const told = async () => {
    const given = await prepare()
    // What the script itself took to be parsed and run counts, what was fetched besides does not.
    const before = prepare === nothing ? globalThis.startedAt : performance.now()
    const answer = await work(given)
    return { ms: performance.now() - before, answer }
  }
  told().then(
    (found) => (document.title = JSON.stringify(found)),
    (error) => (document.title = JSON.stringify({ error: String(error?.stack ?? error) })),
  )
}

export const nothing = () => undefined
