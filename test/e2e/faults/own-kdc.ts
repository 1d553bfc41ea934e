/** A KDC of one test's own: the real krb5kdc over the lab's database at another port, so that stopping it disturbs nobody else. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { HOSTS, REALM } from '../../lab/addresses.ts'
import type { Lab } from '../../lab/lab.ts'
import { connects } from '../../lab/probe.ts'

const READY_MS = 30_000
// One that an earlier run left behind must not be taken for this one.
let nextPort = 20_000 + (process.pid % 1000) * 20

export class OwnKdc {
  readonly #conf: string
  readonly #port = nextPort++
  #process: ChildProcess | undefined

  constructor(lab: Lab, folder: string) {
    this.#conf = join(folder, 'kdc.conf')
    const theirs = readFileSync(lab.files.kdcConf, 'utf8')
    writeFileSync(this.#conf, theirs.replaceAll(`${HOSTS['kdc.lab']}:88`, `${HOSTS['kdc.lab']}:${this.#port}`))
  }

  /** As a slice names it. */
  get address(): string {
    return `kdc.lab:${this.#port}`
  }

  async start(): Promise<void> {
    const env = { ...process.env, KRB5_KDC_PROFILE: this.#conf }
    this.#process = spawn('krb5kdc', ['-n', '-r', REALM], { env, stdio: 'ignore' })
    const until = Date.now() + READY_MS
    while (!(await connects(HOSTS['kdc.lab'], this.#port))) {
      if (Date.now() > until) throw new Error('the KDC does not answer')
      await sleep(50)
    }
  }

  async stop(): Promise<void> {
    const running = this.#process
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return
    const ended = once(running, 'exit')
    running.kill('SIGCONT')
    running.kill('SIGKILL')
    await ended
  }

  /** It goes on to take connections, by its kernel, and says nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }
}
