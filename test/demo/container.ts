/** One container on the lab's machine: a root, a process table and a user of its own; see `container.sh`. Runs inside the lab. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { join } from 'node:path'
import type { LabFolder } from '../lab/part.ts'
import { ROOT } from '../suite.ts'

export type ContainerSpec = {
  readonly user: number
  readonly group?: number
  readonly readOnlyRoot: boolean
  readonly workingDirectory?: string
  /** Folders of the machine and where the container sees them; the checkout is at /kerbside in each. */
  readonly mounts: readonly { readonly from: string; readonly to: string; readonly readOnly: boolean }[]
  /** The whole environment, but for PATH. */
  readonly env: Readonly<Record<string, string>>
  readonly command: readonly string[]
}

/** Node and the command as the product's image has them. */
export const KERBSIDE = ['/kerbside/node_modules/.bin/node', '/kerbside/src/kerbside.ts'] as const

export function startContainer(lab: LabFolder, spec: ContainerSpec): ChildProcess {
  const { user, group = user, readOnlyRoot, workingDirectory = '/', mounts, env, command } = spec
  const folders = mounts.map(({ from, to, readOnly }) => `${from}:${to}:${readOnly ? 'ro' : 'rw'}`)
  const variables = Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const words = [
    ...['--mount', '--pid', '--fork', '--kill-child', 'sh', join(ROOT, 'test/demo/container.sh')],
    ...[ROOT, String(readOnlyRoot), String(user), String(group), workingDirectory, ...folders],
    ...['--', '-i', ...variables, ...command],
  ]
  return spawn('unshare', words, { env: { ...process.env, KERBSIDE_LAB: lab.path }, stdio: 'pipe' })
}

/** Runs it to its end; `input` is its standard input. */
export async function finished(child: ChildProcess, input = ''): Promise<{ code: number; output: string }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (output += text))
  child.stdin?.on('error', () => {}).end(input)
  const code = await new Promise<number>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
  return { code, output }
}

/** Asks its first process to end, as a kubelet does, and waits until it has. `unshare` itself takes no SIGTERM. */
export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('close', resolve))
  const first = Number(execFileSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }))
  process.kill(first, 'SIGTERM')
  await gone
}
