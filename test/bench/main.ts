/**
 * `npm run bench`: everything measured beside its peer in the same run, with ratios. `npm run bench -- policy` is only what
 * needs no lab; the rest brings the real parts up first. `npm run bench -- gateway` is the gateway beside its peers; flags
 * behind it are for the Node of its sidecar, as `--cpu-prof --cpu-prof-dir=/tmp`.
 */
import { join } from 'node:path'
import { up } from '../lab/lab.ts'
import { printer } from '../lab/progress.ts'
import { ROOT } from '../suite.ts'
import { benchAborts } from './aborts/bench.ts'
import { benchAdmission } from './admission/bench.ts'
import { benchAudit } from './audit/bench.ts'
import { benchDesk } from './desk.ts'
import { benchGateway } from './gateway/bench.ts'
import { benchPolicy } from './policy.ts'
import { benchReview } from './review/bench.ts'
import { benchRevocation } from './revocation/bench.ts'
import { benchStartup } from './startup/bench.ts'

const [part, ...more] = process.argv.slice(2)
if (part === 'gateway') {
  process.exitCode = await benchGateway(more)
} else if (part === 'aborts' && more.length === 0) {
  await benchAborts()
} else if (part === 'desk' && more.length === 0) {
  await benchDesk()
} else if (part === 'startup' && more.length === 0) {
  process.exitCode = await benchStartup()
} else if (part === 'revocation' && more.length === 0) {
  await benchRevocation()
} else if (part === 'audit' && more.length <= 1) {
  process.exitCode = await benchAudit(...more.map(Number))
} else if (part === 'review') {
  await benchReview(more.length === 0 ? undefined : more.map(Number))
} else if (part === 'admission' && more.length === 0) {
  process.exitCode = await benchAdmission()
} else if ((part !== undefined && part !== 'policy') || more.length > 0) {
  console.error('npm run bench             everything but the peers of the gateway')
  console.error('npm run bench -- policy   what needs no lab\nnpm run bench -- gateway  the gateway beside its peers')
  console.error('npm run bench -- aborts   how soon one side of a stream ends when the other does')
  console.error('npm run bench -- desk     of that, the commands of `kerbside policy`')
  console.error('npm run bench -- audit [SECONDS]   records on their way to a broker, and what they cost an operation')
  console.error('npm run bench -- admission   a gang of pods, beside vault-k8s')
  console.error('npm run bench -- startup  until a sidecar is ready, beside kinit and kvno')
  console.error(
    'npm run bench -- review [records]  questions of the audit page, by default over 1 and 10 million records',
  )
  console.error('npm run bench -- revocation  a policy that changes, with a thousand sidecars')
  process.exitCode = 2
} else {
  await benchPolicy()
  if (part === undefined) {
    await benchAborts()
    await benchRevocation()
    process.exitCode = (await benchAudit()) || (await inLab()) || (await benchAdmission())
  }
}

async function inLab(): Promise<number> {
  const lab = await up(['data', 'cluster'], { name: `bench-${process.pid}`, sink: printer(process.stdout) })
  try {
    return await lab.run([process.execPath, '--expose-gc', join(ROOT, 'test/bench/inside.ts')])
  } finally {
    await lab.down()
  }
}
