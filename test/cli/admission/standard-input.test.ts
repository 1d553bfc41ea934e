/** Manifests that another program writes, as it writes them, on the standard input of a process of its own. */
import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import type { Ran } from '../run-cli.ts'
import { COMMON, documents, JOB, ownFolder, ROOT } from './manifests.ts'

const folder = ownFolder()

function kerbside(args: readonly string[], input: string): Promise<Ran> {
  return new Promise((resolve) => {
    const words = [join(ROOT, 'src/kerbside.ts'), ...args]
    const child = execFile(process.execPath, words, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
    // In two pieces, as a pipe may bring it.
    child.stdin?.on('error', () => {}).write(input.slice(0, 100))
    child.stdin?.end(input.slice(100))
  })
}

const fromStdin = (command: string, input: string, ...more: readonly string[]) =>
  kerbside([command, '-f', '-', ...COMMON, ...more], input)
const sidecars = (object: JsonObject) =>
  objectsAt(objectAt(objectAt(objectAt(object, 'spec'), 'template'), 'spec'), 'initContainers').map(({ name }) => name)
const job = await readFile(JOB, 'utf8')

/** With the lines that Helm puts before each template, and one that a condition left empty. */
const HELM = `---
# Source: train/templates/configmap.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
data:
  note: "{{ not a template any more }}"
---
# Source: train/templates/optional.yaml
---
# Source: train/templates/job.yaml
${job}
---
# Source: train/templates/tests/ready.yaml
apiVersion: v1
kind: Pod
metadata:
  name: ready
  annotations: { helm.sh/hook: test }
spec: { containers: [{ name: ready, image: i }] }
`

/** Sorted, without a line before the first object. */
const KUSTOMIZE = `apiVersion: v1
data:
  a: b
kind: ConfigMap
metadata:
  name: team-settings-7g2cm9
---
${job.replace(/^#.*\n/gm, '')}`

test.each([
  ['Helm', HELM, ['ConfigMap', 'Job', 'Pod']],
  ['kustomize', KUSTOMIZE, ['ConfigMap', 'Job']],
])('what %s writes is injected, object by object, and then is valid and explained', async (_, text, kinds) => {
  const injected = await fromStdin('inject', text)
  const objects = documents(injected.out)
  expect([injected.code, objects.map(({ kind }) => kind)]).toEqual([0, kinds])
  expect(objects.map(sidecars)).toEqual(kinds.map((kind) => (kind === 'Job' ? ['kerbside'] : [])))
  expect(objects[0]).toEqual(documents(text)[0] ?? documents(text)[1])
  expect(await fromStdin('validate', injected.out)).toMatchObject({
    code: 0,
    out: expect.stringContaining('1 pod valid, 0 refused'),
  })
  expect((await fromStdin('explain-injection', injected.out)).out).toContain('injected: the sidecar in it is ours')
})

test('standard input may be one of several', async () => {
  const file = await folder.write('kind: Last\n')
  const { out } = await kerbside(['inject', '-f', '-', '-f', file, ...COMMON], job)
  expect(documents(out).map(({ kind }) => kind)).toEqual(['Job', 'Last'])
})

test.each([
  ['inject', ''],
  ['validate', '---\n# Source: train/templates/optional.yaml\n'],
  ['explain-injection', 'null\n'],
])('%s of nothing is no success', async (command, nothing) => {
  const { code, out, err } = await fromStdin(command, nothing)
  expect([code, out, err]).toEqual([2, '', expect.stringContaining('there is no object in standard input')])
})

test('a folder without manifests is told by its name', async () => {
  const empty = join(folder.path(), 'empty')
  await mkdir(empty)
  const { code, err } = await kerbside(['validate', '-f', empty, ...COMMON], '')
  expect([code, err]).toEqual([2, expect.stringContaining(`there is no object in \`${empty}\``)])
})
