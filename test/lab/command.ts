/** One command run to its end, whose failure says what the command itself said last. */
import { execFile } from 'node:child_process'
import { LabError } from './errors.ts'

export type CommandOptions = {
  readonly input?: string
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>
}

const MAX_OUTPUT_BYTES = 64 << 20
const LAST_LINES = 12
const SHOWN_CHARACTERS = 160

/** Resolves with its standard output; rejects with its last lines when its exit code is not 0. */
export function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const [file, ...args] = command
  const settings = { env: { ...process.env, ...options.env }, maxBuffer: MAX_OUTPUT_BYTES }
  return new Promise((resolve, reject) => {
    const child = execFile(file, args, settings, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const said = `${stdout}${stderr}`.trim().split('\n').slice(-LAST_LINES).join('\n  ')
      reject(new LabError(`\`${shortened(command.join(' '))}\` failed with ${error.code ?? error.signal}`, said))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(options.input ?? '')
  })
}

const shortened = (text: string): string =>
  text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`
