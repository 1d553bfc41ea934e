/** The real broker in a process of its own, over a policy folder; its log is read, so that it never waits for us. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { ISSUER } from '../../broker/tokens.ts'
import { ROOT } from '../../suite.ts'

export type BrokerProcess = { readonly url: string; readonly ca: string; stop(): Promise<void> }

type Said = { readonly msg?: string; readonly addresses?: readonly { readonly port: number }[] }

/** @param keys JWK Set by which it knows service-account tokens; @param folder for what is its own */
export async function startBroker(policies: string, keys: string, folder: string): Promise<BrokerProcess> {
  const keysFile = join(folder, 'keys.json')
  writeFileSync(keysFile, keys)
  const tls = join(folder, 'tls')
  const args = ['--policies', policies, '--tls-directory', tls, '--listen', '127.0.0.1', '--port', '0']
  args.push('--keys-file', keysFile, '--issuer', ISSUER, '--drain-seconds', '0')
  const child = spawn(process.execPath, [join(ROOT, 'src/kerbside.ts'), 'broker', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let port: number | undefined
  let isInForce = false
  const ready = new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the broker ended with ${code}`)))
    createInterface(child.stdout).on('line', (line) => {
      const said = JSON.parse(line) as Said
      port ??= said.addresses?.[0]?.port
      isInForce ||= said.msg === 'policy in force'
      if (said.msg?.startsWith('no usable policy')) reject(new Error(line))
      if (isInForce && port !== undefined) resolve()
    })
  })
  await ready
  return {
    url: `https://127.0.0.1:${port}`,
    ca: readFileSync(join(tls, 'ca.crt'), 'utf8'),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
