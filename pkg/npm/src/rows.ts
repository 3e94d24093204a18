/**
 * Rows as objects, turned into columns.
 *
 * The one idea: rows are read in blocks that stay in the processor's cache while one column after the other is taken
 * out of them, and a key that a row lacks is NULL.
 */
import { ColumnBuilder } from './column-builder.js'
import { IsofoldError } from './error.js'
import type { RawBatch } from './kernel.js'
import { addMixed } from './mixed.js'

/** A row: column names and their values; other keys are left alone. */
export type Row = Readonly<Record<string, unknown>>

const BLOCK_ROWS = 1024

/** Hands the named columns of `rows` to the kernel. Errors: `host.argument` when a row is not an object. */
export function addRows(batch: RawBatch, names: readonly string[], rows: readonly Row[]): void {
  const builders = names.map(() => new ColumnBuilder(rows.length))
  const mixed = new Set<number>()
  const cells: unknown[] = new Array(Math.min(BLOCK_ROWS, rows.length)).fill(null)
  for (let start = 0; start < rows.length; start += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, rows.length - start)
    checkRows(rows, start, count)
    for (let column = 0; column < names.length; column++) {
      if (mixed.has(column)) continue
      const name = names[column] as string
      for (let i = 0; i < count; i++) cells[i] = (rows[start + i] as Row)[name]
      if (!(builders[column] as ColumnBuilder).fill(cells, start, count)) mixed.add(column)
    }
  }
  names.forEach((name, column) => {
    if (mixed.has(column)) addMixed(batch, name, rows.length, (row) => (rows[row] as Row)[name])
    else (builders[column] as ColumnBuilder).addTo(batch, name)
  })
}

function checkRows(rows: readonly unknown[], start: number, count: number): void {
  for (let row = start; row < start + count; row++) {
    const value = rows[row]
    if (typeof value !== 'object' || value === null) {
      const message = `a row must be an object, got ${value === null ? 'null' : typeof value}`
      throw new IsofoldError({ code: 'host.argument', message, path: `rows[${row}]` })
    }
  }
}
