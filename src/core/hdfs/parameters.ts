/** Every parameter that may travel upstream, and how its value is read: checked, and written again in one form. */

/** The value in the form that is sent, or nothing when the text is not one. */
type Reader = (text: string) => string | undefined

const MIB = 1024 * 1024
const LONGEST_LONG = 2n ** 63n - 1n

const whole =
  (least: bigint, most: bigint): Reader =>
  (text) => {
    if (!/^\d{1,19}$/.test(text)) return undefined
    const value = BigInt(text)
    return value >= least && value <= most ? String(value) : undefined
  }

/** Python's clients send `True`. */
const boolean: Reader = (text) => {
  const value = text.toLowerCase()
  return value === 'true' || value === 'false' ? value : undefined
}

/** Octal, sticky bit at most; npm's client sends a leading zero. */
const permission: Reader = (text) =>
  /^0*[01]?[0-7]{1,3}$/.test(text) ? Number.parseInt(text, 8).toString(8) : undefined

/** A comma list out of `known`; clients send an empty one too. */
const setOf =
  (...known: readonly string[]): Reader =>
  (text) => {
    const names = text.split(',').map((name) => name.trim().toUpperCase())
    if (names.length === 1 && names[0] === '') return ''
    return names.every((name) => known.includes(name)) ? names.join(',') : undefined
  }

export const PARAMETERS = {
  offset: whole(0n, LONGEST_LONG),
  length: whole(0n, LONGEST_LONG),
  /** A DataNode allocates it. */
  buffersize: whole(1n, BigInt(64 * MIB)),
  blocksize: whole(1n, LONGEST_LONG),
  /** `dfs.replication.max` is 512. */
  replication: whole(1n, 512n),
  overwrite: boolean,
  createparent: boolean,
  recursive: boolean,
  permission,
  unmaskedpermission: permission,
  /** `org.apache.hadoop.fs.CreateFlag`, without `APPEND` and `NEW_BLOCK`: CREATE makes a file, APPEND changes one. */
  createflag: setOf(
    'CREATE',
    'OVERWRITE',
    'SYNC_BLOCK',
    'LAZY_PERSIST',
    'NO_LOCAL_WRITE',
    'SHOULD_REPLICATE',
    'IGNORE_CLIENT_LOCALITY',
  ),
  /** `org.apache.hadoop.fs.Options.Rename`. */
  renameoptions: setOf('NONE', 'OVERWRITE', 'TO_TRASH'),
  /** `org.apache.hadoop.fs.permission.FsAction`. */
  fsaction: (text) => (/^[r-][w-][x-]$/.test(text) ? text : undefined),
} as const satisfies Record<string, Reader>

export type ParameterName = keyof typeof PARAMETERS
export type Parameters = ReadonlyMap<ParameterName, string>
