/** What is taken for a service-account token: one word, which can begin no header of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { KerbsideError } from '../../src/core/errors.ts'
import { hintIfEnded, sayingIfEnded, serviceAccountToken } from '../../src/io/service-account-token.ts'
import { UNREADABLE } from '../unreadable.ts'

const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
const file = join(folder, 'token')
afterAll(() => rmSync(folder, { recursive: true }))

test('a token is given without the line feed at its end', async () => {
  writeFileSync(file, 'a.b.c\n')
  expect(await serviceAccountToken(file)).toBe('a.b.c')
})

test('whoever asks may say what it means that there is none', async () => {
  const missing = `${file}-missing`
  await expect(serviceAccountToken(missing)).rejects.toMatchObject({ code: 'secret-unauthenticated' })
  await expect(serviceAccountToken(missing, 'broker-unreachable')).rejects.toMatchObject({ code: 'broker-unreachable' })
})

test('one that may not be read is told apart from one that is not there', async () => {
  const told = await serviceAccountToken(UNREADABLE.file).catch((error: KerbsideError) => error)
  expect(told).toMatchObject({
    code: 'secret-unauthenticated',
    hint: 'this user may not read it: see who runs, and the mode of the volume',
  })
  const missing = await serviceAccountToken(`${file}-missing`).catch((error: KerbsideError) => error)
  expect(missing).toMatchObject({ hint: undefined })
})

test.each(['', '\n', 'canary b', 'canary\r\nx-header: b', 'canary\0', 'canaryé'])(
  '%j is no token, and is not quoted',
  async (text) => {
    writeFileSync(file, text)
    const told = await serviceAccountToken(file).catch((error: Error) => error.message)
    expect(told).toBe(`the file \`${file}\` holds no service-account token`)
  },
)

const NOW = Date.UTC(2030, 0, 1)
const claiming = (exp: unknown) => `header.${Buffer.from(JSON.stringify({ exp })).toString('base64url')}.signature`

test('a token that has ended is told by when, to the second', () => {
  expect(hintIfEnded(claiming(NOW / 1000), NOW).hint).toContain('ended 2030-01-01T00:00:00.000Z')
  expect(hintIfEnded(claiming(NOW / 1000 + 1), NOW)).toEqual({})
})

test.each(['', 'canary', 'a.b.c', claiming('canary'), claiming(-1e300), claiming(null), 'a..c'])(
  '%j has no end to tell, and no error is made of it',
  (token) => expect(hintIfEnded(token, NOW)).toEqual({}),
)

const refusedBy = (code: 'secret-unauthenticated' | 'secret-unavailable') => async () => {
  throw new KerbsideError(code, 'HTTP 400')
}

test('a login that is refused says that its token has ended; one that failed otherwise says nothing of it', async () => {
  writeFileSync(file, claiming(1_000_000_000))
  const ended = {
    code: 'secret-unauthenticated',
    message: 'HTTP 400',
    hint: expect.stringContaining('ended 2001-09-09'),
  }
  await expect(sayingIfEnded(file, refusedBy('secret-unauthenticated'))).rejects.toMatchObject(ended)
  await expect(sayingIfEnded(file, refusedBy('secret-unavailable'))).rejects.toMatchObject({ hint: undefined })
  writeFileSync(file, claiming(32_503_680_000))
  await expect(sayingIfEnded(file, refusedBy('secret-unauthenticated'))).rejects.toMatchObject({ hint: undefined })
})
