/** `kerbside policy verify`: whether a bundle is signed by a trusted key, is not older than known, and is what a directory says. */
import { Option } from 'commander'
import { checkSuccession } from '../../../core/policy/bundle-file/succession.ts'
import { openBundle, readBundleText } from '../../../io/policy/bundle.ts'
import { readTrustedKeys } from '../../../io/policy/bundle-keys.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { bundleOf, required } from '../policies.ts'
import { factsAsJson, factsAsTable, refusing, sequenceOf } from './bundle-facts.ts'

const AFTER = `
KEYS is a JWK Set, one JWK as keygen prints it, or public keys in PEM; while a key is replaced, it holds two. A refusal
says its code, the same that webhook and broker log: bundle-malformed, bundle-unsigned, bundle-wrong-type,
bundle-wrong-algorithm, bundle-unknown-key, bundle-bad-signature, bundle-bad-content, bundle-older.

Exit codes: 0 verified, 1 verified but not what --policy says, 2 a command line that is not understood, 3 refused, or keys
that cannot be used.

Examples:
  kerbside policy verify policy.jws --trust keys.json --at-least 8
  kerbside policy verify policy.jws --trust keys.json --policy policies     is it what was reviewed`

export const policyVerify: CliCommand = {
  define: (command) =>
    command
      .argument('<file>', 'bundle, as `kerbside policy build` writes it')
      .option('--trust <keys>', 'public keys that are trusted; required')
      .option('--at-least <sequence>', 'refuse a lower sequence')
      .option('--policy <directory>', 'whether it holds what this directory does')
      .addOption(
        new Option('--output <format>', 'how the answer is written').choices(['table', 'json']).default('table'),
      )
      .addHelpText('after', AFTER),
  async run({ terminal, args: [file = ''], options }) {
    const keys = await readTrustedKeys(required(options, 'trust'))
    const atLeast = options.has('atLeast') ? sequenceOf(options, 'atLeast') : 0
    const directory = options.get('policy')
    const { key, ...opened } = await refusing(file, async () => {
      const one = await openBundle(await readBundleText(file), keys)
      checkSuccession(one.payload, { atLeast, editions: [] })
      return one
    })
    const other = directory === undefined ? undefined : (await bundleOf(String(directory))).hash
    const facts = { ...opened, file, signedBy: key, isVerified: true }
    if (options.get('output') === 'json') {
      const same = other === undefined ? {} : { same: other === opened.bundle.hash }
      terminal.out(JSON.stringify({ ...factsAsJson(facts), ...same }, undefined, 2))
    } else for (const line of factsAsTable(facts)) terminal.out(line)
    if (other === undefined || other === opened.bundle.hash) return EXIT.yes
    terminal.err(`${terminal.paint('red', 'other content')}: \`${String(directory)}\` is ${other}`)
    return EXIT.no
  },
}
