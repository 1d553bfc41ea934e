/** `kerbside export` as a program: killed again and again while records come, it leaves each where it goes, once. */
import { globSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { chainOf, daysAgo, temporaryFolder, write } from './broker-folder.ts'
import { killExporters, startExporter } from './exporter-process.ts'
import { storedIn } from './rows.ts'

const folders: string[] = []
afterEach(() => {
  killExporters()
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const SOON = { timeout: 120_000, interval: 100 }

test('killed at any moment, it loses nothing and stores nothing twice', { timeout: 600_000 }, async () => {
  const folder = temporaryFolder()
  folders.push(folder)
  const [records, lake] = [join(folder, 'records'), join(folder, 'lake')]
  const lines = chainOf('pod-a', 800)
  let written = 0
  const more = (count: number) => {
    const next = lines.slice(written, written + count)
    // A pod that changes from one broker to the other comes again with what it had no answer for.
    const broker = `broker-${Math.floor(written / 200) % 2}`
    const again = written % 200 === 0 ? lines.slice(Math.max(0, written - 10), written) : []
    write(records, { broker, sidecar: 'pod-a', lines: [...again, ...next], first: 0, day: daysAgo(0) })
    written += next.length
  }
  const sinks = [
    { name: 'lake', to: 'parquet', directory: lake, everySeconds: 1 },
    { name: 'out', to: 'stdout' },
  ]
  const seen = new Set<string>()
  while (written < lines.length) {
    more(50)
    const exporter = await startExporter(folder, sinks)
    for (let step = 0; step < 3; step++) {
      more(50)
      // Wherever it is then: some of what it does takes longer than this, some does not.
      await new Promise((resolve) => setTimeout(resolve, 40 * step + Math.random() * 300))
    }
    await exporter.end('SIGKILL')
    for (const line of exporter.lines()) seen.add(line)
  }
  const last = await startExporter(folder, sinks)
  await expect.poll(() => storedIn(lake), SOON).toHaveLength(lines.length)
  await expect.poll(() => lines.filter((line) => !seen.has(line) && !last.lines().includes(line)), SOON).toEqual([])
  await last.end('SIGTERM')
  expect(new Set(await storedIn(lake)).size).toBe(lines.length)
  expect(globSync('**/*.unfinished', { cwd: lake })).toEqual([])
  expect(last.log()).toContain('stopped')
})

test('a file of settings that is wrong is told in a sentence, and nothing is begun', async () => {
  const folder = temporaryFolder()
  folders.push(folder)
  await expect(startExporter(folder, [{ name: 'out', to: 'nowhere' }])).rejects.toThrow(
    /ended with 2: kerbside export: .*sinks\.0.* is not one of/,
  )
  writeFileSync(join(folder, 'state'), 'a file where a folder should be')
  await expect(startExporter(folder, [{ name: 'out', to: 'stdout' }])).rejects.toThrow(
    /ended with 1: kerbside export: .*cannot be read or written/,
  )
})
