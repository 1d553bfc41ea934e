/** Where a program's policy comes from: a folder that is trusted as it stands, or a bundle that must prove itself. */
import type { ErrorCode } from '../../core/errors.ts'
import type { Bundle } from '../../core/policy/bundle.ts'
import type { Edition } from '../../core/policy/bundle-file/succession.ts'
import { type SignedPolicy, watchPolicyBundle } from './bundle-watch.ts'
import { watchPolicyDirectory } from './directory.ts'

export type PolicySource = { readonly directory: string } | { readonly signed: SignedPolicy }

export type OnPolicy = {
  /** Each policy that is to be in force; the edition of a signed one. */
  taken(bundle: Bundle, edition: Edition | undefined): void
  /** Why a change is not taken over, in lines to print. What was in force stays so. */
  refused(code: ErrorCode, lines: readonly string[]): void
}

/** @returns what ends the watching */
export function watchPolicy(source: PolicySource, { taken, refused }: OnPolicy): () => void {
  if ('directory' in source) {
    const take = (bundle: Bundle) => taken(bundle, undefined)
    return watchPolicyDirectory(source.directory, take, (lines) => refused('bad-policy', lines))
  }
  return watchPolicyBundle(source.signed, taken, ({ code, message, hint }) => {
    refused(code, [...message.split('\n'), ...(hint === undefined ? [] : [hint])])
  })
}

/** For messages. */
export const placeOf = (source: PolicySource): string => ('directory' in source ? source.directory : source.signed.file)
