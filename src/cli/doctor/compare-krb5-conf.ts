/** How the krb5.conf of a machine differs from policy. A sidecar never reads one; a person's kinit does, and works or not by it. */
import { readFile } from 'node:fs/promises'
import { failed, ok, type Said } from '../../core/doctor/finding.ts'
import { KerbsideError } from '../../core/errors.ts'
import { isOff, type Krb5Conf, readKrb5Conf } from '../../core/kerberos/read-krb5-conf.ts'
import { realmPath } from '../../core/kerberos/realm-path.ts'
import type { Connection } from './connection.ts'

const ABOUT = 'krb5.conf'

/** Never throws: what is wrong with it is no more than a warning. */
export async function compareKrb5Conf(file: string, connection: Connection): Promise<readonly Said[]> {
  try {
    const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
      throw new KerbsideError('bad-configuration', `\`${file}\` cannot be read: ${cause.code}`, { cause })
    })
    return compared(readKrb5Conf(text), connection)
  } catch (thrown) {
    if (!(thrown instanceof KerbsideError)) throw thrown
    return [
      failed(
        new KerbsideError(thrown.code, thrown.message, { hint: 'only your own kinit goes by it, no sidecar' }),
        ABOUT,
        'warn',
      ),
    ]
  }
}

function compared(conf: Krb5Conf, { principal, cluster }: Connection): readonly Said[] {
  const differences = realmPath(principal, cluster).flatMap(({ realm, kdcs }) => difference(realm, kdcs, conf))
  if (differences.length > 0) return differences
  const renames =
    !isOff(conf.defaults.get('dns_canonicalize_hostname')) &&
    conf.defaults.get('dns_canonicalize_hostname') !== 'fallback'
  const reverse = renames && !isOff(conf.defaults.get('rdns'))
  const dns = renames
    ? `it renames hosts by DNS${reverse ? ', in reverse too' : ''}; Kerbside does not`
    : 'as Kerbside, it does not rename hosts'
  return [ok(`the same KDCs; ${dns}`, ABOUT)]
}

function difference(realm: string, kdcs: readonly string[], { kdcs: theirs, leadsTo }: Krb5Conf): readonly Said[] {
  const others = theirs.get(realm)
  const advice = 'where they differ, one of the two is old: correct `kdcs` of the HadoopCluster, or the file'
  if (others === undefined) {
    const where = leadsTo[0] === undefined ? 'it may ask DNS for them' : `\`${leadsTo[0]}\` may, and is not read`
    return [{ state: 'warn', about: ABOUT, says: `it names no KDC of ${realm}; ${where}`, advice }]
  }
  const list = (all: readonly string[]) => all.toSorted().join(' ').toLowerCase()
  if (list(others) === list(kdcs)) return []
  return [
    { state: 'warn', about: ABOUT, says: `KDCs of ${realm} are ${list(others)}; policy says ${list(kdcs)}`, advice },
  ]
}
