/** `npm run bench -- startup`: how long a sidecar takes to be ready beside what Kerberos alone takes, in a lab of its own. */
import { join } from 'node:path'
import { up } from '../../lab/lab.ts'
import { printer } from '../../lab/progress.ts'
import { ROOT } from '../../suite.ts'

export async function benchStartup(): Promise<number> {
  const lab = await up(['data'], { name: `bench-${process.pid}`, sink: printer(process.stdout) })
  try {
    return await lab.run([process.execPath, join(ROOT, 'test/bench/startup/inside.ts')])
  } finally {
    await lab.down()
  }
}
