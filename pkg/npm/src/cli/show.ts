/** What a command writes: JSON for programs, a table for people. */

/** Writes rows, without the columns that only programs want. */
export function show(rows: readonly object[], json: boolean, hidden: readonly string[] = []): void {
  if (json) {
    console.log(asJson(rows))
    return
  }
  const names = Object.keys(rows[0] ?? {}).filter((name) => !hidden.includes(name))
  table(names, rows as readonly Record<string, unknown>[])
}

/** JSON with bigints as numbers, and infinities as texts. */
export function asJson(value: unknown): string {
  return JSON.stringify(value, (_, value: unknown) => {
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
  })
}

/** Writes a table. */
export function table(names: readonly string[], rows: readonly Readonly<Record<string, unknown>>[]): void {
  const cells = [names, ...rows.map((row) => names.map((name) => text(row[name])))]
  const widths = names.map((_, at) => Math.max(...cells.map((row) => (row[at] as string).length)))
  for (const row of cells) console.log(row.map((cell, at) => cell.padEnd(widths[at] as number)).join('  ').trimEnd())
}

function text(value: unknown): string {
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)))
  return typeof value === 'object' ? asJson(value) : String(value)
}
