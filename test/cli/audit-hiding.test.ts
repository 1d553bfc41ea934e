/**
 * One denied read, and whoever wants it gone: with the key of its own sidecar, with a whole broker, with the disk of both. What is
 * seen of each try in the log of two brokers that is read as one. HIDING.md is made from it; `UPDATE_DOCS=1` rewrites it.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openCheckpoints, runOf } from '../../src/broker/audit/checkpoints.ts'
import { openBrokerAudit } from '../../src/broker/audit/open.ts'
import { writeBatch } from '../../src/core/audit/delivery.ts'
import type { Entry } from '../../src/core/audit/record.ts'
import { makeSigningKey, signingKey } from '../../src/io/policy/bundle-keys.ts'
import { chained, denied, end, NOON, start, who } from '../io/audit/logs.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-hiding-'))
const good = join(folder, 'good')
/** As an operator has it who copies the checkpoints elsewhere. */
const copy = join(folder, 'copy')
const keys = join(folder, 'keys.json')
const keyFile = join(folder, 'key.pem')
const PAGE = join(import.meta.dirname, '../../src/cli/audit/HIDING.md')
const DAY = '2026-03-02'
const POD = 'pod-a'
/** The start of the denied read. The first broker has 0 to 5, the second one 6 to 11. */
const SECRET = 8
const IN_SECOND = 6

const entries = (secret: Entry): Entry[] =>
  Array.from({ length: 12 }, (_, at) => {
    const id = String(Math.floor(at / 2))
    if (at === SECRET) return secret
    return at % 2 === 0 ? start(id) : end(id)
  })
const linesWith = (secret: Entry) =>
  chained(
    POD,
    entries(secret).map((entry, at) => ({ at, entry })),
  ).lines
const lines = linesWith(start('4', { what: { path: '/data/payroll/all.csv', dataset: 'payroll' }, why: denied }))
/** The same, with hashes that fit, and nothing denied. */
const harmless = linesWith(start('4'))

