/** Every secret that the sidecar works with, as root finds it: what a thief would look for. */
import { readdirSync, readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tokenOfQuant } from '../sweep/credentials.ts'
import { secretOf, secretsIn } from '../sweep/secret-files.ts'
import { formsOf } from '../sweep/sweep.ts'

export type Secrets = {
  readonly names: readonly string[]
  /** A name and base64 on each line, as `search.py` reads it: each secret as it is, and in each encoding of it. */
  readonly asInput: string
}

/** `control` is no secret: text that the thief can read, to show that the search finds what is there. */
export async function secretsOf(places: {
  keytab: string
  runFolder: string
  tokenFile: string
  control: string
}): Promise<Secrets> {
  const needles = new Map<string, Uint8Array>()
  needles.set('keytab', needed(secretOf(readFileSync(places.keytab)), `no keytab at ${places.keytab}`))
  needles.set('service-account-token', readFileSync(places.tokenFile))
  const caches = secretsIn(places.runFolder)
  needed(caches[0], `no credential cache in ${places.runFolder}`)
  for (const [index, [, tickets]] of caches.entries()) needles.set(`ticket-cache-${index}`, tickets)
  needles.set('delegation-token', Buffer.from(await delegationToken()))
  needles.set('control', Buffer.from(places.control))
  const lines = [...needles].flatMap(([name, secret]) =>
    formsOf(secret).map(({ bytes }) => `${name} ${bytes.toString('base64')}`),
  )
  return { names: [...needles.keys()], asInput: `${lines.join('\n')}\n` }
}

/** It is in no file: root finds it in the memory of the sidecar, by the owner's name that its identifier begins with. */
async function delegationToken(): Promise<string> {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const command = readIfThere(`/proc/${pid}/cmdline`).split('\0')
    if (!command.includes('sidecar') || !command.some((word) => word.endsWith('node'))) continue
    const token = await tokenInMemory(pid)
    if (token !== undefined) return token
  }
  throw new Error('no delegation token in the memory of any sidecar')
}

async function tokenInMemory(pid: string): Promise<string | undefined> {
  const memory = await open(`/proc/${pid}/mem`)
  try {
    for (const line of readIfThere(`/proc/${pid}/maps`).split('\n')) {
      const [, from = '', to = ''] = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line) ?? []
      if (from === '') continue
      const start = BigInt(`0x${from}`)
      const bytes = Buffer.alloc(Number(BigInt(`0x${to}`) - start))
      const isRead = await memory.read({ buffer: bytes, position: start }).then(
        () => true,
        () => false,
      )
      const found = isRead ? tokenOfQuant(bytes.toString('latin1')) : undefined
      if (found !== undefined) return found
    }
  } finally {
    await memory.close()
  }
  return undefined
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function needed<T>(found: T | undefined, otherwise: string): T {
  if (found === undefined) throw new Error(otherwise)
  return found
}
