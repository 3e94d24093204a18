/** The rows of the benchmarks in the forms JavaScript has them: typed arrays, objects, an Arrow table. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { tableFromIPC } from 'apache-arrow'

export const HOUR_MS = 3_600_000

/** Where the rows lie and in which form they are wanted. */
export class Rows {
  constructor(folder, order, keys, threads) {
    Object.assign(this, { folder, order, keys, threads })
    this.told = JSON.parse(readFileSync(join(folder, 'rows.json'), 'utf8'))
  }

  /** The bytes of a file of this order. */
  bytes(name) {
    return readFileSync(join(this.folder, this.order, name))
  }

  /** Typed arrays; times as doubles, as JavaScript has them, and keys as numbers of texts. */
  typed() {
    const array = (name, Type) => {
      const bytes = this.bytes(`${name}.bin`)
      return new Type(bytes.buffer, bytes.byteOffset, bytes.byteLength / Type.BYTES_PER_ELEMENT)
    }
    return {
      ts: Float64Array.from(array('ts', BigInt64Array), Number),
      model: array('model', Uint8Array),
      user_id: array('user_id', Uint32Array),
      duration_ms: array('duration_ms', Float64Array),
      cost_usd: array('cost_usd', Float64Array),
      status_code: array('status_code', Int32Array),
    }
  }

  /** An array of objects as `JSON.parse` makes them, so that strings are shared only where V8 shares them. */
  objects() {
    const folder = join(this.folder, this.order)
    const files = readdirSync(folder).filter((name) => /^rows-\d+\.json$/.test(name))
    return files.sort().flatMap((name) => JSON.parse(readFileSync(join(folder, name), 'latin1')))
  }

  /** A table of apache-arrow. */
  arrow() {
    return tableFromIPC(this.bytes(`${this.keys}.arrow`))
  }
}
