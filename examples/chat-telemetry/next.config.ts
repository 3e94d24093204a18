import type { NextConfig } from 'next'

const config: NextConfig = {
  // Both load native code or wasm of their own from beside their sources.
  serverExternalPackages: ['isofold', '@electric-sql/pglite', 'pg'],
  // The lock file of a folder above is not this application's.
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
}

export default config
