/**
 * Reading one property of many rows.
 *
 * The one idea: an engine remembers at each place of a program which property of which shape was read there. With a
 * place for each name a cell costs a few nanoseconds; with one place for all of them each key is looked up by its hash.
 */

/** Copies what rows `start` to before `end` have under `key` into the first of `cells`. */
export type CellReader = (rows: readonly unknown[], start: number, end: number, key: string, cells: unknown[]) => void

type Rows = readonly Readonly<Record<string, unknown>>[]

// Equal texts, and yet each is a place of its own. Making them from one text would take `eval`, which pages may forbid.
const READERS = [
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
  (rows: Rows, start: number, end: number, key: string, cells: unknown[]): void => {
    for (let row = start; row < end; row++) cells[row - start] = (rows[row] as Rows[0])[key]
  },
] as unknown as readonly CellReader[]

/** Reads what rows have themselves, and nothing that they inherit. */
export const ownCellReader: CellReader = (rows, start, end, key, cells) => {
  for (let row = start; row < end; row++) {
    const found = rows[row] as Rows[0]
    cells[row - start] = Object.hasOwn(found, key) ? found[key] : undefined
  }
}

/** The places of the names that came first; the last place serves all that came later. */
const places = new Map<string, number>()

/** What reads the property of that name from objects that inherit from `Object` alone, always the same for one name. */
export function cellReader(name: string): CellReader {
  if (name in Object.prototype) return ownCellReader
  const place = places.get(name) ?? Math.min(places.size, READERS.length - 1)
  if (places.size < READERS.length) places.set(name, place)
  return READERS[place] as CellReader
}
