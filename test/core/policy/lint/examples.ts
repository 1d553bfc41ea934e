/** Policies for the lint rules: one without a fault, and for each rule what it finds and what it must leave alone. */
import { dataset, document, grant, identity, LAB } from '../../../io/policy/folder.ts'

const FAR = LAB.replaceAll('lab', 'far').replaceAll('LAB', 'FAR')
const tests = document('PolicyTest', 't', {
  cases: [{ identity: 'quant-research', operation: 'OPEN', path: '/data/market/x', expect: 'allow' }],
})
/** A policy that the lint says nothing about. */
export const CLEAN =
  LAB +
  FAR +
  identity('quant-research') +
  dataset('market', '/data/market', { labels: { stage: 'raw' } }) +
  grant('reads') +
  tests
const RISK = identity('risk-batch', {
  team: 'risk',
  principal: 'risk@LAB',
  secret: 'hdfs/risk',
  allowedFor: [{ namespace: 'ml-risk', serviceAccounts: ['batch'] }],
})
export const deny = (name: string, given: object = {}) => grant(name, { effect: 'deny', reason: 'a wall', ...given })
const other = dataset('other', '/data/other') + grant('reads-other', { datasets: ['other'] })
const during = (from: string, to: string, zone = 'UTC') => ({ when: { during: { from, to, zone } } })

