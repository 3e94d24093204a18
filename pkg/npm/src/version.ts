/** The version of this package, of the addon and of the wasm. */
export const version: string = ISOFOLD_VERSION
