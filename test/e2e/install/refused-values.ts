/** Values that are refused before anything is rendered, each with what Helm says of it. */

export type Refusal = readonly [what: string, values: object, said: RegExp]

const store = { image: 'kerbside:dev', store: 'openbao' }
const VOLUME = { emptyDir: {} }
const RECORDS = { audit: { volume: VOLUME } }
const OUT = { name: 'out', to: 'stdout' }
const LOGIN = { issuer: 'https://login.example.org', clientId: 'a', url: 'https://audit.example.org', reviewers: ['b'] }
const SIGNED_IN = { login: LOGIN, loginSecret: 'a', tlsSecret: 'b', journal: VOLUME }

/** By values.schema.json. */
export const BY_SCHEMA: readonly Refusal[] = [
  ['a value that there is not', { webhoook: { replicas: 2 } }, /webhoook/],
  ['one inside another', { webhook: { replica: 2 } }, /\/webhook.*replica/s],
  ['one webhook alone', { webhook: { replicas: 1 } }, /\/webhook\/replicas.*minimum/s],
  ['a number in quotes', { broker: { replicas: '2' } }, /\/broker\/replicas.*integer/s],
  ['one broker alone', { broker: { replicas: 1 } }, /\/broker\/replicas.*minimum/s],
  [
    'less than no memory',
    { webhook: { resources: { limits: { memory: -1 } } } },
    /\/webhook\/resources\/limits\/memory/s,
  ],
  [
    'an amount in words',
    { broker: { resources: { requests: { cpu: 'much' } } } },
    /\/broker\/resources\/requests\/cpu/s,
  ],
  ['an image with a second line', { image: 'kerbside:dev\n          command: [sh]' }, /\/image.*pattern/s],
  ['an image that is a template', { image: '{{ .Release.Name }}' }, /\/image.*pattern/s],
  ['no image', { image: '' }, /\/image.*pattern/s],
  ['a name with a second line', { policies: { configMap: 'a\nb' } }, /\/policies\/configMap.*pattern/s],
  ['a file of the policy in a folder', { policies: { files: { 'a/b.yaml': '' } } }, /a\/b\.yaml/],
  ['a way to certificates that there is not', { tls: { mode: 'none' } }, /\/tls\/mode.*own/s],
  ['a flag in two words', { broker: { args: ['--audit', '/x'] } }, /\/broker\/args\/1.*pattern/s],
  ['a flag with a second line', { broker: { args: ['--audit=/x\n- --keys-file=/y'] } }, /\/broker\/args\/0.*pattern/s],
  [
    'all Secrets of a namespace',
    { broker: { mayRead: [{ namespace: 'hdfs', names: [] }] } },
    /mayRead\/0\/names.*minItems/s,
  ],
  ['every Secret', { broker: { mayRead: [{ namespace: 'hdfs', names: ['*'] }] } }, /mayRead\/0\/names\/0.*pattern/s],
  ['the port of no server', { networkPolicies: { apiServerPorts: [0] } }, /apiServerPorts\/0.*minimum/s],
  ['a port beyond the last', { networkPolicies: { apiServerPorts: [65_536] } }, /apiServerPorts\/0.*maximum/s],
  ['no port of the API server', { networkPolicies: { apiServerPorts: [] } }, /apiServerPorts.*minItems/s],
  ['anybody as who may ask for metrics', { networkPolicies: { metricsFrom: [{}] } }, /metricsFrom\/0.*minProperties/s],
  ['a reader that is anybody', { networkPolicies: { readersFrom: [{}] } }, /readersFrom\/0.*minProperties/s],
  ['a sequence below none', { policies: { atLeast: -1 } }, /\/policies\/atLeast.*minimum/s],
  ['a namespace with a dot', { guards: { portForwardNamespaces: ['a.b'] } }, /portForwardNamespaces\/0.*pattern/s],
  ['an issuer of a kind with a line', { tls: { issuer: { name: 'a', kind: 'A\nb' } } }, /issuer\/kind.*pattern/s],
  ['an audience in two words', { broker: { tokenAudience: 'a b' } }, /\/broker\/tokenAudience.*pattern/s],
  ['a sink with a folder as name', { export: { sinks: [{ ...OUT, name: 'a/b' }] } }, /sinks\/0\/name.*pattern/s],
  ['a Secret with a folder as name', { export: { secrets: ['a/b'] } }, /export\/secrets\/0.*pattern/s],
  ['a login of nobody', { review: { login: { ...LOGIN, clientId: '' } } }, /\/review\/login\/clientId.*minLength/s],
  ['a page in the clear', { review: { login: { ...LOGIN, url: 'http://a' } } }, /\/review\/login\/url.*pattern/s],
  [
    'authorities at no known place',
    { review: { login: { ...LOGIN, authoritiesFile: 'ca.pem' } } },
    /login\/authoritiesFile.*pattern/s,
  ],
  ['a scope without a name', { review: { login: { ...LOGIN, scopes: [''] } } }, /login\/scopes\/0.*minLength/s],
  ['a claim without a name', { review: { login: { ...LOGIN, claim: '' } } }, /login\/claim.*minLength/s],
  ['a reviewer without a name', { review: { login: { ...LOGIN, reviewers: [''] } } }, /reviewers\/0.*minLength/s],
  ['an auditor without a name', { review: { login: { ...LOGIN, auditors: [''] } } }, /auditors\/0.*minLength/s],
  [
    'a lead without a name',
    { review: { login: { ...LOGIN, teamLeads: { quant: [''] } } } },
    /teamLeads\/quant\/0.*minLength/s,
  ],
  ['a session of a minute', { review: { login: { ...LOGIN, sessionMinutes: 1 } } }, /sessionMinutes.*minimum/s],
  ['a session of two days', { review: { login: { ...LOGIN, sessionMinutes: 2880 } } }, /sessionMinutes.*maximum/s],
  [
    'an egress rule that opens everything',
    { networkPolicies: { brokerEgress: [{}] } },
    /brokerEgress\/0.*minProperties/s,
  ],
  ['a word of the login that there is not', { review: { login: { ...LOGIN, admins: ['a'] } } }, /login.*admins/s],
  [
    'a provider in the clear',
    { review: { login: { ...LOGIN, issuer: 'http://a' } } },
    /\/review\/login\/issuer.*pattern/s,
  ],
  [
    'a sink that there is not',
    { export: { sinks: [{ name: 'a', to: 'syslog' }] } },
    /\/export\/sinks\/0\/to.*parquet/s,
  ],
]

