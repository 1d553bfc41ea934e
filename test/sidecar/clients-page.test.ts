/** Holds the page of clients to the table that their tests are held to. `UPDATE_DOCS=1` rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { clientsPage } from '../e2e/clients/clients-page.ts'
import { CLIENTS } from '../e2e/clients/clients-table.ts'

const PAGE = join(import.meta.dirname, '..', '..', 'sidecar', 'CLIENTS.md')

test('the page of clients says what their tests see', () => {
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(PAGE, clientsPage())
  expect(readFileSync(PAGE, 'utf8')).toBe(clientsPage())
})

test('every client has done something, and has told its user why it was refused', () => {
  for (const { did, refused } of Object.values(CLIENTS)) {
    expect(did.length).toBeGreaterThan(0)
    expect(refused).toMatch(/\((no-dataset|no-grant)\)|may not|Permission/)
  }
})
