/** policies/README.md shows commands with their output: each is run, and prints just that. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runCli } from './run-cli.ts'

const POLICIES = join(import.meta.dirname, '..', '..', 'policies')
const page = readFileSync(join(POLICIES, 'README.md'), 'utf8')
const shown = [...page.matchAll(/```console\n\$ kerbside (.*)\n([^`]*(?:`[^`]+`[^`]*)*?)```/g)].map(
  ([, command = '', output = '']) => ({ command, output }),
)

test('the page shows the three commands', () => {
  expect(new Set(shown.map(({ command }) => command.split(' ')[1]))).toEqual(new Set(['check', 'test', 'explain']))
})

test.each(shown)('kerbside $command', async ({ command, output }) => {
  const { out } = await runCli(command.split(' ').map((word) => (word === 'policies' ? POLICIES : word)))
  expect(out.replace(/sha256:[0-9a-f]{64}/g, 'sha256:…')).toBe(output)
})

test('the change that the page proposes is a document, and a test notices it', async () => {
  const { buildBundle } = await import('../../src/core/policy/build-bundle.ts')
  const { readYaml } = await import('../../src/io/policy-yaml.ts')
  const { readPolicyFiles } = await import('../../src/io/policy-files.ts')
  const { runTests } = await import('../../src/core/policy/run-tests.ts')
  const proposed = /```yaml\n(---\n[^`]*)```/.exec(page)?.[1] ?? ''
  const files = await readPolicyFiles(POLICIES)
  const sources = files.flatMap((file) => ('bytes' in file ? readYaml(file.name, file.bytes) : []))
  const result = buildBundle([...sources, ...readYaml('proposed.yaml', Buffer.from(proposed))], () => 'hash')
  const failed =
    'bundle' in result
      ? runTests(result.bundle, Date.parse('2030-12-30T23:59:59Z')).filter(({ passed }) => !passed)
      : []
  expect(failed.map(({ test: { path } }) => path)).toEqual(['/data/weather/seattle-weather.csv'])
})
