/** The whole sidecar as a process of its own user, driven by a broker over loopback. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeSettings } from '../../../src/core/settings.ts'
import { freePort } from '../../free-port.ts'
import { type LoopbackBroker, makeAuthority, startLoopbackBroker } from '../../sidecar/policy/loopback-broker.ts'
import { ROOT } from '../../suite.ts'
import { secretsIn } from '../../sweep/secret-files.ts'
import { Sweep } from '../../sweep/sweep.ts'
import { search } from '../../sweep/watch-answers.ts'
import type { World } from './world.ts'

const KERBSIDE = join(ROOT, 'src/kerbside.ts')
/** As the webhook writes it; a job runs as anyone else. */
export const SIDECAR_USER = 65_532
export const JOB_USER = 1000

const SERVICE_ACCOUNT_TOKEN = 'SERVICE-ACCOUNT-TOKEN'

export type SidecarProcess = {
  readonly pid: number
  readonly broker: LoopbackBroker
  readonly gateway: string
  /** Origin of health and metrics. */
  readonly health: string
  /** Everything that it has told anyone so far: log, health, metrics, audit, client configuration, environment. */
  everythingTold(): Promise<string>
  log(): string
  ready(): Promise<{ status: number; body: string }>
  /** As Prometheus reads them. */
  metrics(): Promise<string>
  /** SIGTERM. Resolves with its exit code. @throws Error when a credential is in anything that it told */
  stop(): Promise<number | null>
}

/** The checkout may lie in a home that only its owner enters; the lab shows it to every user here, each checkout by another name. */
const OPEN_CHECKOUT = `/run/kerbside-checkout-${createHash('sha256').update(ROOT).digest('hex').slice(0, 16)}`

function reachable(path: string): string {
  if (!path.startsWith(`${ROOT}/`)) return path
  if (!existsSync(OPEN_CHECKOUT)) {
    mkdirSync(OPEN_CHECKOUT)
    execFileSync('mount', ['--bind', ROOT, OPEN_CHECKOUT])
  }
  return join(OPEN_CHECKOUT, path.slice(ROOT.length))
}

export type StartOptions = {
  /** What makes the process its own user; otherwise it is started as that. */
  readonly wrapper?: readonly string[]
  /** Beside its settings. */
  readonly env?: Readonly<Record<string, string>>
}

/** @param program what starts `kerbside`: Node, its flags, and the file; the sources as they stand unless another is named */
export async function startSidecar(
  world: Pick<World, 'folder' | 'store'>,
  program: readonly string[] = [process.execPath, KERBSIDE],
  { wrapper = [], env: more = {} }: StartOptions = {},
): Promise<SidecarProcess> {
  const broker = await startLoopbackBroker(await makeAuthority())
  const at = (name: string) => join(world.folder, name)
  for (const name of ['run', 'audit', 'client']) {
    mkdirSync(at(name), { recursive: true })
    chmodSync(at(name), 0o777)
  }
  writeFileSync(at('token'), SERVICE_ACCOUNT_TOKEN)
  execFileSync('chown', ['-R', `${SIDECAR_USER}`, at('store'), at('token')])
  chmodSync(world.folder, 0o755)
  const [gatewayPort, healthPort] = [await freePort(), await freePort()]
  const settings = {
    identity: 'quant-research',
    pod: 'train-0',
    podUid: '0b9e6a5e-0000-4000-8000-000000000001',
    namespace: 'ml-quant',
    serviceAccount: 'trainer',
    node: 'node1',
    broker: broker.url,
    gatewayPort,
    healthPort,
    runDirectory: at('run'),
    auditDirectory: at('audit'),
    clientDirectory: at('client'),
    logLevel: 'debug',
  } as const
  const ca = `${broker.ca}\n${world.store.ca}`
  const env = { ...writeSettings({ ...world.store, ...settings, ca }), ...more }
  const [file = '', ...words] = [...wrapper, ...program.map(reachable)]
  const child = spawn(file, [...words, 'sidecar'], {
    env,
    cwd: '/',
    ...(wrapper.length === 0 ? { uid: SIDECAR_USER, gid: SIDECAR_USER } : {}),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)))
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve))
  const page = async (name: string) => {
    const answer = await fetch(`http://127.0.0.1:${healthPort}/${name}`).catch(() => undefined)
    return { status: answer?.status ?? 0, body: (await answer?.text()) ?? '' }
  }
  const everythingTold = async () => {
    const pages = await Promise.all(['readyz', 'startupz', 'healthz', 'metrics'].map(page))
    const files = [...readAll(at('audit')), ...readAll(at('client'))]
    return [output, ...pages.map(({ body }) => body), ...files, ...told(child)].join('\n')
  }
  return {
    pid: child.pid ?? 0,
    broker,
    gateway: `http://127.0.0.1:${gatewayPort}/webhdfs/v1`,
    health: `http://127.0.0.1:${healthPort}`,
    log: () => output,
    ready: () => page('readyz'),
    metrics: async () => (await page('metrics')).body,
    everythingTold,
    async stop() {
      const sweep = new Sweep({
        'service-account token': SERVICE_ACCOUNT_TOKEN,
        ...Object.fromEntries(secretsIn(world.folder)),
      })
      const seen = child.exitCode === null ? await everythingTold() : ''
      child.kill('SIGTERM')
      const code = await ended
      await broker.close()
      const after = [output, ...readAll(at('audit')), ...readAll(at('client'))].join('\n')
      const found = [seen, after].flatMap((told) => search(sweep, Buffer.from(told)))
      if (found.length > 0) throw new Error(`a credential left the sidecar: ${JSON.stringify(found)}`)
      return code
    },
  }
}

/** What other processes on the node can see of it. */
function told({ pid }: ChildProcess): string[] {
  return ['environ', 'cmdline'].map((name) => readFileSync(`/proc/${pid}/${name}`, 'latin1'))
}

function readAll(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return entries.map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
}
