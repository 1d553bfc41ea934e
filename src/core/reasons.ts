/** Every "no" of Kerbside and its sentence. The same code goes to the log, the metric, the admission message, the record and the README. */

/** Why policy allowed or denied. Used by `decide`. */
export const POLICY_REASONS = {
  granted: 'a grant allows it',
  ancestor: 'the directory leads to a granted dataset, and shows only what leads there',
  'local-answer': 'the answer names no path and comes from the gateway itself',
  'cluster-fact': 'the answer is about the cluster as a whole and names no path',
  'no-dataset': 'the path is in no dataset that this team was granted',
  'no-grant': 'no grant gives this team that action on the dataset',
  'grant-expired': 'the grant that allowed it has expired',
  'not-now': 'the grant that allows it applies at other times',
  'denied-by-grant': 'a grant denies it, and a deny wins over any allow',
  'nested-dataset': 'below the path lies another dataset on which the action is not granted',
  'protected-root': 'the root of the dataset is protected',
  'file-too-large': 'the file would be larger than the dataset allows',
  'too-many-replicas': 'the file would have more replicas than the dataset allows',
  'block-too-large': 'the file would have larger blocks than the dataset allows',
  shadow: 'the policy is in shadow: it would be denied, and is only recorded',
} as const

/** Why a request never reached policy. Used by the gateway's parser. */
export const REQUEST_REASONS = {
  'bad-target': 'the request target is not a WebHDFS URL',
  'bad-host': 'the Host header is not this gateway',
  'web-page': 'a browser sent it for a web page, and no page speaks to the gateway',
  'bad-encoding': 'the path is not valid percent-encoded UTF-8',
  'double-encoding': 'the path is percent-encoded twice',
  'relative-path': 'the path does not begin with `/`',
  'empty-segment': 'the path has an empty segment: two slashes in a row, or one at its end',
  'dot-segment': 'the path has a `.` or `..` segment',
  'reserved-path': 'the path begins with `.reserved`, which is another name for every file',
  'snapshot-path': 'the path goes through `.snapshot`, which is another name for a live path',
  'control-character': 'the path has a control character',
  'matrix-parameter': 'the path has a raw `;`, which some servers cut at',
  'path-too-long': 'the path is longer than HDFS takes',
  'bad-parameter': 'a parameter has a value that the operation does not take',
  'duplicate-parameter': 'a parameter is given twice',
  'identity-parameter': 'the identity of a request cannot be chosen by a parameter',
  'unknown-operation': 'there is no such operation',
  'unsupported-operation': 'the operation is not offered through the gateway',
  'wrong-method': 'the operation belongs to another HTTP method',
  'foreign-peer': 'the connection does not come from a container of this pod',
} as const

/** Why a pod is not admitted. Used by `evaluate`, in webhook, broker and CLI alike. */
export const ADMISSION_REASONS = {
  'unknown-identity': 'no identity of that name may be used by this namespace and service account',
  'not-allowed': 'the identity may not be used by this namespace and service account',
  'bad-label': 'the identity label has a value that cannot name an identity',
  'host-network': 'a pod on the host network would share the gateway with every pod of the node',
  'host-pid': 'a pod that shares the process table of its node could read the memory of the sidecar',
  'host-ipc': 'a pod that shares the IPC namespace of its node is not confined',
  'shared-process-namespace': 'containers that share a process table could read the files of the sidecar',
  privileged: 'a privileged container can read everything on its node',
  'dangerous-capability': 'the capability lets a container look into or reroute the sidecar',
  'host-path': 'a hostPath volume can reach the files of the sidecar on the node',
  'csi-volume': 'a CSI driver could give the job what the secret store keeps for the sidecar',
  'same-user': 'a container that runs as the user of the sidecar could signal or trace it',
  'bad-annotation': 'the annotation is none that Kerbside knows, or not in its form',
  'no-room': 'the pod as a whole is limited to less than its sidecar needs',
  'no-secret-store': 'policy has the identity ask a secret store by itself, and sidecars have none to ask',
  'reserved-audience': 'only the sidecar may mount a service-account token of the reserved audience',
  'reserved-name': 'names that begin with `kerbside` belong to the sidecar',
  'reserved-volume': 'only the sidecar may mount this volume',
  'host-alias': 'a host name that the pod sets could lead the sidecar somewhere else',
  'custom-dns': 'a pod that chooses its own DNS servers or search domains could lead the sidecar somewhere else',
  'sidecar-missing': 'the pod asks for an identity but has no sidecar',
  'sidecar-differs': 'the sidecar in the pod is not the one that Kerbside would inject',
  'label-changed': 'the identity of a pod cannot change after it was created',
  'port-forward': 'a forwarded port would reach the gateway of this pod',
  'no-policy': 'no usable policy is loaded',
  'internal-error': 'the pod could not be checked',
} as const

/** Why the broker does not serve a sidecar. */
export const BROKER_REASONS = {
  'no-token': 'the request carries no service-account token',
  'bad-token': 'the service-account token is not valid for the reserved audience',
  'not-pod-bound': 'the service-account token is not bound to a pod',
  'pod-gone': 'the pod of the token is not running',
  'other-identity': 'the pod of the token asks for another identity',
  'pod-refused': 'the pod of the token would not be admitted today',
  'secrets-direct': 'policy has this identity ask the secret store itself',
  'slice-format': 'the broker has no slices of the form that this sidecar reads: one of them must be replaced',
} as const

export type PolicyReason = keyof typeof POLICY_REASONS
export type RequestReason = keyof typeof REQUEST_REASONS
export type AdmissionReason = keyof typeof ADMISSION_REASONS
export type BrokerReason = keyof typeof BROKER_REASONS
export type Reason = PolicyReason | RequestReason | AdmissionReason | BrokerReason

/** All of them, for the README and for tests that no code is listed twice. */
export const REASONS: Readonly<Record<Reason, string>> = {
  ...POLICY_REASONS,
  ...REQUEST_REASONS,
  ...ADMISSION_REASONS,
  ...BROKER_REASONS,
}
