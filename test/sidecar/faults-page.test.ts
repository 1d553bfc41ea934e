/** Holds the page of faults to the table that their tests are held to. `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultsPage } from '../e2e/faults/faults-page.ts'
import { FAULTS, type Fault } from '../e2e/faults/faults-table.ts'

const PAGE = join(import.meta.dirname, '..', '..', 'sidecar', 'FAULTS.md')

test('the page of faults says what their tests see', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, faultsPage())
  expect(readFileSync(PAGE, 'utf8')).toBe(faultsPage())
})

test('a fault that has to be mended says so to somebody', () => {
  for (const { fault, engineer, recovery } of Object.values<Fault>(FAULTS)) {
    const isNothing = recovery === 'none needed' || recovery === 'next request'
    expect(isNothing || engineer !== undefined, fault).toBe(true)
  }
})
