// Modules that build.mjs makes or places: names in src, files in dist.

declare module 'isofold:glue' {
  export interface Glue {
    __wbg_set_wasm(exports: WebAssembly.Exports): void
  }
  /** The glue of one instance. */
  export function glueOf(): Glue
}

declare module 'isofold:inlined' {
  /** The wasm module, gzip, base64. */
  export const inlined: string
}

declare module 'isofold:location' {
  /** The path of a file of this package; `undefined` inside a bundle. */
  const location: string | undefined
  export default location
}

declare module 'isofold:wasm' {
  const module: WebAssembly.Module
  export default module
}

declare module 'isofold:wasm?module' {
  const module: WebAssembly.Module
  export default module
}

/** The version in package.json. */
declare const ISOFOLD_VERSION: string

/** The release of the tz database, as the addon tells it. */
declare const ISOFOLD_TZDB_VERSION: string
