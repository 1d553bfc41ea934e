/** Whether the pod, or a container joining it later, shares a namespace in which the sidecar could be looked into. */
import type { AdmissionReason } from '../../reasons.ts'
import { denial } from '../admission.ts'
import { flagAt, textAt } from '../json.ts'
import { nameOf, type Pod } from '../pod.ts'
import { SIDECAR_NAME } from '../sidecar-container.ts'
import type { Check } from './check.ts'

const FLAGS: readonly (readonly [field: string, reason: AdmissionReason])[] = [
  ['hostNetwork', 'host-network'],
  ['hostPID', 'host-pid'],
  ['hostIPC', 'host-ipc'],
  // `/proc/PID/root` and `/proc/PID/environ` of the sidecar would be open to whoever runs as root in the job.
  ['shareProcessNamespace', 'shared-process-namespace'],
]

/** Katib shares the processes of a trial with the container by which it reads what the trial prints. */
const KATIB_COLLECTOR = 'metrics-logger-and-collector'

function changeOf(field: string, pod: Pod): string {
  const isKatibs = field === 'shareProcessNamespace' && pod.containers.some(({ name }) => name === KATIB_COLLECTOR)
  if (!isKatibs) return `remove \`${field}: true\` from the pod`
  return 'set `metricsCollectorSpec.collector.kind: Push` in the Experiment, and report metrics by the SDK of Katib'
}

export const sharedNamespaces: Check = (pod) => [
  ...FLAGS.filter(([field]) => flagAt(pod.spec, field)).map(([field, reason]) =>
    denial(reason, { change: changeOf(field, pod) }),
  ),
  // `kubectl debug --target=kerbside` puts a container into the process namespace of the sidecar.
  ...pod.containers
    .filter(({ raw }) => textAt(raw, 'targetContainerName') === SIDECAR_NAME)
    .map((container) =>
      denial('shared-process-namespace', { where: nameOf(container), change: 'name another container as its target' }),
    ),
]
