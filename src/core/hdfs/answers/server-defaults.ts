/** What HDFS takes where a client says nothing, without the address of the KMS: no pod has a credential for it. */
import type { Filter } from '../operation.ts'
import { fieldsAt, readAnswer } from './read-answer.ts'

/** `{"FsServerDefaults":{"blockSize":…,"keyProviderUri":"kms://…",…}}`; an empty one means that nothing is encrypted. */
export const NO_KEY_PROVIDER: Filter = {
  without: 'the address of the KMS',
  cut(body) {
    const defaults = fieldsAt(readAnswer(body), 'FsServerDefaults')
    return JSON.stringify({ FsServerDefaults: { ...defaults, keyProviderUri: '' } })
  },
}
