/** How vectors spell values, in JavaScript; see tests/vectors/README.md. Uses nothing that a host may lack. */

const word = new DataView(new ArrayBuffer(8))

/** The double of 16 hex digits. */
function fromBits(hex) {
  word.setBigUint64(0, BigInt(`0x${hex}`))
  return word.getFloat64(0)
}

function toBits(number) {
  word.setFloat64(0, number)
  return word.getBigUint64(0).toString(16).padStart(16, '0')
}

const tagged = {
  f64: fromBits,
  i64: BigInt,
  u64: BigInt,
  date: (ms) => new Date(ms),
  text: ([text, times]) => text.repeat(times),
  other: () => [],
}

function cell(spelled) {
  if (spelled === null || typeof spelled !== 'object') return spelled
  const [[kind, value]] = Object.entries(spelled)
  return tagged[kind](value)
}

function cells(column) {
  if (Array.isArray(column)) return column.map(cell)
  const [start, step, count] = column.range
  return Array.from({ length: count }, (_, index) => start + index * step)
}

/** The forms in which a batch can be handed over. */
export const forms = {
  columns: (batch) => Object.fromEntries(Object.entries(batch).map(([name, column]) => [name, cells(column)])),
  rows(batch) {
    const columns = Object.entries(forms.columns(batch))
    const length = columns.length === 0 ? 0 : columns[0][1].length
    return Array.from({ length }, (_, row) => Object.fromEntries(columns.map(([name, column]) => [name, column[row]])))
  },
  arrays: (batch) => Object.fromEntries(Object.entries(forms.columns(batch)).map(([name, column]) => [name, typed(column)])),
}

/** A typed array where the cells are of one kind of number, else the array as it is. */
function typed(cells) {
  if (cells.every((cell) => typeof cell === 'number')) return Float64Array.from(cells)
  const whole = (cell) => typeof cell === 'bigint' || (Number.isInteger(cell) && !Object.is(cell, -0))
  if (!cells.every(whole)) return cells
  const integers = cells.map(BigInt)
  if (integers.every((integer) => BigInt.asIntN(64, integer) === integer)) return BigInt64Array.from(integers)
  return integers.every((integer) => BigInt.asUintN(64, integer) === integer) ? BigUint64Array.from(integers) : cells
}

/** The bytes of hex digits, or zeros. */
export function bytes(spelled) {
  if (typeof spelled === 'object') return new Uint8Array(spelled.zeros)
  return Uint8Array.from({ length: spelled.length / 2 }, (_, index) => Number.parseInt(spelled.slice(2 * index, 2 * index + 2), 16))
}

/** The hex digits of bytes. */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** The columns of a result as vectors spell them, read both by column and by row. */
export function answers(result) {
  const rows = result.rows()
  if (rows.length !== result.length) throw new Error(`rows() has ${rows.length} rows of ${result.length}`)
  return result.columns.map((name) => {
    const type = result.types[name]
    const column = result.column(name)
    const valid = result.valid(name)
    const values = Array.from(column, (value, row) => (valid !== undefined && valid[row] === 0 ? null : spell(value, type)))
    rows.forEach((row, index) => {
      const [told, expected] = [inRow(row[name], type), values[index]]
      const same = JSON.stringify(told) === JSON.stringify(type === 'timestamp' ? floored(expected) : expected)
      if (!same) throw new Error(`rows()[${index}] tells ${JSON.stringify(told)} for ${name}, column() ${JSON.stringify(expected)}`)
    })
    return { name, type, values }
  })
}

function spell(value, type) {
  if (value === null) return null
  const inner = /^(list|counts)<(.*)>$/.exec(type)
  if (inner?.[1] === 'list') return value.map((item) => spell(item, inner[2]))
  if (inner?.[1] === 'counts') return value.map(({ value, count }) => [spell(value, inner[2]), String(count)])
  const scale = /^decimal\((.*)\)$/.exec(type)?.[1]
  // the nearest number has these digits as long as they are 15 at most
  if (scale !== undefined) return value.toFixed(Number(scale))
  return type === 'float64' ? toBits(value) : type === 'int64' || type === 'timestamp' ? String(value) : value
}

/** A value of a row; a Date is in whole milliseconds. */
function inRow(value, type) {
  return type === 'timestamp' && value !== null ? String(value.getTime()) : spell(value, type)
}

function floored(micros) {
  return micros === null ? null : String((BigInt(micros) - (((BigInt(micros) % 1000n) + 1000n) % 1000n)) / 1000n)
}
