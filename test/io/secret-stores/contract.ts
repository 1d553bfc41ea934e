/** What every secret store must do, whatever it is: run by the files store here and by OpenBao in the lab. */
import { expect, test } from 'vitest'
import type { ErrorCode } from '../../../src/core/errors.ts'
import { KerbsideError } from '../../../src/core/errors.ts'
import type { SecretRef, SecretStore } from '../../../src/io/secret-store.ts'

export type StoreUnderTest = {
  readonly store: () => SecretStore
  /** Writes a secret as an administrator does, over an older one if there is one. */
  readonly put: (ref: SecretRef, bytes: Uint8Array) => Promise<void>
}

/** Bytes that no text encoding survives: a keytab's first two, every value of a byte, no final line feed. */
export const BINARY = Uint8Array.from([5, 2, ...Array.from({ length: 256 }, (_, index) => index)])
export const REF: SecretRef = { path: 'hdfs/contract', key: 'keytab' }
const never = () => new AbortController().signal

/** The code and message of a refusal, whose message never holds the secret. */
export async function refusal(work: Promise<unknown>): Promise<{ code: ErrorCode; message: string }> {
  const error = await work.then(
    () => expect.unreachable('it was given'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(KerbsideError)
  const { code, message } = error as KerbsideError
  expect(code).toMatch(/^secret-/)
  return { code, message }
}

export function obeysTheContract({ store, put }: StoreUnderTest): void {
  test('bytes come out as they went in', async () => {
    await put(REF, BINARY)
    const secret = await store().fetch(REF, never())
    expect([...secret.bytes]).toEqual([...BINARY])
  })

  test('the version stays while the secret does, and changes with it', async () => {
    await put(REF, BINARY)
    const first = await store().fetch(REF, never())
    expect((await store().fetch(REF, never())).version).toBe(first.version)
    await put(REF, BINARY.toReversed())
    const second = await store().fetch(REF, never())
    expect(second.version).not.toBe(first.version)
    expect([...second.bytes]).toEqual([...BINARY.toReversed()])
  })

  test('a secret or key that is not there is `secret-not-found`', async () => {
    await put(REF, BINARY)
    expect(await refusal(store().fetch({ ...REF, key: 'nothing' }, never()))).toMatchObject({
      code: 'secret-not-found',
    })
    expect(['secret-not-found', 'secret-forbidden']).toContain(
      (await refusal(store().fetch({ ...REF, path: 'hdfs/nothing' }, never()))).code,
    )
  })

  test.each([
    ['..', { path: '../contract', key: 'keytab' }],
    ['a dot', { path: 'hdfs/./contract', key: 'keytab' }],
    ['an absolute path', { path: '/hdfs/contract', key: 'keytab' }],
    ['nothing', { path: '', key: 'keytab' }],
    ['a slash in the key', { path: 'hdfs', key: 'contract/keytab' }],
    ['an encoded slash', { path: 'hdfs%2fcontract', key: 'keytab' }],
    ['a query', { path: 'hdfs/contract?version=1', key: 'keytab' }],
    ['a NUL', { path: 'hdfs/contract\0', key: 'keytab' }],
  ])('a name with %s leads nowhere', async (_, ref) => {
    await put(REF, BINARY)
    expect(await refusal(store().fetch(ref, never()))).toMatchObject({ code: 'secret-not-found' })
  })

  test('closing never throws, also twice, and a closed store can be used anew', async () => {
    const one = store()
    await put(REF, BINARY)
    await one.fetch(REF, never())
    await one.close()
    await one.close()
    expect((await one.fetch(REF, never())).bytes.length).toBe(BINARY.length)
    await one.close()
  })
}
