/**
 * The story without Kubernetes, told inside the lab: a labelled pod, what admission changes, its containers started from
 * exactly that, an allowed read, a refused one, a thief, and the records. Ends with 1 when a promise is not kept.
 */
import type { ChildProcess } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { stringify } from 'yaml'
import type { JsonObject } from '../../src/core/identity/json.ts'
import { applyPatch, type PatchOperation } from '../../src/core/identity/json-patch.ts'
import { pypiFolder } from '../lab/build/pypi.ts'
import { attach, type Lab } from '../lab/lab.ts'
import { ROOT } from '../suite.ts'
import { otherClients, runTraining, untilAnswered } from './clients.ts'
import { ended, finished, KERBSIDE, startContainer } from './container.ts'
import { type ControlPlane, startControlPlane } from './control-plane.ts'
import { ISSUER } from './issuer.ts'
import { podOf } from './job.ts'
import { type Kubelet, playKubelet } from './kubelet.ts'
import type { Container, Pod, Volume } from './pod.ts'
import { prepare, SECRETS_DRIVER } from './prepare.ts'
import { notKept, promise } from './promises.ts'
import { secretsOf } from './secrets.ts'
import { bold, chapter, diff, red, say, shown } from './story.ts'

const HEALTH = 'http://127.0.0.1:9872'

const lab = attach()
if (lab === undefined) throw new Error('the story is told inside the lab: `npm run demo`')
const world = await prepare(lab)
const plane = await startControlPlane(lab.folder, world.controlPlane, ISSUER)
const admitted = await admission(plane)
const { kubelet, sidecar, train } = await startPod(lab, admitted)

chapter('The job: allowed reads and writes, and a dataset of another team')
await runTraining(kubelet, train)
chapter('Other clients as they are, in the same container')
await otherClients(kubelet, train)
await thief(lab, kubelet, train)
await revocation()
await records(lab, kubelet)

if (process.argv.includes('--keep')) {
  writeFileSync(join(lab.folder.path, 'told'), '')
  await new Promise((resolve) => process.once('SIGTERM', resolve))
}
await ended(sidecar.process)
await plane.stop()
if (notKept().length > 0) console.log(`\n${red('not as promised:')}\n${notKept().join('\n')}\n\n${sidecar.log()}`)
process.exitCode = notKept().length > 0 ? 1 : 0

async function admission({ review }: ControlPlane): Promise<JsonObject> {
  chapter('A training Job, unmodified, with one label')
  const manifest = readFileSync(join(ROOT, 'deploy/examples/train-job.yaml'), 'utf8')
  say(manifest.replaceAll(/^.*kerbside\.io\/identity.*$/gm, (line) => bold(line)))

  chapter('What admission changes in its pod')
  const asked = podOf(manifest)
  const answer = await review('mutate', asked)
  promise('the webhook admits the pod', answer.allowed)
  const patch = Buffer.from(answer.patch ?? '', 'base64').toString() || '[]'
  const admitted = applyPatch(asked, JSON.parse(patch) as PatchOperation[]) as JsonObject
  diff(stringify(asked), stringify(admitted))
  promise('the final pod passes validation', (await review('validate', admitted)).allowed)
  const hostile = applyPatch(asked, [{ op: 'add', path: '/spec/hostNetwork', value: true }]) as JsonObject
  const refusal = await review('mutate', hostile)
  promise(`the same pod with hostNetwork is refused: ${refusal.status?.message}`, !refusal.allowed)
  return admitted
}

