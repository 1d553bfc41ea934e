/**
 * The mount of the default service-account token, which ServiceAccount admission gives to every container that has nothing at its
 * place (plugin/pkg/admission/serviceaccount): before webhooks are asked, and once more when one of them changed the pod.
 */
import { type JsonObject, objectsAt, sameJson, textAt } from './json.ts'
import { othersIn, type Pod } from './pod.ts'

export const isDefaultTokenMount = (mount: JsonObject): boolean =>
  sameJson(mount, {
    name: textAt(mount, 'name') ?? '',
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    readOnly: true,
  }) && textAt(mount, 'name')?.startsWith('kube-api-access-') === true

/**
 * With the mount that the sidecar would get all the same: given here, the API server finds nothing to add after us, and does not
 * ask every webhook about every pod once more.
 */
export function withDefaultToken(sidecar: JsonObject, pod: Pod): JsonObject {
  const mount = othersIn(pod)
    .flatMap(({ mounts }) => mounts)
    .find(isDefaultTokenMount)
  return mount === undefined ? sidecar : { ...sidecar, volumeMounts: [...objectsAt(sidecar, 'volumeMounts'), mount] }
}
