/** What becomes of a command whose answer, or whose error, finds no room: in processes of their own, on a device that is always full. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ROOT } from '../suite.ts'

type Stream = 'pipe' | 'ignore'

async function kerbside(args: readonly string[], full: 'out' | 'err', other: Stream) {
  const device = openSync('/dev/full', 'w')
  const child = spawn(process.execPath, [join(ROOT, 'src/kerbside.ts'), ...args], {
    stdio: ['ignore', full === 'out' ? device : other, full === 'err' ? device : other],
  })
  closeSync(device)
  const said = child.stderr === null ? '' : text(child.stderr)
  const [code] = await once(child, 'exit')
  return { code, err: await said }
}

test('an answer that finds no room is a broken world and no `no`, told in one sentence', async () => {
  const { code, err } = await kerbside(['policy', 'schema'], 'out', 'pipe')
  expect(err).toMatch(/^kerbside: the answer cannot be written: ENOSPC.*\n$/)
  expect(code).toBe(3)
})

test.each([
  [['policy', 'check', 'no-such-folder'], 3],
  [['policy', 'no-such-command'], 2],
])('an error that finds no room is still said by the exit code: %s', async (args, expected) => {
  expect(await kerbside(args, 'err', 'ignore')).toEqual({ code: expected, err: '' })
})
