/** `kerbside policy build`: a policy directory as one signed file, which webhook and broker take nothing else than. */
import { Option } from 'commander'
import { KerbsideError } from '../../../core/errors.ts'
import { formatInstant, parseInstant } from '../../../core/instant.ts'
import { runTests } from '../../../core/policy/answers/run-tests.ts'
import type { Bundle } from '../../../core/policy/bundle.ts'
import { LARGEST_BUNDLE_BYTES, payloadOf } from '../../../io/policy/bundle.ts'
import { sign } from '../../../io/policy/bundle-signature.ts'
import { readPolicyDirectory } from '../../../io/policy/directory.ts'
import { writeWhole } from '../../../io/write-whole.ts'
import { type CliCommand, EXIT } from '../../command.ts'
import { grouped } from '../../progress.ts'
import type { Terminal } from '../../terminal.ts'
import { counted, directoryArgument, goodOf, required, summaryOf } from '../policies.ts'
import { sequenceOf } from './bundle-facts.ts'
import { signingKeyOf, signingKeyOptions } from './signing-key.ts'

/** Of a ConfigMap, all its data together. */
const LARGEST_CONFIG_MAP_BYTES = 1024 * 1024

const AFTER = `
The same directory, sequence and key give the same bytes, on any machine and any day; with an ES256 key the signature
differs each time, and what is signed does not. Programs take a bundle only with a higher sequence than the one before.

Exit codes: 0 written, 1 a PolicyTest failed or there is none, 2 a command line that is not understood, 3 a policy or a
key that cannot be used.

Examples:
  kerbside policy build policies --sequence 8 --key policy-key.pem --out policy.jws
  kerbside policy build --sequence 8 --key-secret signing/policy/key.pem --store files --store-mount /secrets --out policy.jws
  kerbside policy build --sequence 8 --unsigned --out policy.json      to look at, by a person`

export const policyBuild: CliCommand = {
  define(command) {
    directoryArgument(command)
    command
      .option('--sequence <number>', 'one more than that of the bundle before; required')
      .option('--out <file>', 'bundle to write; required')
    signingKeyOptions(command)
    command
      .addOption(new Option('--unsigned', 'without a signature, to look at: no program loads it').conflicts(KEYS))
      .option('--created <time>', 'a moment to write into it, such as 2027-01-31T00:00:00Z; none if absent')
      .option('--skip-tests', 'whether its PolicyTests pass is not asked')
      .addHelpText('after', AFTER)
  },
  async run({ terminal, args: [directory = ''], options }) {
    const sequence = sequenceOf(options, 'sequence')
    const out = required(options, 'out')
    const created = createdOf(options.get('created'))
    const key = options.get('unsigned') === true ? undefined : await signingKeyOf(options, terminal)
    const { bundle, documents } = goodOf(directory, await readPolicyDirectory(directory))
    if (options.get('skipTests') !== true && !passesTests(bundle, directory, terminal)) return EXIT.no
    const sources = documents().map(({ source }) => source)
    const payload = payloadOf({ bundle, sources }, { sequence, ...created })
    const text = key === undefined ? `${payload}\n` : await sign(payload, key)
    await write(out, text, terminal)
    const by = key === undefined ? 'not signed' : `signed by ${key.id} (${key.algorithm})`
    terminal.out(`${out}: sequence ${sequence}, ${grouped(Buffer.byteLength(text))} bytes, ${by}`)
    terminal.out(summaryOf(bundle))
    return EXIT.yes
  },
}

const KEYS = ['key', 'keySecret']

function createdOf(given: unknown): { readonly created?: string } {
  if (given === undefined) return {}
  const instant = parseInstant(String(given))
  if (instant !== undefined) return { created: formatInstant(instant) }
  throw new KerbsideError('bad-usage', `\`--created ${String(given)}\` is not a moment with its zone`, {
    hint: 'such as `2027-01-31T00:00:00Z`',
  })
}

function passesTests(bundle: Bundle, directory: string, terminal: Terminal): boolean {
  const failed = runTests(bundle, Date.now()).filter(({ passed }) => !passed)
  if (failed.length === 0 && bundle.tests.length > 0) return true
  const problem =
    bundle.tests.length === 0
      ? `\`${directory}\` has no PolicyTest, and what tests nothing passes nothing`
      : `${failed.length} of ${counted(bundle.tests.length, 'test')} failed: nothing is signed`
  const hint = bundle.tests.length === 0 ? '' : `; \`kerbside policy test ${directory}\` says which`
  terminal.err(`kerbside: ${problem}\n  --skip-tests signs it all the same${hint}`)
  return false
}

async function write(out: string, text: string, terminal: Terminal): Promise<void> {
  const bytes = Buffer.byteLength(text)
  if (bytes > LARGEST_BUNDLE_BYTES) {
    const most = `${LARGEST_BUNDLE_BYTES / 1024 / 1024} MiB`
    throw new KerbsideError('bad-policy', `the bundle would be larger than ${most}, which no program reads`)
  }
  await writeWhole(out, text, 0o644).catch((cause: Error) => {
    throw new KerbsideError('io-failed', `\`${out}\` cannot be written: ${cause.message}`, { cause })
  })
  if (bytes <= LARGEST_CONFIG_MAP_BYTES) return
  const size = `${grouped(bytes)} bytes, and a ConfigMap or a Secret holds ${grouped(LARGEST_CONFIG_MAP_BYTES)}`
  terminal.err(`${terminal.paint('yellow', 'warning:')} \`${out}\` has ${size}: mount it from a volume instead`)
}
