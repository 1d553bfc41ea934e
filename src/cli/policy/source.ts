/** What a person may name as a policy: a folder, a signed bundle, or a folder in a git revision. */
import { stat } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Command } from 'commander'
import { KerbsideError } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import { lookInto, openBundle, readBundleText } from '../../io/policy/bundle.ts'
import { readTrustedKeys } from '../../io/policy/bundle-keys.ts'
import { type GoodDirectory, readPolicyDirectory, toBundle } from '../../io/policy/directory.ts'
import type { Given } from '../command.ts'
import { refusing } from './bundle/bundle-facts.ts'
import { commitOf, readRevision } from './compare/revision.ts'
import { goodOf } from './policies.ts'

export type OpenOptions = {
  /** Folder in a git revision that names none. */
  readonly path?: string
  /** File of public keys that a bundle must be signed by one of. Without, whoever wrote it is believed. */
  readonly trust?: string
  /** Another policy, of which much is perhaps the same. */
  readonly like?: OpenedPolicy
}

export type OpenedPolicy = {
  readonly bundle: Bundle
  /** How to speak of it: `policies`, `main:policies`. */
  readonly name: string
  /** Whether it is a bundle that nobody has verified. */
  readonly isUnverified: boolean
  /** What a folder was read as. */
  readonly reading?: GoodDirectory
}

export const DEFAULT_PATH = 'policies'

export function trustOption(command: Command): Command {
  return command.option('--trust <keys>', 'public keys; bundles must be signed by one of them')
}

/** The policy that a command line names. Of a bundle that was not verified it is said so, on the error stream. */
export async function policyNamed(
  spec: string,
  { terminal, options }: Pick<Given, 'terminal' | 'options'>,
  like?: OpenedPolicy,
): Promise<OpenedPolicy> {
  const [path, trust] = [options.get('path'), options.get('trust')]
  const opened = await openPolicy(spec, {
    ...(typeof path === 'string' ? { path } : {}),
    ...(typeof trust === 'string' ? { trust } : {}),
    ...(like === undefined ? {} : { like }),
  })
  if (opened.isUnverified) {
    terminal.err(`${terminal.paint('yellow', 'not verified')}: \`${opened.name}\`; --trust KEYS verifies it`)
  }
  return opened
}

/**
 * `policies` (a folder), `policy.jws` (a bundle), `git:main:policies`, `git:main`; and `main` where no file is called so.
 * @throws KerbsideError `bad-policy` when there is nothing of that name or it cannot be used, `bundle-…` when it is refused
 */
export async function openPolicy(spec: string, options: OpenOptions = {}): Promise<OpenedPolicy> {
  const [, named, folder] = /^git:([^:]*)(?::(.*))?$/s.exec(spec) ?? []
  if (named !== undefined) return openRevision(named, folder ?? options.path, options)
  const about = await stat(spec).catch(() => undefined)
  if (about?.isDirectory()) {
    return opened(spec, goodOf(spec, await readPolicyDirectory(spec, { like: options.like?.reading })))
  }
  if (about !== undefined) return openFile(spec, options.trust)
  const isRevision = await commitOf(spec).catch(() => undefined)
  if (isRevision !== undefined) return openRevision(spec, options.path, options)
  const hint = 'a policy is a folder, a bundle, or a git revision such as `main` or `git:main:policies`'
  throw new KerbsideError('bad-policy', `there is no policy \`${spec}\``, { hint })
}

async function openRevision(name: string, given = DEFAULT_PATH, { like }: OpenOptions): Promise<OpenedPolicy> {
  const path = given.startsWith('/') ? relative('', given) : given.replace(/\/+$/, '')
  const what = `${name}:${path}`
  return opened(what, goodOf(what, await toBundle(what, await readRevision({ name, path }), { like: like?.reading })))
}

const opened = (name: string, reading: GoodDirectory): OpenedPolicy => {
  return { bundle: reading.bundle, name, isUnverified: false, reading }
}

async function openFile(file: string, trust: string | undefined): Promise<OpenedPolicy> {
  const keys = trust === undefined ? undefined : await readTrustedKeys(trust)
  const { bundle } = await refusing(file, async () => {
    const text = await readBundleText(file)
    return keys === undefined ? lookInto(text) : openBundle(text, keys)
  })
  return { bundle, name: file, isUnverified: keys === undefined }
}
