/** `kerbside policy inspect`: what is in a bundle, whoever wrote it; believed only when keys to trust are given. */
import { Option } from 'commander'
import { printable } from '../../../core/audit/printable.ts'
import { lookInto, openBundle, readBundleText } from '../../../io/policy/bundle.ts'
import { readTrustedKeys } from '../../../io/policy/bundle-keys.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { table } from '../../terminal.ts'
import { counted } from '../policies.ts'
import { type Facts, factsAsJson, factsAsTable, filesOf, refusing } from './bundle-facts.ts'

const AFTER = `
Without --trust nothing is verified: the file may be anybody's, and says of itself what it likes.

Exit codes: 0 shown, 2 a command line that is not understood, 3 a file that is no bundle, or refused by --trust.

Examples:
  kerbside policy inspect policy.jws
  kerbside policy inspect policy.jws --trust keys.json --output json`

export const policyInspect: CliCommand = {
  define: (command) =>
    command
      .argument('<file>', 'bundle, as `kerbside policy build` writes it')
      .option('--trust <keys>', 'public keys; verify before anything is shown')
      .addOption(new Option('--output <format>', 'how it is written').choices(['table', 'json']).default('table'))
      .addHelpText('after', AFTER),
  async run({ terminal, args: [file = ''], options }) {
    const facts = await factsOf(file, options.get('trust'))
    if (options.get('output') === 'json') {
      terminal.out(JSON.stringify(factsAsJson(facts), undefined, 2))
    } else {
      for (const line of factsAsTable(facts)) terminal.out(line)
      const files = [...filesOf(facts.payload)].map(([name, count]) => [printable(name), counted(count, 'document')])
      for (const line of ['', ...table(files, '  ')]) terminal.out(line)
    }
    if (!facts.isVerified) {
      const what = facts.signedBy === undefined ? 'not signed' : 'not verified'
      terminal.err(`${terminal.paint('yellow', what)}: anybody may have written this${HINTS[what]}`)
    }
    return EXIT.yes
  },
}

const HINTS = { 'not signed': ', and no program loads it', 'not verified': '; --trust KEYS verifies it' } as const

async function factsOf(file: string, trust: unknown): Promise<Facts> {
  const keys = trust === undefined ? undefined : await readTrustedKeys(String(trust))
  return refusing(file, async () => {
    const text = await readBundleText(file)
    if (keys !== undefined) {
      const { key, ...opened } = await openBundle(text, keys)
      return { ...opened, file, signedBy: key, isVerified: true }
    }
    const { header, ...opened } = lookInto(text)
    const signedBy = header === undefined ? {} : { signedBy: { id: header.kid, algorithm: header.alg } }
    return { ...opened, file, ...signedBy, isVerified: false }
  })
}
