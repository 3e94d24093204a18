/**
 * Distinct texts and the UTF-8 form in which they go to the kernel.
 *
 * The one idea: a text crosses once however many rows have it, and many texts cross in one buffer.
 */

const encoder = new TextEncoder()

/** Texts joined before one call of the encoder: long enough to make the call cheap, far from the longest string. */
const JOINED_CHARS = 1 << 20

/** Places for texts that were numbered lately; a power of two. */
const RECENT = 1 << 8

/** Numbers texts by their first appearance. */
export class TextDictionary {
  readonly texts: string[] = []
  readonly #codes = new Map<string, number>()
  readonly #recent = new Array<string | undefined>(RECENT).fill(undefined)
  readonly #recentCodes = new Uint32Array(RECENT)

  /** The number of `text`. */
  code(text: string): number {
    const length = text.length
    if (length === 0) return this.#find(text)
    // Its length and two characters tell a few texts apart faster than a map, which hashes every new string.
    const place = (length * 7 + text.charCodeAt(length - 1) * 31 + text.charCodeAt(length >> 1) * 5) & (RECENT - 1)
    if (this.#recent[place] === text) return this.#recentCodes[place] as number
    const code = this.#find(text)
    this.#recent[place] = text
    this.#recentCodes[place] = code
    return code
  }

  #find(text: string): number {
    const known = this.#codes.get(text)
    if (known !== undefined) return known
    const code = this.texts.length
    this.#codes.set(text, code)
    this.texts.push(text)
    return code
  }
}

/** Texts in one buffer: text `i` is `utf8[offsets[i]..offsets[i + 1]]`. */
export interface PackedTexts {
  readonly utf8: Uint8Array
  readonly offsets: Uint32Array
}

/** Writes the texts of a block one behind the other. */
export class TextWriter {
  #utf8 = new Uint8Array(1 << 16)
  readonly #offsets: Uint32Array
  #count = 0
  #end = 0

  /** For at most `texts` texts. */
  constructor(texts: number) {
    this.#offsets = new Uint32Array(texts + 1)
  }

  /** Starts anew. */
  clear(): void {
    this.#count = 0
    this.#end = 0
  }

  /** Writes the next text. */
  write(text: string): void {
    const length = text.length
    if (this.#end + length > this.#utf8.length) this.#grow(this.#end + length)
    const utf8 = this.#utf8
    let end = this.#end
    // Character by character: a call of the encoder costs more than a short text, and joining texts makes garbage.
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i)
      if (code > 0x7f) return this.#writeEncoded(encode(text))
      utf8[end++] = code
    }
    this.#end = end
    this.#offsets[++this.#count] = end
  }

  /** The texts since the last `clear`, until the next `write`. */
  packed(): PackedTexts {
    return { utf8: this.#utf8.subarray(0, this.#end), offsets: this.#offsets.subarray(0, this.#count + 1) }
  }

  #writeEncoded(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#utf8.length) this.#grow(this.#end + piece.length)
    this.#utf8.set(piece, this.#end)
    this.#end += piece.length
    this.#offsets[++this.#count] = this.#end
  }

  #grow(wanted: number): void {
    const utf8 = new Uint8Array(Math.max(wanted, 2 * this.#utf8.length))
    utf8.set(this.#utf8.subarray(0, this.#end))
    this.#utf8 = utf8
  }
}

/** The UTF-8 of `texts`; a lone surrogate becomes three bytes that are not UTF-8, for the kernel to refuse. */
export function packTexts(texts: readonly string[]): PackedTexts {
  const offsets = new Uint32Array(texts.length + 1)
  const pieces: Uint8Array[] = []
  let total = 0
  let from = 0
  while (from < texts.length) {
    let to = from
    let chars = 0
    for (; to < texts.length && chars < JOINED_CHARS; to++) {
      chars += (texts[to] as string).length
      offsets[to + 1] = total + chars
    }
    const joined = encoder.encode(texts.slice(from, to).join(''))
    if (joined.length === chars) {
      pieces.push(joined)
      total += chars
    } else {
      // Characters of several bytes: the lengths are not known from the strings.
      for (let i = from; i < to; i++) {
        const piece = encode(texts[i] as string)
        pieces.push(piece)
        total += piece.length
        offsets[i + 1] = total
      }
    }
    from = to
  }
  return { utf8: pieces.length === 1 ? (pieces[0] as Uint8Array) : concat(pieces, total), offsets }
}

function concat(pieces: readonly Uint8Array[], total: number): Uint8Array {
  const bytes = new Uint8Array(total)
  let position = 0
  for (const piece of pieces) {
    bytes.set(piece, position)
    position += piece.length
  }
  return bytes
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/

function encode(text: string): Uint8Array {
  if (!LONE_SURROGATE.test(text)) return encoder.encode(text)
  const bytes: number[] = []
  for (const character of text) {
    const code = character.codePointAt(0) as number
    if (code >= 0xd800 && code <= 0xdfff) {
      bytes.push(0xed, 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f))
    } else {
      bytes.push(...encoder.encode(character))
    }
  }
  return Uint8Array.from(bytes)
}
