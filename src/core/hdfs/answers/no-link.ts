/** A symbolic link is another name for a path, and could lead anywhere: it is as if it were not there. */
import { KerbsideError } from '../../errors.ts'
import type { Filter } from '../operation.ts'
import { fieldsAt, readAnswer } from './read-answer.ts'

/** `{"FileStatus":{"type":"SYMLINK","symlink":"/elsewhere",…}}`. */
export const NO_LINK: Filter = {
  without: 'symbolic links',
  cut(body) {
    const { type, symlink } = fieldsAt(readAnswer(body), 'FileStatus')
    if (type === 'SYMLINK' || symlink !== undefined) {
      throw new KerbsideError('symbolic-link', 'HDFS has a symbolic link at that path')
    }
    return body
  },
}
