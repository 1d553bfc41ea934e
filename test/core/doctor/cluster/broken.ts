/** What may be wrong with an installation, each thing by itself, and what must be told of it. */
import { BROKEN_GUARDS } from './broken-guards.ts'
import { type Broken, type Loose, theOne, type World, without } from './installation.ts'

export const mutating = (world: World): Loose => theOne(world.mutatingWebhooks, 'a-kerbside').webhooks[0]
const validating = (world: World): Loose => theOne(world.validatingWebhooks, 'kerbside').webhooks[0]
export const other = (name: string, webhook: object = {}) => ({
  metadata: { name },
  webhooks: [
    {
      name: 'defaults.example.org',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      ...webhook,
    },
  ],
})

export const BROKEN: readonly Broken[] = [
  ['no webhooks', 'webhooks', (w) => w.mutatingWebhooks.splice(0), [/^fail a-kerbside: there is no Mutating/]],
  [
    'a webhook taken out',
    'webhooks',
    (w) => theOne(w.validatingWebhooks, 'kerbside').webhooks.splice(0),
    [/^fail kerbside: it has no webhook `validate/],
  ],
  [
    'a policy of failure that lets pods through',
    'webhooks',
    (w) => (mutating(w).failurePolicy = 'Ignore'),
    [/failurePolicy is Ignore: .* run without their sidecar/],
  ],
  [
    'another object selector',
    'webhooks',
    (w) => (validating(w).objectSelector = { matchLabels: { a: 'b' } }),
    [/^fail kerbside: its objectSelector is not ours/],
  ],
  [
    'match conditions',
    'webhooks',
    (w) => (validating(w).matchConditions = [{ name: 'a', expression: 'false' }]),
    [/matchConditions leave out/],
  ],
  [
    'a namespace selector that selects none',
    'webhooks',
    (w) => (mutating(w).namespaceSelector = { matchLabels: { a: 'b' } }),
    [/^fail a-kerbside: its namespaceSelector selects no namespace/],
  ],
  [
    'a namespace selector that leaves some out',
    'webhooks',
    (w) =>
      (mutating(w).namespaceSelector = {
        matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['ml-quant'] }],
      }),
    [/^warn a-kerbside: its namespaceSelector leaves out ml-quant/],
  ],
  [
    'an operation less',
    'webhooks',
    (w) => (validating(w).rules[0].operations = ['CREATE']),
    [/^fail kerbside: it is not asked about UPDATE pods/],
  ],
  [
    'a subresource less',
    'webhooks',
    (w) => validating(w).rules[1].resources.pop(),
    [/not asked about UPDATE pods\/resize/],
  ],
  [
    'no second call',
    'webhooks',
    (w) => (mutating(w).reinvocationPolicy = 'Never'),
    [/^warn a-kerbside: it is not asked again/],
  ],
  [
    'a webhook after ours',
    'order',
    (w) => w.mutatingWebhooks.push(other('pod-defaults')),
    [/^warn pod-defaults: `defaults.example.org` is called after ours/],
  ],
  [
    'one for everything',
    'order',
    (w) =>
      w.mutatingWebhooks.push(
        other('z', { rules: [{ apiGroups: ['*'], apiVersions: ['*'], resources: ['*'], operations: ['*'] }] }),
      ),
    [/^warn z:/],
  ],
  [
    'no broker',
    'programs',
    (w) => without(w.deployments, 'kerbside-broker'),
    [/^fail kerbside-broker: there is no Deployment/],
  ],
  [
    'no replica ready',
    'programs',
    (w) =>
      (theOne(w.deployments, 'kerbside-webhook').status = {
        conditions: [{ type: 'Available', status: 'False', message: 'Deployment does not have minimum availability.' }],
      }),
    [/^fail kerbside-webhook: 0 of 2 replicas are ready: Deployment does not/],
  ],
  [
    'half of them ready',
    'programs',
    (w) => (theOne(w.deployments, 'kerbside-webhook').status.readyReplicas = 1),
    [/^warn kerbside-webhook: 1 of 2/],
  ],
  [
    'one replica',
    'programs',
    (w) =>
      Object.assign(theOne(w.deployments, 'kerbside-webhook'), { spec: { replicas: 1 }, status: { readyReplicas: 1 } }),
    [/^warn kerbside-webhook: it has 1 replicas, not 2/],
  ],
  [
    'no disruption budget',
    'programs',
    (w) => without(w.budgets, 'kerbside-webhook'),
    [/^warn kerbside-webhook: there is no PodDisruptionBudget/],
  ],
  [
    'a right more',
    'rights',
    (w) =>
      theOne(w.clusterRoles, 'kerbside-broker').rules.push({
        apiGroups: [''],
        resources: ['secrets'],
        verbs: ['list'],
      }),
    [/^fail kerbside-broker: it may more than ours: list secrets$/],
  ],
  [
    'a right for all names',
    'rights',
    (w) => delete theOne(w.roles, 'kerbside-authority').rules[0].resourceNames,
    [/^fail kerbside-authority: it may more than ours: get secrets, update secrets$/],
  ],
  [
    'a right for everything',
    'rights',
    (w) => (theOne(w.clusterRoles, 'kerbside-webhook').rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
    [/^fail kerbside-webhook: it may more than ours: \* \*$/],
  ],
  [
    'a right less',
    'rights',
    (w) => theOne(w.clusterRoles, 'kerbside-broker').rules.pop(),
    [/^fail kerbside-broker: it may not create events$/],
  ],
  [
    'a role less',
    'rights',
    (w) => without(w.clusterRoles, 'kerbside-broker'),
    [/^fail kerbside-broker: there is no ClusterRole/],
  ],
  [
    'a binding less',
    'rights',
    (w) => without(w.clusterRoleBindings, 'kerbside-broker'),
    [/^fail kerbside-broker: it is bound to nobody/],
  ],
  ...BROKEN_GUARDS,
]
