/** Holds our readers of keytabs and credential caches against libkrb5, by `klist`: what we take, it takes, and sees the same in it. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { KerbsideError } from '../../../src/core/errors.ts'
import { readCredentialCache } from '../../../src/core/kerberos/ccache.ts'
import { readKeytab } from '../../../src/core/kerberos/keytab.ts'
import { mutationsOf } from './mutations.ts'

const REAL = join(import.meta.dirname, '..', '..', 'fixtures', 'kerberos')

/** How a kind of file is read, by us and by `klist`: as lines, in the order of the file. */
type Kind = {
  readonly file: string
  readonly klist: readonly string[]
  readonly ours: (bytes: Uint8Array) => readonly string[]
  readonly theirs: (said: string) => readonly string[]
}

const KEYTAB: Kind = {
  file: 'several.keytab',
  klist: ['-k'],
  ours: (bytes) => readKeytab(bytes).map(({ kvno, principal }) => `${kvno} ${principal}`),
  theirs: (said) => [...said.matchAll(/^ *(-?\d+) (.*)$/gm)].map(([, kvno, name]) => `${Number(kvno) >>> 0} ${name}`),
}

const CACHE: Kind = {
  file: 'two-tickets.ccache',
  klist: ['-c'],
  ours: (bytes) => {
    const { principal, tickets } = readCredentialCache(bytes)
    return [principal, ...tickets.map(({ service }) => service)]
  },
  theirs: (said) => [
    ...[...said.matchAll(/^Default principal: (.*)$/gm)].map(([, name = '']) => name),
    ...[...said.matchAll(/^\S+ \S+ {2}\S+ \S+ {2}(.*)$/gm)]
      .map(([, name = '']) => name)
      // Configuration by its realm; `klist` hides only what bears its usual name as well.
      .filter((name) => !name.endsWith('@X-CACHECONF:')),
  ],
}

export const KINDS = { keytab: KEYTAB, ccache: CACHE } as const

export type Verdicts = {
  readonly taken: number
  readonly refused: number
  readonly finds: readonly string[]
}

/** Puts so many changed copies of a real file to us, and those that we take to `klist`. */
export function judgeKerberos(kind: keyof typeof KINDS, { count, seed }: { count: number; seed: number }): Verdicts {
  const { file, klist, ours, theirs } = KINDS[kind]
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-judge-'))
  const verdicts = { taken: 0, refused: 0, finds: [] as string[] }
  try {
    for (const bytes of fc.sample(mutationsOf(readFileSync(join(REAL, file))), { numRuns: count, seed })) {
      const mine = readOrNothing(ours, bytes)
      if (mine === undefined) {
        verdicts.refused += 1
        continue
      }
      verdicts.taken += 1
      writeFileSync(join(folder, file), bytes)
      const asked = spawnSync('klist', [...klist, join(folder, file)], {
        encoding: 'latin1',
        env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin', KRB5_CONFIG: '/dev/null' },
      })
      const its = theirs(asked.stdout)
      if (asked.status === 0 && agree(mine, its)) continue
      const hex = Buffer.from(bytes).toString('hex')
      verdicts.finds.push(JSON.stringify({ mine, its, status: asked.status, said: asked.stderr, hex }))
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
  return verdicts
}

/** A name that is no ASCII is shown in ways of its own. */
const agree = (mine: readonly string[], its: readonly string[]) =>
  mine.length === its.length && mine.every((line, at) => /[^\x20-\x7e]/.test(line) || line === its[at])

function readOrNothing(
  read: (bytes: Uint8Array) => readonly string[],
  bytes: Uint8Array,
): readonly string[] | undefined {
  try {
    return read(bytes)
  } catch (thrown) {
    if (thrown instanceof KerbsideError) return undefined
    throw thrown
  }
}
