/** The command line of `kerbside export`. */
import { KerbsideError } from '../core/errors.ts'
import { parseOptions, programCommand, wholeNumber } from '../io/program-options.ts'

export type ExportOptions = {
  readonly settingsFile: string
  readonly listen: string
  readonly port: number
}

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): ExportOptions | undefined {
  const command = programCommand('kerbside export', 'puts records where others read them')
    .option('--settings <file>', 'what is followed and where it goes, in YAML')
    .option('--listen <address>', 'address of health and metrics', '0.0.0.0')
    .option('--port <port>', 'port of health and metrics', wholeNumber(0, 65_535), 8091)
  const given = parseOptions<{ settings?: string; listen: string; port: number }>(command, args)
  if (given === undefined) return undefined
  const { settings, listen, port } = given
  if (settings === undefined) throw new KerbsideError('bad-usage', '--settings must be given: what goes where')
  return { settingsFile: settings, listen, port }
}
