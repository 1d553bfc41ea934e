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
const JOB = `/apis/batch/v1/namespaces/${NAMESPACE}/jobs/train`

type Job = { status?: { succeeded?: number; failed?: number } }
type PodList = { items: JsonObject[] }

const lab = attach()
if (lab === undefined) throw new Error('the story is told inside the lab: `npm run demo -- --cluster`')

chapter('Kerbside on the cluster')
await timed('keytabs and the CA of HDFS are in OpenBao, a role for each identity', () => fillStore(lab))
const api = await timed('policy, webhook and broker are there', () => install(lab))

const pod = await theJob(api)
await whatTheClusterRefuses(api, pod)
await theRecords(pod)

if (process.argv.includes('--keep')) {
  writeFileSync(join(lab.folder.path, 'told'), '')
  await new Promise((resolve) => process.once('SIGTERM', resolve))
}
if (notKept().length > 0) console.log(`\n${red('not as promised:')}\n${notKept().join('\n')}`)
process.exitCode = notKept().length > 0 ? 1 : 0

async function theJob({ kubectl, get, waitFor, logs }: Kubernetes): Promise<JsonObject> {
  chapter('A training Job, unmodified, with one label')
  const manifest = readFileSync(join(ROOT, 'deploy/examples/train-job.yaml'), 'utf8')
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
  return pod
}

/** The pod's spec without what every pod gets from the API server. */
function asInjected(pod: JsonObject): JsonObject {
  const spec = pod['spec'] as JsonObject
  const kept = ['serviceAccountName', 'automountServiceAccountToken', 'restartPolicy', 'securityContext']
  const shownOf = [...kept, 'initContainers', 'containers', 'volumes']
  return Object.fromEntries(Object.entries(spec).filter(([key]) => shownOf.includes(key)))
}

async function whatTheClusterRefuses({ kubectl }: Kubernetes, pod: JsonObject): Promise<void> {
  chapter('What the cluster refuses')
  const { name } = pod['metadata'] as { name: string }
  const refused = async (command: readonly string[], reason: string, input = '') => {
    const said = await kubectl(command, { input }).then(
      (output) => output,
      (error: Error) => error.message.replace(/^.*?ended with \d+: /s, ''),
    )
    shown(`kubectl ${command.join(' ')}`, said)
    promise(`refused, with its reason: ${reason}`, said.includes(`[${reason}]`))
  }
  await refused(['exec', '-n', NAMESPACE, name, '-c', 'kerbside', '--', 'cat', '/run/kerbside/krb5cc'], 'reserved-name')
  await refused(['create', 'token', 'trainer', '-n', NAMESPACE, '--audience', 'kerbside.io'], 'reserved-audience')
  const manifest = readFileSync(join(ROOT, 'deploy/examples/train-job.yaml'), 'utf8')
  const stolen = podOf(manifest.replace('identity: quant-research', 'identity: climate-models'))
  await refused(
    ['create', '-f', '-'],
    'not-allowed',
    stringify({ ...stolen, metadata: { ...(stolen['metadata'] as object), uid: undefined } }),
  )
}

/** The volume outlives the container until the pod is deleted; a cluster of your own ships records elsewhere. */
async function theRecords(pod: JsonObject): Promise<void> {
  chapter('The records')
  const { uid } = pod['metadata'] as { uid: string }
  const folder = `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~empty-dir/kerbside-audit`
  const kerbside = (...words: string[]) => {
    const output = execFileSync(process.execPath, [join(ROOT, 'src/kerbside.ts'), ...words, folder], {
      encoding: 'utf8',
    })
    shown(`kerbside ${words.join(' ')}`, output)
    return output
  }
  promise('the refusal is on record', kerbside('audit', 'query', '--effect', 'deny').includes('/data/weather'))
  promise('the chain is whole', kerbside('audit', 'verify').includes('whole'))
}

async function timed<T>(sentence: string, work: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const value = await work()
  say(`${sentence} (${seconds(performance.now() - began)})`)
  return value
}
