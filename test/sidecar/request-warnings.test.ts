/** Warnings about requests: said at once, then once a minute with how often, whatever a job does. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RequestWarnings } from '../../sidecar/request-warnings.ts'
import { KerbsideError } from '../../src/core/errors.ts'

const MINUTE = 60_000
let now = 0
let said: { readonly message: string; readonly times?: unknown; readonly cause?: unknown }[]
let warnings: RequestWarnings
beforeEach(() => {
  now = 1000
  said = []
  const warn = (message: string, fields: object = {}) => void said.push({ message, ...fields })
  warnings = new RequestWarnings({ log: { warn }, clock: () => now })
})
afterEach(() => warnings.close())

test('the first is said at once, with its cause', () => {
  warnings.warn('OPEN failed: no KDC answers', new KerbsideError('kdc-unreachable', 'x'))
  expect(said).toEqual([{ message: 'OPEN failed: no KDC answers', cause: 'kdc-unreachable' }])
})

test('ten minutes of a hundred requests a second are a line each minute, and none is uncounted', async () => {
  for (let second = 0; second < 600; second++) {
    now += 1000
    for (let request = 0; request < 100; request++) warnings.warn('OPEN failed: no KDC answers')
    warnings.look()
  }
  await warnings.close()
  expect(said.length).toBeLessThanOrEqual(12)
  expect(said.reduce((total, { times = 1 }) => total + Number(times), 0)).toBe(60_000)
})

test('another warning does not wait for the first', () => {
  warnings.warn('OPEN failed: no KDC answers')
  warnings.warn('OPEN failed: no NameNode is active')
  expect(said.map(({ message }) => message)).toEqual([
    'OPEN failed: no KDC answers',
    'OPEN failed: no NameNode is active',
  ])
})

test('one that came again is said a minute later, though no further request comes', () => {
  warnings.warn('one')
  warnings.warn('one')
  now += MINUTE - 1
  warnings.look()
  expect(said).toHaveLength(1)
  now += 1
  warnings.look()
  expect(said[1]).toEqual({ message: 'one' })
  now += MINUTE
  warnings.look()
  warnings.warn('one')
  expect(said).toHaveLength(3)
})

test('a job that makes each warning another one fills neither log nor memory', async () => {
  for (let request = 0; request < 10_000; request++) warnings.warn(`no end record for ${request}`)
  await warnings.close()
  expect(said.length).toBe(102)
  expect(said.at(-1)).toEqual({ message: 'further warnings about requests', times: 9899 })
})

test('what was not said yet is said at the end', async () => {
  for (let request = 0; request < 5; request++) warnings.warn('one')
  await warnings.close()
  expect(said).toEqual([{ message: 'one' }, { message: 'one', times: 4 }])
})
