/**
 * What the job's clients get of a cluster's Hadoop configuration: by name only what is listed here, and by form only numbers,
 * flags and words of a list. So nothing that passes could hold a password, wherever in the files one stands or is put in from
 * by `${…}`.
 */
import { KerbsideError, toKerbsideError } from '../errors.ts'
import { expanded } from './expanded.ts'
import type { Configuration } from './read-configuration.ts'

type Form = { readonly says: string; readonly pattern: RegExp }

const COUNT: Form = { says: 'a whole number', pattern: /^\d{1,9}$/ }
const BYTES: Form = { says: 'a number of bytes, such as `128m`', pattern: /^(\d{1,15}|\d{1,6}[kmgKMG])$/ }
const FLAG: Form = { says: '`true` or `false`', pattern: /^(true|false)$/ }
const UMASK: Form = {
  says: 'a umask, such as `027` or `u=rwx,g=rx,o=`',
  pattern: /^([0-7]{3,4}|[ugoa]{1,4}[=+-][rwxX]{0,4}(,[ugoa]{1,4}[=+-][rwxX]{0,4}){0,3})$/,
}
const oneOf = (...words: string[]): Form => ({
  says: `one of ${words.join(', ')}`,
  pattern: RegExp(`^(${words.join('|')})$`),
})

type Row = {
  readonly form: Form
  /** Older name of the same property, which counts where the newer one is absent. */
  readonly formerly?: string
}

/**
 * Absent on purpose: everything about addresses, users and security, which the gateway stands for; folders of a machine that the
 * job is not on; class names, since a codec that is not on the job's class path breaks every read; and how long a client waits
 * or tries again, which was meant for another network.
 */
export const CLIENT_PROPERTIES: Readonly<Record<string, Row>> = {
  'dfs.blocksize': { form: BYTES, formerly: 'dfs.block.size' },
  'dfs.bytes-per-checksum': { form: COUNT, formerly: 'io.bytes.per.checksum' },
  'dfs.checksum.combine.mode': { form: oneOf('MD5MD5CRC', 'COMPOSITE_CRC') },
  'dfs.checksum.type': { form: oneOf('NULL', 'CRC32', 'CRC32C') },
  'dfs.replication': { form: COUNT },
  'dfs.stream-buffer-size': { form: COUNT },
  'fs.permissions.umask-mode': { form: UMASK, formerly: 'dfs.umaskmode' },
  'fs.trash.checkpoint.interval': { form: COUNT },
  'fs.trash.interval': { form: COUNT },
  'io.file.buffer.size': { form: COUNT },
  'io.map.index.interval': { form: COUNT },
  'io.map.index.skip': { form: COUNT },
  'io.mapfile.bloom.size': { form: COUNT },
  'io.seqfile.compress.blocksize': { form: COUNT },
  'io.skip.checksum.errors': { form: FLAG },
}

export type ClientProperties = {
  /** In the order of {@link CLIENT_PROPERTIES}. */
  readonly properties: ReadonlyMap<string, string>
  /** Properties that are listed but were left out, each `bad-configuration` and without its value. */
  readonly problems: readonly KerbsideError[]
}

export function clientProperties(configuration: Configuration): ClientProperties {
  const properties = new Map<string, string>()
  const problems: KerbsideError[] = []
  for (const [name, { form, formerly }] of Object.entries(CLIENT_PROPERTIES)) {
    const given = configuration.has(name) || formerly === undefined ? name : formerly
    try {
      const value = expanded(configuration, given)?.trim()
      if (value === undefined) continue
      if (!form.pattern.test(value)) {
        throw new KerbsideError('bad-configuration', `\`${given}\` is not ${form.says}, and is left out`)
      }
      properties.set(name, value)
    } catch (thrown) {
      problems.push(toKerbsideError(thrown))
    }
  }
  return { properties, problems }
}
