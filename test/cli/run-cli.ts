/** Runs a command line in this process, as `main` would, and gives what it printed and its exit code. */
import { runCommand } from '../../src/cli/command.ts'
import { COMMANDS, PROGRAMS } from '../../src/cli/main.ts'
import { terminalOn } from '../../src/cli/terminal.ts'

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** @param colours as on a terminal; plain text if absent */
export async function runCli(args: readonly string[], colours = false): Promise<Ran> {
  let out = ''
  let err = ''
  const terminal = terminalOn(
    (text) => {
      out += text
    },
    (text) => {
      err += text
    },
    colours,
  )
  const code = await runCommand({ commands: COMMANDS, programs: PROGRAMS }, args, terminal)
  return { code, out, err }
}
