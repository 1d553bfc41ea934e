/** The sidecar as a process: settings, signals, exit. What starts slowly is started before the rest of our code is read. */
import { KerbsideError } from '../src/core/errors.ts'
import { readSettings } from '../src/core/settings.ts'
import { checkStoreSettings } from '../src/io/secret-stores/open.ts'
import { Ahead } from './credentials/ahead.ts'

/** Runs until SIGTERM or SIGINT. @throws KerbsideError what keeps it from starting, once all is closed again */
export async function main(args: readonly string[]): Promise<void> {
  if (args.length > 0) {
    throw new KerbsideError('bad-usage', `unknown argument \`${args[0]}\``, {
      hint: 'the sidecar takes its settings from the environment; the webhook writes them',
    })
  }
  const settings = readSettings(process.env)
  checkStoreSettings(settings)
  const stop = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort())
  // Its start takes as long as the rest of ours, and a job waits for both.
  const ahead = new Ahead(settings.runDirectory)
  ahead.start('acquire')
  ahead.prepare('acquire', settings)
  const { serve } = await import('./serve.ts')
  await serve({ settings, ahead, stop: stop.signal, out: (line) => console.log(line) })
  process.exit(0)
}
