/**
 * A training container, as far as its clients can tell: a user who is not root, the environment that the webhook injects, the
 * files that the sidecar writes, and the gateway in front of real HDFS. Nothing else leads a client there. Inside the lab only.
 */
import { execFile } from 'node:child_process'
import { chmodSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, parse } from 'node:path'
import { promisify } from 'node:util'
import { clientConfiguration } from '../../../src/core/hadoop/client-configuration.ts'
import { clientEnvironment } from '../../../src/core/identity/client-environment.ts'
import { CLIENT_DIRECTORY } from '../../../src/core/identity/sidecar-container.ts'
import { PRESETS } from '../../../src/core/policy/action.ts'
import type { Slice } from '../../../src/core/policy/slice.ts'
import { asUser } from '../../lab/namespace.ts'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from '../gateway/standing.ts'

const run = promisify(execFile)

const UID = 1000
/** Of this lab alone: cache and checkout may lie in the home of root, whom the container's user is not. */
const SEEN = '/run/kerbside-clients'
const CHECKOUT = join(import.meta.dirname, '..', '..', '..')

/** The team may do everything below its home; that is what most teams have. */
const MANAGED: Slice = {
  ...SLICE,
  grants: SLICE.grants.map((grant) => (grant.name === 'quant-home' ? { ...grant, actions: PRESETS.manage } : grant)),
}

export type Container = {
  readonly standing: Standing
  /** A directory of HDFS that is this container's own: the policy lets it do everything there. It does not exist yet. */
  readonly home: string
  /** Its own place on disk, its working directory as well. */
  readonly folder: string
  /** Where HADOOP_CONF_DIR points. */
  readonly hadoopConf: string
  /** Where the programs beside this file are. */
  readonly programs: string
  /** Where the container sees a path of the cache, or of the checkout. */
  see(path: string): string
  /** All that a command says, also when it fails. */
  run(command: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>
  /** One of the Python programs beside this file, with packages from a folder of the cache. */
  python(program: string, packages: string, more?: PythonOptions): Promise<string>
  stop(): Promise<void>
}

export type PythonOptions = {
  readonly words?: readonly string[]
  /** What the client's own image sets, as it did before. */
  readonly env?: Readonly<Record<string, string>>
}

/** @param user whose token the gateway holds, as {@link standHere} has it */
export async function container(name: string, slice = MANAGED, user: 'quant' | 'hdfs' = 'quant'): Promise<Container> {
  const standing = await standHere(slice, {}, user)
  const folder = mkdtempSync(join(tmpdir(), `client-${name}-`))
  const injected = await inject(standing.gateway.port, folder)
  const { cache } = standing.lab.folder
  await show(cache, `${SEEN}/cache`)
  await show(CHECKOUT, `${SEEN}/checkout`)
  chmodSync(folder, 0o777)
  const see = (path: string) => path.replace(cache, `${SEEN}/cache`).replace(CHECKOUT, `${SEEN}/checkout`)
  const programs = see(import.meta.dirname)
  const inside: Container['run'] = async (command, env = {}) => {
    const words = [...asUser(UID), 'env', '-i', ...variables({ ...injected, HOME: folder, ...env }), ...command]
    const options = { cwd: folder, maxBuffer: 16 << 20 }
    const [file = '', ...args] = words
    const ended = await run(file, args, options).catch((failed) => failed)
    return `${ended.stdout}${ended.stderr}`
  }
  const home = `/team/quant/clients-${name}`
  const remove = () => standing.direct('DELETE', `${home}?op=DELETE&recursive=true`)
  await remove()
  return {
    standing,
    home,
    folder,
    hadoopConf: injected['HADOOP_CONF_DIR'] ?? '',
    programs,
    see,
    run: inside,
    python(program, packages, { words = [], env = {} } = {}) {
      if (!existsSync(packages)) throw new Error('these tests need the part `clients` of the lab')
      const path = { PYTHONPATH: see(packages), PYTHONUNBUFFERED: '1', PYTHONDONTWRITEBYTECODE: '1' }
      return inside(['/usr/bin/python3', join(programs, program), `${home}/${parse(program).name}`, ...words], {
        ...path,
        ...env,
      })
    },
    async stop() {
      await remove()
      const files = globSync('etc/**/*', { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
      const texts = files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1'))
      await standing.stop([injected, texts])
      rmSync(folder, { recursive: true })
    },
  }
}

/** What webhook and sidecar do to a pod, with the client directory in a place that this machine can spare. */
async function inject(gatewayPort: number, folder: string): Promise<Record<string, string>> {
  const directory = join(folder, 'etc')
  for (const [name, text] of clientConfiguration({ nameservice: SLICE.cluster.nameservice, gatewayPort })) {
    mkdirSync(dirname(join(directory, name)), { recursive: true })
    writeFileSync(join(directory, name), text)
  }
  const environment = [...clientEnvironment({ gatewayPort }, SLICE.identity)]
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    LANG: 'C.UTF-8',
    ...Object.fromEntries(environment.map(([name, value]) => [name, value.replace(CLIENT_DIRECTORY, directory)])),
  }
}

/** Makes a folder visible at another path, in this lab only. */
async function show(path: string, at: string): Promise<void> {
  mkdirSync(at, { recursive: true })
  await run('mountpoint', ['-q', at]).catch(() => run('mount', ['--bind', path, at]))
}

const variables = (env: Readonly<Record<string, string>>) =>
  Object.entries(env).map(([name, value]) => `${name}=${value}`)
