/** Files that are read and written whole, or not at all. */
import { randomUUID } from 'node:crypto'
import { open, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { IsofoldError } from '../error.js'

/** The text of a file, without the mark that says it is UTF-8. Errors: `ingest.text`, those of the system. */
export async function readText(path: string): Promise<string> {
  const bytes = await readFile(path)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new IsofoldError({ code: 'ingest.text', message: `${path} is not UTF-8`, path: '' })
  }
}

/** Writes a file beside its place and moves it there, so that whatever ends the writing leaves what was there before. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  // where the path is a link, it stays one
  const target = await realpath(path).catch(() => path)
  const before = await stat(target).catch(() => undefined)
  // a device or a pipe is no place to move a file to
  if (before !== undefined && !before.isFile()) return await writeFile(target, bytes)
  const beside = join(dirname(target), `.${basename(target)}.${randomUUID()}`)
  try {
    const file = await open(beside, 'wx')
    try {
      await file.writeFile(bytes)
      if (before !== undefined) await file.chmod(before.mode)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(beside, target)
  } catch (error) {
    await rm(beside, { force: true })
    throw error
  }
  await syncFolder(dirname(target))
}

/** The move is kept once the folder is; not every system can say so. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined)
  await folder?.sync().catch(() => undefined)
  await folder?.close()
}
