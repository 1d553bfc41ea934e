/** Webhooks that run as processes of the lab, behind a Service as the API server knows it: who is there is written here, by no controller. */
import { HOSTS } from '../../lab/addresses.ts'

export type ServiceAt = { readonly namespace: string; readonly name: string }

export const service = (metadata: ServiceAt, targetPort: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata,
  spec: { ports: [{ name: 'https', port: 443, targetPort }] },
})

/** One of its processes, in a slice of its own that is named by the port. */
export const endpoint = (
  { namespace, name }: ServiceAt,
  { port, ready }: { readonly port: number; readonly ready: boolean },
): object => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: {
    name: `${name}-${port}`,
    namespace,
    labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'e2e.kerbside.io' },
  },
  addressType: 'IPv4',
  ports: [{ name: 'https', port, protocol: 'TCP' }],
  endpoints: [{ addresses: [HOSTS['hook.lab']], conditions: { ready } }],
})
