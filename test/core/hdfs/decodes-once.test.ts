/** Names with `%41` in them: refused where HDFS may decode them again, and only as dangerous as they look where it does not. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRequest } from '../../../src/core/hdfs/request.ts'
import { canonicalize, encodePath, sentPath } from '../../../src/core/hdfs/target.ts'

const FIXED = { decodesOnce: true } as const
const refusal = (raw: string) => {
  const target = canonicalize(raw, FIXED)
  return 'refuse' in target ? target.refuse : undefined
}

describe('of a cluster that decodes once', () => {
  test('a partition that Hive escaped is reached by its name', () => {
    const target = canonicalize('/data/market/hour=10%253A00%252Fx', FIXED)
    expect(target).toEqual({ path: '/data/market/hour=10%3A00%2Fx' })
    if ('path' in target) expect(encodePath(target)).toBe('/data/market/hour%3D10%253A00%252Fx')
  })

  test('so is the destination of a RENAME', () => {
    const request = parseRequest('PUT', '/webhdfs/v1/data/a?op=RENAME&destination=%2Fdata%2F10%253A00', FIXED)
    expect(request).toMatchObject({ destination: { path: '/data/10%3A00' } })
  })

  test.each([
    '/data/market/%252e%252e/weather',
    '/data/market/%252E./weather',
    '/data/market%252F..%252Fweather',
    '/data/market%252f%252e%252E%252fweather',
    '/data/%252esnapshot/s0',
    '/data/.snapshot/s0/%252esnapshot',
    '/%252Ereserved/raw/x',
    '/data/x%252F.',
  ])('`%s` is refused all the same: decoded again it would be another place', (raw) => {
    expect(refusal(raw)).toBe('double-encoding')
  })

  test('what is sent is what was decided, whatever the name', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9=%_ -]{1,12}$/)
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (segments) => {
        const target = canonicalize(`/${segments.map(encodeURIComponent).join('/')}`, FIXED)
        if ('refuse' in target) return
        expect(target.path).toBe(`/${segments.join('/')}`)
        expect(encodePath(target).split('/').map(decodeURIComponent).join('/')).toBe(sentPath(target))
      }),
    )
  })
})

test('of any other cluster such a name is refused', () => {
  expect(canonicalize('/data/market/hour=10%253A00')).toEqual({ refuse: 'double-encoding' })
})
