/**
 * A real log, countersigned by a real broker's parts, damaged in every way: what is found, by whom, and what is not. DAMAGE.md is
 * made from it; `UPDATE_DOCS=1` rewrites it.
 */
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openCheckpoints } from '../../src/broker/audit/checkpoints.ts'
import { directorySink } from '../../src/broker/audit/directory-sink.ts'
import { auditIntake } from '../../src/broker/audit/intake.ts'
import { writeBatch } from '../../src/core/audit/delivery.ts'
import { openAuditLog } from '../../src/io/audit/log.ts'
import { makeSigningKey, signingKey } from '../../src/io/policy/bundle-keys.ts'
import { chained, end, NOON, start, who } from '../io/audit/logs.ts'
import { runCli } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-damage-'))
const good = join(folder, 'good')
const keys = join(folder, 'keys.json')
const DAY = '2026-03-02'
const PODS = ['pod-a', 'pod-b']
const PAGE = join(import.meta.dirname, '../../src/cli/audit/DAMAGE.md')

/** Two sidecars write fourteen records each; a broker takes them in and signs twelve, in two halves. */
beforeAll(async () => {
  const { pem, publicJwk } = await makeSigningKey('EdDSA')
  const key = await signingKey(pem, 'key')
  writeFileSync(keys, JSON.stringify({ keys: [publicJwk] }))
  const root = join(good, 'broker-0')
  const clock = () => NOON
  const checkpoints = await openCheckpoints({ root, broker: 'broker-0', key, clock })
  const sink = await directorySink({ root, clock })
  const intake = auditIntake({
    sink,
    onTaken: ({ run }) => checkpoints.add(run),
  })
  const logs = new Map<string, string[]>()
  for (const sidecar of PODS) {
    const spool = join(folder, 'spool', sidecar)
    const log = await openAuditLog({ directory: spool, sidecar, who: who(), clock, maxBytes: 1e6 })
    for (const id of ['1', '2', '3', '4', '5', '6']) {
      await log.write(start(id))
      await log.write(end(id))
    }
    await log.close()
    logs.set(
      sidecar,
      readFileSync(join(spool, `${sidecar}-0.ndjson`), 'utf8')
        .trimEnd()
        .split('\n'),
    )
  }
  for (const [from, to] of [
    [0, 6],
    [6, 12],
    [12, 14],
  ] as const) {
    for (const [podUid, lines] of logs) {
      const { namespace, pod, serviceAccount } = who()
      const writer = { program: 'sidecar' as const, podUid, namespace, pod, serviceAccount }
      const batch = Buffer.from(writeBatch({ acknowledged: from, lines: lines.slice(from, to) }))
      expect(await intake.take(batch, writer)).toMatchObject({ next: to })
    }
    if (to <= 12) await checkpoints.sign()
  }
  await sink.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const segment = (root: string, pod = 'pod-a') => join(root, 'broker-0', DAY, `${pod}-0.ndjson`)
const signedFile = (root: string) => join(root, 'broker-0', 'checkpoints', `${DAY}.jws`)
const linesOf = (file: string) => readFileSync(file, 'utf8').trimEnd().split('\n')
const put = (file: string, lines: readonly string[]) => writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
const change = (edit: (lines: string[], root: string) => readonly string[]) => (root: string) =>
  put(segment(root), edit(linesOf(segment(root)), root))
/** The same pod's other story: numbers, hashes and links all fit. */
const forged = (from: number) => {
  const entries = Array.from({ length: 14 }, (_, at) => ({ at, entry: start(`forged ${at}`) }))
  return (lines: string[]) => {
    const other = chained('pod-a', entries).lines
    return from === 0 ? other : [...lines.slice(0, from), ...other.slice(from)]
  }
}

type Found = 'chain' | 'checkpoints' | 'nobody'
type Damage = readonly [name: string, damage: (root: string) => void, found: Found]

const DAMAGES: readonly Damage[] = [
  ['one bit of a record flipped', change((all) => all.with(3, flip(all[3] ?? ''))), 'chain'],
  ['a record dropped', change((all) => all.toSpliced(3, 1)), 'chain'],
  ['two records swapped', change((all) => all.with(3, all[4] ?? '').with(4, all[3] ?? '')), 'chain'],
  ['a record replayed later', change((all) => [...all, all[3] ?? '']), 'chain'],
  ['half a line in the middle', change((all) => all.with(3, (all[3] ?? '').slice(0, 90))), 'chain'],
  ['the beginning cut off', change((all) => all.slice(4)), 'chain'],
  ['the middle cut out', change((all) => all.toSpliced(3, 4)), 'chain'],
  [
    'a record of another sidecar spliced in',
    change((all, root) => all.with(3, linesOf(segment(root, 'pod-b'))[3] ?? '')),
    'chain',
  ],
  [
    'the tail of another sidecar spliced on',
    change((all, root) => [...all.slice(0, 6), ...linesOf(segment(root, 'pod-b')).slice(6)]),
    'chain',
  ],
  ['one record forged, with a hash that fits', change((all) => all.with(3, forged(0)(all)[3] ?? '')), 'chain'],
  ['the tail cut off between two records', change((all) => all.slice(0, 8)), 'checkpoints'],
  ['the last countersigned record cut off', change((all) => all.slice(0, 11)), 'checkpoints'],
  ['the whole log of a sidecar dropped', (root) => rmSync(segment(root)), 'checkpoints'],
  ['the log written anew from its first record, by the sidecar itself', change(forged(0)), 'checkpoints'],
  [
    'the log written anew, and all checkpoints dropped',
    (root) => {
      change(forged(0))(root)
      rmSync(signedFile(root))
    },
    'checkpoints',
  ],
  ['a checkpoint dropped', (root) => put(signedFile(root), linesOf(signedFile(root)).slice(1)), 'checkpoints'],
  ['a checkpoint changed', (root) => put(signedFile(root), linesOf(signedFile(root)).map(flipPayload)), 'checkpoints'],
  ['two checkpoints swapped', (root) => put(signedFile(root), linesOf(signedFile(root)).toReversed()), 'checkpoints'],
  ['the tail cut off behind the newest checkpoint', change((all) => all.slice(0, 12)), 'nobody'],
  [
    'newest checkpoint and what it signed cut off, and no copy kept elsewhere',
    (root) => {
      put(signedFile(root), linesOf(signedFile(root)).slice(0, 1))
      for (const pod of PODS) put(segment(root, pod), linesOf(segment(root, pod)).slice(0, 6))
    },
    'nobody',
  ],
]

const flip = (line: string) => line.replace('prices', 'pricer')
const flipPayload = (line: string) => line.replace(/\.(.)/, (_, one) => `.${one === 'e' ? 'f' : 'e'}`)
const results: string[] = []

describe('a log that is damaged', () => {
  it.each(DAMAGES)('%s', async (name, damage, found) => {
    const root = join(folder, `bad-${results.length}`)
    cpSync(good, root, { recursive: true })
    damage(root)
    const chain = await runCli(['audit', 'verify', root])
    const signed = await runCli(['audit', 'verify', root, '--checkpoints', root, '--keys', keys])
    // Who kept the checkpoints elsewhere has more than who has only what the damaged folder holds.
    const copy = await runCli(['audit', 'verify', root, '--checkpoints', good, '--keys', keys])
    const by =
      chain.code !== 0
        ? 'chain'
        : signed.code !== 0 || (found === 'checkpoints' && copy.code !== 0)
          ? 'checkpoints'
          : 'nobody'
    expect(by, signed.out + signed.err).toBe(found)
    const said = by === 'chain' ? chain : signed.code !== 0 ? signed : copy
    const first = /^ {2}(number .*)$|^(?: {2})?(\S+\.(?:ndjson|jws):\d+: .*)$/m.exec(said.out + said.err)
    const text =
      by === 'nobody' ? 'nothing' : (first?.[1] ?? first?.[2] ?? 'there are no checkpoints: a copy of them finds it')
    results.push(`| ${name} | ${by} | ${basename(text) === text ? text : text.replace(/^.*\//, '')} |`)
  })

  it('leaves a log whole that nobody touched, and says how far it is countersigned', async () => {
    const { code, out } = await runCli(['audit', 'verify', good, '--checkpoints', good, '--keys', keys])
    expect(code, out).toBe(0)
    expect(out.match(/whole, closed; countersigned to number 11$/gm)).toHaveLength(2)
  })

  it('is found by nobody who trusts another key', async () => {
    const { publicJwk } = await makeSigningKey('EdDSA')
    const other = join(folder, 'other.json')
    writeFileSync(other, JSON.stringify({ keys: [publicJwk] }))
    const { code, out } = await runCli(['audit', 'verify', good, '--checkpoints', good, '--keys', other])
    expect([code, out]).toEqual([1, expect.stringContaining('no checkpoint that a trusted key signed')])
  })

  it('is the page', () => {
    expect(results).toHaveLength(DAMAGES.length)
    const page = `${HEAD}${results.join('\n')}\n${FOOT}`
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, page)
    expect(existsSync(PAGE) && readFileSync(PAGE, 'utf8')).toBe(page)
  })
})

const HEAD = `# What is found

A real log of two sidecars, taken in and countersigned by a broker, damaged in every way. Made by \`test/cli/audit-damage.test.ts\`.
**chain**: \`kerbside audit verify DIRECTORY\` finds it with nothing but the records. **checkpoints**: it needs \`--checkpoints\` and
\`--keys\`, and where the checkpoints were damaged too, a copy that was kept elsewhere. **nobody**: by nature it is not found.

| done to the log | found by | what is said first |
| --- | --- | --- |
`
const FOOT = `
A checkpoint is signed once a minute, so what came in since the last one rests on its chain alone. A sidecar that lies from the
beginning is believed: a signature says what was written when, not that it is true. The broker's own key can sign anything, so
whoever has it and the records can make both anew; a copy of the checkpoints elsewhere shows that too.
`
