/** The injection file on disk: read whole or refused whole, with flags that win over it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readInjectionFile } from '../../src/io/injection-file.ts'

const EXAMPLE = join(import.meta.dirname, '../../deploy/examples/injection.yaml')
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kerbside-injection-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('the example is usable as it stands', async () => {
  expect(await readInjectionFile(EXAMPLE)).toMatchObject({ image: 'kerbside:dev', store: 'openbao', gatewayPort: 9870 })
})

test('a flag wins over the file, and is checked like it', async () => {
  expect(await readInjectionFile(EXAMPLE, { image: 'other:1' })).toMatchObject({ image: 'other:1' })
  await expect(readInjectionFile(EXAMPLE, { broker: 'http://x' })).rejects.toThrow('`broker` is not an https URL')
})

test.each([
  ['a: [', 'line 1'],
  ['- image', 'it is not a list of settings by name'],
  ['', '`image` is missing'],
])('a file that holds `%s` is refused', async (text, sentence) => {
  const file = join(folder, 'injection.yaml')
  await writeFile(file, text)
  const refused = readInjectionFile(file)
  await expect(refused).rejects.toMatchObject({ code: 'bad-settings', message: expect.stringContaining(sentence) })
})

test('a file that is not there is named', async () => {
  await expect(readInjectionFile(join(folder, 'none'))).rejects.toThrow(`\`${join(folder, 'none')}\` cannot be read`)
})
