/** NameNodes in every role, for real: they change places under a stream of operations, one only watches, one takes no writes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { asAdmin } from './as-admin.ts'
import { failOver, makeObserver, makeStandby, partnerOf } from './fail-over.ts'
import { type Standing, standHere } from './standing.ts'

const PATH = '/team/quant/e2e-roles'

let standing: Standing
beforeAll(async () => {
  standing = await standHere(SLICE, { failoverMs: 60_000 })
})
beforeEach(async () => {
  await standing.direct('PUT', `${PATH}?op=MKDIRS`)
})
afterEach(async () => {
  if ((await standing.active()) !== 'nn1') await failOver(standing.lab, 'nn2', 'nn1')
  await standing.direct('DELETE', `${PATH}?op=DELETE&recursive=true`)
})
afterAll(() => standing.stop())

async function send(method: string, pathAndQuery: string, body?: string) {
  const first = await fetch(`${standing.base}${pathAndQuery}`, { method, redirect: 'manual' })
  const location = first.headers.get('location')
  const last = location === null ? first : await fetch(location, { method, ...(body === undefined ? {} : { body }) })
  return { status: last.status, text: await last.text() }
}
const names = async (path: string): Promise<string[]> => {
  const { body } = await standing.direct('GET', `${path}?op=LISTSTATUS`)
  return JSON.parse(body.toString()).FileStatuses.FileStatus.map((row: { pathSuffix: string }) => row.pathSuffix)
}
const content = async (path: string) => (await standing.direct('GET', `${path}?op=OPEN`)).body.toString()

test('a hundred operations and more, none of them repeatable, while the NameNodes change places: none is lost or done twice', async () => {
  const active = await standing.active()
  const answers: string[] = []
  const note = async (what: string, answer: Promise<{ status: number; text: string }>) => {
    const { status, text } = await answer
    answers.push(`${what} ${status}${status < 300 ? text : ` ${text}`}`)
  }
  let isOver = false
  let rounds = 0
  const working = (async () => {
    await note('log', send('PUT', `${PATH}/log?op=CREATE`, ''))
    for (; !isOver || rounds < 34; rounds++) {
      await note('create', send('PUT', `${PATH}/new-${rounds}?op=CREATE`, `${rounds}`))
      await note('append', send('POST', `${PATH}/log?op=APPEND`, `${rounds}\n`))
      await note('rename', send('PUT', `${PATH}/new-${rounds}?op=RENAME&destination=${PATH}/done-${rounds}`))
    }
  })()
  await failOver(standing.lab, active, partnerOf(active)).finally(() => {
    isOver = true
  })
  await working
  expect(await standing.active()).toBe(partnerOf(active))
  expect([...new Set(answers)].toSorted()).toEqual([
    'append 200',
    'create 201',
    'log 201',
    'rename 200{"boolean":true}',
  ])
  const all = Array.from({ length: rounds }, (_, round) => round)
  expect((await names(PATH)).toSorted()).toEqual([...all.map((round) => `done-${round}`), 'log'].toSorted())
  expect(await content(`${PATH}/log`)).toBe(all.map((round) => `${round}\n`).join(''))
  for (const round of [0, rounds >> 1, rounds - 1]) expect(await content(`${PATH}/done-${round}`)).toBe(`${round}`)
}, 120_000)

describe('in safe mode that an administrator asked for', () => {
  beforeEach(() => asAdmin(standing.lab, 'hdfs.tools.DFSAdmin', ['-safemode', 'enter']))
  afterEach(() => asAdmin(standing.lab, 'hdfs.tools.DFSAdmin', ['-safemode', 'leave']))

  test('files are read, and who would write is told at once that HDFS is in safe mode', async () => {
    expect((await send('GET', '/data/market/stocks.csv?op=OPEN')).status).toBe(200)
    for (const [method, question, body] of [
      ['PUT', 'made?op=MKDIRS'],
      ['PUT', 'made?op=CREATE', 'x'],
      ['DELETE', 'made?op=DELETE'],
    ] as const) {
      const { status, text } = await send(method, `${PATH}/${question}`, body)
      expect([status, text]).toEqual([403, expect.stringContaining('SafeModeException')])
    }
    expect(standing.audit.lines.at(-1)).toBe('end 403')
  })
})

describe('an observer', () => {
  let observer: 'nn1' | 'nn2'
  beforeEach(async () => {
    observer = partnerOf(await standing.active())
    await makeObserver(standing.lab, observer)
    const { sent } = standing.slice
    const nameNodes = [observer, partnerOf(observer)].map((name) => `https://${name}.lab:9871`)
    standing.slice.set({ ...sent, cluster: { ...sent.cluster, nameNodes } })
  })
  afterEach(() => makeStandby(standing.lab, observer))

  test('that is asked first for what it may not do sends on to the active NameNode', async () => {
    expect(await send('PUT', `${PATH}/made?op=MKDIRS`)).toMatchObject({ status: 200, text: '{"boolean":true}' })
    expect(await send('PUT', `${PATH}/made?op=RENAME&destination=${PATH}/moved`)).toMatchObject({ status: 200 })
    expect(await names(PATH)).toEqual(['moved'])
  })
})
