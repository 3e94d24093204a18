/** Packages that the command uses where they are installed. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { IsofoldError } from '../error.js'

/** A package of the program in the working directory, or one beside this one. Errors: `store.driver`. */
export async function load(name: string): Promise<unknown> {
  const found = await loaded(name)
  if (found !== undefined) return found
  throw new IsofoldError({ code: 'store.driver', message: `${name} is not installed: npm install ${name}`, path: '' })
}

/** As {@link load}, with nothing where the package is not installed. */
export async function loaded(name: string): Promise<unknown> {
  for (const from of [join(process.cwd(), 'package.json'), process.argv[1] ?? process.cwd()]) {
    try {
      return await import(pathToFileURL(createRequire(from).resolve(name)).href)
    } catch {
      continue
    }
  }
  return undefined
}
