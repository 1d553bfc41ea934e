/** What every secret store must do, whatever it is: run by each store's own test, against the real one where there is one. */
import { createHash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { type ErrorCode, KerbsideError } from '../../../src/core/errors.ts'
import type { SecretRef, SecretStore } from '../../../src/io/secret-store.ts'

export type StoreUnderTest = {
  readonly store: () => SecretStore
  /** Writes a secret as an administrator does, over an older one if there is one. */
  readonly put: (ref: SecretRef, bytes: Uint8Array) => Promise<void>
  /** Writes a secret that is not for the login of the tests. */
  readonly putForOthers: (ref: SecretRef, bytes: Uint8Array) => Promise<void>
  /** How it is logged in to; absent where nobody logs in. */
  readonly login?: {
    readonly tokenFile: string
    /** Tokens that must not do, each under what is wrong with it. */
    readonly badTokens: () => Promise<Readonly<Record<string, string>>>
  }
}

/** Bytes that no text encoding survives: a keytab's first two, every value of a byte, no final line feed. */
export const BINARY = Uint8Array.from([5, 2, ...Array.from({ length: 256 }, (_, index) => index)])
export const REF: SecretRef = { path: 'hdfs/contract', key: 'keytab' }
export const OTHERS: SecretRef = { path: 'hdfs/others', key: 'keytab' }
const NAMES = [
  ['..', { path: '../contract', key: 'keytab' }],
  ['a dot', { path: 'hdfs/./contract', key: 'keytab' }],
  ['an absolute path', { path: '/hdfs/contract', key: 'keytab' }],
  ['nothing', { path: '', key: 'keytab' }],
  ['a slash in the key', { path: 'hdfs', key: 'contract/keytab' }],
  ['an encoded slash', { path: 'hdfs%2fcontract', key: 'keytab' }],
  ['a query', { path: 'hdfs/contract?version=1', key: 'keytab' }],
  ['a NUL', { path: 'hdfs/contract\0', key: 'keytab' }],
  ['a line break', { path: 'hdfs/contract', key: 'keytab\n' }],
  ['a name of every object', { path: 'hdfs/contract', key: '__proto__' }],
] as const
const never = () => new AbortController().signal

/**
 * The code and message of a refusal. Nothing of it, and nothing of what caused it, holds one of these secrets or a part of
 * one: all of it may come to a log.
 */
export async function refusal(work: Promise<unknown>, secrets: readonly string[] = []) {
  const error = await work.then(
    () => expect.unreachable('it was given'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KerbsideError)
  const { code, message } = error as KerbsideError
  expect(code).toMatch(/^secret-/)
  const all = inspect(error, { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null })
  for (const secret of secrets) {
    for (let at = 0; at + 20 <= secret.length; at += 10) expect(all).not.toContain(secret.slice(at, at + 20))
  }
  return { code: code as ErrorCode, message }
}

/** A secret in the ways in which one could come to a log. */
export const shown = (bytes: Uint8Array): readonly string[] => [
  Buffer.from(bytes).toString('base64'),
  Buffer.from(bytes).toString('hex'),
  Buffer.from(bytes).toString('latin1'),
]

export function obeysTheContract({ store, put, putForOthers, login }: StoreUnderTest): void {
  test('bytes come out as they went in', async () => {
    await put(REF, BINARY)
    const one = store()
    const secret = await one.fetch(REF, never())
    expect([...secret.bytes]).toEqual([...BINARY])
    await one.close()
  })

  test('the version stays while the secret does, changes with it, and says nothing about it', async () => {
    await put(REF, BINARY)
    const one = store()
    const first = await one.fetch(REF, never())
    expect((await one.fetch(REF, never())).version).toBe(first.version)
    await put(REF, BINARY.toReversed())
    const second = await one.fetch(REF, never())
    expect(second.version).not.toBe(first.version)
    expect([...second.bytes]).toEqual([...BINARY.toReversed()])
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      for (const form of ['hex', 'base64', 'base64url'] as const) {
        const guess = createHash(algorithm).update(BINARY.toReversed()).digest(form).slice(0, 12)
        expect(second.version.toLowerCase()).not.toContain(guess.toLowerCase())
      }
    }
    await one.close()
  })

  test('a secret or key that is not there is `secret-not-found`', async () => {
    await put(REF, BINARY)
    const one = store()
    const secrets = shown(BINARY)
    expect((await refusal(one.fetch({ ...REF, key: 'nothing' }, never()), secrets)).code).toBe('secret-not-found')
    // A store that may not say what is there says that it is forbidden.
    expect(['secret-not-found', 'secret-forbidden']).toContain(
      (await refusal(one.fetch({ ...REF, path: 'hdfs/nothing' }, never()), secrets)).code,
    )
    await one.close()
  })

  test('a secret of others is forbidden, and the own one is given all the same', async () => {
    await put(REF, BINARY)
    await putForOthers(OTHERS, BINARY)
    const one = store()
    const { code, message } = await refusal(one.fetch(OTHERS, never()), shown(BINARY))
    expect(code).toBe('secret-forbidden')
    expect(message).toContain('`hdfs/others` `keytab`')
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })

  test.each(NAMES)('a name with %s leads nowhere', async (_, ref) => {
    await put(REF, BINARY)
    expect((await refusal(store().fetch(ref, never()))).code).toBe('secret-not-found')
  })

  test('a keytab that was encoded once too often is told as that', async () => {
    const text = Buffer.from(BINARY).toString('base64')
    await put(REF, Buffer.from(`${text.slice(0, 76)}\n${text.slice(76)}\n`))
    const one = store()
    const { code, message } = await refusal(one.fetch(REF, never()), [...shown(BINARY), text])
    expect(code).toBe('secret-malformed')
    expect(message).toContain('is a keytab in base64')
    await one.close()
  })

  test('a caller who does not wait any more gets nothing, and others get theirs', async () => {
    await put(REF, BINARY)
    const one = store()
    expect((await refusal(one.fetch(REF, AbortSignal.abort()))).code).toBe('secret-unavailable')
    const [given, also] = await Promise.all([one.fetch(REF, never()), one.fetch(REF, never())])
    expect([given.bytes.length, also.version]).toEqual([BINARY.length, given.version])
    await one.close()
  })

  test('closing never throws, also twice, and a closed store can be used anew', async () => {
    const one = store()
    await one.close()
    await put(REF, BINARY)
    await one.fetch(REF, never())
    await one.close()
    await one.close()
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })

  if (login === undefined) return

  test('a token that is not right logs nobody in, and the right one does after it: it is read anew for each login', async () => {
    await put(REF, BINARY)
    const good = readFileSync(login.tokenFile, 'utf8')
    const one = store()
    for (const [what, bad] of Object.entries(await login.badTokens())) {
      writeFileSync(login.tokenFile, bad)
      const { code } = await refusal(one.fetch(REF, never()), [...shown(BINARY), bad, good])
      expect(code, what).toBe('secret-unauthenticated')
    }
    for (const text of ['', 'two words', 'a\r\nx-header: b']) {
      writeFileSync(login.tokenFile, text)
      expect((await refusal(one.fetch(REF, never()))).code, text).toBe('secret-unauthenticated')
    }
    rmSync(login.tokenFile)
    expect((await refusal(one.fetch(REF, never()))).code).toBe('secret-unauthenticated')
    writeFileSync(login.tokenFile, good)
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })
}
