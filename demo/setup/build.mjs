/**
 * Builds every host's module from the sources, each only when something it reads has changed.
 *
 * What uses the native target folder goes one after the other, since cargo locks it; wasm and downloads go beside.
 */
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { cache, emptied, found, root, run, step } from './steps.mjs'

const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target')
const KERNEL = ['Cargo.toml', 'Cargo.lock', 'core/Cargo.toml', 'core/src', 'bindings/facade']
const PYARROW = 'pyarrow==26.0.1'

/** Where the built things are. */
export const built = {
  demo: join(target, 'release/isofold-demo'),
  python: join(cache, 'venv/bin/python'),
  modules: join(root, 'demo/hosts/node_modules'),
}

/** The flags of the scripts in tools, for which what is compiled here serves them, too. */
const flags = async () => ({ CARGO_ENCODED_RUSTFLAGS: (await run('tools/path-flags.sh', [])).trimEnd() })

/** Builds all; with `all`, also installs the hosts that the machine has not. */
export async function buildAll(all) {
  const native = rustHost().then(addon)
  const wasm = npmTools().then(wasmModule)
  const environment = pythonEnvironment()
  const packages = javaScriptPackages(all)
  const works = [
    native.then(() => environment).then(wheel),
    Promise.all([native, wasm]).then(npmPackage),
    all ? chromium() : undefined,
  ]
  await firstProblem([native, wasm, environment, packages, ...works])
}

/** Waits for all, so that nothing goes on in the background, then fails with the first problem. */
async function firstProblem(works) {
  const outcomes = await Promise.allSettled(works)
  const refused = outcomes.find(({ status }) => status === 'rejected')
  if (refused !== undefined) throw refused.reason
}

function rustHost() {
  return step('Rust: core and demonstration', { reads: [...KERNEL, 'demo/rust'], makes: [built.demo] }, async () => {
    const program = ['--quiet', '--locked', '--release', '--package', 'isofold-demo', '--bin', 'isofold-demo']
    await run('cargo', ['rustc', ...program, '--', '-C', 'strip=symbols'], { env: await flags() })
  })
}

function addon() {
  const makes = [join(target, 'isofold-addon')]
  return step('Node: addon', { reads: [...KERNEL, 'bindings/node', 'tools/addon.sh'], makes }, () => run('tools/addon.sh', []))
}

function wasmModule() {
  const reads = [...KERNEL, 'bindings/wasm', 'tools']
  return step('WebAssembly', { reads, makes: [join(target, 'isofold-wasm/isofold.wasm')] }, () => run('tools/wasm.sh', []))
}

function javaScriptPackages(all) {
  // npm wants the package that it links to be built only when that is imported.
  const args = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error', ...(all ? [] : ['--omit=dev'])]
  const wanted = all || !existsSync(join(built.modules, '.bin/workerd')) ? String(all) : 'true'
  const makes = [join(built.modules, 'isofold/package.json')]
  return step('packages of the JavaScript hosts', { reads: ['demo/hosts/package.json'], makes, and: wanted }, () =>
    run('npm', args, { cwd: join(root, 'demo/hosts') }),
  )
}

/** What optimises the wasm and builds the npm package. */
function npmTools() {
  const reads = ['pkg/npm/package.json', 'pkg/npm/package-lock.json']
  return step('tools of the npm package', { reads, makes: [join(root, 'pkg/npm/node_modules/esbuild')] }, () =>
    run('tools/npm-ci.sh', ['pkg/npm']),
  )
}

function npmPackage() {
  const reads = ['pkg/npm', 'bindings/wasm', 'bindings/node', ...KERNEL]
  return step('npm package', { reads, makes: [join(root, 'pkg/npm/dist/esm/node.js')], and: target }, async () => {
    await run('node', [join(root, 'pkg/npm/build.mjs')])
  })
}

function pythonEnvironment() {
  return step('Python environment', { and: PYARROW, makes: [built.python] }, async () => {
    emptied(join(cache, 'venv'))
    await run('python3', ['-m', 'venv', join(cache, 'venv')]).catch((error) => {
      throw new Error(`python3 cannot make a virtual environment: on Debian and Ubuntu, 'apt-get install python3-venv'\n${error.message}`)
    })
    await run(built.python, ['-m', 'pip', 'install', '--quiet', PYARROW, 'maturin>=1.9,<2'])
  })
}

function wheel() {
  const reads = [...KERNEL, 'bindings/python', 'pkg/python']
  // A new environment has no wheel yet, whatever the sources say.
  return step('Python wheel', { reads, makes: [join(cache, 'venv/has-isofold')] }, async () => {
    const wheels = join(cache, 'wheels')
    emptied(wheels)
    const maturin = join(cache, 'venv/bin/maturin')
    // in the profile that pyproject.toml names: what is compiled serves `just wheel`, too
    const words = ['build', '--quiet', '--locked', '--interpreter', built.python, '--out', wheels]
    await run(maturin, words, { cwd: join(root, 'pkg/python'), env: await flags() })
    await run('sh', ['-c', `"${built.python}" -m pip install --quiet --force-reinstall --no-deps "${wheels}"/*.whl && touch "${cache}/venv/has-isofold"`])
  })
}

async function chromium() {
  if (!found('chromium', 'chromium-browser', 'google-chrome')) await step('Chromium', {}, () => run('tools/chromium.sh', []))
}
