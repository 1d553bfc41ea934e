/** `kerbside …` for a person or a CI job: what belongs to the process. */
import { runCommand } from './command.ts'
import { COMMANDS, PROGRAMS } from './commands.ts'
import { terminalOn } from './terminal.ts'

const LINGER_MS = 500

export async function main(args: readonly string[]): Promise<void> {
  // Whoever reads, such as `head`, may have seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  const colours = process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === ''
  const terminal = terminalOn(
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(text),
    colours,
  )
  const stopped = () =>
    new Promise<void>((resolve) => {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve())
    })
  const { env: environment } = process
  process.exitCode = await runCommand({ commands: COMMANDS, programs: PROGRAMS, environment, stopped }, args, terminal)
  // What was asked of the C library, such as the address of a host, cannot be called off and would keep the process.
  setTimeout(() => process.stdout.writableLength === 0 && process.exit(), LINGER_MS).unref()
}
