/** The command line of `kerbside review`: strict, and every problem is one sentence. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import { KerbsideError } from '../core/errors.ts'

export type ReviewOptions = {
  readonly directory: string
  readonly listen: string
  readonly port: number
  readonly names: readonly string[]
}

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): ReviewOptions | undefined {
  const command = new Command('kerbside review')
    .description('the audit page')
    .option('--directory <folder>', 'folder that sidecars write their records to')
    .option('--listen <address>', 'address to listen on; whoever reaches it reads all records', '127.0.0.1')
    .option('--port <port>', 'port to listen on', port, 8090)
    .option('--name <names...>', 'DNS names under which the page may be asked for, besides localhost', [])
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ outputError: () => {} })
  const given = parse(command, args)
  if (given === undefined) return undefined
  const { directory, listen, name } = given
  if (directory === undefined) {
    throw new KerbsideError('bad-usage', '--directory must be given: the folder of the audit records')
  }
  return { directory, listen, port: given.port, names: name.map((one) => one.toLowerCase()) }
}

type Given = {
  readonly directory?: string
  readonly listen: string
  readonly port: number
  readonly name: readonly string[]
}

function parse(command: Command, args: readonly string[]): Given | undefined {
  try {
    return command.parse([...args], { from: 'user' }).opts<Given>()
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown
    if (thrown.code === 'commander.helpDisplayed') return undefined
    const [sentence = '', ...guesses] = thrown.message.replace(/^error: /, '').split('\n')
    const hint = guesses.length > 0 ? guesses.join(' ') : '`kerbside review --help` lists what there is'
    throw new KerbsideError('bad-usage', sentence, { hint })
  }
}

function port(text: string): number {
  const value = Number(text)
  if (/^\d{1,5}$/.test(text) && value < 65_536) return value
  throw new InvalidArgumentError('it is not a port from 0 to 65535')
}
