/** A program of credentials that is killed in the middle of its work: nothing of it stays, and the next one does its work. */
import { readdirSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { SLICE } from '../../sidecar/gateway/story.ts'
import { type SilentKdc, silentKdc } from './silent-kdc.ts'
import { codeOf, World } from './world.ts'

let world: World
let silent: SilentKdc
beforeAll(async () => {
  world = new World()
  silent = await silentKdc()
})
afterAll(() => {
  silent.close()
  world.remove()
})

/** The process that makes our scratch cache, and its parent. */
function kinitOf(cache: string): { readonly pid: number; readonly parent: number } | undefined {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const words = textOf(`/proc/${pid}/cmdline`).split('\0')
    if (!words[0]?.endsWith('kinit') || !words.includes(`FILE:${cache}`)) continue
    const stat = textOf(`/proc/${pid}/stat`)
    return { pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) }
  }
  return undefined
}

/** A process may be gone between two looks. */
function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

test('one that waits for a silent KDC takes its kinit, and so its keytab, with it', async () => {
  const outcome = codeOf(world.acquire({ cluster: { ...SLICE.cluster, kdcs: [silent.address] } }))
  const kinit = () => kinitOf(world.files.scratchCache)
  await expect.poll(kinit, { timeout: 60_000 }).toBeDefined()
  process.kill(kinit()?.parent ?? 0, 'SIGKILL')
  expect(await outcome).toBe('internal')
  await expect.poll(kinit, { timeout: 60_000 }).toBeUndefined()
  expect(readdirSync(world.files.folder)).toEqual(['krb5.conf.next'])
  expect((await world.acquire()).warnings).toEqual([])
  expect(readdirSync(world.files.folder).toSorted()).toEqual(['krb5.conf', 'ticket'])
})
