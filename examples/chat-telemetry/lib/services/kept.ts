/**
 * Answers of levels, kept until the levels change.
 *
 * The one idea: whoever looks at a dashboard asks what others asked a moment ago, and levels count their changes.
 */
import type { Cell } from 'isofold'
import type { Levels } from '../client/levels'

type Rows = readonly Readonly<Record<string, Cell>>[]

/** Answers of one state of the levels; more start anew, since questions hold the time and texts of readers. */
const MOST_ANSWERS = 256

interface Answers {
  readonly version: number
  readonly rows: Map<string, Rows>
}

const ANSWERS = new WeakMap<Levels, Answers>()

/** The answer to a question, found by `answer` once for every state of the levels. Do not change it. */
export function kept(levels: Levels, question: unknown, answer: () => Rows): Rows {
  let known = ANSWERS.get(levels)
  if (known?.version !== levels.version || known.rows.size >= MOST_ANSWERS) {
    known = { version: levels.version, rows: new Map() }
    ANSWERS.set(levels, known)
  }
  const key = JSON.stringify(question)
  const rows = known.rows.get(key) ?? answer()
  known.rows.set(key, rows)
  return rows
}
