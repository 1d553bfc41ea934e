/** What the sidecar loads of Node itself: it is multiplied by pods, so what it never uses is not to be in its memory. */
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { ROOT } from '../suite.ts'

const run = promisify(execFile)

test('no part of the sidecar loads undici, which an import of node:http would', async () => {
  const files = ['main', 'serve', 'gateway/gateway', 'credentials/early-agent'].map(
    (name) => `${ROOT}/sidecar/${name}.ts`,
  )
  const program = `for (const file of ${JSON.stringify(files)}) await import(file)
    console.log(process.moduleLoadList.filter((name) => /undici|NativeModule http$/.test(name)).join())`
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program])
  expect(stdout.trim()).toBe('NativeModule http')
}, 60_000)
