/** What may be wrong with the policies of the API server and their bindings, each thing by itself, and what must be told of it. */
import { type Broken, type Loose, theOne, type World, without } from './installation.ts'

const guard = (world: World, name: string): Loose => theOne(world.policies, name).spec
const guardRule = (world: World, name: string): Loose => guard(world, name).matchConstraints.resourceRules[0]

export const BROKEN_GUARDS: readonly Broken[] = [
  [
    'a guard less',
    'guards',
    (w) => without(w.policies, 'kerbside-exec'),
    [/^fail 1 of \d+ are missing: kerbside-exec$/],
  ],
  [
    'a binding less',
    'guards',
    (w) => without(w.policyBindings, 'kerbside-label'),
    [/^fail kerbside-label: no binding/],
  ],
  [
    'a binding that only audits',
    'guards',
    (w) => (theOne(w.policyBindings, 'kerbside-label').spec.validationActions = ['Audit']),
    [/^fail kerbside-label: its binding only says Audit/],
  ],
  [
    'a binding of another policy',
    'guards',
    (w) => (theOne(w.policyBindings, 'kerbside-label').spec.policyName = 'x'),
    [/^fail kerbside-label: its binding is of another policy, `x`/],
  ],
  [
    'a binding for a part',
    'guards',
    (w) =>
      (theOne(w.policyBindings, 'kerbside-label').spec.matchResources = {
        namespaceSelector: { matchLabels: { a: 'b' } },
      }),
    [/^warn kerbside-label: its binding holds for part/],
  ],
  [
    'a guard that was made weaker',
    'guards',
    (w) => (guard(w, 'kerbside-exec').validations[0].expression += ' || true'),
    [/^fail kerbside-exec: 1 of what it must demand it does not/],
  ],
  [
    'a variable that was emptied',
    'guards',
    (w) => (guard(w, 'kerbside-reserved-audience').variables[0].expression = '[]'),
    [/^fail kerbside-reserved-audience: 1 of/],
  ],
  [
    'a guard that lets errors through',
    'guards',
    (w) => (guard(w, 'kerbside-exec').failurePolicy = 'Ignore'),
    [/^fail kerbside-exec: an error in it/],
  ],
  [
    'a guard with conditions',
    'guards',
    (w) => (guard(w, 'kerbside-exec').matchConditions = [{ name: 'a', expression: 'false' }]),
    [/^fail kerbside-exec: its matchConditions/],
  ],
  [
    'a guard of some pods only',
    'guards',
    (w) => (guard(w, 'kerbside-label').matchConstraints.objectSelector = { matchLabels: { a: 'b' } }),
    [/^fail kerbside-label: its objectSelector leaves something out/],
  ],
  [
    'a guard of some namespaces only',
    'guards',
    (w) => (guard(w, 'kerbside-exec').matchConstraints.namespaceSelector = { matchLabels: { a: 'b' } }),
    [/^fail kerbside-exec: its namespaceSelector leaves something out/],
  ],
  [
    'a guard with an exception',
    'guards',
    (w) =>
      (guard(w, 'kerbside-exec').matchConstraints.excludeResourceRules = [
        { apiGroups: [''], apiVersions: ['v1'], resources: ['pods/exec'], operations: ['*'] },
      ]),
    [/^fail kerbside-exec: its excludeResourceRules leaves something out/],
  ],
  [
    'a guard that is asked about pods, and no longer about their status',
    'guards',
    (w) => (guardRule(w, 'kerbside-label').resources = ['*']),
    [
      /^fail kerbside-label: it is not asked about UPDATE pods\/status, UPDATE pods\/ephemeralcontainers, UPDATE pods\/resize$/,
    ],
  ],
  [
    'a guard of other resources',
    'guards',
    (w) => (guardRule(w, 'kerbside-exec').resources = ['services/exec', 'services/attach']),
    [/^fail kerbside-exec: it is not asked about CONNECT pods\/exec, CONNECT pods\/attach$/],
  ],
  [
    'a guard of another group',
    'guards',
    (w) => (guardRule(w, 'kerbside-exec').apiGroups = ['apps']),
    [/^fail kerbside-exec: it is not asked about CONNECT pods\/exec, CONNECT pods\/attach$/],
  ],
  [
    'a guard of another version',
    'guards',
    (w) => (guardRule(w, 'kerbside-exec').apiVersions = ['v2']),
    [/^fail kerbside-exec: it is not asked about CONNECT pods\/exec/],
  ],
  [
    'a guard of one pod by its name',
    'guards',
    (w) => (guardRule(w, 'kerbside-exec').resourceNames = ['train']),
    [/^fail kerbside-exec: it is not asked about CONNECT pods\/exec/],
  ],
  [
    'a guard of what has no namespace',
    'guards',
    (w) => (guardRule(w, 'kerbside-exec').scope = 'Cluster'),
    [/^fail kerbside-exec: it is not asked about CONNECT pods\/exec/],
  ],
  [
    'a binding that compares with other pods',
    'guards',
    (w) => (theOne(w.policyBindings, 'kerbside-port-forward').spec.paramRef.selector = { matchLabels: { a: 'b' } }),
    [/^fail kerbside-port-forward: its binding compares with other objects/],
  ],
  [
    'an expression that does not type',
    'guards',
    (w) =>
      (theOne(w.policies, 'kerbside-exec').status = {
        typeChecking: { expressionWarnings: [{ fieldRef: 'a', warning: 'b' }] },
      }),
    [/^warn kerbside-exec: the API server warns of 1/],
  ],
]
