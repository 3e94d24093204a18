/**
 * Draws what a program printed as a picture of a terminal: `just demo | node demo/picture.mjs docs/demo.svg COMMAND`.
 *
 * Every character has its place, so the columns stand whatever font the reader has.
 */
import { readFileSync, writeFileSync } from 'node:fs'

const CHARACTER = 8.4
const LINE = 18
const MARGIN = 20
const BAR = 30
const COLOURS = { plain: '#d0d7de', faint: '#8b949e', good: '#3fb950', bad: '#f85149', command: '#79c0ff' }

const [path, command] = process.argv.slice(2)
const printed = readFileSync(0, 'utf8').replace(/\n+$/, '').split('\n')
const lines = [`$ ${command}`, ...printed]
const columns = Math.max(...lines.map((line) => [...line].length))
const width = Math.ceil(columns * CHARACTER) + 2 * MARGIN
const height = BAR + lines.length * LINE + 2 * MARGIN

const dots = ['#ff5f57', '#febc2e', '#28c840'].map((fill, i) => `<circle cx="${MARGIN + i * 18}" cy="${BAR / 2 + 4}" r="6" fill="${fill}"/>`)
const texts = lines.flatMap((line, row) => (line.trim() === '' ? [] : [drawn(line, BAR + MARGIN + (row + 0.5) * LINE)]))

writeFileSync(
  path,
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(command)}</title>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
${dots.join('')}
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${texts.join('\n')}
</g>
</svg>
`,
)

function drawn(line, y) {
  const indent = line.length - line.trimStart().length
  const text = line.trim()
  const x = MARGIN + indent * CHARACTER
  const length = ([...text].length * CHARACTER).toFixed(1)
  return `<text x="${x.toFixed(1)}" y="${y}" fill="${colourOf(line)}" textLength="${length}" lengthAdjust="spacingAndGlyphs">${marked(text)}</text>`
}

function colourOf(line) {
  if (line.startsWith('$ ')) return COLOURS.command
  if (line.startsWith('✓')) return COLOURS.good
  if (line.startsWith('✗')) return COLOURS.bad
  return /^(host|bucket|and) /.test(line) || line.includes('not on this machine') ? COLOURS.faint : COLOURS.plain
}

function marked(text) {
  const sign = text.at(-1)
  if (sign !== '✓' && sign !== '✗') return escaped(text)
  return `${escaped(text.slice(0, -1))}<tspan fill="${sign === '✓' ? COLOURS.good : COLOURS.bad}">${sign}</tspan>`
}

/** Runs of spaces keep their width only as spaces that do not break. */
function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll(' ', '\u00a0')
}
