/** Files that a broker keeps open: as many as it may, and none that somebody took away. */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { keptSegments } from '../../src/broker/audit/kept-segments.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-kept-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Kept = ReturnType<typeof keptSegments>
async function append(kept: Kept, sidecar: string, text: string, file = join(folder, sidecar)): Promise<void> {
  const segment = await kept.take(sidecar, file)
  await segment.append(Buffer.from(text))
  await kept.keep(sidecar, file, segment)
}
const contentOf = (name: string) => readFileSync(join(folder, name), 'utf8')

/** Files of the folder that this process has open, removed ones too. */
const open = (): string[] =>
  readdirSync('/proc/self/fd')
    .flatMap((fd) => {
      try {
        return [readlinkSync(`/proc/self/fd/${fd}`)]
      } catch {
        return []
      }
    })
    .filter((path) => path.startsWith(folder))
    .map((path) => path.slice(folder.length + 1))
    .toSorted()

it('keeps open those that were written last, and closes the others', async () => {
  const kept = keptSegments(2)
  for (const name of ['a', 'b', 'a', 'c']) await append(kept, name, `${name}\n`)
  expect(open()).toEqual(['a', 'c'])
  await append(kept, 'b', 'more\n')
  expect(open()).toEqual(['b', 'c'])
  expect([contentOf('a'), contentOf('b'), contentOf('c')]).toEqual(['a\na\n', 'b\nmore\n', 'c\n'])
  await kept.close()
  expect(open()).toEqual([])
})

it('closes the file of a chain that goes on in another', async () => {
  const kept = keptSegments(2)
  await append(kept, 'd', '1\n', join(folder, 'd-1'))
  await append(kept, 'd', '2\n', join(folder, 'd-2'))
  expect(open()).toEqual(['d-2'])
  await kept.close()
})

it('appends nothing to a file that was removed: what is acknowledged has a name', async () => {
  const kept = keptSegments(2)
  await append(kept, 'e', 'gone\n')
  rmSync(join(folder, 'e'))
  await append(kept, 'e', 'here\n')
  expect(contentOf('e')).toBe('here\n')
  expect(open()).toEqual(['e'])
  await kept.close()
})

it('keeps nothing that is not given back', async () => {
  const kept = keptSegments(2)
  await append(kept, 'f', 'x\n')
  const segment = await kept.take('f', join(folder, 'f'))
  await segment.close()
  await append(kept, 'f', 'y\n')
  expect(contentOf('f')).toBe('x\ny\n')
  await kept.close()
})
