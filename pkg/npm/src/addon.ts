/**
 * Finds the native addon of this machine.
 *
 * The one idea: no path and no `require` stands in this file as a literal, so bundlers neither follow nor copy
 * anything, and a bundle without the addon beside it runs on wasm. The addon is looked for beside this package and in
 * the packages of the running program, never in the working directory, which may be anybody's.
 *
 * Not here: what happens when there is none (`entries/node.ts`, `entries/native.ts`).
 */
import { version } from './version.js'
import type { Kernel } from './kernel.js'

/** The addon, or why there is none. */
export type Found = { readonly kernel: Kernel } | { readonly reasons: readonly string[] }

/** Looks for the addon; `location` is a file of this package, `undefined` where a bundler made that meaningless. */
export function findAddon(location: string | undefined): Found {
  const process = globalThis.process
  const modules = process?.getBuiltinModule?.('node:module')
  if (process === undefined || modules === undefined) return { reasons: ['the host cannot load addons'] }
  if (!mayLoad()) return { reasons: ['the host does not allow addons (Deno: --allow-ffi --allow-read)'] }

  const reasons: string[] = []
  const starts = [
    { from: location, manifest: '../../package.json' },
    { from: process.argv[1], manifest: 'isofold/package.json' },
  ]
  for (const { from, manifest } of starts) {
    if (from === undefined) continue
    let require: NodeJS.Require
    try {
      const path = modules.createRequire(from).resolve(manifest)
      require = modules.createRequire(path)
      if ((require(path) as { name?: unknown }).name !== 'isofold') throw new Error('another package')
    } catch {
      reasons.push(`no package isofold is reachable from ${from}`)
      continue
    }
    for (const name of candidates(process.platform, process.arch)) {
      try {
        const kernel = require(name) as Kernel
        if (kernel.version() === version) return { kernel }
        reasons.push(`${name} has version ${kernel.version()}, wanted ${version}`)
      } catch (error) {
        reasons.push(`${name}: ${firstLine(error)}`)
      }
    }
  }
  return { reasons }
}

/** The names of the addon: in this package, then in the package of the platform. */
function candidates(platform: string, arch: string): string[] {
  const libraries = platform === 'linux' ? ['-gnu', '-musl'] : ['']
  return [
    `./dist/native/isofold.${platform}-${arch}.node`,
    ...libraries.map((library) => `@isofold/${platform}-${arch}${library}`),
  ]
}

interface Permissions {
  querySync(descriptor: { name: string }): { state: string }
}

/** Deno asks the person at the terminal when a permission is not given; a faster kernel is not worth a question. */
function mayLoad(): boolean {
  const permissions = (globalThis as { Deno?: { permissions?: Permissions } }).Deno?.permissions
  if (permissions === undefined) return true
  return ['ffi', 'read'].every((name) => permissions.querySync({ name }).state === 'granted')
}

function firstLine(error: unknown): string {
  return String((error as { message?: unknown } | null | undefined)?.message ?? error).split('\n', 1)[0] as string
}
