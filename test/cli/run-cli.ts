/** Runs a command line in this process, as `main` would, and gives what it printed and its exit code. */
import { runCommand } from '../../src/cli/command.ts'
import { COMMANDS, PROGRAMS } from '../../src/cli/commands.ts'
import { terminalOn } from '../../src/cli/terminal.ts'

export type Ran = { readonly code: number; readonly out: string; readonly err: string }

/** When a person ends a command that watches, by what it has printed so far. At once if absent. */
type Until = (printed: { readonly out: string; readonly err: string }) => boolean

/** @param colours as on a terminal; plain text if absent. @param environment variables that the command sees; none if absent */
export async function runCli(
  args: readonly string[],
  colours = false,
  until?: Until,
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  let out = ''
  let err = ''
  let stop = () => {}
  const end = new Promise<void>((resolve) => {
    stop = resolve
  })
  const look = () => {
    if (until === undefined || until({ out, err })) stop()
  }
  look()
  const terminal = terminalOn(
    (text) => {
      out += text
      look()
    },
    (text) => {
      err += text
      look()
    },
    colours,
  )
  const program = { commands: COMMANDS, programs: PROGRAMS, environment, stopped: () => end }
  const code = await runCommand(program, args, terminal)
  return { code, out, err }
}