/** Code, what the clean policy is given besides, how often and in what words it is told, and what is near and right. */
export const ROWS: readonly (readonly [string, string, readonly string[], string])[] = [
  [
    'nobody-there',
    dataset('owned', '/o', { owner: 'risk' }) + grant('g', { teams: ['quant', 'risk'] }),
    ['team `risk` has no identity in cluster `lab`'],
    RISK + grant('g', { teams: ['quant', 'risk'] }),
  ],
  [
    'nobody-there',
    dataset('away', '/data/away', { cluster: 'far' }) + grant('g', { datasets: ['market', 'away'] }),
    ['dataset `away` is of cluster `far`'],
    other,
  ],
  [
    'nobody-there',
    dataset('away', '/a', { cluster: 'far' }) +
      grant('g', { teams: undefined, identities: ['quant-research'], datasets: ['away'] }),
    ['identity `quant-research` is of cluster `lab`'],
    '',
  ],
  [
    'selects-nothing',
    grant('g', { datasets: undefined, datasetSelector: { matchLabels: { stage: 'clean' } } }),
    ['no dataset has the labels `stage=clean`'],
    grant('g', { datasetSelector: { matchLabels: { stage: 'raw' } } }),
  ],
  [
    'selects-nothing',
    document('Delegation', 'd', { team: 'quant', cluster: 'far', datasetSelector: { matchLabels: { stage: 'raw' } } }),
    ['no dataset of cluster `far`'],
    document('Delegation', 'd', { team: 'quant', cluster: 'lab', datasetSelector: { matchLabels: { stage: 'raw' } } }),
  ],
  [
    'sub-path-elsewhere',
    dataset('raw', '/data/market/raw') + grant('g', { paths: ['raw/2026', 'clean'] }),
    ['`raw/2026` lies in another dataset'],
    dataset('raw', '/data/market/raw') + deny('g', { paths: ['raw/2026'] }) + grant('h', { paths: ['rawest'] }),
  ],
  [
    'never-open',
    grant('g', during('24:00', '00:00')),
    ['grant `g` never applies'],
    grant('g', during('22:00', '00:00')),
  ],
  [
    'never-open',
    grant('g', {
      starts: '2026-06-06T00:00:00Z',
      expires: '2026-06-08T00:00:00Z',
      when: { during: { days: ['mon'], zone: 'UTC' } },
    }),
    ['never come'],
    grant('g', {
      starts: '2026-06-06T00:00:00Z',
      expires: '2026-06-08T00:00:00Z',
      when: { during: { days: ['mon'], zone: 'Pacific/Auckland' } },
    }),
  ],
  [
    'never-open',
    grant('g', {
      starts: '2026-03-29T00:00:00Z',
      expires: '2026-03-30T00:00:00Z',
      when: { during: { from: '02:00', to: '03:00', zone: 'Europe/Zurich', days: ['sun'] } },
    }),
    ['never come'],
    grant('g', {
      starts: '2026-03-29T00:00:00Z',
      expires: '2026-03-30T00:00:00Z',
      when: { during: { from: '02:00', to: '03:00', zone: 'UTC' } },
    }),
  ],
  [
    'namespace-of-nobody',
    grant('g', { when: { namespaces: ['ml-quant', 'ml-qaunt'] } }),
    ['may be used in namespace `ml-qaunt`'],
    identity('quant-any', {
      allowedFor: [{ namespaceSelector: { matchLabels: { team: 'quant' } }, serviceAccounts: ['x'] }],
    }) + grant('g', { when: { namespaces: ['ml-qaunt'] } }),
  ],
  [
    'contradiction',
    grant('g', {
      when: {
        podSelector: {
          matchLabels: { a: 'x' },
          matchExpressions: [{ key: 'a', operator: 'NotIn', values: ['x', 'y'] }],
        },
      },
    }),
    ['nothing can have the labels `a=x, a notin (x, y)`'],
    grant('g', {
      when: {
        podSelector: {
          matchExpressions: [
            { key: 'a', operator: 'Exists' },
            { key: 'a', operator: 'NotIn', values: ['x'] },
            { key: 'b', operator: 'DoesNotExist' },
          ],
        },
      },
    }),
  ],
  [
    'allow-denied',
    grant('g', { actions: ['append'] }) + deny('d', { actions: ['write'] }),
    ['everything that `g` allows is denied, by `d` (a.yaml:8)'],
    grant('g', { actions: ['append', 'stat'] }) + deny('d', { actions: ['write'] }),
  ],
  [
    'covered',
    grant('again'),
    ['everything that `again` allows is allowed anyway, by `reads` (a.yaml:5)'],
    grant('more', { actions: ['append'] }),
  ],
  [
    'covered',
    grant('labelled', {
      actions: ['append'],
      datasets: undefined,
      datasetSelector: { matchLabels: { stage: 'raw' } },
    }) +
      grant('labelled-again', {
        actions: ['append'],
        datasets: undefined,
        datasetSelector: { matchLabels: { stage: 'raw' }, matchExpressions: [{ key: 'x', operator: 'DoesNotExist' }] },
      }),
    ['`labelled-again`'],
    grant('labelled', { actions: ['append'], datasets: undefined, datasetSelector: { matchLabels: { stage: 'raw' } } }),
  ],
  [
    'covered-deny',
    deny('d', { actions: ['write'] }) + deny('e', { actions: ['append'] }),
    ['`e`'],
    deny('d', { actions: ['write'] }) + deny('e', { actions: ['acl'] }),
  ],
  [
    'implied',
    grant('g', { paths: ['raw', 'raw/2026'], identities: ['quant-research'] }),
    ['`raw/2026` lies below `raw`', '`quant-research` belongs to team `quant`'],
    grant('g', { paths: ['raw', 'rawest'] }),
  ],
  [
    'repeated',
    grant('g', { paths: ['raw', 'raw'], teams: ['quant', 'quant'] }),
    ['`quant` is in this list', '`raw` is in this list already'],
    grant('g', { paths: ['raw', 'Raw'] }),
  ],
  [
    'expired',
    grant('g', { expires: '2026-06-01T12:00:00Z' }),
    ['grant `g` expired at 2026-06-01T12:00:00Z'],
    grant('g', { expires: '2026-06-01T12:00:01Z' }),
  ],
  [
    'expires-soon',
    grant('g', { expires: '2026-07-01T12:00:00Z' }),
    ['ends in 30 days, at 2026-07-01T12:00:00Z'],
    grant('g', { expires: '2026-07-01T12:00:01Z' }),
  ],
  [
    'unread-dataset',
    dataset('dead', '/dead') +
      grant('g', { datasets: ['dead'], actions: ['append'] }) +
      grant('h', { datasets: ['dead'], mode: 'shadow' }) +
      grant('i', { datasets: ['dead'], expires: '2026-06-01T00:00:00Z' }),
    ['nobody may read dataset `dead`'],
    dataset('alive', '/alive') + grant('g', { datasets: ['alive'], paths: ['part'] }),
  ],
  [
    'idle-identity',
    RISK + deny('d', { teams: ['risk'] }),
    ['no grant allows identity `risk-batch` anything'],
    RISK + grant('g', { teams: ['risk'] }),
  ],
  [
    'idle-delegation',
    document('Delegation', 'd', { team: 'quant', cluster: 'lab' }),
    ['names no dataset'],
    document('Delegation', 'd', { team: 'quant', cluster: 'lab', kinds: ['PolicyTest'] }),
  ],
  ['untested-team', RISK, ['what team `risk` may do'], identity('quant-other')],
  [
    'unknown-label',
    deny('d', {
      datasetSelector: {
        matchLabels: { stgae: 'raw' },
        matchExpressions: [{ key: 'stage', operator: 'NotIn', values: ['raw', 'rwa'] }],
      },
    }),
    [
      'no dataset carries a label `stgae`\n  did you mean `stage`?',
      'no dataset carries `stage: rwa`\n  did you mean `raw`?',
    ],
    deny('d', { datasetSelector: { matchLabels: { stage: 'raw' } } }),
  ],
  [
    'rare-label',
    dataset('a', '/a', { labels: { stage: 'x' } }) +
      dataset('b', '/b', { labels: { stage: 'x' } }) +
      dataset('c', '/c', { labels: { stages: 'x', region: 'eu' } }),
    ['only this dataset carries a label `stages`\n  did you mean `stage`?'],
    dataset('c', '/c', { labels: { stages: 'x' } }),
  ],
  [
    'not-nfc',
    dataset('d', '/data/cafe\u0301', { protect: ['e\u0301'] }) + grant('g', { paths: ['u\u0308'] }),
    ['is not NFC', 'is not NFC', 'is not NFC'],
    dataset('d', '/data/caf\u00e9'),
  ],
  [
    'misleading',
    dataset('d', '/data/mark\u0435t') + grant('g', { paths: ['a\u200bb'], reason: 'x \u202e y' }),
    ['mixes letters of two alphabets', 'nobody sees', 'nobody sees'],
    dataset('d', '/data/рынок/market') + dataset('e', '/data/數據'),
  ],
  [
    'overlap',
    dataset('inner', '/data/market/x', { owner: 'risk' }),
    ['`/data/market/x` of team `risk` lies inside `market` (a.yaml:4) of team `quant`'],
    dataset('beside', '/data/markets', { owner: 'risk' }) + dataset('inner', '/data/market/x'),
  ],
  [
    'foreign-grant',
    RISK + grant('g', { teams: undefined, identities: ['risk-batch'] }),
    ['`market` of team `quant`'],
    RISK + grant('g', { teams: ['risk'], ticket: 'DATA-1' }),
  ],
  [
    'shared-keytab',
    identity('risk-batch', { team: 'risk', secret: 'hdfs/risk' }) +
      identity('risk-two', { team: 'risk', principal: 'risk@LAB' }),
    ['principal `quant@LAB` is also that of identity `quant-research`', 'secret `hdfs/quant`'],
    identity('quant-two'),
  ],
  [
    'pods-of-two-teams',
    identity('risk-batch', { team: 'risk' }),
    ['pods of `trainer` in `ml-quant` may also use `quant-research`'],
    RISK,
  ],
  ['unexplained-deny', deny('d', { reason: undefined }), ['deny `d` does not say why'], deny('d')],
  [
    'unexplained-power',
    grant('g', { actions: ['manage'] }) + grant('h', { actions: ['admin'] }),
    ['`setattr`, `acl` and `snap-admin`', '`admin`'],
    grant('g', { actions: ['manage'], ticket: 'X-1' }) + grant('h', { actions: ['write', 'snap-read'] }),
  ],
  [
    'any-namespace',
    identity('open', { allowedFor: [{ anyNamespace: true, serviceAccounts: ['x'] }] }),
    ['pods of every namespace may use `open`'],
    '',
  ],
  [
    'default-account',
    identity('open', { allowedFor: [{ namespace: 'x', serviceAccounts: ['y', 'default'] }] }),
    ['may use `open`'],
    '',
  ],
  ['root-prefix', dataset('all', '/'), ['dataset `all` is all of cluster `lab`'], dataset('some', '/some')],
  [
    'unprotected',
    dataset('loose', '/loose', { protect: false }),
    ['the roots of `loose` are not protected'],
    dataset('tight', '/tight', { protect: ['a'] }),
  ],
  [
    'in-shadow',
    grant('g', { mode: 'shadow' }) + deny('d', { mode: 'shadow' }) + document('Policy', 'p', { mode: 'shadow' }),
    ['`g` is in shadow: it allows nothing', '`d` is in shadow: it denies nothing', 'the whole policy'],
    document('Policy', 'p', { mode: 'enforce' }),
  ],
]
