/** A record is one line, and only that line is the record. */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Link } from '../../../src/core/audit/chain.ts'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import { fromLine, hashedText, MAX_LINE_UNITS, toLine } from '../../../src/core/audit/line.ts'
import type { AuditRecord, Entry } from '../../../src/core/audit/record.ts'
import { verify } from '../../../src/core/audit/verify.ts'
import { entry, sha256, time, WHO } from './arbitrary.ts'

const link = (sequence: number, at: string): Link => ({ previous: NO_HASH, sidecar: 'pod-a', sequence, time: at })
const record = (one: Entry) => chain(one, link(7, '2026-03-02T09:00:00.000Z'), sha256).record
const OPEN: Entry = { kind: 'open', who: { ...WHO, owner: { kind: 'Job', name: 'train' } }, detail: 'started' }

describe('a record and its line', () => {
  it('are inverse: what is read is what was written, whatever a client puts into it', () => {
    fc.assert(
      fc.property(entry, fc.maxSafeNat(), time, (one, sequence, at) => {
        const { record: written, line } = chain(one, link(sequence, at), sha256)
        expect(line).toBe(toLine(written))
        const read = fromLine(line)
        expect(read).toMatchObject({ record: written })
      }),
    )
  })

  it('is one line that is safe to print, whatever a client puts into it', () => {
    fc.assert(
      fc.property(entry, (one) => {
        expect(toLine(record(one))).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]+$/u)
      }),
    )
  })

  it('has a hash that anyone can check with sed and sha256sum', () => {
    const line = toLine(record(OPEN))
    const without = line.replace(/,"hash":"[0-9a-f]*"}$/, '}')
    const hash = createHash('sha256').update(without).digest('hex')
    expect(line).toBe(`${without.slice(0, -1)},"hash":"${hash}"}`)
  })

  it('begins with what a reader looks for first', () => {
    expect(toLine(record(OPEN))).toMatch(
      /^\{"format":2,"sidecar":"pod-a","sequence":7,"time":"2026-03-02T09:00:00.000Z","kind":"open","who":\{"team":"quant",/,
    )
  })

  it('is refused when a single byte of it is another', () => {
    fc.assert(
      fc.property(entry, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, where, flip) => {
        const written = record(one)
        const bytes = Buffer.from(toLine(written))
        const at = where % bytes.length
        bytes[at] = (bytes[at] ?? 0) ^ flip
        const read = fromLine(bytes.toString())
        if ('record' in read) expect(sha256(read.hashed)).not.toBe(read.record.hash)
      }),
      { numRuns: 500 },
    )
  })

  it.each([
    ['a blank', (line: string) => line.replace('":', '": ')],
    ['a line end', (line: string) => `${line}\n`],
    ['a carriage return', (line: string) => `${line}\r`],
    ['the hash first', (line: string) => line.replace(/^\{(.*),("hash":"[0-9a-f]+")\}$/, '{$2,$1}')],
    ['a field twice', (line: string) => line.replace('{"format":2,', '{"format":2,"format":2,')],
    ['another field', (line: string) => line.replace('"kind"', '"note":"x","kind"')],
    ['a field named __proto__', (line: string) => line.replace('"kind"', '"__proto__":{"format":1},"kind"')],
    ['a kind named constructor', (line: string) => line.replace('"kind":"open"', '"kind":"constructor"')],
    ['another escape for the same letter', (line: string) => line.replace('quant', '\\u0071uant')],
    ['another format', (line: string) => line.replace('"format":2', '"format":3')],
    ['an owner in a record of format 1', (line: string) => line.replace('"format":2', '"format":1')],
    ['a number as text', (line: string) => line.replace('"sequence":7', '"sequence":"7"')],
    ['a number written otherwise', (line: string) => line.replace('"sequence":7', '"sequence":7.0')],
    ['a date that does not exist', (line: string) => line.replace('2026-03-02', '2026-13-02')],
  ])('is refused with %s', (_, damage) => {
    const line = toLine(record(OPEN))
    expect(damage(line)).not.toBe(line)
    expect(fromLine(damage(line))).toHaveProperty('problem')
  })

  it.each(['', 'null', '[]', '1', '"x"', '{}', '{', '{"kind":"open"}', '\u0000'])(
    'is refused when it is %j',
    (line) => {
      expect(fromLine(line)).toHaveProperty('problem')
    },
  )
})

