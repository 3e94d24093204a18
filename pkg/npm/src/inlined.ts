/**
 * The wasm bytes that travel inside the JavaScript, compressed and in base64.
 *
 * Inlined bytes are the one form that every bundler, server and test runner passes on without configuration.
 */
import { inlined } from 'isofold:inlined'

/** The bytes, where the host has a synchronous decompressor; `undefined` elsewhere. */
export function bytesSync(): BufferSource | undefined {
  // Asked for by name at run time: an import of `node:zlib` would stop bundlers that build for no particular host.
  const zlib = globalThis.process?.getBuiltinModule?.('node:zlib')
  return zlib?.gunzipSync(compressed()) as BufferSource | undefined
}

/** The bytes. */
export async function bytesAsync(): Promise<ArrayBuffer> {
  return new Response(unpacked()).arrayBuffer()
}

/** The bytes as a server would send them: compiling begins while they are unpacked. */
export function answer(): Response {
  return new Response(unpacked(), { headers: { 'content-type': 'application/wasm' } })
}

function unpacked(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Blob([compressed()]).stream().pipeThrough(new DecompressionStream('gzip'))
}

/** `Uint8Array` of hosts that read base64 by themselves. */
interface Base64Reader {
  fromBase64?(text: string): Uint8Array<ArrayBuffer>
}

function compressed(): Uint8Array<ArrayBuffer> {
  const known = (Uint8Array as Base64Reader).fromBase64?.(inlined)
  if (known !== undefined) return known
  const text = atob(inlined)
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
