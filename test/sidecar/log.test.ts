/** The sidecar's log: lines that a machine can read, and nothing that was not meant. */
import { expect, test } from 'vitest'
import { causeFields, makeLog } from '../../sidecar/log.ts'

function logAt(level: 'error' | 'warn' | 'info' | 'debug') {
  const lines: string[] = []
  return { log: makeLog({ level, out: (line) => lines.push(line), clock: () => 0 }), lines }
}

test('one line of JSON each, with its time and level', () => {
  const { log, lines } = logAt('info')
  log.info('two\nlines', { count: 2 })
  expect(lines).toEqual(['{"time":"1970-01-01T00:00:00.000Z","level":"info","message":"two\\nlines","count":2}'])
})

test('a level shows itself and what is worse', () => {
  const { log, lines } = logAt('warn')
  log.error('a')
  log.warn('b')
  log.info('c')
  log.debug('d')
  expect(lines.map((line) => JSON.parse(line).message)).toEqual(['a', 'b'])
})

test('of a cause only its code or class is logged: its message may quote a token', () => {
  const network = Object.assign(new Error('GET https://nn/?delegation=canary'), { code: 'ECONNRESET' })
  expect(causeFields(network)).toEqual({ cause: 'ECONNRESET' })
  expect(causeFields(new TypeError('canary'))).toEqual({ cause: 'TypeError' })
  expect(causeFields('canary')).toEqual({})
})
