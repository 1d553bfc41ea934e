/** What a broker makes of a batch: what is new is taken, once; what is wrong is refused as a whole; what is missing is named. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Batch, judgeBatch, readBatch, type Standing, writeBatch } from '../../../src/core/audit/delivery.ts'
import { toLine } from '../../../src/core/audit/line.ts'
import type { Entry } from '../../../src/core/audit/record.ts'
import { chained, sha256, WHO } from './arbitrary.ts'

const WRITER = {
  program: 'sidecar' as const,
  podUid: 'pod-a',
  namespace: WHO.namespace,
  pod: WHO.pod,
  serviceAccount: WHO.serviceAccount,
}
const entries = (count: number, note = 'x'): Entry[] =>
  Array.from({ length: count }, (_, at) => ({ kind: 'policy', who: WHO, bundle: 'sha256:1', detail: `${note} ${at}` }))
const log = chained(entries(20))
const lines = log.map(toLine)
const standing = (next: number): Standing | undefined =>
  next === 0 ? undefined : { next, previous: log[next - 1]?.hash ?? '' }
const batch = (from: number, to: number, acknowledged = 0): Batch => ({ acknowledged, lines: lines.slice(from, to) })
const judge = (one: Batch, next = 0, writer = WRITER) => judgeBatch(one, writer, standing(next), sha256)

describe('a batch', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(20), (acknowledged, count) => {
        expect(readBatch(writeBatch(batch(0, count, acknowledged)))).toEqual(batch(0, count, acknowledged))
      }),
    )
  })

  it.each([
    ['', 'half-a-line'],
    ['{"format":1,"acknowledged":0}', 'half-a-line'],
    [writeBatch(batch(0, 2)).slice(0, -9), 'half-a-line'],
    ['\n', 'not-a-batch'],
    [`${lines[0]}\n`, 'not-a-batch'],
    ['{"format":2,"acknowledged":0}\n', 'not-a-batch'],
    ['{"format":1,"acknowledged":-1}\n', 'not-a-batch'],
    ['{"format":1,"acknowledged":1e9}\n', 'not-a-batch'],
    ['{"format":1,"acknowledged":01}\n', 'not-a-batch'],
    ['{"format":1,"acknowledged":9007199254740993}\n', 'not-a-batch'],
    ['{"format":1,"acknowledged":0,"more":1}\n', 'not-a-batch'],
  ])('is refused when it is %j', (text, reason) => {
    expect(readBatch(text)).toMatchObject({ rejected: reason })
  })
})

describe('what was acknowledged is there once, however batches come', () => {
  it('any that overlap, come again or come too early leave one chain without a gap', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(19), fc.nat(20)), { minLength: 1, maxLength: 30 }), (ranges) => {
        const disk: string[] = []
        let here: Standing | undefined
        for (const [from, length] of ranges) {
          const verdict = judgeBatch(batch(from, from + length), WRITER, here, sha256)
          if ('again' in verdict) expect(from).toBeGreaterThan(verdict.again)
          if (!('lines' in verdict) || verdict.lines.length === 0) continue
          disk.push(...verdict.lines)
          here = verdict.standing
        }
        expect(disk).toEqual(lines.slice(0, disk.length))
        expect(here?.next ?? 0).toBe(disk.length)
      }),
    )
  })

  it('one that is replayed is acknowledged again, and nothing is written', () => {
    expect(judge(batch(3, 7), 12)).toMatchObject({ lines: [], standing: { next: 12 } })
  })

  it('one that is empty says where the chain stands', () => {
    expect(judge(batch(0, 0), 12)).toMatchObject({ lines: [], standing: { next: 12 } })
    expect(judge(batch(0, 0, 5))).toMatchObject({ lines: [], standing: { next: 5 } })
  })
})

describe('what is missing', () => {
  it('is asked for again, from the first number on', () => {
    expect(judge(batch(9, 12), 5)).toEqual({ again: 5 })
    expect(judge(batch(9, 12))).toEqual({ again: 0 })
    expect(judge(batch(9, 12, 7), 5)).toEqual({ again: 7 })
  })

  it('is a gap by its numbers when the sidecar says that another broker has it', () => {
    expect(judge(batch(9, 12, 9), 5)).toMatchObject({ gap: { from: 5, to: 9 }, standing: { next: 12 } })
    expect(judge(batch(9, 12, 9))).toMatchObject({ gap: { from: 0, to: 9 } })
    expect(judge(batch(5, 12, 9), 5)).not.toHaveProperty('gap')
  })
})

describe('a batch that is wrong anywhere is taken nowhere', () => {
  const rejected = (one: readonly string[], next = 0, writer = WRITER) =>
    judge({ acknowledged: 0, lines: one }, next, writer)
  const other = chained(entries(20, 'other')).map(toLine)

  it.each<[string, readonly string[], string]>([
    ['a line that is no record', lines.slice(0, 3).with(1, '{}'), 'not-a-record'],
    ['half a line', lines.slice(0, 3).with(2, lines[2]?.slice(0, 80) ?? ''), 'not-a-record'],
    ['an empty line', [...lines.slice(0, 3), ''], 'not-a-record'],
    ['a record changed', lines.slice(0, 3).with(1, lines[1]?.replace('x 1', 'y 1') ?? ''), 'broken-chain'],
    ['a record dropped', lines.slice(0, 5).toSpliced(2, 1), 'broken-chain'],
    [
      'two swapped',
      lines
        .slice(0, 3)
        .with(1, lines[2] ?? '')
        .with(2, lines[1] ?? ''),
      'broken-chain',
    ],
    ['a record twice', lines.slice(0, 3).toSpliced(1, 0, lines[1] ?? ''), 'broken-chain'],
    ['one of another chain of the same pod', lines.slice(0, 3).with(2, other[2] ?? ''), 'broken-chain'],
    ['one of another sidecar', [...lines.slice(0, 2), toLine(chained(entries(3), 'pod-b')[2] as never)], 'other-pod'],
  ])('%s', (_, damaged, reason) => {
    expect(rejected(damaged)).toMatchObject({ rejected: reason })
  })

  it('from the wrong pod, in each thing that a token says of one', () => {
    for (const [name, value] of Object.entries({ podUid: 'pod-b', namespace: 'x', pod: 'x', serviceAccount: 'x' }))
      expect(rejected(lines.slice(0, 3), 0, { ...WRITER, [name]: value }), name).toMatchObject({
        rejected: 'other-pod',
      })
  })

  it('a second story: the same numbers with other records, from the end of what is here or over it', () => {
    expect(rejected(other.slice(0, 8), 5)).toMatchObject({ rejected: 'forked' })
    expect(rejected(other.slice(5, 8), 5)).toMatchObject({ rejected: 'forked' })
    expect(rejected(other.slice(2, 5), 5)).toMatchObject({ rejected: 'forked' })
  })
})

describe('a batch by its writer', () => {
  const admission: Entry = {
    kind: 'admission',
    who: { ...WHO, pod: 'asked-for' },
    admission: { operation: 'CREATE', stage: 'validate', effect: 'admit', reasons: [], review: 'x' },
    bundle: '',
  }
  const refusal: Entry = { kind: 'refusal', who: WHO, refusal: { asked: 'slices', reason: 'bad-token', detail: '' } }
  const opened: Entry = { kind: 'open', who: { ...WHO, pod: 'asked-for' }, detail: 'x' }
  const judged = (entry: Entry, program: 'sidecar' | 'webhook') =>
    judgeBatch({ acknowledged: 0, lines: chained([entry]).map(toLine) }, { ...WRITER, program }, undefined, sha256)

  it('has only records of a kind that this program writes', () => {
    const policy: Entry = { kind: 'policy', who: WHO, bundle: 'sha256:1', detail: 'x' }
    const taken = { standing: { next: 1 } }
    for (const program of ['sidecar', 'webhook'] as const) expect(judged(policy, program)).toMatchObject(taken)
    expect(judged(admission, 'sidecar')).toMatchObject({ rejected: 'other-kind' })
    for (const program of ['sidecar', 'webhook'] as const)
      expect(judged(refusal, program)).toMatchObject({ rejected: 'other-kind' })
  })

  it('is about another pod only where a webhook speaks of an admission', () => {
    expect(judged(admission, 'webhook')).toMatchObject({ standing: { next: 1 } })
    for (const program of ['sidecar', 'webhook'] as const)
      expect(judged(opened, program)).toMatchObject({ rejected: 'other-pod' })
  })
})
