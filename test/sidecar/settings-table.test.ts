/** Holds the table of settings in sidecar/README.md equal to src/core/settings.ts. `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { SETTINGS } from '../../src/core/settings.ts'

const page = join(import.meta.dirname, '../../sidecar/README.md')

/** Padded as the formatter does it. */
function table(): string {
  const head = ['variable', 'meaning', 'default']
  const rows = Object.values(SETTINGS).map((row) => [
    `\`${row.env}\``,
    row.meaning,
    'fallback' in row ? `\`${row.fallback}\`` : '',
  ])
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)))
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  return [line(head), line(['', '', ''], '-'), ...rows.map((cells) => line(cells))].join('\n')
}

test('every setting is a row with its meaning and default, and there is no other row', () => {
  const text = readFileSync(page, 'utf8')
  const between = /(<!-- settings -->\n)[\s\S]*?(<!-- \/settings -->)/
  const updated = text.replace(between, (_, open: string, close: string) => `${open}${table()}\n${close}`)
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, updated)
  expect(readFileSync(page, 'utf8')).toBe(updated)
  expect(updated).toMatch(/\| `KERBSIDE_GATEWAY_PORT` +\| port of the gateway on 127.0.0.1 +\| `9870` +\|/)
})
