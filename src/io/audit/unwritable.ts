/** What the file system says, as a sentence for the operator. */
import { KerbsideError } from '../../core/errors.ts'

const WORDS: ReadonlyMap<string, string> = new Map([
  ['ENOSPC', 'the disk is full'],
  ['EDQUOT', 'the quota is used up'],
  ['EFBIG', 'the file is larger than this process may make it'],
  ['EIO', 'the disk fails'],
  ['EROFS', 'the file system is read-only'],
  ['EACCES', 'this user may not write there'],
  ['EPERM', 'this user may not write there'],
  ['ENOTDIR', 'it is not a folder'],
  ['EEXIST', 'it is not a folder'],
  ['ENOENT', 'it is not there'],
  ['EMFILE', 'too many files are open'],
])

/** Any failure to write the log as `audit-unwritable`, with the original as its cause. */
export function unwritable(directory: string, failure: unknown): KerbsideError {
  if (failure instanceof KerbsideError && failure.code === 'audit-unwritable') return failure
  const code = failure instanceof Error && 'code' in failure ? String(failure.code) : ''
  const message = failure instanceof Error ? failure.message : String(failure)
  return new KerbsideError('audit-unwritable', `the audit log in \`${directory}\`: ${WORDS.get(code) ?? message}`, {
    cause: failure,
  })
}

/** What `work` gives. @throws KerbsideError `audit-unwritable` for whatever it throws */
export async function orUnwritable<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (failure) {
    throw unwritable(directory, failure)
  }
}
