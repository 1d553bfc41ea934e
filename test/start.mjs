/** Starts a program of this project on any Node from 20: installs what is missing first, then hands over to the project's own Node. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { delimiter, dirname, join, resolve } from 'node:path'

// Plain JavaScript without a dependency, since it runs where nothing is installed yet.
const ROOT = resolve(import.meta.dirname ?? dirname(new URL(import.meta.url).pathname), '..')
const MODULES = join(ROOT, 'node_modules')
const OWN_NODE = join(MODULES, '.bin', 'node')
const ADDON = join(MODULES, 'kerberos', 'build', 'Release', 'kerberos.node')
/** What compiles the Kerberos addon: where to find it → Debian's package. */
const BUILD_TOOLS = {
  'g++': 'g++',
  make: 'make',
  python3: 'python3',
  '/usr/include/gssapi/gssapi_krb5.h': 'libkrb5-dev',
}

const [program, ...args] = process.argv.slice(2)
if (program === undefined)
  fail('say which program to start, for instance `node test/start.mjs test/lab/main.ts status`')
if (process.platform !== 'linux') fail(`this needs Linux, and this machine is ${process.platform}`)
if (Number.parseInt(process.versions.node, 10) < 20) fail(`this needs Node 20 or later, and this is ${process.version}`)

if (isOutdated()) {
  installBuildTools()
  step('npm ci', 'npm', ['ci', '--no-progress', '--loglevel=error'], ROOT)
}
if (!existsSync(ADDON)) {
  installBuildTools()
  const gyp = join(MODULES, 'node-gyp', 'bin', 'node-gyp.js')
  step('kerberos addon', process.execPath, [gyp, 'rebuild', '--loglevel=error'], dirname(dirname(dirname(ADDON))))
}
if (!existsSync(OWN_NODE))
  fail('`npm ci` did not bring the project its own Node', 'are install scripts switched off in npm?')
handOver()

/** Whether `npm ci` has never run here, or not since the lock file changed. */
function isOutdated() {
  const installed = join(MODULES, '.package-lock.json')
  return !existsSync(installed) || statSync(installed).mtimeMs < statSync(join(ROOT, 'package-lock.json')).mtimeMs
}

function installBuildTools() {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const exists = (tool) => existsSync(tool) || folders.some((folder) => existsSync(join(folder, tool)))
  const missing = Object.entries(BUILD_TOOLS).filter(([tool]) => !exists(tool))
  const packages = missing.map(([, name]) => name)
  if (packages.length === 0) return
  const names = packages.join(' ')
  if (!existsSync('/usr/bin/apt-get')) fail(`missing: ${names}`, 'install what your system calls these Debian packages')
  if (process.getuid() !== 0) fail(`missing: ${names}`, `as root: apt-get install ${names}`)
  const install = `apt-get update -qq && apt-get install -qq -y --no-install-recommends ${names}`
  step(`debian packages: ${names}`, 'sh', ['-c', install], ROOT)
}

/** Runs a command quietly; its output shows only when it fails. */
function step(name, command, commandArgs, cwd) {
  const begun = performance.now()
  const env = { DEBIAN_FRONTEND: 'noninteractive', ...nodeHeaders(), ...process.env }
  const { status, error, stdout, stderr } = spawnSync(command, commandArgs, {
    cwd,
    env,
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  })
  const elapsed = `${((performance.now() - begun) / 1000).toFixed(1)} s`
  if (status !== 0)
    fail(`${name} failed after ${elapsed}`, `${error?.message ?? ''}${stdout ?? ''}${stderr ?? ''}`.trim())
  process.stderr.write(`  ${name} … ${elapsed}\n`)
}

/** A Node with its headers beside it needs none from the network; what npm's own settings say goes first. */
function nodeHeaders() {
  const prefix = resolve(dirname(process.execPath), '..')
  return existsSync(join(prefix, 'include', 'node', 'node_api.h')) ? { npm_config_nodedir: prefix } : {}
}

function handOver() {
  const env = { ...process.env, PATH: `${join(MODULES, '.bin')}${delimiter}${process.env.PATH ?? ''}` }
  const child = spawn(OWN_NODE, [resolve(ROOT, program), ...args], { stdio: 'inherit', env })
  // A terminal sends Ctrl-C to the child as well: it alone decides.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'))
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code)
    for (const handled of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(handled)
    process.kill(process.pid, signal)
  })
}

function fail(message, hint) {
  process.stderr.write(`${message}${hint ? `\n  ${hint}` : ''}\n`)
  process.exit(1)
}