async function startPod({ folder }: Lab, admitted: JsonObject) {
  chapter('Its containers, started from exactly that')
  const pod = admitted as unknown as Pod
  const clients = { from: pypiFolder(folder, 'clients'), to: '/usr/lib/python3/dist-packages' }
  const images = new Map([
    ['kerbside:dev', { entrypoint: KERBSIDE }],
    ['lab/train:1', { folders: [clients] }],
  ])
  const driver = (volume: Volume) => (volume.csi?.driver === SECRETS_DRIVER ? world.secrets : undefined)
  const kubelet = await playKubelet(folder, pod, { issue: world.issue, driver, images })
  const [spec] = pod.spec.initContainers ?? []
  const [train] = pod.spec.containers
  if (spec === undefined || train === undefined) throw new Error('admission added no sidecar')
  const child = kubelet.start(spec)
  let log = ''
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text) => (log += text))
  const seconds = await untilStarted(child, () => log)
  say(`The sidecar has its slice, ticket and delegation token after ${seconds} s; only then the job starts.`)
  return { kubelet, sidecar: { process: child, log: () => log }, train }
}

async function untilStarted(child: ChildProcess, log: () => string): Promise<string> {
  const began = performance.now()
  const ask = (path: string) => fetch(`${HEALTH}${path}`).catch(() => undefined)
  for (;;) {
    if ((await ask('/startupz'))?.status === 200) return ((performance.now() - began) / 1000).toFixed(1)
    if (child.exitCode !== null || performance.now() - began > 60_000) {
      throw new Error(`the sidecar does not start: ${await (await ask('/readyz'))?.text()}\n${log()}`)
    }
    await wait(50)
  }
}

async function thief({ files }: Lab, kubelet: Kubelet, train: Container): Promise<void> {
  chapter('A thief in the same container')
  const tokenFile = join(kubelet.volume('kerbside-token'), 'token')
  const control = 'HADOOP_USER_NAME=quant-research'
  const places = { keytab: files.keytab('quant'), runFolder: kubelet.volume('kerbside-run'), tokenFile, control }
  const { names, asInput } = await secretsOf(places)
  const { output } = await finished(kubelet.start(train, ['python3', '/kerbside/test/demo/search.py']), asInput)
  const { found, read, refused } = JSON.parse(output) as { found: { secret: string }[]; read: number; refused: number }
  say(
    `It reads ${read} files, ${refused} are closed to it, and looks for, also in hex, base64 and URLs: ${names.join(', ')}.`,
  )
  const secrets = found.filter(({ secret }) => secret !== 'control')
  promise(`it finds its own environment, so it can find things`, secrets.length < found.length)
  promise(`and no secret ${JSON.stringify(secrets)}`, secrets.length === 0)
}

async function revocation(): Promise<void> {
  chapter('Revoked while it runs')
  const grants = join(world.controlPlane, 'policies/quant/grants.yaml')
  const before = readFileSync(grants, 'utf8')
  writeFileSync(grants, before.replace('effect: allow', 'effect: deny'))
  say('The security team turns the grant on /data/market into a deny.')
  promise('the next read is refused', await untilAnswered(kubelet, train, '403'))
  writeFileSync(grants, before)
  say('And back into an allow.')
  promise('the job reads again', await untilAnswered(kubelet, train, '200'))
}

async function records({ folder }: Lab, kubelet: Kubelet): Promise<void> {
  chapter('The records')
  const mounts = [{ from: kubelet.volume('kerbside-audit'), to: '/audit', readOnly: true }]
  const kerbside = async (...words: string[]) => {
    const command = [...KERBSIDE, ...words]
    const ran = await finished(startContainer(folder, { user: 65_532, readOnlyRoot: true, mounts, env: {}, command }))
    shown(`kerbside ${words.join(' ')}`, ran.output)
    return ran
  }
  const denied = await kerbside('audit', 'query', '/audit', '--effect', 'deny', '--limit', '6')
  promise('the refusal is on record', denied.output.includes('/data/weather'))
  const market = await kerbside('audit', 'query', '/audit', '--path', '/data/market', '--limit', '6')
  promise('so are the reads', market.output.includes('OPEN'))
  promise('the chain is whole', (await kerbside('audit', 'verify', '/audit')).code === 0)
}
