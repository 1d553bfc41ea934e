/** What a dataset's limits let be written: at the limit, one above it, and where the client leaves it to HDFS. */
import { describe, expect, test } from 'vitest'
import { keepingLimits, limitRefusal, overruled } from '../../../src/core/hdfs/limit-refusal.ts'
import { type HdfsRequest, parseRequest } from '../../../src/core/hdfs/request.ts'

const LIMITS = { fileBytes: 1000, replication: 3, blockBytes: 1_048_576 }

function request(method: string, query: string): HdfsRequest {
  const parsed = parseRequest(method, `/webhdfs/v1/team/quant/a?${query}`)
  if ('refuse' in parsed) throw new Error(parsed.refuse)
  return parsed
}
const create = (query = '') => request('PUT', `op=CREATE${query}`)
const sent = ({ parameters }: HdfsRequest) => Object.fromEntries(parameters)

describe('a request', () => {
  test.each([
    ['of just as many bytes as may be', create(), 1000],
    ['of just as many replicas and bytes in a block', create('&replication=3&blocksize=1048576'), 0],
    ['that says nothing', create(), 0],
  ])('%s is not refused', (_, asked, bytes) => {
    expect(limitRefusal(LIMITS, asked, bytes)).toBeUndefined()
  })

  test.each([
    ['one byte too many', create(), 1001, 'file-too-large', 1001, 1000],
    ['one byte too many to append', request('POST', 'op=APPEND'), 1001, 'file-too-large', 1001, 1000],
    ['one replica too many', create('&replication=4'), 0, 'too-many-replicas', 4, 3],
    ['a block one byte too large', create('&blocksize=1048577'), 0, 'block-too-large', 1_048_577, 1_048_576],
    [
      'one replica too many for a file that is there',
      request('PUT', 'op=SETREPLICATION&replication=4'),
      0,
      'too-many-replicas',
      4,
      3,
    ],
    [
      'one byte too many in all its sources',
      request('POST', 'op=CONCAT&sources=/b,/c'),
      1001,
      'file-too-large',
      1001,
      1000,
    ],
    ['the longest block', create(`&blocksize=${2n ** 63n - 1n}`), 0, 'block-too-large', 2 ** 63, 1_048_576],
  ])('of %s is refused, with both numbers', (_, asked, bytes, reason, wanted, most) => {
    expect(limitRefusal(LIMITS, asked, bytes)).toEqual({ reason, limit: { wanted, most } })
  })

  test('is not refused by a limit that is not there, nor for what writes nothing', () => {
    expect(limitRefusal(undefined, create('&replication=512'), 1e15)).toBeUndefined()
    expect(limitRefusal({ fileBytes: 1 }, create('&replication=512&blocksize=9999999'), 1)).toBeUndefined()
    expect(limitRefusal(LIMITS, request('GET', 'op=OPEN&length=5000'), 5000)).toBeUndefined()
    expect(limitRefusal(LIMITS, request('POST', 'op=TRUNCATE&newlength=5000'), 5000)).toBeUndefined()
  })
})

describe('what the client leaves to HDFS', () => {
  test('is the default of HDFS where that keeps the limit, else the limit', () => {
    const low = { replication: 2, blockBytes: 524_288 }
    expect(sent(keepingLimits(create(), LIMITS, low))).toEqual({ replication: '2', blocksize: '524288' })
    const high = { replication: 10, blockBytes: 134_217_728 }
    expect(sent(keepingLimits(create(), LIMITS, high))).toEqual({ replication: '3', blocksize: '1048576' })
  })

  test('is the limit where the default is not known', () => {
    expect(sent(keepingLimits(create(), LIMITS, {}))).toEqual({ replication: '3', blocksize: '1048576' })
  })

  test('has blocks of whole checksums; a limit below one is sent as it is, for HDFS to refuse', () => {
    expect(sent(keepingLimits(create(), { blockBytes: 1_000_000 }, {}))).toEqual({ blocksize: '999936' })
    expect(sent(keepingLimits(create(), { blockBytes: 511 }, {}))).toEqual({ blocksize: '511' })
  })

  test('is left alone where nothing limits it, where the client says it, and for anything but CREATE', () => {
    for (const [asked, limits] of [
      [create(), { fileBytes: 5 }],
      [create('&replication=1&blocksize=1048576'), LIMITS],
      [request('POST', 'op=APPEND'), LIMITS],
    ] as const) {
      expect(keepingLimits(asked, limits, {})).toBe(asked)
    }
  })
})

describe('a refusal', () => {
  const refusal = limitRefusal(LIMITS, create('&replication=4'), 0)
  const denied = { effect: 'deny', reason: 'too-many-replicas', grants: [] }

  test('turns an allow into a deny, and leaves a deny as it is', () => {
    expect(overruled({ effect: 'allow' }, refusal, 'enforce')).toEqual({ ...denied, limit: { wanted: 4, most: 3 } })
    expect(overruled({ effect: 'deny' }, refusal, 'enforce')).toEqual({})
    expect(overruled({ effect: 'allow' }, undefined, 'enforce')).toEqual({})
  })

  test('is only said where the policy is in shadow, and not over what policy itself would have said', () => {
    expect(overruled({ effect: 'allow' }, refusal, 'shadow')).toEqual({ reason: 'shadow', shadow: denied })
    const shadow = { effect: 'deny', reason: 'no-grant', grants: [] } as const
    expect(overruled({ effect: 'allow', shadow }, refusal, 'shadow')).toEqual({})
  })
})
