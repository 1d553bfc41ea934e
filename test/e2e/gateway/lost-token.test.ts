/** A delegation token that HDFS has dropped, for real: its owner cancels it behind the gateway's back, between any two requests. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Reached, reach } from './reached.ts'

const PATH = '/team/quant/e2e-lost-token'

let reached: Reached
beforeAll(async () => {
  reached = await reach(SLICE)
})
afterAll(async () => {
  await reached.send('DELETE', `${PATH}?op=DELETE&recursive=true`)
  await reached.stop()
})
beforeEach(async () => {
  await reached.send('DELETE', `${PATH}?op=DELETE&recursive=true`)
  await reached.send('PUT', `${PATH}/kept?op=CREATE`, { body: 'kept' })
  reached.tokens.replaced = 0
})

const content = async (name: string) => (await reached.send('GET', `${PATH}/${name}?op=OPEN`)).text

const OPERATIONS = [
  ['GET', 'kept?op=GETFILESTATUS', undefined, 200],
  ['GET', 'kept?op=OPEN', undefined, 200],
  ['GET', 'kept?op=GETFILECHECKSUM', undefined, 200],
  ['PUT', `kept?op=RENAME&destination=${PATH}/moved`, undefined, 200],
  ['PUT', 'made?op=CREATE', 'whole', 201],
  ['POST', 'kept?op=APPEND', ' and more', 200],
] as const

describe('is replaced once, and the operation done', () => {
  test.each(OPERATIONS)('when it is lost before %s %s', async (method, question, body, status) => {
    await reached.tokens.lose()
    const answer = await reached.send(method, `${PATH}/${question}`, body === undefined ? {} : { body })
    expect([answer.status, answer.text]).toEqual([status, expect.not.stringContaining('InvalidToken')])
    expect(reached.tokens.replaced).toBe(1)
  })

  // What it was when the first step was answered is of no use to the DataNode of the second.
  test.each(OPERATIONS.filter(([, question]) => /OPEN|CHECKSUM|CREATE|APPEND/.test(question)))(
    'when it is lost between the two steps of %s %s',
    async (method, question, body, status) => {
      const between = () => reached.tokens.lose()
      const answer = await reached.send(method, `${PATH}/${question}`, {
        between,
        ...(body === undefined ? {} : { body }),
      })
      expect([answer.status, answer.text]).toEqual([status, expect.not.stringContaining('InvalidToken')])
      // The DataNode may still have had a connection by the old one; the NameNode has not.
      await reached.send('GET', `${PATH}?op=GETFILESTATUS`)
      expect(reached.tokens.replaced).toBe(1)
    },
  )
})

test('what was sent meanwhile is there once, and whole', async () => {
  await reached.tokens.lose()
  await reached.send('PUT', `${PATH}/made?op=CREATE`, { body: 'whole' })
  await reached.tokens.lose()
  await reached.send('POST', `${PATH}/made?op=APPEND`, { body: ' and more' })
  expect(await content('made')).toBe('whole and more')
})

test('many that find it lost at once get one new one between them', async () => {
  await reached.tokens.lose()
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => (await reached.send('GET', `${PATH}/kept?op=GETFILESTATUS`)).status),
  )
  expect(statuses).toEqual(Array.from({ length: 20 }, () => 200))
  expect(reached.tokens.replaced).toBe(1)
})
