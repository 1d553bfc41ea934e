/** The command line of `kerbside review`. */
import { KerbsideError } from '../core/errors.ts'
import { parseOptions, programCommand, wholeNumber } from '../io/program-options.ts'

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
  const command = programCommand('kerbside review', 'the audit page')
    .option('--directory <folder>', 'folder that sidecars write their records to')
    .option('--listen <address>', 'address to listen on; whoever reaches it reads all records', '127.0.0.1')
    .option('--port <port>', 'port to listen on', wholeNumber(0, 65_535), 8090)
    .option('--name <names...>', 'DNS names under which the page may be asked for, besides localhost', [])
  const given = parseOptions<Given>(command, args)
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
