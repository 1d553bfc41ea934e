/** A user who may do everything that RBAC can give, and is still no kubelet. */
import { api } from './installation.ts'

export const ADMINISTRATOR = 'administrator@example.org'

const BINDING = 'e2e-administrator'

export const appointAdministrator = () =>
  api.apply([
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: BINDING },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: ADMINISTRATOR }],
    },
  ])

export const dismissAdministrator = () => api.kubectl(['delete', 'clusterrolebinding', BINDING, '--ignore-not-found'])
