/** Step one: what HDFS says no to is told at once, and what it named is used in step two, once, for the same question. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exception } from './fake-hdfs.ts'
import { ask, messageOf, type Setup, setUp } from './set-up.ts'

let setup: Setup
beforeEach(async () => {
  setup = await setUp()
})
afterEach(() => setup.stop())

const OPEN = '/webhdfs/v1/data/market/x?op=OPEN'
const APPEND = '/webhdfs/v1/team/quant/a?op=APPEND'
const CREATE = '/webhdfs/v1/team/quant/a?op=CREATE'
const questions = () => setup.hdfs.nn1.questions.length
const second = async (location: string | undefined, more = '') => {
  const { pathname, search } = new URL(location ?? 'http://no-location')
  return ask(setup, 'GET', `${pathname}${search}${more}`)
}

describe('a file that is not there', () => {
  test.each([
    ['GET', OPEN, 'OPEN /data/market/x'],
    ['POST', APPEND, 'APPEND /team/quant/a'],
    ['GET', OPEN.replace('OPEN', 'GETFILECHECKSUM'), 'GETFILECHECKSUM /data/market/x'],
  ])('is told in step one of %s %s, and recorded', async (method, path, what) => {
    setup.slice.set(setup.inPlace(setup.slice.sent))
    setup.hdfs.nn1.handle = (_, response) => exception(response, 'FileNotFoundException', 'File does not exist', 404)
    const answer = await ask(setup, method, path)
    expect([answer.status, messageOf(answer), answer.headers.location]).toEqual([404, 'File does not exist', undefined])
    expect(setup.audit.lines).toEqual([`start ${what} allow granted`, 'end 404'])
  })

  test('is what CREATE is for: nobody is asked', async () => {
    expect((await ask(setup, 'PUT', CREATE)).status).toBe(307)
    expect(questions()).toBe(0)
  })
})

test('a NameNode that does not answer is told in step one, and recorded', async () => {
  for (const node of [setup.hdfs.nn1, setup.hdfs.nn2]) node.handle = (request) => request.socket.destroy()
  const answer = await ask(setup, 'GET', OPEN)
  expect([answer.status, messageOf(answer)]).toEqual([503, expect.stringContaining('(hdfs-unreachable)')])
  expect(setup.audit.lines).toEqual(['start OPEN /data/market/x allow granted', 'end 503'])
})

test('what cannot be recorded is not told either', async () => {
  setup.hdfs.nn1.handle = (_, response) => exception(response, 'FileNotFoundException', 'File does not exist', 404)
  setup.audit.refuses = 'start'
  expect(messageOf(await ask(setup, 'GET', OPEN))).toContain('(audit-unwritable)')
})

describe('what the NameNode named', () => {
  test('is used in step two, and only once', async () => {
    const { headers } = await ask(setup, 'GET', OPEN)
    expect([setup.audit.lines, questions()]).toEqual([[], 1])
    expect((await second(headers.location)).body).toBe('bytes')
    expect(questions()).toBe(1)
    expect((await second(headers.location)).body).toBe('bytes')
    expect(questions()).toBe(2)
  })

  test('is used for the beginning of the file, and not for another place in it', async () => {
    const { headers } = await ask(setup, 'GET', OPEN)
    expect((await second(headers.location, '&offset=4')).status).toBe(200)
    expect(questions()).toBe(2)
    expect((await second(headers.location, '&offset=0')).status).toBe(200)
    expect(questions()).toBe(2)
  })

  test('is used for no other file', async () => {
    await ask(setup, 'GET', OPEN)
    expect((await ask(setup, 'GET', `${OPEN.replace('/x?', '/y?')}&step=2`)).status).toBe(200)
    expect(questions()).toBe(2)
  })

  test('gives nobody a right: a policy that changed in between refuses step two', async () => {
    const { headers } = await ask(setup, 'GET', OPEN)
    setup.slice.set({ ...setup.slice.sent, grants: [], places: [] })
    expect((await second(headers.location)).status).toBe(403)
    expect(setup.hdfs.dn.seen).toEqual([])
  })

  test('is forgotten after a while', async () => {
    await setup.stop()
    setup = await setUp({ namedMs: 0 })
    const { headers } = await ask(setup, 'GET', OPEN)
    await second(headers.location)
    expect(questions()).toBe(2)
  })

  test('is kept for so many questions, the newest', async () => {
    await setup.stop()
    setup = await setUp({ named: 1 })
    const first = await ask(setup, 'GET', OPEN)
    const other = await ask(setup, 'GET', OPEN.replace('/x?', '/y?'))
    await second(other.headers.location)
    expect(questions()).toBe(2)
    await second(first.headers.location)
    expect(questions()).toBe(3)
  })
})
