/** The version of this package, of the addon and of the wasm. */
export const version: string = ISOFOLD_VERSION

/** The release of the tz database inside the kernel. */
export const tzdbVersion: string = ISOFOLD_TZDB_VERSION
