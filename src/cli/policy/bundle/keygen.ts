/** `kerbside policy keygen`: a new key to sign policy bundles with; its public half is printed, for those who verify. */
import { writeFile } from 'node:fs/promises'
import { Option } from 'commander'
import { KerbsideError } from '../../../core/errors.ts'
import { ALGORITHMS, makeSigningKey } from '../../../io/policy/bundle-keys.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { required } from '../policies.ts'

const AFTER = `
What is printed is a JWK that --trust and --policy-keys take as it is. To replace a key, let both be trusted for a while:
{"keys": [OLD, NEW]}, then sign with the new one, then take the old one out.

Exit codes: 0 made, 2 a command line that is not understood, 3 the file is there already, or cannot be written.

Examples:
  kerbside policy keygen --out policy-key.pem > policy-keys.json`

export const policyKeygen: CliCommand = {
  define: (command) =>
    command
      .option('--out <file>', 'file for the private key, PKCS#8 in PEM, for its owner alone; required')
      .addOption(new Option('--algorithm <name>', 'what it signs by').choices(ALGORITHMS).default('EdDSA'))
      .addHelpText('after', AFTER),
  async run({ terminal, options }) {
    const out = required(options, 'out')
    const algorithm = ALGORITHMS.find((known) => known === options.get('algorithm')) ?? 'EdDSA'
    const { pem, publicJwk } = await makeSigningKey(algorithm)
    await writeFile(out, pem, { mode: 0o600, flag: 'wx' }).catch((cause: NodeJS.ErrnoException) => {
      const why =
        cause.code === 'EEXIST' ? 'is there already, and is not written over' : `cannot be written: ${cause.message}`
      throw new KerbsideError('io-failed', `\`${out}\` ${why}`, { cause })
    })
    terminal.out(JSON.stringify(publicJwk, undefined, 2))
    terminal.err(terminal.paint('dim', `the private key is in \`${out}\`; whoever has it writes your policy`))
    return EXIT.yes
  },
}
