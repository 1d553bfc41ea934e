/** The command line of a long-running program: strict, and every problem is one sentence. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { KerbsideError } from '../core/errors.ts'

/** `name` is what a person types, `kerbside webhook`. */
export function programCommand(name: string, description: string): Command {
  return new Command(name)
    .description(description)
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
}

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function parseOptions<Given extends object>(command: Command, args: readonly string[]): Given | undefined {
  try {
    return command.parse([...args], { from: 'user' }).opts<Given>()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.code === 'commander.helpDisplayed') return undefined
    const [sentence = '', ...guesses] = thrown.message.replace(/^error: /, '').split('\n')
    const hint = guesses.length > 0 ? guesses.join(' ') : `\`${command.name()} --help\` lists what there is`
    throw new KerbsideError('bad-usage', sentence, { hint })
  }
}

export const wholeNumber = (least: number, most: number) => (text: string) => {
  const value = Number(text)
  if (/^\d{1,16}$/.test(text) && value >= least && value <= most) return value
  throw new InvalidArgumentError(`it is not a whole number from ${least} to ${most}`)
}
