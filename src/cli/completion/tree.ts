/** What may be typed where on our command line, read off the commands' own definitions: what a shell completes. */
import { Command } from 'commander'
import type { CliCommand, CommandRow, ProgramName } from '../command.ts'

/** What a value is: one of these words, or something of the file system; nothing that a shell knows if undefined. */
export type Value = readonly string[] | 'directories' | 'files' | undefined

export type Flag = {
  /** `--output`, `-h`. */
  readonly names: readonly string[]
  readonly summary: string
  readonly takesValue: boolean
  readonly value: Value
}

/** A word, or two: `policy check`. The first of all is no word, and stands for what comes first. */
export type Spot = {
  readonly words: readonly string[]
  readonly next: readonly { readonly word: string; readonly summary: string }[]
  readonly flags: readonly Flag[]
  /** What is typed after the words and beside the options. */
  readonly value: Value
}

/** By the placeholder in an option's or argument's definition. What else there is lies in HDFS, or is a name. */
const ON_DISK = new Map<string, Value>([
  ['directory', 'directories'],
  ['folder', 'directories'],
  ['file', 'files'],
  ['keys', 'files'],
  ['policy', 'files'],
  ['export', 'files'],
  ['audit', 'files'],
  ['a', 'files'],
  ['b', 'files'],
])

const HELP: Flag = { names: ['-h', '--help'], summary: 'what it does and takes', takesValue: false, value: undefined }

/** Where one may be, outermost first. */
export function spotsOf(
  commands: readonly (CommandRow & CliCommand)[],
  programs: readonly ProgramName[],
  groups: ReadonlyMap<string, string>,
): readonly Spot[] {
  const alone = commands.filter(({ group }) => group === undefined)
  const root: Spot = {
    words: [],
    next: [
      ...[...groups].map(([word, summary]) => ({ word, summary })),
      ...[...alone, ...programs].map(({ name, summary }) => ({ word: name, summary })),
    ],
    flags: [HELP],
    value: undefined,
  }
  const grouped = [...groups.keys()].map((group): Spot => {
    const inside = commands.filter((command) => command.group === group)
    return {
      words: [group],
      next: inside.map(({ name, summary }) => ({ word: name, summary })),
      flags: [HELP],
      value: undefined,
    }
  })
  return [root, ...grouped, ...commands.map(spotOf)]
}

function spotOf({ group, name, define }: CommandRow & CliCommand): Spot {
  const command = new Command(name)
  define?.(command)
  const values = command.registeredArguments.map((argument) => argument.argChoices ?? ON_DISK.get(argument.name()))
  return {
    words: group === undefined ? [name] : [group, name],
    next: [],
    flags: [
      ...command.options.map(({ short, long, description, required, optional, flags, argChoices }) => ({
        names: [short, long].filter((one) => one != null),
        summary: description,
        takesValue: required || optional,
        value: argChoices ?? ON_DISK.get(/[<[](.*?)(\.\.\.)?[>\]]$/.exec(flags)?.[1] ?? ''),
      })),
      HELP,
    ],
    value: values.find((value) => Array.isArray(value)) ?? (values.includes('files') ? 'files' : values[0]),
  }
}

/** In single quotes, as every shell reads it: `it's` is `'it'\''s'`. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
