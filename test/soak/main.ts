/**
 * `npm run soak -- --minutes N`: a whole sidecar at work in a lab of its own, where tickets and delegation tokens hold for
 * seconds. Ends with 1 when a request failed, one was wrongly allowed, or nothing was renewed.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { told, UsageError } from '../lab/errors.ts'
import { up } from '../lab/lab.ts'
import { printer } from '../lab/progress.ts'

const USAGE = '--minutes N'
const MINUTES = 60

function readMinutes(): number {
  const minutes = Number(read() ?? MINUTES)
  if (Number.isFinite(minutes) && minutes > 0) return minutes
  throw new UsageError(`\`${read()}\` is no number of minutes`, USAGE)

  function read(): string | undefined {
    try {
      return parseArgs({ options: { minutes: { type: 'string' } } }).values.minutes
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error), USAGE)
    }
  }
}

async function run(minutes: number): Promise<number> {
  const lab = await up(['data', 'openbao', 'short-tokens'], {
    name: `soak-${process.pid}`,
    sink: printer(process.stdout),
  })
  try {
    return await lab.run([process.execPath, join(import.meta.dirname, 'inside.ts'), String(minutes * 60)])
  } finally {
    await lab.down()
  }
}

try {
  process.exitCode = await run(readMinutes())
} catch (error) {
  console.error(told(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
