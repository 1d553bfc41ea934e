/** The story on a real Kubernetes, told inside the lab: a Job, its label, its pod, its logs, and what the cluster refuses. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { JsonObject } from '../../src/core/identity/json.ts'
import type { Kubernetes } from '../lab/kubernetes.ts'
import { attach } from '../lab/lab.ts'
import { seconds } from '../lab/progress.ts'
import { ROOT } from '../suite.ts'
import { fillStore, install } from './installation.ts'
import { podOf } from './job.ts'
import { notKept, promise } from './promises.ts'
import { bold, chapter, diff, red, say, shown } from './story.ts'

const NAMESPACE = 'ml-quant'
const GATEWAY = 'http://127.0.0.1:9870/webhdfs/v1'
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/train`

type Job = { status?: { succeeded?: number; failed?: number } }
type PodList = { items: JsonObject[] }

const lab = attach()
if (lab === undefined) throw new Error('the story is told inside the lab: `npm run demo -- --cluster`')

chapter('Kerbside on the cluster')
await timed('keytabs and the CA of HDFS are in OpenBao, a role for each identity', () => fillStore(lab))
const api = await timed('policy, webhook and broker are there', () => install(lab))

await theJob(api)
const notebook = await theNotebook(api)
await whatTheClusterRefuses(api)
await theRecords(lab.folder.path, notebook)

if (process.argv.includes('--keep')) {
  writeFileSync(join(lab.folder.path, 'told'), '')
  await new Promise((resolve) => process.once('SIGTERM', resolve))
}
if (notKept().length > 0) console.log(`\n${red('not as promised:')}\n${notKept().join('\n')}`)
process.exitCode = notKept().length > 0 ? 1 : 0

async function theJob({ kubectl, get, waitFor, logs }: Kubernetes): Promise<void> {
  chapter('A training Job, unmodified, with one label')
  const manifest = trainJob()
  say(manifest.replaceAll(/^.*kerbside\.io\/identity.*$/gm, (line) => bold(line)))
  shown('kubectl apply -f deploy/examples/train-job.yaml', await kubectl(['apply', '-f', '-'], { input: manifest }))
  const ended = await timed('the Job has ended', () =>
    waitFor<Job>(JOB, ({ status }) => (status?.succeeded ?? 0) + (status?.failed ?? 0) > 0, { timeoutSeconds: 120 }),
  )
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=job-name%3Dtrain`
  const [pod = {}] = (await get<PodList>(pods))?.items ?? []
  const { name } = pod['metadata'] as { name: string }

  chapter('What admission changed in its pod')
  diff(stringify(podOf(manifest)['spec']), stringify(asInjected(pod)))

  chapter('What the Job says')
  const output = await logs(NAMESPACE, name, 'train')
  shown(`kubectl logs -n ${NAMESPACE} ${name} -c train`, output)
  promise('the Job is complete', ended.status?.succeeded === 1)
  promise('it read the prices and wrote its model', output.includes('560 rows') && output.includes('"AAPL"'))
  promise('the weather is refused, with a sentence that says why', /quant-research.*\/data\/weather/s.test(output))
  shown(`kubectl logs -n ${NAMESPACE} ${name} -c kerbside`, await logs(NAMESPACE, name, 'kerbside'))
}

/** The pod's spec without what every pod gets from the API server. */
function asInjected(pod: JsonObject): JsonObject {
  const spec = pod['spec'] as JsonObject
  const kept = ['serviceAccountName', 'automountServiceAccountToken', 'restartPolicy', 'securityContext']
  const shownOf = [...kept, 'initContainers', 'containers', 'volumes']
  return Object.fromEntries(Object.entries(spec).filter(([key]) => shownOf.includes(key)))
}

/** The same template as a pod that stays, to look around in: its user may enter it as ever. */
async function theNotebook({ create, kubectl, waitFor }: Kubernetes): Promise<JsonObject> {
  chapter('A pod that stays, entered by its user')
  const { metadata, spec } = podOf(trainJob()) as { metadata: JsonObject; spec: JsonObject }
  const [container] = spec['containers'] as [JsonObject]
  const waiting = { ...container, command: ['sleep', '3600'], args: [] }
  const pods = `/api/v1/namespaces/${NAMESPACE}/pods`
  const { labels = {} } = metadata
  await create(pods, { metadata: { name: 'notebook', labels }, spec: { ...spec, containers: [waiting] } })
  const pod = await waitFor<JsonObject>(
    `${pods}/notebook`,
    ({ status }) => (status as JsonObject)['phase'] === 'Running',
  )
  for (const path of ['/data/market', '/data/weather']) {
    const words = [
      'exec',
      '-n',
      NAMESPACE,
      'notebook',
      '-c',
      'train',
      '--',
      'curl',
      '-sS',
      `${GATEWAY}${path}?op=LISTSTATUS`,
    ]
    const output = await kubectl(words)
    shown(`kubectl ${words.join(' ')}`, output.length > 300 ? `${output.slice(0, 300)}…` : output)
    promise(
      `${path} is ${path === '/data/market' ? 'listed' : 'refused'}`,
      output.includes('no-dataset') === (path !== '/data/market'),
    )
  }
  return pod
}

async function whatTheClusterRefuses({ kubectl }: Kubernetes): Promise<void> {
  chapter('What the cluster refuses')
  const refused = async (command: readonly string[], reason: string, input = '') => {
    const said = await kubectl(command, { input }).then(
      (output) => output,
      (error: Error) => error.message.replace(/^.*?ended with \d+: /s, ''),
    )
    shown(`kubectl ${command.join(' ')}`, said)
    promise(`refused, with its reason: ${reason}`, said.includes(`[${reason}]`))
  }
  const ticket = ['--', 'cat', '/run/kerbside/krb5cc']
  await refused(['exec', '-n', NAMESPACE, 'notebook', '-c', 'kerbside', ...ticket], 'reserved-name')
  await refused(['create', 'token', 'trainer', '-n', NAMESPACE, '--audience', 'kerbside.io'], 'reserved-audience')
  const job = trainJob().replace('identity: quant-research', 'identity: climate-models')
  const { metadata, spec } = podOf(job) as { metadata: JsonObject; spec: JsonObject }
  const { labels = {} } = metadata
  const stolen = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'stolen', namespace: NAMESPACE, labels }, spec }
  await refused(['create', '-f', '-'], 'unknown-identity', stringify(stolen))
}

/** As they lie on the node; a cluster of your own ships records elsewhere. */
async function theRecords(folderOfLab: string, pod: JsonObject): Promise<void> {
  chapter('The records')
  const { uid } = pod['metadata'] as { uid: string }
  const folder = `${folderOfLab}/kubelet/pods/${uid}/volumes/kubernetes.io~empty-dir/kerbside-audit`
  const kerbside = (words: string, more: readonly string[] = []) => {
    const line = [join(ROOT, 'src/kerbside.ts'), ...words.split(' '), folder, ...more]
    const output = execFileSync(process.execPath, line, { encoding: 'utf8' })
    shown(`kerbside ${[words, ...more].join(' ')}`, output)
    return output
  }
  promise('the refusal is on record', kerbside('audit query', ['--effect', 'deny']).includes('/data/weather'))
  promise('the chain is whole', kerbside('audit verify').includes('whole'))
}

function trainJob(): string {
  return readFileSync(join(ROOT, 'deploy/examples/train-job.yaml'), 'utf8')
}

async function timed<T>(sentence: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const value = await work()
  say(`${sentence} (${seconds(performance.now() - began)})`)
  return value
}
