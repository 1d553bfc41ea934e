/** `npm run bench`: brings the real parts up, has everything measured beside its peer in the same run, and prints ratios. */
import { join } from 'node:path'
import { up } from '../lab/lab.ts'
import { printer } from '../lab/progress.ts'
import { ROOT } from '../suite.ts'

const lab = await up(['data', 'cluster'], { name: `bench-${process.pid}`, sink: printer(process.stdout) })
try {
  process.exitCode = await lab.run([process.execPath, '--expose-gc', join(ROOT, 'test/bench/inside.ts')])
} finally {
  await lab.down()
}
