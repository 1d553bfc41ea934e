/** A keytab on its way to kinit has no name that anyone could open, and is readable by its descriptor. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { unnamedFile } from '../../../src/io/kerberos/unnamed-file.ts'

test('the folder is empty while the bytes can be read by descriptor, mode 0600', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kerbside-'))
  const handle = await unnamedFile(folder, Uint8Array.of(5, 2, 7))
  try {
    expect(readdirSync(folder)).toEqual([])
    expect([...readFileSync(`/proc/self/fd/${handle.fd}`)]).toEqual([5, 2, 7])
    const { mode, nlink } = await handle.stat()
    expect([mode & 0o777, nlink]).toEqual([0o600, 0])
  } finally {
    await handle.close()
    rmSync(folder, { recursive: true })
  }
})
