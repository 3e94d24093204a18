/** Random numbers from a seed, the same on every machine. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 to 1, exclusive (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  /** A whole number from `low` to `high`. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1))
  }

  /** Log-normal: half of the values are below `median`, and a few are far above. */
  skewed(median: number, spread: number): number {
    // the sum of twelve is close enough to normal
    let sum = -6
    for (let i = 0; i < 12; i++) sum += this.next()
    return median * Math.exp(spread * sum)
  }

  /** One of the choices, each as often as its weight says. */
  pick<Choice extends { readonly weight: number }>(choices: readonly Choice[]): Choice {
    const total = choices.reduce((sum, { weight }) => sum + weight, 0)
    let at = this.next() * total
    for (const choice of choices) {
      at -= choice.weight
      if (at < 0) return choice
    }
    return choices[choices.length - 1] as Choice
  }
}
