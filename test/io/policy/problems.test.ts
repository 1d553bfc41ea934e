/** Every mistake in a policy file is said: the file, the line, the column, the offending text, and what was perhaps meant. */
import { describe, expect, test } from 'vitest'
import { dataset, document, grant, identity, LAB, problemsOf } from './folder.ts'

describe('what is wrong is said at its place', () => {
  test.each<[string, string, string]>([
    [
      'a field that is unknown',
      grant('g', { datset: ['market'] }),
      'unknown field `datset` in `spec`\n  did you mean `datasets`?',
    ],
    [
      'a kind that is unknown',
      document('Datset', 'x', {}),
      'b.yaml:1:43: no kind is called `Datset`\n  did you mean `Dataset`?',
    ],
    ['a kind on a prototype', document('constructor', 'x', {}), 'no kind is called `constructor`'],
    ['no kind', '{}', 'b.yaml:1:1: `kind` is missing'],
    [
      'another version',
      grant('g').replace('io/v1', 'io/v2'),
      '`kerbside.io/v2` in `apiVersion` must be `kerbside.io/v1`',
    ],
    ['a list for a document', '- a', 'b.yaml:1:1: a document must be a mapping'],
    [
      'a number for a name',
      document('Dataset', 'x', {}).replace('"x"', '1'),
      '`metadata.name` must be text, and is the number `1`',
    ],
    ['a name that is no name', grant('My_Grant'), '`My_Grant` in `metadata.name` must be lower-case letters'],
    [
      'a missing field',
      document('Grant', 'g', { effect: 'allow', teams: ['quant'], datasets: ['market'] }),
      '`spec.actions` is missing',
    ],
    [
      '`insecureHttp: false`, which is what its absence says',
      LAB.replaceAll('lab', 'open').replace('"nameservice"', '"insecureHttp":false,"nameservice"'),
      '`spec.insecureHttp`',
    ],
    ['an empty list', grant('g', { teams: [] }), '`spec.teams` is an empty list'],
    [
      'a value that may be of two kinds, and is of neither',
      dataset('d', '/d', { protect: 7 }),
      '`spec.protect` must be `true` or `false` or a list, and is the number `7`',
    ],
    [
      'a list that is wrong inside, where a list is one of two kinds',
      dataset('d', '/d', { protect: ['a', '../x'] }),
      '`../x` in `spec.protect[1]` is not canonical',
    ],
    [
      'an empty list, where a list is one of two kinds',
      dataset('d', '/d', { protect: [] }),
      '`spec.protect` is an empty',
    ],
    [
      'a number that is too small',
      dataset('d', '/d', { limits: { largestReplication: 0 } }),
      'the number `0` in `spec.limits.largestReplication` must be more than 0',
    ],
    [
      'a number that is less than the least',
      identity('i', { token: { expirationSeconds: 599 } }),
      'the number `599` in `spec.token.expirationSeconds` must be at least 600',
    ],
    [
      'a number that is too large',
      identity('i', { maxStaleSeconds: 86_401 }),
      'the number `86401` in `spec.maxStaleSeconds` must be at most 86400',
    ],
    [
      'a fraction',
      dataset('d', '/d', { limits: { largestReplication: 1.5 } }),
      '`spec.limits.largestReplication` must be a whole number, and is the number `1.5`',
    ],
    [
      'text for a number',
      dataset('d', '/d', { limits: { largestReplication: '3' } }),
      '`spec.limits.largestReplication` must be a number, and is `3`',
    ],
    ['a grant to nobody', grant('g', { teams: undefined }), '`spec` names neither `teams` nor `identities`'],
    [
      'a dataset that is missing',
      grant('g', { datasets: ['marekt'] }),
      'no dataset is called `marekt`\n  did you mean `market`?',
    ],
    ['an identity that is missing', grant('g', { identities: ['x'] }), 'no identity is called `x`'],
    ['a team without members', grant('g', { teams: ['qunat'] }), 'is of team `qunat`\n  did you mean `quant`?'],
    ['a cluster that is missing', dataset('d', '/d', { cluster: 'far' }), 'no HadoopCluster is called `far`'],
    ['a name twice', dataset('market', '/other'), 'dataset `market` is defined already, at a/good.yaml:3'],
    [
      'a prefix in two datasets',
      dataset('d', '/data/market'),
      'prefix `/data/market` is already one of dataset `market`, at a/good.yaml:3',
    ],
    ['an action that is unknown', grant('g', { actions: ['raed'] }), '`raed` in `spec.actions[0]` must be one of'],
    ['an allow of everything', grant('g', { actions: ['all'] }), '`all` is for denies only'],
    [
      'an effect in capitals',
      grant('g', { effect: 'Deny' }),
      '`Deny` in `spec.effect` must be one of allow, deny\n  did you mean `deny`?',
    ],
    ['an expiry without a zone', grant('g', { expires: '2027-01-31T00:00:00' }), 'must be a moment with its zone'],
    ['an expiry on 30 February', grant('g', { expires: '2027-02-30T00:00:00Z' }), 'must be a moment with its zone'],
    [
      'an identity of another realm',
      identity('i', { principal: 'quant@EVIL' }),
      'principal `quant@EVIL` is not of realm `LAB`',
    ],
    [
      'a wildcard namespace',
      identity('i', { allowedFor: [{ namespace: '*', serviceAccounts: ['a'] }] }),
      '`*` in `spec.allowedFor[0].namespace` must be',
    ],
    [
      'a secret outside its folder',
      identity('i', { secret: 'hdfs/../other' }),
      '`hdfs/../other` in `spec.secret` must be a path in the secret store',
    ],
    [
      'a NameNode without TLS',
      LAB.replace('https:', 'http:').replace('"lab"', '"far"'),
      '`http://nn1.lab:9871` in `spec.nameNodes[0]` is plain HTTP: that needs `insecureHttp: true`',
    ],
    [
      'a NameNode with a path',
      LAB.replace(':9871', ':9871/x').replace('"lab"', '"far"'),
      'must be an https origin with its port',
    ],
    [
      'every host for a DataNode',
      LAB.replace('*.lab', '*').replace('"lab"', '"far"'),
      '`*` in `spec.dataNodeHosts[0]` must be a host name',
    ],
  ])('%s', async (_, file, said) => {
    expect((await problemsOf({ 'b.yaml': file })).join('\n')).toContain(said)
  })

  test.each([
    ['/data/', 'empty segment'],
    ['//data', 'empty segment'],
    ['data', 'does not begin with `/`'],
    ['', 'does not begin with `/`'],
    ['/a/../b', '`..` segment'],
    ['/a/.', '`..` segment'],
    ['/.reserved/raw/a', '`.reserved`'],
    ['/a/.snapshot/s/b', '`.snapshot`'],
    ['/a%2e%2e/b', 'it looks percent-encoded; write it decoded'],
    ['/a\u0007b', 'control character'],
    [`/${'a/'.repeat(1000)}b`, 'longer than HDFS takes'],
    [`/${'é'.repeat(4000)}`, 'longer than HDFS takes'],
  ])('a prefix that is not canonical: %s', async (prefix, said) => {
    const problems = await problemsOf({ 'b.yaml': dataset('d', prefix) })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(said)
    expect(problems[0]).not.toContain('\u0007')
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['an operation that is unknown', { operation: 'OPNE' }, 'is not known\n  did you mean `OPEN`?'],
    ['a reason that is unknown', { reason: 'no-grnat' }, 'is not known\n  did you mean `no-grant`?'],
    ['an identity that is missing', { identity: 'quant' }, 'no identity is called `quant`'],
    ['a rename to nowhere', { operation: 'RENAME' }, 'RENAME needs `destination`'],
    ['a destination of a read', { destination: '/x' }, 'OPEN takes no `destination`'],
    ['a parameter of another operation', { parameters: { recursive: 'true' } }, 'OPEN has no parameter `recursive`'],
    [
      'a parameter that is misspelt',
      { operation: 'DELETE', parameters: { recursiv: 'true' } },
      'did you mean `recursive`?',
    ],
    [
      'a truth value for a parameter',
      { operation: 'DELETE', parameters: { recursive: true } },
      'must be text, and is the truth value `true`',
    ],
  ])('a test with %s', async (_, given, said) => {
    const one = { identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow', ...given }
    expect((await problemsOf({ 'b.yaml': document('PolicyTest', 't', { cases: [one] }) })).join('\n')).toContain(said)
  })

  const BROKEN = `apiVersion: kerbside.io/v1
kind: Dataset
metadata:
  name: broken
spec:
  clutser: lab
  owner: 3
  prefixes:
    - /data/x
    - /data//x
---
kind: Grant
apiVersion: kerbside.io/v1
metadata: { name: second }
spec:
  effect: alow
  teams: [quant]
  datasets: [market, brokn]
  actions: []
`
  test('all of it at once, in file order, and one mistake once', async () => {
    expect(await problemsOf({ 'c.yaml': grant('g', { datasets: ['broken'] }), 'b.yaml': BROKEN })).toEqual([
      'b.yaml:5:1: `spec.cluster` is missing',
      'b.yaml:6:3: unknown field `clutser` in `spec`\n  did you mean `cluster`?',
      'b.yaml:7:10: `spec.owner` must be text, and is the number `3`',
      'b.yaml:10:7: `/data//x` in `spec.prefixes[1]` is not canonical: the path has an empty segment: two slashes in a row, or one at its end',
      'b.yaml:16:11: `alow` in `spec.effect` must be one of allow, deny\n  did you mean `allow`?',
      'b.yaml:18:22: no dataset is called `brokn`\n  did you mean `broken`?',
      'b.yaml:19:12: `spec.actions` is an empty list',
    ])
  })
})

describe('realms', () => {
  const trusting = (...realms: readonly object[]) =>
    LAB.replace('"secret"', `"realms":${JSON.stringify(realms)},"secret"`).replace('"lab"', '"far"')
  const CORP = { realm: 'CORP', kdcs: ['ad.corp:88'] }
  const EU = { realm: 'EU', kdcs: ['ad.eu:88'], via: 'CORP' }

  test('a principal may be of any that the cluster of its identity trusts', async () => {
    const other = identity('i', { cluster: 'far', principal: 'quant@EU' })
    expect(await problemsOf({ 'b.yaml': trusting(EU, CORP) + other })).toEqual([])
  })

  test('a principal of another one is told which there are', async () => {
    const other = identity('i', { cluster: 'far', principal: 'quant@eu' })
    expect((await problemsOf({ 'b.yaml': trusting(EU, CORP) + other })).join('\n')).toContain(
      'principal `quant@eu` is not of realm `LAB` or `EU` or `CORP`, which cluster `far` has',
    )
  })

  test.each<[string, readonly object[], string]>([
    ['without KDCs', [{ realm: 'CORP' }], '`spec.realms[0].kdcs` is missing'],
    ['that would write lines of its own', [{ ...CORP, realm: 'A\n}' }], 'must be a Kerberos realm'],
    ['of the cluster itself', [{ ...CORP, realm: 'LAB' }], 'realm `LAB` is there twice'],
    ['that is there twice', [CORP, CORP], 'realm `CORP` is there twice'],
    ['through the one of the cluster', [{ ...CORP, via: 'LAB' }], '`LAB` is the realm of the cluster itself\n  leave'],
    ['through one that is missing', [EU], 'no realm in `realms` is called `CORP`'],
    ['through one that is misspelt', [CORP, { ...EU, via: 'CROP' }], 'called `CROP`\n  did you mean `CORP`?'],
    ['through itself', [{ ...EU, via: 'EU' }], 'the way from realm `EU` leads in a circle'],
    ['that leads back', [EU, { ...CORP, via: 'EU' }], 'the way from realm `EU` leads in a circle'],
  ])('one %s is said at its place', async (_, realms, said) => {
    expect((await problemsOf({ 'b.yaml': trusting(...realms) })).join('\n')).toContain(said)
  })
})

describe('what YAML would allow', () => {
  test.each<[string, string, string]>([
    ['a key given twice', 'a: 1\nb: 2\na: 3\n', 'b.yaml:3:1: the key `a` is given twice in one mapping'],
    ['an anchor', 'a: &x 1\n', 'anchor `&x`: policies take no anchors'],
    ['an alias', 'a: &x 1\nb: *x\n', 'b.yaml:2:4: alias `*x`'],
    ['a tag', 'a: !!binary aGk=\n', 'tag `tag:yaml.org,2002:binary`: policies take no tags'],
    ['a tag of its own', 'a: !js/function x\n', 'tag `!js/function`: policies take no tags'],
    ['an anchor on a mapping', 'a: &x {b: 1}\n', 'b.yaml:1:7: anchor `&x`: policies take no anchors'],
    ['a tag on a mapping', 'a: !x {b: 1}\n', 'b.yaml:1:7: tag `!x`: policies take no tags'],
    [
      'a key given twice in a mapping with an anchor',
      'a: &x {b: 1, b: 2}\n',
      'b.yaml:1:14: the key `b` is given twice',
    ],
    ['an anchor on a list', 'a: &x [1]\n', 'anchor `&x`: policies take no anchors'],
    ['a key that is no text', '1: x\n', 'b.yaml:1:1: a key must be text'],
    ['a key that is a mapping', '? {a: 1}\n: x\n', 'a key must be text'],
    [
      'a key that is a prototype',
      document('Dataset', 'd', {}).replace('"spec":{', '"spec":{"labels":{"__proto__":"x"}'),
      '`__proto__` is not a field',
    ],
    ['a tab', 'a:\n\tb: 1\n', 'b.yaml:2:1: not YAML: tabs are not allowed as indentation'],
    ['a list that does not end', 'a: [1,\n', 'not YAML:'],
    ['text that does not end', 'a: "x', 'not YAML:'],
    ['nesting without end', '['.repeat(50_000), 'b.yaml:1:1: is nested too deep'],
    ['nesting that any stack would bear', `a: ${'['.repeat(300)}${']'.repeat(300)}`, 'b.yaml:1:1: is nested too deep'],
    ['nesting in a key', `${'? '.repeat(300)}a`, 'b.yaml:1:1: is nested too deep'],
    [
      'nesting in a later document',
      `a: 1\n---\na: ${'['.repeat(300)}${']'.repeat(300)}`,
      'b.yaml:1:1: is nested too deep',
    ],
    ['a merge of mappings', grant('g').replace('"spec":{', '"spec":{"<<":{"x":1},'), 'unknown field `<<` in `spec`'],
  ])('%s is refused', async (_, file, said) => {
    expect((await problemsOf({ 'b.yaml': file })).join('\n')).toContain(said)
  })

  test('a bomb of aliases is refused before it goes off', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]']
    for (let level = 1; level < 30; level += 1) lines.push(`a${level}: &a${level} [${Array(9).fill(`*a${level - 1}`)}]`)
    expect((await problemsOf({ 'b.yaml': lines.join('\n') }))[0]).toBe(
      'b.yaml:1:9: anchor `&a0`: policies take no anchors',
    )
  })
})
