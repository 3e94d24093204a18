/**
 * Packs the npm packages of the command out of target/isofold-cli/isofold: `@isofold/cli`, which starts the program, and the
 * package of this platform, which holds it.
 */
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const root = resolve(here, '../../..')
const built = join(resolve(root, process.env.CARGO_TARGET_DIR ?? 'target'), 'isofold-cli')
const output = join(built, 'npm')
const { version, license, repository, engines } = JSON.parse(readFileSync(join(root, 'pkg/npm/package.json'), 'utf8'))
const platforms = JSON.parse(readFileSync(join(root, 'pkg/npm/platforms.json'), 'utf8'))
const about = { version, license, repository: { ...repository, directory: 'pkg/cli' }, engines }

const SUFFIXES = { glibc: '-gnu', musl: '-musl' }
const nameOf = ({ os, cpu, libc }) => `@isofold/cli-${os}-${cpu}${SUFFIXES[libc] ?? ''}`

function own() {
  const isGlibc = process.report.getReport().header.glibcVersionRuntime !== undefined
  const libc = process.platform === 'linux' ? (isGlibc ? 'glibc' : 'musl') : undefined
  const found = platforms.find((each) => each.os === process.platform && each.cpu === process.arch && each.libc === libc)
  if (found === undefined) throw new Error(`platforms.json has no ${process.platform} ${process.arch} ${libc ?? ''}`)
  return found
}

function pack(folder, manifest, copy) {
  mkdirSync(folder, { recursive: true })
  copy()
  for (const name of ['LICENSE-MIT', 'LICENSE-APACHE', 'README.md']) {
    cpSync(name.startsWith('LICENSE') ? join(root, name) : join(root, 'pkg/cli', name), join(folder, name))
  }
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
  execFileSync('npm', ['pack', '--pack-destination', output, '--loglevel', 'error'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
}

rmSync(output, { recursive: true, force: true })
const platform = own()
const { os, cpu, libc } = platform
const program = os === 'win32' ? 'isofold.exe' : 'isofold'
const fits = { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) }
const ofPlatform = { name: nameOf(platform), ...about, description: `The command isofold for ${os} ${cpu}`, ...fits, files: [program, 'LICENSE-*'] }
pack(join(output, 'platform'), ofPlatform, () => {
  cpSync(join(built, program), join(output, 'platform', program))
  chmodSync(join(output, 'platform', program), 0o755)
})
const main = {
  name: '@isofold/cli', ...about, description: 'The command isofold: rollups of files, and rollups kept fresh in databases',
  type: 'module', bin: { isofold: 'isofold.mjs' }, exports: { './package.json': './package.json', '.': './isofold.mjs' },
  files: ['isofold.mjs', 'LICENSE-*'], optionalDependencies: Object.fromEntries(platforms.map((each) => [nameOf(each), version])),
}
pack(join(output, 'main'), main, () => cpSync(join(here, 'isofold.mjs'), join(output, 'main/isofold.mjs')))
