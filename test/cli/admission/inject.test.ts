/** The manifest that a person has in hand, before any cluster sees it: as admission would make it, or why not. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { type JsonObject, objectAt, objectsAt } from '../../../src/core/identity/json.ts'
import { runCli } from '../run-cli.ts'
import { CA, COMMON, documents, JOB, ownFolder, ROOT } from './manifests.ts'

const SANDBOX = `apiVersion: kerbside.io/v1
kind: Identity
metadata: { name: sandbox }
spec:
  team: quant
  cluster: lab
  principal: quant@LAB
  secret: hdfs/quant-research
  home: /team/quant
  allowedFor:
    - namespaceSelector: { matchLabels: { stage: sandbox } }
      serviceAccounts: [trainer]
`
const folder = ownFolder()
const written = folder.write
const inject = (file: string, ...more: string[]) => runCli(['inject', '-f', file, ...COMMON, ...more])
const podSpec = (object: JsonObject, ...path: string[]) => [...path, 'spec'].reduce(objectAt, object)

test('the example Job gets its sidecar in its template, and stays a Job', async () => {
  const { code, out } = await inject(JOB)
  expect(code).toBe(0)
  const [job = {}] = documents(out)
  expect(job['kind']).toBe('Job')
  expect(objectsAt(podSpec(job, 'spec', 'template'), 'initContainers').map(({ name }) => name)).toEqual(['kerbside'])
})

test('what asks for nothing is left as it is, beside what does', async () => {
  const pod = 'kind: Pod\nmetadata: {name: a, labels: {app: x}}\nspec: {containers: [{name: c}]}\n'
  const { out } = await inject(
    await written(`kind: ConfigMap\ndata: {a: b}\n---\n${pod}---\n${await readFile(JOB, 'utf8')}`),
  )
  const [config, plain, job] = documents(out)
  expect([config, plain]).toEqual(documents(`kind: ConfigMap\ndata: {a: b}\n---\n${pod}`))
  expect(JSON.stringify(job)).toContain('kerbside-token')
})

test('a CronJob has its pod one level deeper', async () => {
  const [job = {}] = documents(await readFile(JOB, 'utf8'))
  const cron = { kind: 'CronJob', metadata: { name: 'nightly' }, spec: { jobTemplate: { spec: job['spec'] } } }
  const { out } = await inject(await written(JSON.stringify(cron)), '--namespace', 'ml-quant')
  const [made = {}] = documents(out)
  expect(objectsAt(podSpec(made, 'spec', 'jobTemplate', 'spec', 'template'), 'initContainers').length).toBe(1)
})

test('a denial says what and why, prints no manifest, and is exit 1', async () => {
  const text = (await readFile(JOB, 'utf8')).replace('namespace: ml-quant', 'namespace: ml-climate')
  const { code, out, err } = await inject(await written(text))
  expect([code, out]).toEqual([1, ''])
  expect(err).toContain('Job/train: [unknown-identity] `quant-research`')
})

test('an identity for labelled namespaces is given where the labels are, and not where nobody says them', async () => {
  const policies = join(folder.path(), 'policies')
  await cp(join(ROOT, 'policies'), policies, { recursive: true })
  await writeFile(join(policies, 'sandbox.yaml'), SANDBOX)
  const job = (await readFile(JOB, 'utf8')).replace('identity: quant-research', 'identity: sandbox')
  const file = await written(job)
  const code = async (...labels: string[]) => {
    const given = labels.flatMap((label) => ['--namespace-label', label])
    return (await inject(file, '--policy', policies, ...given)).code
  }
  expect(await code()).toBe(1)
  expect(await code('stage=production')).toBe(1)
  expect(await code('team=quant', 'stage=sandbox')).toBe(0)
  expect(await code('stage')).toBe(2)
})

test('a file that is not there, or no YAML, is exit 2', async () => {
  expect((await inject(join(folder.path(), 'none.yaml'))).code).toBe(2)
  const broken = await inject(await written('a: ['))
  expect(broken.code).toBe(2)
  expect((await runCli(['inject', '-f', JOB])).err).toContain('`--injection` is not given')
})

test('objects of any kind are injected where their pod templates are, and Lists item by item', async () => {
  const [job = {}] = documents(await readFile(JOB, 'utf8'))
  const template = objectAt(objectAt(job, 'spec'), 'template')
  const plain = { spec: { containers: [{ name: 'head', image: 'ray' }] } }
  const ray = {
    kind: 'RayCluster',
    metadata: { name: 'ray', namespace: 'ml-quant' },
    spec: { headGroupSpec: { template: plain }, workerGroupSpecs: [{ template: plain }, { template }] },
  }
  const replicas = { Master: { template }, Worker: { template } }
  const torch = {
    kind: 'PyTorchJob',
    metadata: { name: 'torch', namespace: 'ml-quant' },
    spec: { pytorchReplicaSpecs: replicas },
  }
  const file = await written(JSON.stringify({ kind: 'List', items: [ray, { kind: 'ConfigMap' }, torch] }), 'list.json')
  const { code, out, err } = await inject(file, '--output', 'patch')
  expect([code, err]).toEqual([0, expect.stringContaining('to look at only')])
  const patches = JSON.parse(out) as { object: string; namespace: string; patch: { path: string }[] }[]
  const where = patches.map(({ object, patch }) => [
    object,
    patch.find(({ path }) => path.endsWith('initContainers'))?.path,
  ])
  expect(where).toEqual([
    [
      'RayCluster/ray spec.workerGroupSpecs.1.template',
      '/items/0/spec/workerGroupSpecs/1/template/spec/initContainers',
    ],
    [
      'PyTorchJob/torch spec.pytorchReplicaSpecs.Master.template',
      '/items/2/spec/pytorchReplicaSpecs/Master/template/spec/initContainers',
    ],
    [
      'PyTorchJob/torch spec.pytorchReplicaSpecs.Worker.template',
      '/items/2/spec/pytorchReplicaSpecs/Worker/template/spec/initContainers',
    ],
  ])
})

test('an object whose pods come from something else is said to be one, and goes through', async () => {
  const spark =
    'kind: SparkApplication\nmetadata: {name: s}\nspec: {driver: {labels: {kerbside.io/identity: quant-research}}}\n'
  const { code, out, err } = await inject(await written(spark, 'spark.yaml'))
  expect([code, documents(out)]).toEqual([0, documents(spark)])
  expect(err).toMatch(/spark\.yaml:1: SparkApplication\/s: note: its pods come from no template here/)
})

test('what is refused is told with file and line, of every document', async () => {
  const job = await readFile(JOB, 'utf8')
  const wrong = job.replace('namespace: ml-quant', 'namespace: ml-climate')
  const file = await written(`kind: ConfigMap\n---\n${wrong.trimEnd()}\n---\n${wrong}`, 'two.yaml')
  const lines = (await inject(file)).err.trimEnd().split('\n')
  const templateAt = `kind: ConfigMap\n---\n${wrong}`.split('\n').findIndex((line) => /^ {2}template:/.test(line)) + 2
  expect(lines.map((line) => /two\.yaml:(\d+): Job\/train: \[/.exec(line)?.[1])).toEqual([
    String(templateAt),
    String(templateAt + wrong.trimEnd().split('\n').length + 1),
  ])
  expect((await inject(await written('a: b\n---\nc: [', 'broken.yaml'))).err).toContain('broken.yaml:3: ')
  expect((await inject(await written('- a\n', 'list.yaml'))).err).toContain('list.yaml:1: is no object of Kubernetes')
})

test('a folder is read in the order of names, with what is below; what asks for nothing keeps its comments', async () => {
  const inner = join(folder.path(), 'all', 'inner')
  await mkdir(inner, { recursive: true })
  await writeFile(join(folder.path(), 'all', 'b.yml'), '# mine\nkind: B # here\n')
  await writeFile(join(folder.path(), 'all', 'a.json'), '{"kind": "A"}')
  await writeFile(join(folder.path(), 'all', 'x.txt'), 'no manifest: [')
  await writeFile(join(inner, 'c.yaml'), 'kind: C\n')
  const { out } = await inject(join(folder.path(), 'all'))
  expect(documents(out).map(({ kind }) => kind)).toEqual(['A', 'B', 'C'])
  expect(out).toContain('# mine\nkind: B # here')
})

test('what a manifest says to kubectl, the one that is made of it says', async () => {
  const env =
    '[{name: A, value: "yes"}, {name: B, value: "012"}, {name: C, value: "1:30"}, {name: D, value: "2001-01-01"}, {name: E, value: "0o7"}]'
  const volume = 'volumes: [{name: s, secret: {secretName: s, defaultMode: 0400, optional: yes}}]'
  const pod = `kind: Pod\nmetadata: {name: a, namespace: ml-quant, labels: {kerbside.io/identity: quant-research}}\nspec: {serviceAccountName: trainer, ${volume}, containers: [{name: c, image: i, env: ${env}}]}\n`
  const { out } = await inject(await written(pod))
  // Quoted where YAML 1.1 would read something else; modes as numbers.
  expect(out).toContain('value: "yes"')
  expect(out).toContain('value: "012"')
  expect(out).toMatch(/defaultMode: 256\b/)
  expect(out).toMatch(/optional: true\b/)
  expect(out).toMatch(/value: "?1:30"?\n/)
  expect(out).toMatch(/value: "?2001-01-01"?\n/)
  expect(out).not.toMatch(/[&*]a\d/)
})

test('the difference is of what changes alone, and a second run finds none', async () => {
  const ca = await written(CA, 'ca.crt')
  const { out: diff } = await inject(JOB, '--output', 'diff', '--ca', ca)
  expect(diff).toMatch(/^\+ +initContainers:$/m)
  expect(diff.split('\n').filter((line) => line.startsWith('-') && !line.startsWith('---'))).toEqual([])
  const once = await inject(JOB, '--ca', ca)
  expect(once.err).toBe('')
  const again = await inject(await written(once.out, 'once.yaml'), '--ca', ca, '--output', 'diff')
  expect([again.code, again.out]).toEqual([0, ''])
  const twice = await inject(join(folder.path(), 'once.yaml'), '--ca', ca)
  expect(documents(twice.out)).toEqual(documents(once.out))
})

test('a Namespace among the manifests says its labels and users', async () => {
  const policies = join(folder.path(), 'policies')
  const job = (await readFile(JOB, 'utf8')).replace('identity: quant-research', 'identity: sandbox')
  const space =
    'kind: Namespace\nmetadata: {name: ml-quant, labels: {stage: sandbox}, annotations: {openshift.io/sa.scc.uid-range: 1000680000/10000}}\n'
  const { code, out } = await inject(await written(`${space}---\n${job}`), '--policy', policies)
  expect(code).toBe(0)
  expect(out).toContain('runAsUser: 1000689999')
})

test('an authority that holds a key, or none, is not taken', async () => {
  for (const text of ['', `${CA}-----BEGIN PRIVATE KEY-----\n`]) {
    expect((await inject(JOB, '--ca', await written(text, 'odd.pem'))).code).toBe(2)
  }
})
