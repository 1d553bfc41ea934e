/** Holds the table of settings in sidecar/README.md equal to src/core/settings.ts. `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS } from '../../src/core/settings.ts'

const page = join(import.meta.dirname, '../../sidecar/README.md')

function table(): string {
  const rows = Object.values(SETTINGS).map((row) => {
    const fallback = 'fallback' in row ? `\`${row.fallback}\`` : ''
    return `| \`${row.env}\` | ${row.meaning} | ${fallback} |`
  })
  return ['| variable | meaning | default |', '|---|---|---|', ...rows].join('\n')
}

test('every setting is a row with its meaning and default, and there is no other row', () => {
  const text = readFileSync(page, 'utf8')
  const between = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/
  const updated = text.replace(between, (_, open: string, close: string) => `${open}${table()}\n${close}`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, updated)
  expect(readFileSync(page, 'utf8')).toBe(updated)
  expect(updated).toContain('| `KERBSIDE_GATEWAY_PORT` | port of the gateway on 127.0.0.1 | `9870` |')
})
