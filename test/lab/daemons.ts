/** The daemons of a lab under watch: a death that nobody asked for is told at once, with the last lines of the log. */
import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { LabError } from './errors.ts'
import type { DaemonSpec } from './part.ts'

export type DaemonStatus = { readonly name: string; readonly pid: number | undefined; readonly frozen: boolean }

type Daemon = { spec: DaemonSpec; process: ChildProcess; ended: Promise<void>; asked: boolean; frozen: boolean }

// Long, since a death is noticed at once: only a machine too busy gets near it.
const READY_SECONDS = 240
const LAST_LINES = 15

export class Daemons {
  readonly #daemons = new Map<string, Daemon>()

  readonly #logOf: (name: string) => string
  readonly #onDeath: (why: string) => void

  constructor(logOf: (name: string) => string, onDeath: (why: string) => void) {
    this.#logOf = logOf
    this.#onDeath = onDeath
  }

  async start(spec: DaemonSpec): Promise<void> {
    if (this.#running(spec.name) !== undefined) throw new LabError(`daemon \`${spec.name}\` runs already`)
    const log = openSync(this.#logOf(spec.name), 'a')
    const [file, ...args] = spec.command
    const child = spawn(file, args, {
      stdio: ['ignore', log, log],
      env: { ...process.env, ...spec.env },
      cwd: spec.cwd ?? '/',
    })
    closeSync(log)
    const daemon: Daemon = { spec, process: child, ended: Promise.resolve(), asked: false, frozen: false }
    daemon.ended = new Promise((resolve) => {
      const end = (how: string) => {
        if (!daemon.asked) this.#onDeath(`${spec.name} ${how}\n${lastLines(this.#logOf(spec.name))}`)
        resolve()
      }
      child.on('error', (error) => end(`did not start: ${error.message}`))
      child.on('exit', (code, signal) => end(signal === null ? `exited with code ${code}` : `was killed by ${signal}`))
    })
    this.#daemons.set(spec.name, daemon)
    const { ready } = spec
    if (ready !== undefined) await this.until(`${spec.name} to answer`, ready, { daemon: spec.name })
  }

  /** Ends a daemon on purpose and waits for its end. SIGKILL is the fault that tests want: no goodbye to anyone. */
  async stop(name: string, signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#running(name)
    if (daemon === undefined) throw new LabError(`daemon \`${name}\` is not running`, this.#hint())
    daemon.asked = true
    daemon.process.kill(signal)
    if (daemon.frozen) daemon.process.kill('SIGCONT')
    await daemon.ended
  }

  /** Starts a stopped daemon again as it was, and waits for its answer. */
  async startAgain(name: string): Promise<void> {
    const daemon = this.#daemons.get(name)
    if (daemon === undefined) throw new LabError(`there is no daemon \`${name}\``, this.#hint())
    await this.start(daemon.spec)
  }

  /** A frozen daemon keeps its connections and answers nothing: the fault that only a timeout notices. */
  freeze(name: string, frozen: boolean): void {
    const daemon = this.#running(name)
    if (daemon === undefined) throw new LabError(`daemon \`${name}\` is not running`, this.#hint())
    daemon.process.kill(frozen ? 'SIGSTOP' : 'SIGCONT')
    daemon.frozen = frozen
  }

  async until(
    what: string,
    ready: () => Promise<boolean>,
    options: { daemon?: string; timeoutSeconds?: number } = {},
  ): Promise<void> {
    const deadline = performance.now() + (options.timeoutSeconds ?? READY_SECONDS) * 1000
    let last: unknown
    for (;;) {
      if (options.daemon !== undefined && this.#running(options.daemon) === undefined) {
        throw new LabError(`waiting for ${what}: ${options.daemon} is not running`)
      }
      try {
        if (await ready()) return
      } catch (error) {
        last = error
      }
      if (performance.now() > deadline) throw new LabError(`waited too long for ${what}`, undefined, { cause: last })
      await wait(60)
    }
  }

  status(): DaemonStatus[] {
    return [...this.#daemons.entries()].map(([name, { frozen }]) => ({
      name,
      pid: this.#running(name)?.process.pid,
      frozen,
    }))
  }

  #running(name: string): Daemon | undefined {
    const daemon = this.#daemons.get(name)
    return daemon?.process.exitCode === null && daemon.process.signalCode === null ? daemon : undefined
  }

  #hint(): string {
    return `daemons: ${[...this.#daemons.keys()].join(', ') || 'none'}`
  }
}

function lastLines(path: string): string {
  try {
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n').slice(-LAST_LINES)
    return lines.map((line) => `  | ${line}`).join('\n')
  } catch {
    return '  | (no log)'
  }
}