beforeAll(async () => {
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  writeFileSync(keyFile, pem)
  writeFileSync(keys, JSON.stringify({ keys: [publicJwk] }))
  await takeIn(good, 'a', lines.slice(0, IN_SECOND), 0)
  await takeIn(good, 'b', lines.slice(IN_SECOND), IN_SECOND)
  cpSync(good, copy, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const writer = () => {
  const { namespace, pod, serviceAccount } = who()
  return { program: 'sidecar' as const, podUid: POD, namespace, pod, serviceAccount }
}
const silent = { error() {}, warn() {} }

/** A broker starts, takes in a batch, and ends in good order, which signs it. */
async function takeIn(root: string, name: string, batch: readonly string[], acknowledged: number) {
  const options = { clock: () => NOON, log: silent, onRecords() {} }
  const broker = await openBrokerAudit({ directory: root, name, keyFile }, options)
  const verdict = await broker.intake.take(Buffer.from(writeBatch({ acknowledged, lines: batch })), writer())
  await broker.close()
  return verdict
}

const file = (root: string, broker: string, from: number) => join(root, broker, DAY, `${POD}-${from}.ndjson`)
const put = (path: string, all: readonly string[]) => {
  mkdirSync(join(path, '..'), { recursive: true })
  writeFileSync(path, all.map((line) => `${line}\n`).join(''))
}
const inSecond = (change: (all: string[]) => readonly string[]) => (root: string) =>
  put(file(root, 'b', IN_SECOND), change(lines.slice(IN_SECOND)))
const at = SECRET - IN_SECOND

type Seen = 'refused' | 'chain' | 'checkpoints' | 'a copy of the checkpoints' | 'nobody'
type Try = readonly [done: string, does: (root: string) => unknown, seen: Seen]

const TRIES: readonly Try[] = [
  [
    'the sidecar sends another story of the number to the broker that has it',
    (root) => takeIn(root, 'b', harmless.slice(at + IN_SECOND), IN_SECOND),
    'refused',
  ],
  [
    'the sidecar sends the other story to the other broker',
    (root) => takeIn(root, 'a', harmless.slice(IN_SECOND), IN_SECOND),
    'chain',
  ],
  [
    'the sidecar leaves the record out, and says that another broker has it',
    (root) => {
      rmSync(join(root, 'b'), { recursive: true })
      return takeIn(root, 'b', lines.slice(SECRET + 1), SECRET + 1)
    },
    'chain',
  ],
  ['the record is deleted from the file', inSecond((all) => all.toSpliced(at, 1)), 'chain'],
  [
    'the denial is made an allow',
    inSecond((all) => all.with(at, (all[at] ?? '').replace('"deny"', '"allow"'))),
    'chain',
  ],
  ['the record is replaced, with a hash that fits', inSecond((all) => all.with(at, harmless[SECRET] ?? '')), 'chain'],
  [
    'a harmless file of the same numbers is laid beside it, in the folder of the other broker',
    (root) => put(file(root, 'a', IN_SECOND), harmless.slice(IN_SECOND)),
    'chain',
  ],
  [
    'a file is renamed, so that it is read as a later one',
    (root) => {
      cpSync(file(root, 'b', IN_SECOND), file(root, 'b', 99))
      rmSync(file(root, 'b', IN_SECOND))
      put(file(root, 'b', IN_SECOND), lines.slice(IN_SECOND, SECRET))
    },
    'chain',
  ],
  ['the file that has it is deleted', (root) => rmSync(file(root, 'b', IN_SECOND)), 'checkpoints'],
  ['the end of the file is cut off, from the record on', inSecond((all) => all.slice(0, at)), 'checkpoints'],
  [
    'the folder of the broker is deleted, with what it signed',
    (root) => rmSync(join(root, 'b'), { recursive: true }),
    'a copy of the checkpoints',
  ],
  [
    'the whole chain is written anew, in both folders',
    (root) => {
      put(file(root, 'a', 0), harmless.slice(0, IN_SECOND))
      put(file(root, 'b', IN_SECOND), harmless.slice(IN_SECOND))
    },
    'checkpoints',
  ],
  [
    'the broker is stolen with its key: its part of the chain is written anew and signed anew',
    (root) => forge(root, harmless.slice(IN_SECOND)),
    'a copy of the checkpoints',
  ],
  [
    'the broker is stolen with its key: the end is cut off, and what is left signed anew',
    (root) => forge(root, lines.slice(IN_SECOND, SECRET)),
    'a copy of the checkpoints',
  ],
  [
    'the stolen broker never writes it down, though it says that it did, and the pod ends',
    async (root) => {
      rmSync(join(root, 'b'), { recursive: true })
      await takeIn(root, 'b', lines.slice(IN_SECOND, SECRET), IN_SECOND)
      // It never signed it either, so no copy has it.
      return { copy: root }
    },
    'nobody',
  ],
]

/** All that the broker has, made anew with its own key. */
async function forge(root: string, all: readonly string[]): Promise<void> {
  rmSync(join(root, 'b'), { recursive: true })
  put(file(root, 'b', IN_SECOND), all)
  const key = await signingKey(readFileSync(keyFile, 'utf8'), 'key')
  const checkpoints = await openCheckpoints({ root: join(root, 'b'), broker: 'b', key, clock: () => NOON })
  checkpoints.add(runOf(all.map((line) => JSON.parse(line))))
  await checkpoints.sign()
}

let tries = 0
const results: string[] = []
const isShown = async (root: string) =>
  (await runCli(['audit', 'query', root, '--effect', 'deny', '--path', '/data/payroll'])).code === 0

it('is shown as long as nobody hides it, and all is whole', async () => {
  expect(await isShown(good)).toBe(true)
  const { code, out } = await runCli(['audit', 'verify', good, '--checkpoints', good, '--keys', keys])
  expect(code, out).toBe(0)
})

it.each(TRIES)(
  '%s',
  async (done, does, seen) => {
    tries += 1
    const root = join(folder, `try-${tries}`)
    cpSync(good, root, { recursive: true })
    const verdict = await does(root)
    const isRefused = Object.hasOwn(Object(verdict), 'rejected')
    const verify = (checkpoints: string) =>
      runCli(['audit', 'verify', root, '--checkpoints', checkpoints, '--keys', keys])
    const chain = await runCli(['audit', 'verify', root])
    const has = readdirSync(root).length > 0
    const by: Seen = isRefused
      ? 'refused'
      : chain.code !== 0
        ? 'chain'
        : has && (await verify(root)).code !== 0
          ? 'checkpoints'
          : (await verify(Object(verdict).copy ?? copy)).code !== 0
            ? 'a copy of the checkpoints'
            : 'nobody'
    const shown = await isShown(root)
    expect(by, chain.out).toBe(seen)
    results.push(`| ${done} | ${by} | ${shown ? 'yes' : 'no'} |`)
  },
  60_000,
)

it('is the page', () => {
  expect(results).toHaveLength(TRIES.length)
  const page = `${HEAD}${results.join('\n')}\n${FOOT}`
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page)
  expect(readFileSync(PAGE, 'utf8')).toBe(page)
})

const HEAD = `# One denied read, and whoever wants it gone

A chain that two brokers share: the first has numbers 0 to 5, the second 6 to 11, and number 8 is a read that was denied. Made by
\`test/cli/audit-hiding.test.ts\`. **refused**: the broker takes nothing of it, and puts that on record. **chain**, **checkpoints**,
**a copy of the checkpoints**: what \`kerbside audit verify\` needs to see that something was done. **still shown**: whether
\`kerbside audit query\` shows the read all the same.

| done | seen by | still shown |
| --- | --- | --- |
`
const FOOT = `
Seen by nobody: a broker that never wrote a record down, and said that it did, is believed where the record was among the last of its
pod. What the pod writes later shows it, and so does the pod's own log as long as the pod lives: its sidecar deletes nothing before half
of its room is taken.
`
