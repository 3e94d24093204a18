/**
 * Makes the tarballs that are published: `node pkg/npm/release.mjs platform`, on every platform, the package with its
 * addon; `node pkg/npm/release.mjs main`, once, the package `isofold` without any addon, which names them all as
 * optional dependencies.
 *
 * The one idea: npm installs of the optional packages the one that fits the machine, and src/addon.ts finds it by name.
 * The tarball of tools/pack.sh names none: it has its addon inside, and where a registry cannot be reached, npm waits
 * minutes for each optional package before it goes on without.
 */
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const target = resolve(here, '../..', process.env.CARGO_TARGET_DIR ?? 'target')
const output = join(target, 'isofold-npm-release')
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'))
const platforms = JSON.parse(readFileSync(join(here, 'platforms.json'), 'utf8'))

const SUFFIXES = { glibc: '-gnu', musl: '-musl' }
const place = ({ os, cpu, libc }) => `${os}-${cpu}${SUFFIXES[libc] ?? ''}`
const packageName = (platform) => `@isofold/${place(platform)}`

/** The platform of this machine. Errors: a platform that is not in the list. */
function own() {
  const isGlibc = () => process.report.getReport().header.glibcVersionRuntime !== undefined
  const libc = process.platform === 'linux' ? (isGlibc() ? 'glibc' : 'musl') : undefined
  const found = platforms.find(({ os, cpu, libc: wanted }) => os === process.platform && cpu === process.arch && wanted === libc)
  if (found === undefined) throw new Error(`platforms.json has no ${process.platform} ${process.arch} ${libc ?? ''}`)
  return found
}

function platformPackage(folder) {
  const platform = own()
  const { version, license, repository, engines } = manifest
  const file = `isofold.${place(platform)}.node`
  cpSync(join(target, 'isofold-addon', `isofold.${platform.os}-${platform.cpu}.node`), join(folder, file))
  const description = `The addon of isofold for ${place(platform)}`
  const { os, cpu, libc } = platform
  const fits = { os: [os], cpu: [cpu], ...(libc === undefined ? {} : { libc: [libc] }) }
  write(folder, { name: packageName(platform), version, description, license, repository, engines, ...fits, main: file, files: [file, 'LICENSE-*'] })
}

function mainPackage(folder) {
  cpSync(join(here, 'dist'), join(folder, 'dist'), { recursive: true })
  rmSync(join(folder, 'dist/native'), { recursive: true })
  const { devDependencies: _, scripts: __, ...published } = manifest
  const optionalDependencies = Object.fromEntries(platforms.map((platform) => [packageName(platform), manifest.version]))
  optionalDependencies['@isofold/cli'] = manifest.version
  write(folder, { ...published, optionalDependencies })
}

/** Writes a manifest, and beside it what every package tells of itself. */
function write(folder, json) {
  for (const name of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE']) cpSync(join(here, name), join(folder, name))
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(json, null, 2)}\n`)
}

const kinds = { platform: platformPackage, main: mainPackage }
const kind = process.argv[2]
if (!Object.hasOwn(kinds, kind)) throw new Error(`a kind of ${Object.keys(kinds).join(', ')} is wanted, got ${kind}`)
const folder = join(output, kind)
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
kinds[kind](folder)
execFileSync('npm', ['pack', '--pack-destination', folder, '--loglevel', 'error'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
