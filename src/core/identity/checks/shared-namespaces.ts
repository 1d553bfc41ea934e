/** Whether the pod, or a container joining it later, shares a namespace in which the sidecar could be looked into. */
import type { AdmissionReason } from '../../reasons.ts'
import { denial } from '../admission.ts'
import { flagAt, textAt } from '../json.ts'
import { nameOf } from '../pod.ts'
import { SIDECAR_NAME } from '../sidecar-container.ts'
import type { Check } from './check.ts'

const FLAGS: readonly (readonly [field: string, reason: AdmissionReason])[] = [
  ['hostNetwork', 'host-network'],
  ['hostPID', 'host-pid'],
  ['hostIPC', 'host-ipc'],
  // `/proc/PID/root` and `/proc/PID/environ` of the sidecar would be open to whoever runs as root in the job.
  ['shareProcessNamespace', 'shared-process-namespace'],
]

export const sharedNamespaces: Check = (pod) => [
  ...FLAGS.filter(([field]) => flagAt(pod.spec, field)).map(([field, reason]) =>
    denial(reason, { change: `remove \`${field}: true\` from the pod` }),
  ),
  // `kubectl debug --target=kerbside` puts a container into the process namespace of the sidecar.
  ...pod.containers
    .filter(({ raw }) => textAt(raw, 'targetContainerName') === SIDECAR_NAME)
    .map((container) =>
      denial('shared-process-namespace', { where: nameOf(container), change: 'name another container as its target' }),
    ),
]
