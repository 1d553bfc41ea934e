/** Overlays of kustomize give what the chart gives for the same values. `UPDATE_DOCS=1` writes their parts anew. */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import { byTemplate, lab, nameOf, objectsIn, ROOT, template } from './helm.ts'
import { overlayOf } from './overlay.ts'

const KUSTOMIZE = join(ROOT, 'deploy/kustomize')
const overlays = globSync('*/values.yaml', { cwd: KUSTOMIZE }).map(dirname).sort()
const { kubectl } = kubernetes(lab.folder)

async function rendered(values: object): Promise<string> {
  const { code, out, err } = await template({ ...values, createNamespace: true })
  expect([code, err]).toEqual([0, ''])
  return out
}

const documentsOf = (text: string) =>
  [...byTemplate(text)].flatMap(([file, documents]) => (file.startsWith('tests/') ? [] : documents))
const sorted = (objects: readonly JsonObject[]) =>
  objects.map((object) => [nameOf(object), object] as const).sort(([one], [other]) => (one < other ? -1 : 1))

test('the base is what the chart gives by itself', async () => {
  const built = objectsIn(await kubectl(['kustomize', join(ROOT, 'deploy/manifests')]))
  expect(sorted(built)).toEqual(sorted(documentsOf(await rendered({})).flatMap(objectsIn)))
})

test.each(overlays)('the overlay %s is what the chart gives for its values', async (name) => {
  const overlay = join(KUSTOMIZE, name)
  const values = parse(readFileSync(join(overlay, 'values.yaml'), 'utf8')) as object
  const wanted = documentsOf(await rendered(values))
  for (const [file, text] of overlayOf(documentsOf(await rendered({})), wanted)) {
    if (process.env['UPDATE_DOCS'] === '1') writeFileSync(join(overlay, file), text)
    expect(readFileSync(join(overlay, file), 'utf8')).toBe(text)
  }
  const built = objectsIn(await kubectl(['kustomize', overlay]))
  expect(sorted(built)).toEqual(sorted(wanted.flatMap(objectsIn)))
})
