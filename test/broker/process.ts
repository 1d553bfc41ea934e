/** The broker as a process of its own, which can be killed: with tokens of a made issuer, in any name and on any port. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ISSUER } from './tokens.ts'

const KERBSIDE = join(import.meta.dirname, '../../src/kerbside.ts')

export type BrokerProcess = {
  readonly url: string
  readonly port: number
  readonly ca: string
  readonly pid: number
  log(): string
  /** Resolves when it is gone. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>
}

export type ProcessWishes = {
  /** For its certificates, and the keys of the issuer: those of one folder have one authority. */
  readonly folder: string
  readonly policies: string
  /** JWK Set of the issuer. */
  readonly keys: string
  readonly audit: { readonly directory: string; readonly name: string; readonly keyFile?: string }
  /** Any free one, unless it is given. */
  readonly port?: number
  /** Where it listens, and what it is called: an address. */
  readonly host?: string
}

const running = new Set<ChildProcess>()

export async function startBrokerProcess(wishes: ProcessWishes): Promise<BrokerProcess> {
  const { folder, policies, keys, audit, port = 0, host = '127.0.0.1' } = wishes
  const tls = join(folder, 'tls')
  const keysFile = join(folder, 'keys.json')
  writeFileSync(keysFile, keys)
  const args = ['--policies', policies, '--tls-directory', tls, '--listen', host, '--name', host]
  args.push('--keys-file', keysFile, '--issuer', ISSUER, '--drain-seconds', '0', '--port', String(port))
  args.push('--audit', audit.directory, '--audit-name', audit.name)
  if (audit.keyFile !== undefined) args.push('--audit-key', audit.keyFile)
  const child = spawn(process.execPath, [KERBSIDE, 'broker', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  child.on('exit', () => running.delete(child))
  let logged = ''
  const listening = new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}: ${logged}`)))
    createInterface(child.stdout).on('line', (line) => {
      logged += `${line}\n`
      const { msg, addresses } = JSON.parse(line)
      if (msg === 'listening') resolve(addresses[0].port)
    })
  })
  const bound = await listening
  return {
    url: `https://${host}:${bound}`,
    port: bound,
    ca: readFileSync(join(tls, 'ca.crt'), 'utf8'),
    pid: child.pid ?? 0,
    log: () => logged,
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      await gone
    },
  }
}

/** For the end of a test that failed halfway. */
export function killBrokers(): void {
  for (const child of running) child.kill('SIGKILL')
}
