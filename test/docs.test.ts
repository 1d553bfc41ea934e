/** Holds the README true: its table of reasons, its links and its commands. `UPDATE_DOCS=1` rewrites the table. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { ADMISSION_REASONS, BROKER_REASONS, POLICY_REASONS, REQUEST_REASONS } from '../src/core/reasons.ts'

const root = join(import.meta.dirname, '..')
const PAGES = [
  'README.md',
  'ARCHITECTURE.md',
  'SECURITY.md',
  'CONTRIBUTING.md',
  'policies/README.md',
  'deploy/README.md',
  'sidecar/README.md',
  'sidecar/CLIENTS.md',
  'sidecar/gateway/README.md',
  'src/core/audit/README.md',
  'src/broker/README.md',
  'src/review/README.md',
  'src/export/README.md',
]
const read = (page: string) => readFileSync(join(root, page), 'utf8')

function reasonsTable(): string {
  const groups = {
    policy: POLICY_REASONS,
    request: REQUEST_REASONS,
    admission: ADMISSION_REASONS,
    broker: BROKER_REASONS,
  }
  const rows = Object.entries(groups).flatMap(([group, table]) =>
    Object.entries(table).map(([code, sentence]) => `| \`${code}\` | ${group} | ${sentence} |`),
  )
  return ['| code | of | sentence |', '|---|---|---|', ...rows].join('\n')
}

test('the README lists every reason with its sentence', () => {
  const between = /(<!-- reasons -->\n)[\s\S]*?(<!-- \/reasons -->)/
  const updated = read('README.md').replace(between, `$1${reasonsTable()}\n$2`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(root, 'README.md'), updated)
  expect(read('README.md')).toBe(updated)
  expect(updated).toContain('| `no-grant` | policy |')
})

test.each(PAGES)('every link of %s leads somewhere', (page) => {
  const links = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link ?? '')
  expect(links.filter((link) => !existsSync(join(root, dirname(page), link)))).toEqual([])
})

test('every npm command that a page names is a script', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const named = PAGES.flatMap((page) => [...read(page).matchAll(/`?npm run ([\w:-]+)/g)].map(([, name]) => name ?? ''))
  expect(named.length).toBeGreaterThan(3)
  expect(named.filter((name) => !(name in scripts))).toEqual([])
})
