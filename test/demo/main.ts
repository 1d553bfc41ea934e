/** `npm run demo`: brings the lab up, has the story told inside it, and with `--keep` leaves both to play with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { fromPypi } from '../lab/build/pypi.ts'
import { labFolder } from '../lab/folder.ts'
import { type OuterLab, up } from '../lab/lab.ts'
import { printer, progressTo } from '../lab/progress.ts'
import { ROOT } from '../suite.ts'
import { bold, red, say } from './story.ts'

const REVIEW_PORT = 9874
const USAGE = `npm run demo -- [--cluster] [--keep] [--name NAME]
  --cluster  the same story as a Job on a real Kubernetes
  --keep     leave it running to play with, until Ctrl-C
  --name     name of the lab, if another one runs (default: demo)`

const options = readOptions()
if (options === undefined) process.exitCode = 2
else process.exitCode = await demo(options).catch(fail)

type Options = { readonly cluster: boolean; readonly keep: boolean; readonly name: string }

function readOptions(): Options | undefined {
  try {
    const { values } = parseArgs({
      options: {
        cluster: { type: 'boolean', default: false },
        keep: { type: 'boolean', default: false },
        name: { type: 'string', default: 'demo' },
      },
    })
    return values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`)
    return undefined
  }
}

async function demo({ cluster, keep, name }: Options): Promise<number> {
  console.log(bold('Kerbside: one label, real Kerberized HDFS, an allowed read and a refused one'))
  console.log(`\n${bold('The real parts')}\n`)
  const sink = printer(process.stdout)
  // The cluster packs them into an image; here they stand for it.
  if (!cluster) await fromPypi(labFolder(name), progressTo(sink), 'clients')
  const lab = await up(cluster ? ['data', 'openbao', 'cluster'] : ['data'], { name, sink })
  try {
    const story = join(ROOT, 'test/demo', cluster ? 'cluster.ts' : 'local.ts')
    const telling = lab.spawn([process.execPath, story, ...(keep ? ['--keep'] : [])], {
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (keep) await playWith(lab, telling)
    const code = await exitOf(telling)
    if (!keep) whatNext(cluster)
    return code
  } finally {
    await lab.down()
  }
}

/** The review page runs outside, where the user's browser is; the records are in the lab's folder. */
async function playWith(lab: OuterLab, telling: ChildProcess): Promise<void> {
  if (!(await told(lab, telling))) return
  const [pod = ''] = readdirSync(join(lab.folder.path, 'pods'))
  const records = join(lab.folder.path, 'pods', pod, 'kerbside-audit')
  const words = [join(ROOT, 'src/kerbside.ts'), 'review', '--directory', records, '--port', String(REVIEW_PORT)]
  const review = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
  const again = `npm run lab -- run --name ${lab.folder.name} --`
  console.log(`\n${bold('Play with it')}\n`)
  say(`The review page: http://127.0.0.1:${REVIEW_PORT}/`)
  say(`As the job:      ${again} curl -sS 'http://127.0.0.1:9870/webhdfs/v1/data?op=LISTSTATUS'`)
  say(`The policy:      ${lab.folder.path}/control-plane/policies, read again when you save`)
  say('Ctrl-C ends it all.')
  await new Promise((resolve) => process.once('SIGINT', resolve))
  review.kill()
  telling.kill()
}

function whatNext(cluster: boolean): void {
  console.log(`\n${bold('What to try next')}\n`)
  say('npm run demo -- --keep      leaves it running, with the review page in your browser')
  if (!cluster) say('npm run demo -- --cluster   the same as a Job on a real Kubernetes')
  say('npm test                    everything, with the real parts')
  say('policies/README.md          write the access of a team of your own')
}

/** The story leaves a file when it is told and only waits. */
async function told(lab: OuterLab, telling: ChildProcess): Promise<boolean> {
  while (telling.exitCode === null) {
    if (existsSync(join(lab.folder.path, 'told'))) return true
    await wait(200)
  }
  return false
}

function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    if (child.exitCode !== null) resolve(child.exitCode)
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
}

function fail(error: unknown): number {
  const { message, hint } = error as { message?: string; hint?: string }
  console.error(`${red('the demo failed:')} ${message ?? error}`)
  if (hint !== undefined) console.error(`  ${hint}`)
  return 1
}
