/** The example Job, policy and injection file, and a folder for manifests: what tests of commands about pods start from. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { JsonObject } from '../../../src/core/identity/json.ts'

export const ROOT = join(import.meta.dirname, '../../..')
export const JOB = join(ROOT, 'deploy/examples/train-job.yaml')
export const COMMON = ['--injection', join(ROOT, 'deploy/examples/injection.yaml'), '--policy', join(ROOT, 'policies')]
export const CA = '-----BEGIN CERTIFICATE-----\nTUlJQg==\n-----END CERTIFICATE-----\n'

/** A folder for one test file; `write` gives the path of the file it wrote. */
export function ownFolder() {
  let path = ''
  beforeAll(async () => {
    path = await mkdtemp(join(tmpdir(), 'kerbside-manifests-'))
  })
  afterAll(() => rm(path, { recursive: true }))
  return {
    path: () => path,
    async write(text: string, name = 'manifest.yaml'): Promise<string> {
      const file = join(path, name)
      await writeFile(file, text)
      return file
    },
  }
}

export const documents = (text: string) => parseAllDocuments(text).map((document) => document.toJS() as JsonObject)
