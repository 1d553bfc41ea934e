/** The shape of every command, and the one way all of them run, fail and are misunderstood. */
import { Command, CommanderError } from 'commander'
import { printable } from '../core/audit/printable.ts'
import { toKerbsideError } from '../core/errors.ts'
import { nearest } from '../core/nearest.ts'
import type { Terminal } from './terminal.ts'

/** As each command's help says it. */
export const EXIT = { yes: 0, no: 1, usage: 2, broken: 3 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

export type Given = {
  readonly terminal: Terminal
  /** Positional arguments, with their defaults. */
  readonly args: readonly string[]
  /** By long name, without dashes; an option that repeats gives a list. */
  readonly options: ReadonlyMap<string, unknown>
  /** Variables of the process. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Resolves when the person has seen enough (Ctrl-C). Whoever never asks is ended by it at once. */
  stopped(): Promise<void>
}

/** What is known of a command before its code is loaded. */
export type CommandRow = {
  /** Undefined for a command that stands alone. */
  readonly group: Group | undefined
  readonly name: string
  readonly summary: string
  load(): Promise<CliCommand>
}

export type CliCommand = {
  /** Arguments and options, in commander's words. */
  readonly define?: (command: Command) => void
  run(given: Given): Promise<ExitCode>
}

export const GROUPS = {
  policy: 'the policy directory: is it valid, what does it allow, and why',
  audit: 'the records: are they whole, and what do they say',
} as const
export type Group = keyof typeof GROUPS

/** A program that `kerbside.ts` starts before a command line is made; here for the help, and to be suggested. */
export type ProgramName = { readonly name: string; readonly summary: string }

export type CommandLine = {
  readonly commands: readonly CommandRow[]
  readonly programs: readonly ProgramName[]
  readonly environment: Given['environment']
  readonly stopped: Given['stopped']
}

/** Runs what the arguments name. Resolves with the exit code, whatever happens; nothing of it ends the process. */
export async function runCommand(
  { commands, programs, environment, stopped }: CommandLine,
  args: readonly string[],
  terminal: Terminal,
): Promise<ExitCode> {
  let code: ExitCode = EXIT.yes
  const program = new Command('kerbside')
    .description('Kerberos, beside the pod: HDFS for any pod, without a credential in it')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.err(text.trimEnd()),
      outputError: (text, write) => write(sentence(text)),
    })
  for (const group of Object.keys(GROUPS) as Group[]) program.command(group).description(GROUPS[group])
  for (const { name, summary } of programs) program.command(name).summary(summary).description(summary)
  for (const { group, name, summary, load } of commands) {
    const parent = program.commands.find((command) => command.name() === group) ?? program
    const command = parent.command(name).description(summary)
    if (!args.includes(name)) continue
    const { define, run } = await load()
    define?.(command)
    command.action(async () => {
      const options = new Map(Object.entries(command.opts()))
      code = await run({ terminal, args: command.processedArgs, options, environment, stopped })
    })
  }
  try {
    await program.parseAsync(args, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its own; a command that is only a group's name has printed its help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.yes : EXIT.usage
    const { message, hint, code: kind } = toKerbsideError(error)
    const lines = `${message}${hint === undefined ? '' : `\n  ${hint}`}`.split('\n')
    terminal.err(`${terminal.paint('red', 'kerbside:')} ${lines.map((line) => printable(line)).join('\n')}`)
    return kind === 'bad-usage' ? EXIT.usage : EXIT.broken
  }
}

/** Commander suggests commands and options, but no choice among values. */
function choiceNear(said: string): string {
  const [, given = '', choices] = /`([^`]*)` is invalid.*; allowed choices are (.*)$/.exec(said) ?? []
  const near = choices === undefined ? undefined : nearest(given, choices.split(', '))
  return near === undefined ? '' : `did you mean \`${near}\`?`
}

/** `error: unknown option '--foo'\n(Did you mean --for?)` in our own manner. */
function sentence(text: string): string {
  const [first = '', ...rest] = text.trim().split('\n')
  const said = first
    .replace(/^error: /, '')
    .replace(/'([^']*)'/g, '`$1`')
    .replace(/^command-argument value (`.*?`) is invalid for argument /, '$1 is invalid as ')
    .replace(/\. ([A-Za-z])/g, (_, letter: string) => `; ${letter.toLowerCase()}`)
    .replace(/\.$/, '')
  const hint = rest.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean `$1`?') || choiceNear(said)
  return `kerbside: ${said}${hint === '' ? '' : `\n  ${hint}`}\n`
}
