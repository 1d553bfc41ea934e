/** What is quick takes nothing, and writes nothing, that what is careful would not, and reads what is there as it does. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chain, NO_HASH } from '../../../src/core/audit/chain.ts'
import { fromLine, hashedText, withHash } from '../../../src/core/audit/line.ts'
import { isPlainUnhashed } from '../../../src/core/audit/plain.ts'
import { plainLine } from '../../../src/core/audit/plain-line.ts'
import type { Entry } from '../../../src/core/audit/record.ts'
import { entry, sha256, time, WHO } from './arbitrary.ts'

const AT = '2026-03-02T09:00:00.000Z'
const lineOf = (one: Entry, at = AT, sequence = 7): string =>
  chain(one, { previous: NO_HASH, sidecar: 'pod-a', sequence, time: at }, sha256).line

/** Says whether the quick reader took it; then the careful one must have read the same. */
function isTaken(line: string): boolean {
  const quick = plainLine(line)
  if (quick === undefined) return false
  const careful = fromLine(line)
  if ('problem' in careful) throw new Error(`taken, and ${careful.problem}: ${line}`)
  const { namespace, pod, serviceAccount } = careful.record.who
  const { sidecar, sequence, time, kind, previous, hash } = careful.record
  const record = { sidecar, sequence, time, kind, who: { namespace, pod, serviceAccount }, previous, hash }
  expect(quick).toEqual({ record, hashed: careful.hashed })
  return true
}

/** The same of whether a text may be hashed as it stands. */
function isWritten(text: string, kind: Entry['kind']): boolean {
  if (!isPlainUnhashed(text, { format: 2, kind })) return false
  const careful = fromLine(withHash(text, NO_HASH))
  if ('problem' in careful) throw new Error(`taken, and ${careful.problem}: ${text}`)
  expect(careful.hashed).toBe(text)
  expect(hashedText(JSON.parse(text))).toEqual({ text })
  return true
}

