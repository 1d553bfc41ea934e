/** A log of one sidecar in a folder of each test's own. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { KerbsideError } from '../../../src/core/errors.ts'
import { WHO } from './entries.ts'

export const SIDECAR = '0b1f3f5c-1f7e-4b5e-9a3c-0d9e8f7a6b5c'
export const NOON = Date.UTC(2026, 2, 2, 12)

export type OwnLog = {
  /** There while a test runs. */
  readonly directory: string
  /** The first segment. */
  file(): string
  options(more?: { directory?: string; maxBytes?: number; sidecar?: string }): {
    readonly directory: string
    readonly sidecar: string
    readonly who: typeof WHO
    readonly clock: () => number
    readonly maxBytes: number
  }
}

/** For all tests of the file that calls it. */
export function ownLog(): OwnLog {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'kerbside-audit-'))
  })
  afterEach(() => rmSync(directory, { recursive: true, force: true }))
  return {
    get directory() {
      return directory
    },
    file: () => join(directory, `${SIDECAR}-0.ndjson`),
    options: (more = {}) => ({ directory, sidecar: SIDECAR, who: WHO, clock: () => NOON, maxBytes: 1e9, ...more }),
  }
}

export const codeOf = (thrown: unknown) => (thrown instanceof KerbsideError ? thrown.code : thrown)

/** The code of the error that a write ends with. */
export const refusal = (promise: Promise<unknown>) => promise.then(() => 'written', codeOf)
