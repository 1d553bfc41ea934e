/** Policies whose content is at hand: today's, and those of the past that somebody kept as signed bundles. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { toKerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { openBundle, readBundleText } from '../../io/policy/bundle.ts'
import { readTrustedKeys } from '../../io/policy/bundle-keys.ts'
import { readPolicyDirectory } from '../../io/policy/directory.ts'

export type KnownPolicies = {
  /** Undefined when none is given, or what is given is not valid now. */
  today(): Promise<Bundle | undefined>
  hashes(): Promise<ReadonlySet<string>>
  byHash(hash: string): Promise<Bundle | undefined>
  /** Of all of them: {@link namesIn}. */
  names(): Promise<ReadonlySet<string>>
}

export type PolicySources = {
  /** Policy directory, or one signed bundle, that is in force today. */
  readonly policy?: string
  /** Folder of signed bundles, `*.jws`, of any age. */
  readonly archive?: string
  /** Public keys that bundles are signed by: what no trusted key signed is not believed. */
  readonly keysFile?: string
}

/** What was read is kept so long. */
const FRESH_MS = 5000

export function knownPolicies({ policy, archive, keysFile }: PolicySources, clock: () => number): KnownPolicies {
  let read: Promise<Known> | undefined
  let readAt = Number.NEGATIVE_INFINITY
  const opened = new Map<string, Bundle>()

  async function readAll(): Promise<Known> {
    const keys = keysFile === undefined ? undefined : await readTrustedKeys(keysFile)
    const open = async (file: string): Promise<Bundle | undefined> => {
      if (keys === undefined) return undefined
      const text = await readBundleText(file)
      const bundle = opened.get(text) ?? (await openBundle(text, keys)).bundle
      opened.set(text, bundle)
      return bundle
    }
    const names = archive === undefined ? [] : (await readdir(archive)).filter((name) => name.endsWith('.jws'))
    const old = await Promise.all(names.map((name) => open(join(archive ?? '', name)).catch(unusable)))
    const today = policy === undefined ? undefined : await currentOf(policy, open).catch(unusable)
    const byHash = new Map(
      [...old, today].filter((bundle) => bundle !== undefined).map((bundle) => [bundle.hash, bundle]),
    )
    return { today, byHash, names: new Set([...byHash.values()].flatMap((bundle) => [...namesIn(bundle)])) }
  }

  function known(): Promise<Known> {
    if (read === undefined || clock() - readAt > FRESH_MS) {
      readAt = clock()
      read = readAll()
      read.catch(() => {
        read = undefined
      })
    }
    return read
  }

  return {
    today: async () => (await known()).today,
    hashes: async () => new Set((await known()).byHash.keys()),
    byHash: async (hash) => (await known()).byHash.get(hash),
    names: async () => (await known()).names,
  }
}

type Known = {
  readonly today: Bundle | undefined
  readonly byHash: ReadonlyMap<string, Bundle>
  readonly names: ReadonlySet<string>
}

/** The names between slashes in all the paths that a policy says: of others no decision knows more than that they are others. */
export function namesIn({ datasets, grants }: Bundle): ReadonlySet<string> {
  const ofDatasets = [...datasets.values()].flatMap(({ prefixes, protectedPaths }) => [...prefixes, ...protectedPaths])
  const paths = [...ofDatasets, ...grants.flatMap((grant) => grant.paths)]
  return new Set(paths.flatMap((path) => path.split('/')).filter((name) => name !== ''))
}

async function currentOf(
  policy: string,
  open: (file: string) => Promise<Bundle | undefined>,
): Promise<Bundle | undefined> {
  if (policy.endsWith('.jws')) return open(policy)
  const result = await readPolicyDirectory(policy)
  return 'bundle' in result ? result.bundle : undefined
}

/** One that cannot be used hides no other one. */
function unusable(thrown: unknown): undefined {
  const { code } = toKerbsideError(thrown)
  if (code === 'internal') throw thrown
  return undefined
}
