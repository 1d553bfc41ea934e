/** The command line of `kerbside review`. */
import { BlockList, isIPv6 } from 'node:net'
import { KerbsideError } from '../core/errors.ts'
import { parseOptions, programCommand, wholeNumber } from '../io/program-options.ts'
import type { PolicySources } from './query/policies-known.ts'

export type ReviewOptions = {
  readonly directory: string
  readonly listen: string
  readonly port: number
  readonly names: readonly string[]
  /** Who signs in, and what they may see; absent where only this machine is served. */
  readonly login?: { readonly file: string; readonly journal: string }
  /** Folder of its own for what is made of the records; where none is given one that goes when the program ends. */
  readonly cache?: string
  readonly policy: PolicySources
  readonly checkpoints?: { readonly directory: string; readonly keysFile: string }
  /** Folder with `tls.crt`, `tls.key` and `ca.crt`. */
  readonly tlsFiles?: string
}

/**
 * Undefined when help was asked for and told.
 * @throws KerbsideError `bad-usage`
 */
export function readOptions(args: readonly string[]): ReviewOptions | undefined {
  const command = programCommand('kerbside review', 'the audit page')
    .option('--directory <folder>', 'folder that sidecars write their records to')
    .option('--cache <folder>', 'keep here what is made of the records, so that the next start need not make it again')
    .option('--policies <place>', 'policy of today: a folder of files, or with --policy-keys one signed bundle')
    .option('--policy-archive <folder>', 'signed bundles of before, to compare with')
    .option('--policy-keys <file>', 'public keys that bundles are signed by')
    .option('--checkpoints <folder>', 'what brokers countersigned')
    .option('--checkpoint-keys <file>', 'public keys that checkpoints are signed by')
    .option('--listen <address>', 'address to listen on; without --login one of this machine alone', '127.0.0.1')
    .option('--port <port>', 'port to listen on', wholeNumber(0, 65_535), 8090)
    .option('--name <names...>', 'DNS names under which the page may be asked for, besides localhost', [])
    .option('--login <file>', 'sign readers in with an OpenID provider: who it is, and who may see what')
    .option('--journal <folder>', 'write down here who looked at what; needed with --login')
    .option('--tls-files <folder>', 'serve with tls.crt and tls.key from this folder, read again when they change')
  const given = parseOptions<Given>(command, args)
  if (given === undefined) return undefined
  const { directory, listen, port, name, login: file, journal, cache, tlsFiles } = given
  if (directory === undefined)
    throw new KerbsideError('bad-usage', '--directory must be given: the folder of the audit records')
  const isLocal = listen === 'localhost' || LOOPBACK.check(listen, isIPv6(listen) ? 'ipv6' : 'ipv4')
  if (file === undefined && !isLocal) {
    throw new KerbsideError('bad-usage', `without a login the page would be open to whoever reaches \`${listen}\``, {
      hint: 'give --login, or listen on 127.0.0.1 and let `kubectl port-forward` say who may come',
    })
  }
  if ((file === undefined) !== (journal === undefined)) {
    throw new KerbsideError('bad-usage', '--login and --journal are given together: every view is written down')
  }
  if (!isLocal && tlsFiles === undefined) {
    throw new KerbsideError('bad-usage', `\`${listen}\` is not of this machine alone: give --tls-files`)
  }
  if ((given.checkpoints === undefined) !== (given.checkpointKeys === undefined)) {
    throw new KerbsideError('bad-usage', '--checkpoints and --checkpoint-keys are given together')
  }
  return {
    ...{ directory, listen, port, names: name.map((one) => one.toLowerCase()), policy: policyOf(given) },
    ...(cache === undefined ? {} : { cache }),
    ...(given.checkpoints === undefined || given.checkpointKeys === undefined
      ? {}
      : { checkpoints: { directory: given.checkpoints, keysFile: given.checkpointKeys } }),
    ...(file === undefined || journal === undefined ? {} : { login: { file, journal } }),
    ...(tlsFiles === undefined ? {} : { tlsFiles }),
  }
}

const policyOf = ({ policies, policyArchive, policyKeys }: Given): PolicySources => ({
  ...(policies === undefined ? {} : { policy: policies }),
  ...(policyArchive === undefined ? {} : { archive: policyArchive }),
  ...(policyKeys === undefined ? {} : { keysFile: policyKeys }),
})

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

type Given = { readonly listen: string; readonly port: number; readonly name: readonly string[] } & {
  readonly [K in
    | 'directory'
    | 'cache'
    | 'policies'
    | 'policyArchive'
    | 'policyKeys'
    | 'checkpoints'
    | 'checkpointKeys'
    | 'login'
    | 'journal'
    | 'tlsFiles']?: string
}
