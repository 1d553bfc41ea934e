/** Lines read from either end are the same lines, wherever blocks begin. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { linesBackwards, linesForwards, NOT_A_LINE } from '../../../src/io/audit/lines.ts'

const directory = mkdtempSync(join(tmpdir(), 'kerbside-lines-'))
const file = join(directory, 'a.ndjson')
afterAll(() => rmSync(directory, { recursive: true, force: true }))

async function forwards(): Promise<{ lines: string[]; unfinishedBytes: number }> {
  const lines: string[] = []
  let unfinishedBytes = 0
  for await (const block of linesForwards(file)) {
    lines.push(...block.lines)
    ;({ unfinishedBytes } = block)
  }
  return { lines, unfinishedBytes }
}
async function backwards(): Promise<string[]> {
  const lines: string[] = []
  for await (const block of linesBackwards(file)) lines.push(...block)
  return lines
}

/** Lines about as long as a block, so that their ends fall on every side of its edges. */
const line = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }).filter((text) => !text.includes('\n')),
  fc.nat(140_000).map((length) => 'x'.repeat(length)),
  fc.constantFrom(65_535, 65_536, 65_537, 131_072).map((length) => 'x'.repeat(length)),
)

it('are the same from both ends, wherever blocks begin', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 12 }),
      fc.constantFrom('', 'torn', 'x'.repeat(70_000)),
      async (lines, tail) => {
        writeFileSync(file, lines.map((one) => `${one}\n`).join('') + tail)
        expect(await forwards()).toEqual({ lines, unfinishedBytes: tail.length })
        expect(await backwards()).toEqual(lines.toReversed())
      },
    ),
    { numRuns: 60 },
  )
})

it('are none where they are not UTF-8, and only there', async () => {
  writeFileSync(file, Buffer.concat([Buffer.from('one\n'), Buffer.from([0x66, 0xff, 0x0a]), Buffer.from('three\n')]))
  expect(await forwards()).toEqual({ lines: ['one', NOT_A_LINE, 'three'], unfinishedBytes: 0 })
  expect(await backwards()).toEqual(['three', NOT_A_LINE, 'one'])
})

it('are none where they are longer than any line is, and only there', async () => {
  writeFileSync(file, `one\n${'x'.repeat(3_000_000)}\nthree\n`)
  expect(await forwards()).toEqual({ lines: ['one', NOT_A_LINE, 'three'], unfinishedBytes: 0 })
  expect(await backwards()).toEqual(['three', NOT_A_LINE, 'one'])
})

it('are those before an end that is longer than any line is', async () => {
  writeFileSync(file, `one\ntwo\n${'x'.repeat(3_000_000)}`)
  expect(await forwards()).toMatchObject({ lines: ['one', 'two'] })
  expect(await backwards()).toEqual(['two', 'one'])
})

it('are none in an empty file', async () => {
  writeFileSync(file, '')
  expect(await forwards()).toEqual({ lines: [], unfinishedBytes: 0 })
  expect(await backwards()).toEqual([])
})
