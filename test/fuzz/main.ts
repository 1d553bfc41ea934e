/**
 * `npm run fuzz -- --minutes N [--seed S] [--weaken NAME]`: a gateway before a real NameNode, and requests that try to get past
 * it. Ends with 1 when one did; with `--weaken`, when none did, since then it is the fuzzer that is broken.
 */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { told, UsageError } from '../lab/errors.ts'
import { up } from '../lab/lab.ts'
import { printer } from '../lab/progress.ts'
import { WEAKENINGS } from './weakenings.ts'

type Asked = { readonly seconds: number; readonly seed: number; readonly weakening: string | undefined }

const USAGE = `--minutes N [--seed S] [--weaken ${[...WEAKENINGS.keys()].join('|')}]`
/** A weakening is found by then, or never. */
const WEAKENED_SECONDS = 60

function readArguments(): Asked {
  const options = { minutes: { type: 'string' }, seed: { type: 'string' }, weaken: { type: 'string' } } as const
  const { values } = parse()
  const number = (name: 'minutes' | 'seed', otherwise: number): number => {
    const value = Number(values[name] ?? otherwise)
    if (Number.isFinite(value) && value >= 0) return value
    throw new UsageError(`\`${values[name]}\` is no number`, USAGE)
  }
  if (values.weaken !== undefined && !WEAKENINGS.has(values.weaken)) {
    throw new UsageError(`there is no weakening \`${values.weaken}\``, USAGE)
  }
  const seconds = values.weaken === undefined ? number('minutes', 2) * 60 : WEAKENED_SECONDS
  return { seconds, seed: number('seed', Date.now() % 2 ** 31), weakening: values.weaken }

  function parse() {
    try {
      return parseArgs({ options })
    } catch (error) {
      throw new UsageError(error instanceof Error ? error.message : String(error), USAGE)
    }
  }
}

async function run({ seconds, seed, weakening }: Asked): Promise<number> {
  const lab = await up(['data'], { name: `fuzz-${process.pid}`, sink: printer(process.stdout) })
  try {
    const words = [seed, seconds, ...(weakening === undefined ? [] : [weakening])].map(String)
    const code = await lab.run([process.execPath, join(import.meta.dirname, 'inside.ts'), ...words])
    if (weakening === undefined) return code
    console.log(`  the weakening \`${weakening}\` was ${code === 1 ? '' : 'not '}found`)
    return code === 1 ? 0 : 1
  } finally {
    await lab.down()
  }
}

try {
  process.exitCode = await run(readArguments())
} catch (error) {
  console.error(told(error))
  process.exitCode = error instanceof UsageError ? 2 : 1
}
