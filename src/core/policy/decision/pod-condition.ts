/** What a grant asks of the pod: settled by the broker, which sees the live pod, when it cuts the pod's slice. */
import { type Labels, matches, type Selector } from './selector.ts'

/** Both must hold. */
export type PodCondition = {
  readonly namespaces?: readonly string[]
  readonly selector?: Selector
}

/** What is known of a pod. */
export type PodContext = {
  readonly namespace?: string
  readonly labels?: Labels
}

/** Whether a grant is for this pod. What is not known makes an allow pass over it, and a deny hit it. */
export function pertains(
  grant: { readonly effect: 'allow' | 'deny'; readonly pods?: PodCondition },
  pod: PodContext,
): boolean {
  const { namespaces, selector } = grant.pods ?? {}
  const unknown = grant.effect === 'deny'
  const isOfNamespace =
    namespaces === undefined || (pod.namespace === undefined ? unknown : namespaces.includes(pod.namespace))
  const isSelected = selector === undefined || (pod.labels === undefined ? unknown : matches(selector, pod.labels))
  return isOfNamespace && isSelected
}
