/** curl, in the one command that its users know, and the package `webhdfs` from npm. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CLIENTS } from './clients-table.ts'
import { type Container, container } from './container.ts'
import { expectRow } from './told.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

let inside: Container
beforeAll(async () => {
  inside = await container('small')
  writeFileSync(join(inside.folder, 'note'), 'hello from a file\n')
})
afterAll(() => inside.stop())

test('curl -L -T uploads in one command, and -L reads', async () => {
  const did: string[] = []
  const curl = (pathAndQuery: string, options = '') =>
    inside.run(['sh', '-c', `curl -sS -L ${options} "$KERBSIDE_WEBHDFS/webhdfs/v1${pathAndQuery}"`])
  const step = async (name: string, options: string, expected: string) => {
    expect(await curl(`${inside.home}/curl?op=${name}`, options)).toBe(expected)
    did.push(name)
  }
  await step('CREATE', "-T note -w '%{http_code}'", '201')
  await step('OPEN', '', 'hello from a file\n')
  await step('APPEND', "-X POST -T note -w '%{http_code}'", '200')
  expect(await curl(`${inside.home}/curl?op=OPEN`)).toBe('hello from a file\n'.repeat(2))
  expect(did).toEqual(CLIENTS.curl.did)
  expect(await curl('/data/market/x?op=CREATE', '-T note')).toContain(CLIENTS.curl.refused)
  expect(await inside.run(['curl', '--version'])).toContain(`curl ${CLIENTS.curl.version} `)
})

test('npm webhdfs does all of its row', async () => {
  const [node, modules] = [process.execPath, join(ROOT, 'node_modules')].map((path) => inside.see(path))
  const env = { NODE_PATH: modules ?? '' }
  expectRow(
    await inside.run([node ?? '', join(inside.programs, 'npm-webhdfs.cjs'), `${inside.home}/npm`], env),
    CLIENTS.npm,
  )
})
