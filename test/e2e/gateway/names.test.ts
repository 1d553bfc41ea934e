/** Names with every letter that HDFS allows, through each operation that carries a name: what was written is what is there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type Standing, standHere } from './standing.ts'

const HOME = '/team/quant/e2e-names'
const NAMES = [
  'a b+c&d=e#f?g',
  '\'single\' "double" `back`',
  '!$()*,-.@[]^_{}|~\\<>',
  '100% sure',
  'nfc-\u00e9',
  'nfd-e\u0301',
  '\u4e2d\u6587-\u{1f600}',
  '.hidden',
  '..more',
  '-rf',
  'hour=10%3A00',
  'path=a%2Fb%25',
]

let standing: Standing
beforeAll(async () => {
  standing = await standHere({ ...SLICE, cluster: { ...SLICE.cluster, decodesOnce: true } })
})
afterAll(async () => {
  await standing.direct('DELETE', `${HOME}?op=DELETE&recursive=true`)
  await standing.stop()
})

const pathOf = (name: string, folder = 'd') => `${HOME}/${folder}/${encodeURIComponent(name)}`
const through = async (method: string, path: string, query: string, body?: string) => {
  const response = await fetch(`${standing.base}${path}?op=${query}`, {
    method,
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, text: await response.text() }
}
const namesIn = (body: string): string[] =>
  JSON.parse(body).FileStatuses.FileStatus.map(({ pathSuffix }: { pathSuffix: string }) => pathSuffix)
const listed = async (folder: string) => {
  const { body } = await standing.direct('GET', `${HOME}/${folder}?op=LISTSTATUS`)
  return namesIn(body.toString())
}

describe.each(NAMES)('the name `%s`', (name) => {
  test('is created, read, listed, renamed and deleted as it is', async () => {
    await through('DELETE', `${HOME}`, 'DELETE&recursive=true')
    expect((await through('PUT', pathOf(name), 'CREATE&step=2', name)).status).toBe(201)
    expect(await listed('d')).toEqual([name])
    expect((await through('GET', pathOf(name), 'OPEN')).text).toBe(name)
    expect(namesIn((await through('GET', `${HOME}/d`, 'LISTSTATUS')).text)).toEqual([name])
    expect((await through('PUT', `${HOME}/e`, 'MKDIRS')).status).toBe(200)
    const destination = encodeURIComponent(`${HOME}/e/${name}`)
    expect(await through('PUT', pathOf(name), `RENAME&destination=${destination}`)).toMatchObject({
      text: '{"boolean":true}',
    })
    expect([await listed('d'), await listed('e')]).toEqual([[], [name]])
    expect((await through('DELETE', pathOf(name, 'e'), 'DELETE')).text).toBe('{"boolean":true}')
    expect(await listed('e')).toEqual([])
  })
})

test('NFC and NFD of one name are two files', async () => {
  await through('PUT', pathOf('\u00e9', 'two'), 'CREATE&step=2', 'composed')
  await through('PUT', pathOf('e\u0301', 'two'), 'CREATE&step=2', 'decomposed')
  expect(new Set(await listed('two'))).toEqual(new Set(['e\u0301', '\u00e9']))
  expect((await through('GET', pathOf('e\u0301', 'two'), 'OPEN')).text).toBe('decomposed')
})
