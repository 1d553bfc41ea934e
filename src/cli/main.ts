/** `kerbside …` for a person or a CI job: what belongs to the process. */
import { stripVTControlCharacters } from 'node:util'
import { EXIT, runCommand } from './command.ts'
import { COMMANDS, PROGRAMS } from './commands.ts'
import { terminalOn } from './terminal.ts'

const LINGER_MS = 500

export async function main(args: readonly string[]): Promise<void> {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads, such as `head`, may have seen enough.
    if (error.code === 'EPIPE') return
    process.stderr.write(`kerbside: the answer cannot be written: ${error.message}\n`)
    process.exit(EXIT.broken)
  })
  // There is nobody left to tell; the exit code still says it.
  process.stderr.on('error', () => {})
  const hasColours = (stream: NodeJS.WriteStream & { readonly fd: number }) =>
    stream.isTTY === true && stream.hasColors()
  const isErrorPlain = !hasColours(process.stderr)
  const terminal = terminalOn(
    (text) => process.stdout.write(text),
    (text) => process.stderr.write(isErrorPlain ? stripVTControlCharacters(text) : text),
    hasColours(process.stdout),
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
