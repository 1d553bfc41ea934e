/** Where doctor runs: in the container of a sidecar, by its settings; or anywhere else, by a policy and files that a person names. */
import { KerbsideError } from '../../core/errors.ts'
import { readSettings, type Settings } from '../../core/settings.ts'
import { checkStoreSettings } from '../../io/secret-stores/open.ts'

/** Files and names by the options that give them; what is absent was not given. */
export type Given = {
  readonly policies: string
  readonly trust?: string
  readonly identity?: string
  readonly principal?: string
  readonly cluster?: string
  readonly keytab?: string
  readonly ca?: string
  readonly tokenFile?: string
  readonly hadoopConf?: string
  readonly krb5Conf?: string
}

/** `path` is an HDFS path to be read as a test. */
export type Place = { readonly path?: string } & (
  | { readonly where: 'sidecar'; readonly settings: Settings }
  | { readonly where: 'here'; readonly given: Given }
)

const NAMES = [
  'policies',
  'trust',
  'identity',
  'principal',
  'cluster',
  'keytab',
  'ca',
  'tokenFile',
  'hadoopConf',
  'krb5Conf',
] as const satisfies readonly (keyof Given)[]

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Settings win where nothing else was asked for.
 * @throws KerbsideError `bad-usage` for options that do not say enough, `bad-settings` for the settings of a sidecar
 */
export function placeOf(options: ReadonlyMap<string, unknown>, environment: Environment): Place {
  const path = options.get('path')
  const more = typeof path === 'string' ? { path } : {}
  const given = Object.fromEntries(NAMES.flatMap((name) => pair(name, options.get(name))))
  if (Object.keys(given).length > 0) return { where: 'here', given: enough(given), ...more }
  if (!isSidecar(environment)) {
    throw new KerbsideError('bad-usage', 'this is not the container of a sidecar, and no policy is named', {
      hint: 'give `--policies DIR --identity NAME`, and `--keytab FILE --ca FILE` to log in as well',
    })
  }
  const settings = readSettings(environment)
  checkStoreSettings(settings)
  return { where: 'sidecar', settings, ...more }
}

export const isSidecar = (environment: Environment): boolean => environment['KERBSIDE_IDENTITY'] !== undefined

const pair = (name: string, value: unknown) => (typeof value === 'string' ? [[name, value]] : [])

function enough(given: Partial<Given>): Given {
  const { policies, identity, principal } = given
  if (policies === undefined) throw new KerbsideError('bad-usage', '`--policies` is not given')
  if (identity !== undefined || principal !== undefined) return { ...given, policies }
  throw new KerbsideError('bad-usage', 'neither `--identity` nor `--principal` is given', {
    hint: '`--identity` names one of the policy; `--principal` is for one that has no Identity yet',
  })
}