/** By templates/90-checks.yaml: what the schema cannot say. */
export const BY_CHECKS: readonly Refusal[] = [
  [
    'cert-manager without an issuer',
    { tls: { mode: 'cert-manager' } },
    /tls\.issuer\.name is missing: name the Issuer/,
  ],
  [
    'a key for no records',
    { audit: { keySecret: 'key' } },
    /audit\.keySecret needs records to sign: set audit\.volume/,
  ],
  [
    'public keys for no page',
    { ...RECORDS, audit: { ...RECORDS.audit, keysConfigMap: 'keys' }, review: { enabled: false } },
    /audit\.keysConfigMap is for the audit page: set/,
  ],
  ['two volumes in one', { audit: { volume: { emptyDir: {}, nfs: {} } } }, /audit\.volume is one volume source/],
  [
    'a login without what it needs',
    { ...RECORDS, review: { login: LOGIN } },
    /review\.login needs review\.loginSecret/,
  ],
  ['a login for no records', { review: SIGNED_IN }, /review\.login needs records to show: set audit\.volume/],
  [
    'a login that nobody may reach',
    { ...RECORDS, review: SIGNED_IN, networkPolicies: { reviewEgress: [{ ports: [{ port: 443 }] }] } },
    /review\.login needs networkPolicies\.readersFrom and/,
  ],
  [
    'a secret of no login',
    { ...RECORDS, review: { loginSecret: 'a' } },
    /are for readers who sign in: set review\.login/,
  ],
  ['a sink for no records', { export: { sinks: [OUT] } }, /export\.sinks needs records to send: set audit\.volume/],
  ['a sink that forgets', { ...RECORDS, export: { sinks: [OUT] } }, /export\.state is missing: name a volume/],
  [
    'Parquet outside its volume',
    { ...RECORDS, export: { state: VOLUME, lake: VOLUME, sinks: [{ name: 'a', to: 'parquet', directory: '/tmp' }] } },
    /the sink `a` has no volume: set export\.lake/,
  ],
  [
    'HDFS without an identity',
    { ...RECORDS, export: { state: VOLUME, sinks: [{ name: 'a', to: 'hdfs' }] } },
    /the sink `a` goes through a sidecar: set export\.identity/,
  ],
  [
    'two volumes for one cursor',
    { ...RECORDS, export: { state: { ...VOLUME, nfs: {} }, sinks: [OUT] } },
    /export\.state is one volume source/,
  ],
  [
    'rights to Secrets of another store',
    { broker: { mayRead: [{ namespace: 'a', names: ['b'] }] } },
    /set broker\.secrets to \{store: kub/,
  ],
  ['the reserved audience', { broker: { tokenAudience: 'kerbside.io' } }, /is the reserved audience.*name one/],
  [
    'files beside a signed bundle',
    { policies: { keysConfigMap: 'k', files: { a: '' } } },
    /policies\.files is not signed.*put policy\.jws/,
  ],
  [
    'a sequence without a signature',
    { policies: { atLeast: 3 } },
    /policies\.atLeast is for a signed bundle: set policies\.keysConf/,
  ],
  [
    'an injection file without an image',
    { injection: { file: { store: 'openbao' } } },
    /injection\.file\.image is missing: name the image/,
  ],
  [
    'an injection file without a store',
    { injection: { file: { image: 'a' } } },
    /injection\.file\.store is missing: deploy\/README/,
  ],
  [
    'too large a policy',
    { injection: { file: store }, policies: { files: { a: 'a'.repeat(716_801) } } },
    /larger than a ConfigMap: build a signed/,
  ],
]
