/**
 * What made a pod, as far as the pod itself says: its controller. Whoever may create a pod can write this, so it helps a reader
 * and decides nothing.
 */
import type { Owner } from '../audit/record.ts'

const LONGEST = 253

/** Nothing where no controller is named. Never throws, whatever a pod is. */
export function ownerOf(pod: unknown): Owner | undefined {
  const { ownerReferences, labels } = Object(Object(pod).metadata)
  if (!Array.isArray(ownerReferences)) return undefined
  const { kind, name } = Object(ownerReferences.find((one) => Object(one).controller === true))
  if (!isName(kind) || !isName(name)) return undefined
  const labelled = new Map<string, unknown>(Object.entries(Object(labels)))
  // A Deployment names its ReplicaSets after itself and this label, a Kubeflow Notebook its StatefulSet after itself.
  const hash = labelled.get('pod-template-hash')
  if (kind === 'ReplicaSet' && isName(hash) && name.endsWith(`-${hash}`))
    return { kind: 'Deployment', name: name.slice(0, -hash.length - 1) }
  if (kind === 'StatefulSet' && labelled.get('notebook-name') === name) return { kind: 'Notebook', name }
  return { kind, name }
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST && /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(value)

/** As a header says it, `Job/train`, and back. */
export const writeOwner = ({ kind, name }: Owner): string => `${kind}/${name}`

export function readOwner(text: unknown): Owner | undefined {
  const [kind, name, ...more] = typeof text === 'string' ? text.split('/') : []
  return isName(kind) && isName(name) && more.length === 0 ? { kind, name } : undefined
}

/** Header of the answer that slices come in. */
export const OWNER_HEADER = 'kerbside-owner'
