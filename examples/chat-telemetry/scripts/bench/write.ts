/** Puts measurements into the guide, between the two marks there. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const GUIDE = join(import.meta.dirname, '../../../../docs/chat-telemetry.md')
const [START, END] = ['<!-- measured by `npm run bench -- --write` -->', '<!-- end of what was measured -->']

export async function writeMeasurements(lines: readonly string[]): Promise<void> {
  const text = await readFile(GUIDE, 'utf8')
  const [start, end] = [text.indexOf(START), text.indexOf(END)]
  if (start < 0 || end < start) throw new Error(`${GUIDE} has no place between ${START} and ${END}`)
  await writeFile(GUIDE, `${text.slice(0, start)}${START}\n${lines.join('\n')}\n${text.slice(end)}`)
}
