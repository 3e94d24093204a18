/** How long something takes. */

/** What is quicker is asked again and again for so long, as a dashboard with readers is; ms. */
const LOOK_MS = 20

/** Milliseconds of `work`. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/**
 * Milliseconds of one `ask`: the median of as many as fit into a look.
 *
 * The first after a pause finds the caches of the processor filled by others, and takes several times as long as the
 * second, whoever answers.
 */
export async function lookedAt(ask: () => Promise<unknown>): Promise<number> {
  const times: number[] = []
  const started = performance.now()
  do times.push(await timed(ask))
  while (performance.now() - started < LOOK_MS)
  return median(times)
}

export function median(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] as number
}