describe('a record from before parameters and shadow were recorded', () => {
  // Written by the first release: a log outlives the program that wrote it.
  const OLD =
    '{"format":1,"sidecar":"pod-a","sequence":0,"time":"2026-03-02T09:00:00.000Z","kind":"start","who":{"team":"quant","identity":"quant-research","principal":"quant@LAB","namespace":"ml-quant","pod":"train-0","serviceAccount":"trainer","node":"node-1"},"what":{"operationId":"1","operation":"DELETE","path":"/team/quant/a","dataset":"quant-home"},"why":{"effect":"allow","reason":"granted","grants":["quant-writes-home@quant/grants.yaml:14"],"bundle":"sha256:1"},"previous":"0000000000000000000000000000000000000000000000000000000000000000"'
  const line = `${OLD},"hash":"${createHash('sha256').update(`${OLD}}`).digest('hex')}"}`

  it('is read, and proved by its hash', () => {
    const read = fromLine(line)
    if ('problem' in read) throw new Error(read.problem)
    expect(read.record).toMatchObject({ kind: 'start', what: { operation: 'DELETE' } })
    expect(verify([read.record], sha256)).toEqual({ whole: true, records: 1 })
  })
})

describe('a record of another format', () => {
  const written = record({ kind: 'gap', who: WHO, gap: { of: 'pod-b', from: 1, to: 3, detail: 'x' } })

  it('of a later one is no record, and it is said why: nobody guesses what its fields mean', () => {
    const line = toLine(record(OPEN)).replace('"format":2', '"format":3')
    expect(fromLine(line)).toEqual({
      problem: 'its format is 3, and this program knows 1 and 2: a later version wrote it',
    })
    for (const wrong of ['"format":0', '"format":"2"', '"format":null', '"format":-1', '"format":2.5']) {
      expect(fromLine(toLine(record(OPEN)).replace('"format":2', wrong))).toEqual({
        problem: '`format` is not one that a record has',
      })
    }
  })

  it('has no kind that came later than it', () => {
    const line = toLine(written).replace('"format":2', '"format":1')
    expect(fromLine(line)).toEqual({ problem: '`kind` is not one that a record of this format has' })
  })

  it('is no fault in a chain: one of format 1 goes on in format 2', () => {
    const { hash: _, ...open } = record({ kind: 'open', who: WHO, detail: 'started' })
    const first = { ...open, format: 1 as const, sequence: 0 }
    const text = hashedText(first)
    if ('problem' in text) throw new Error(text.problem)
    const old = { ...first, hash: sha256(text.text) } as AuditRecord
    const next = chain(OPEN, { ...link(1, old.time), previous: old.hash }, sha256).record
    expect([old.format, next.format]).toEqual([1, 2])
    expect(verify([old, next], sha256)).toEqual({ whole: true, records: 2 })
  })
})

describe('parameters and shadow', () => {
  it('are closed like the rest: what is no parameter is no field', () => {
    const what = { operationId: '1', operation: 'DELETE', path: '/x', parameters: { password: 'x' } }
    const why = { effect: 'allow', reason: 'granted', grants: [], bundle: 'sha256:1' } as const
    const entry = { kind: 'start', who: WHO, what, why } as Entry
    expect(() => record(entry)).toThrow(/`what.parameters.password` is no field of a record/)
    const shadow = { effect: 'deny', reason: 'no-grant', grants: [], bundle: 'sha256:1' }
    expect(() => record({ ...entry, what: { ...what, parameters: {} }, why: { ...why, shadow } } as Entry)).toThrow(
      /`why.shadow.bundle` is no field of a record/,
    )
  })
})

describe('an entry that could not be read back', () => {
  it.each([
    ['a number that JSON cannot write', { status: Number.NaN }],
    ['a negative number', { bytesRead: -1 }],
    ['half a byte', { bytesRead: 0.5 }],
    ['an endless duration', { durationMs: Number.POSITIVE_INFINITY }],
  ])('is not written: %s', (_, wrong) => {
    const end = { status: 200, bytesRead: 0, bytesWritten: 0, durationMs: 1, cut: false, ...wrong }
    const what = { operationId: '1', operation: 'OPEN', path: '/data/market' }
    expect(() => record({ kind: 'end', who: WHO, what, end })).toThrow(/an audit entry is not usable: `end\./)
  })

  it('is not written when it is too long', () => {
    expect(() => record({ ...OPEN, detail: 'x'.repeat(MAX_LINE_UNITS) })).toThrow(/too long/)
    const many = '\u001b'.repeat(65_536)
    expect(() => record({ ...OPEN, detail: many })).toThrow(/too long/)
  })

  it('is not written when it brings fields of its own', () => {
    const secret = { ...OPEN, keytab: 'BQIAAA' } as Entry
    expect(() => record(secret)).toThrow(/`keytab` is no field of a record/)
  })
})
