/** A configuration is handed on when it changes, and what is wrong with it is said once, not at every look. */
import { beforeEach, expect, test } from 'vitest'
import { ConfigurationNews, toReport } from '../../../sidecar/credentials/configuration-news.ts'
import { makeLog } from '../../../sidecar/log.ts'
import type { ClusterProperties } from '../../../sidecar/ports.ts'
import { KerbsideError } from '../../../src/core/errors.ts'

const lines: string[] = []
const used: ClusterProperties[] = []
let news: ConfigurationNews
beforeEach(() => {
  lines.length = 0
  used.length = 0
  const log = makeLog({ level: 'info', out: (line) => lines.push(line), clock: () => 0 })
  news = new ConfigurationNews(log, async (properties) => void used.push(properties))
})

const of = (...properties: [string, string][]): ClusterProperties => ({
  cluster: 'lab',
  configuration: 'hdfs/lab-site',
  properties,
})
const BROKEN = toReport({
  problems: [
    new KerbsideError('bad-configuration', 'core-site.xml:3: it includes another file', { hint: 'put it in' }),
  ],
})

test('the same at every look is handed on once, and said once', async () => {
  for (let look = 0; look < 3; look += 1)
    news.take(toReport({ properties: of(['dfs.replication', '2']), problems: [] }))
  await news.settled()
  expect(used).toHaveLength(1)
  expect(lines).toHaveLength(1)
})

test('a change is handed on', async () => {
  for (const value of ['2', '3', '2']) news.take(toReport({ properties: of(['dfs.replication', value]), problems: [] }))
  await news.settled()
  expect(used.map(({ properties }) => properties[0]?.[1])).toEqual(['2', '3', '2'])
})

test('one that cannot be used takes nothing away, and is a warning with its code; when it is back, that is said', async () => {
  const good = toReport({ properties: of(), problems: [] })
  for (const report of [good, BROKEN, BROKEN, good]) news.take(report)
  await news.settled()
  expect(used).toHaveLength(2)
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'info' },
    {
      level: 'warn',
      code: 'bad-configuration',
      message: 'hadoop configuration: core-site.xml:3: it includes another file, so jobs keep what they had',
      hint: 'put it in',
    },
    { level: 'info' },
  ])
})

test('one property that is left out is a warning, and the others are handed on', async () => {
  const problems = [new KerbsideError('bad-configuration', '`dfs.replication` is not a whole number, and is left out')]
  news.take(toReport({ properties: of(['io.file.buffer.size', '65536']), problems }))
  await news.settled()
  expect(used).toHaveLength(1)
  expect(lines[0]).not.toContain('keep what they had')
})