/** An entry with nothing in it that JSON would write otherwise, as nearly all are. */
const plain = entry.map(
  (one) =>
    JSON.parse(JSON.stringify(one), (_, value) => {
      if (typeof value === 'number') return Math.round(value) % 1e8
      return typeof value === 'string' ? value.replace(/[^ !#-[\]-~]/g, '').slice(0, 40) : value
    }) as Entry,
)

const unhashed = (line: string): string => line.replace(/,"hash":"[0-9a-f]*"\}$/, '}')

describe('a line that the quick reader takes', () => {
  it('is every plain one, of every kind, with whatever fields', () => {
    fc.assert(
      fc.property(plain, fc.nat(), (one, sequence) => {
        const line = lineOf(one, AT, sequence)
        expect(isTaken(line)).toBe(true)
        expect(isWritten(unhashed(line), one.kind)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is what the careful one reads, whatever clients put into it', () => {
    fc.assert(fc.property(entry, fc.maxSafeNat(), time, (one, sequence, at) => void isTaken(lineOf(one, at, sequence))))
  })

  it('is what the careful one reads, however a line was damaged', () => {
    const piece = fc.constantFrom(
      ...[
        '"',
        ',',
        ',"',
        '":',
        '{',
        '}',
        '[',
        ']',
        '\\',
        '0',
        '00',
        '-1',
        '.0',
        '.5',
        '1e3',
        ' ',
        '\n',
        '\u001b',
        'é',
        '',
      ],
      ...['"recursive":"x"', ',"owner":{}', ',"hash":""', '\\u0041', '\\n', 'null', 'true', '"kind":"end"', '\u007f'],
    )
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(3), piece, (one, where, length, put) => {
        const line = lineOf(one)
        const at = where % line.length
        const damaged = line.slice(0, at) + put + line.slice(at + length)
        isTaken(damaged)
        isWritten(unhashed(damaged), one.kind)
      }),
      { numRuns: 2_000 },
    )
  })

  it('is what the careful one reads, with pieces of it doubled, dropped or swapped', () => {
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(), fc.nat(), (one, a, b, c) => {
        const parts = lineOf(one).split(/(?=[,{}])/)
        const [from, to, with_] = [a, b, c].map((value) => value % parts.length) as [number, number, number]
        const [dropped, doubled] = [parts.toSpliced(from, 1), parts.toSpliced(from, 0, parts[to] ?? '')]
        for (const damaged of [dropped, doubled]) {
          isTaken(damaged.join(''))
          isWritten(unhashed(damaged.join('')), one.kind)
        }
        isTaken(
          parts
            .with(from, parts[with_] ?? '')
            .with(with_, parts[from] ?? '')
            .join(''),
        )
      }),
      { numRuns: 300 },
    )
  })

  it('has a time that there is', () => {
    const line = lineOf({ kind: 'open', who: WHO, detail: 'x' })
    const taken = (at: string) => isTaken(line.replace(AT, at))
    const two = (value: number) => String(value).padStart(2, '0')
    for (let month = 0; month <= 13; month++)
      for (let day = 0; day <= 32; day++) {
        const written = `2026-${two(month)}-${two(day)}T23:59:59.999Z`
        const date = new Date(Date.UTC(2026, month - 1, day))
        const exists = date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        expect([written, taken(written)]).toEqual([written, exists])
      }
    for (const hour of ['24:00:00.000', '23:60:00.000', '23:59:60.000', '3:00:00.000', '23:00:00'])
      expect(taken(`2026-03-02T${hour}Z`)).toBe(false)
  })

  it('has numbers that are written as they were', () => {
    const what = { operationId: '1', operation: 'OPEN', path: '/x' }
    const end = { status: 200, bytesRead: 1, bytesWritten: 0, durationMs: 12.5, cut: false }
    const line = lineOf({ kind: 'end', who: WHO, what, end })
    const taken = (name: string, written: string) =>
      isTaken(line.replace(new RegExp(`"${name}":[\\d.]+`), `"${name}":${written}`))
    for (const right of ['0', '7', '999999999999999']) expect(taken('bytesRead', right)).toBe(true)
    for (const right of ['0', '0.000001', '123456789.654321', '0.1']) expect(taken('durationMs', right)).toBe(true)
    for (const wrong of ['01', '1.0', '-0', '-1', '1e3', '9007199254740993', '1.5'])
      expect(taken('bytesRead', wrong)).toBe(false)
    for (const wrong of ['00.5', '1.50', '.5', '5.', '0.0000001', '1e-7', '0.1234567890123456789', '-0.5'])
      expect(taken('durationMs', wrong)).toBe(false)
    fc.assert(fc.property(fc.stringMatching(/^\d{1,10}\.\d{1,7}$/), (written) => void taken('durationMs', written)))
  })

  it('is short, so that neither a text nor a list in it is too long', () => {
    const why = { effect: 'allow', reason: 'granted', grants: [] as string[], bundle: '' } as const
    const what = { operationId: '1', operation: 'OPEN', path: '/x' }
    const line = lineOf({ kind: 'start', who: WHO, what, why })
    const list = Array.from({ length: 1001 }, () => '""').join(',')
    expect(fromLine(line.replace('"grants":[]', `"grants":[${list}]`))).toHaveProperty('problem')
    expect(isTaken(line.replace('"grants":[]', `"grants":[${list}]`))).toBe(false)
    expect(isTaken(line.replace('"/x"', `"/${'x'.repeat(65_537)}"`))).toBe(false)
  })
})

it('an entry with its fields in another order, or with one that is not known, is written as any other', () => {
  const { who, kind, detail } = { kind: 'open', who: WHO, detail: 'x' } as const
  const { node, ...rest } = who
  const right = lineOf({ kind, who, detail })
  expect(lineOf({ detail, kind, who: { node, ...rest } } as Entry)).toBe(right)
  expect(() => lineOf({ kind, who: { ...who, keytab: 'x' }, detail } as Entry)).toThrow(/`who.keytab` is no field/)
  expect(() => lineOf({ kind, who: rest, detail } as Entry)).toThrow(/`who.node` is missing/)
})

describe('a line that it does not take', () => {
  it.each([
    '',
    'null',
    '{}',
    '{"format":2}',
    '{"format":2,"kind":"open"}',
    ',"kind":"open"',
    '{"format":2,"kind":"constructor"}',
    `${lineOf({ kind: 'open', who: WHO, detail: 'x' })}\n`,
    ` ${lineOf({ kind: 'open', who: WHO, detail: 'x' })}`,
    lineOf({ kind: 'open', who: WHO, detail: 'x' }).replace('"format":2', '"format":3'),
    lineOf({ kind: 'open', who: WHO, detail: 'x' })
      .replace('"kind":"open"', '"kind":"close"')
      .replace('"who"', '"why"'),
  ])('%j', (line) => {
    expect(plainLine(line)).toBeUndefined()
  })
})
