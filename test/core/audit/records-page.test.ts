/** RECORDS.md is what the tables say. `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { recordsPage } from '../../../src/core/audit/records-page.ts'
import { KINDS, SHAPES } from '../../../src/core/audit/schema.ts'
import type { Shape } from '../../../src/core/audit/shape.ts'

const PAGE = join(import.meta.dirname, '../../../src/core/audit/RECORDS.md')

test('the page of records says what the tables say', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, recordsPage())
  expect(readFileSync(PAGE, 'utf8')).toBe(recordsPage())
})

test('every kind and every field of it is on the page, with a sentence', () => {
  const page = recordsPage()
  const fieldsOf = (shape: Shape, at = ''): readonly string[] =>
    Object.entries(shape).flatMap(([name, { inner }]) => [
      `${at}${name}`,
      ...(inner === undefined ? [] : fieldsOf(inner, `${at}${name}.`)),
    ])
  for (const kind of Object.keys(KINDS)) {
    expect(page).toContain(`## \`${kind}\``)
    for (const field of fieldsOf(SHAPES.get(2)?.get(kind) ?? {}))
      expect(page, field).toMatch(new RegExp(`^\\| \`${field}\` \\| [^|]+ \\| [^|]{3,} \\|$`, 'm'))
  }
})
