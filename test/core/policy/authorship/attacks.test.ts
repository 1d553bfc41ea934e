/** Every way round its delegation that a team may think of. */
import { describe, expect, test } from 'vitest'
import { dataset, document, grant, identity } from '../../../io/policy/folder.ts'
import { BASE, delegation, OWN_CASE, scratch, THEIR_CASE, tests, told, WALL_CASE } from './states.ts'

const wall = (given: object) =>
  grant('wall', {
    effect: 'deny',
    datasets: undefined,
    datasetSelector: { matchLabels: { sensitivity: 'restricted' } },
    actions: ['acl', 'append'],
    teams: ['quant', 'risk'],
    ...given,
  })

describe('what is not delegated is told', () => {
  test.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    // Delegations and whatever else no team writes.
    [
      'its own delegation made wider',
      { delegation: delegation({ actions: ['manage'] }) },
      'kind `Delegation` are no team',
    ],
    [
      'a second delegation',
      { new: document('Delegation', 'more', { team: 'quant', cluster: 'lab', datasets: ['trades'] }) },
      'kind `Delegation` are no team',
    ],
    ['a delegation taken away', { delegation: undefined }, 'taken away: documents of kind `Delegation` are no team'],
    ['the whole policy in shadow', { new: document('Policy', 'p', { mode: 'shadow' }) }, 'kind `Policy` are no team'],
    [
      'the cluster',
      { lab: BASE['lab']?.replace('"secret":"hdfs/lab"', '"secret":"hdfs/evil"') },
      'kind `HadoopCluster` are no team',
    ],
    // Grants.
    [
      'a grant on data of others',
      { new: grant('new', { datasets: ['market', 'trades'] }) },
      'dataset `trades` is not one of its datasets',
    ],
    [
      'a grant by a selector that finds more',
      { new: grant('new', { datasets: undefined, datasetSelector: { matchLabels: { sensitivity: 'secret' } } }) },
      'dataset `trades`',
    ],
    [
      'a grant by a selector that could find more',
      { new: grant('new', { datasets: undefined, datasetSelector: { matchLabels: { sensitivity: 'restricted' } } }) },
      'could one day find',
    ],
    [
      'a grant to another team',
      { new: grant('new', { teams: ['quant', 'trading'] }) },
      'team `trading` is not one that it may grant to',
    ],
    [
      'a grant to an identity of another team',
      { new: grant('new', { teams: undefined, identities: ['trading-desk'] }) },
      '`trading-desk` is of team `trading`',
    ],
    [
      'an action beyond',
      { new: grant('new', { actions: ['write', 'acl'] }) },
      '`acl` is beyond its actions (delegation `quant-itself`); it would need `acl` in its `actions`',
    ],
    ['a grant of others taken away', { trader: undefined }, 'taken away: dataset `trades`'],
    [
      'a grant of others narrowed',
      { admin: grant('admin', { teams: ['risk'], datasets: ['inner'], actions: ['read'] }) },
      'as it was: `admin` is beyond',
    ],
    [
      'a deny that reaches others below',
      {
        new: grant('new', { effect: 'deny', datasets: ['scratch'], paths: ['x'] }),
        elsewhere: dataset('elsewhere', '/team/quant/scratch/x/y', { owner: 'risk' }),
      },
      'this deny reaches dataset `elsewhere` too',
    ],
    // Denies.
    [
      'a deny taken away',
      { lock: undefined },
      'deny-lost team `quant` may not do this: deny `lock` (a.yaml:18) no longer denies',
    ],
    [
      'a deny in shadow',
      { lock: BASE['lock']?.replace('"effect":"deny"', '"effect":"deny","mode":"shadow"') },
      'deny-lost',
    ],
    [
      'a deny that ends',
      { lock: BASE['lock']?.replace('"effect":"deny"', '"effect":"deny","expires":"2030-01-01T00:00:00Z"') },
      'deny-lost',
    ],
    [
      'a deny for some pods',
      { lock: BASE['lock']?.replace('"effect":"deny"', '"effect":"deny","when":{"namespaces":["x"]}') },
      'deny-lost',
    ],
    ['a deny turned into an allow', { lock: BASE['lock']?.replace('"deny"', '"allow"') }, 'deny-lost'],
    ['a deny on another dataset instead', { lock: BASE['lock']?.replace('scratch', 'market') }, 'deny-lost'],
    [
      'a deny on a part',
      { lock: BASE['lock']?.replace('"effect":"deny"', '"effect":"deny","paths":["x"]') },
      'deny-lost',
    ],
    [
      'a deny by selector that selects less',
      { wall: wall({ datasetSelector: { matchLabels: { sensitivity: 'restricted', stage: 'raw' } } }) },
      'deny-lost',
    ],
    [
      'a label taken away by which a deny finds it',
      { scratch: scratch({ labels: { stage: 'raw' } }) },
      'deny-lost team `quant` may not do this: deny `wall`',
    ],
    ['a prefix moved away from under a deny', { scratch: scratch({}, '/team/quant/other') }, 'deny-lost'],
    [
      'a dataset renamed away from under a deny',
      {
        scratch: dataset('scratch2', '/team/quant/scratch', { labels: { stage: 'raw' } }),
        writes: undefined,
        lock: undefined,
        delegation: BASE['delegation']?.replace('"scratch",', ''),
      },
      'deny `lock`',
    ],
    [
      'an identity that a deny does not name',
      { new: identity('quant-two') },
      'deny-lost team `quant` may not do this: deny `lock` (a.yaml:18) names other identities',
    ],
    // Datasets.
    [
      'a dataset outside its area',
      { new: dataset('new', '/data/new') },
      '`/data/new` is not at or below one of its prefixes',
    ],
    [
      'a dataset beside its area, with a name that begins alike',
      { new: dataset('new', '/team/quantum') },
      '`/team/quantum` is not',
    ],
    [
      'a dataset in another cluster',
      { new: dataset('new', '/team/quant/new', { cluster: 'far' }) },
      'it is for cluster `lab`',
    ],
    [
      'a dataset that takes paths from another team',
      { new: dataset('new', '/team/quant/guest/x') },
      'paths-moved team `quant` may not do this: this takes `/team/quant/guest/x` away from dataset `guest`',
    ],
    [
      'a dataset of others claimed',
      { guest: dataset('guest', '/team/quant/guest') },
      'as it was: the dataset is of team `trading`',
    ],
    ['a dataset given to another team', { scratch: scratch({ owner: 'risk' }) }, 'the dataset is of team `risk`'],
    [
      'a dataset moved out of its area',
      { scratch: scratch({}, '/team/quant/scratch', '/data/secret') },
      '`/data/secret` is not at or below',
    ],
    [
      'a dataset moved into its area',
      { market: dataset('market', '/team/quant/market', { labels: { sensitivity: 'restricted' } }) },
      'as it was: `/data/market` is not at or below',
    ],
    [
      'a label that it may not put there',
      { scratch: scratch({ labels: { stage: 'raw', sensitivity: 'public' } }) },
      '`sensitivity: public` is not one of its labels',
    ],
    [
      'a value that it may not put there',
      { scratch: scratch({ labels: { stage: 'done', sensitivity: 'restricted' } }) },
      '`stage: done` is not one of its labels',
    ],
    [
      'a label by which a grant finds it',
      { scratch: scratch({ labels: { stage: 'raw', sensitivity: 'restricted', share: 'all' } }) },
      '`share: all` is not one of its labels',
    ],
    [
      'a dataset taken away, so that it falls to one around it',
      { inner: undefined, admin: undefined, delegation: BASE['delegation']?.replace(',"inner"', '') },
      '`admin` is beyond',
    ],
    // Paths under other allows.
    [
      'a prefix moved under an allow that it may not give',
      {
        inner: dataset('inner', '/team/quant/scratch/inner', {
          prefixes: ['/team/quant/scratch/inner', '/team/quant/scratch/more'],
        }),
      },
      'paths-moved team `quant` may not do this: allow `admin` (a.yaml:14) comes to reach `/team/quant/scratch/more`',
    ],
    // Identities.
    ['an identity of another team', { new: identity('spy', { team: 'trading' }) }, 'the identity is of team `trading`'],
    [
      'an identity changed to another team',
      { quant: identity('quant-research', { team: 'risk' }) },
      'the identity is of team `risk`',
    ],
    [
      'an identity in another cluster',
      { new: identity('quant-far', { cluster: 'far', principal: 'quant@FAR' }) },
      'it is for cluster `lab`',
    ],
    [
      'the keytab of another team',
      { quant: identity('quant-research', { secret: 'hdfs/trading' }) },
      'keytab-taken team `quant` may not do this: no identity of team `quant` has secret `hdfs/trading`',
    ],
    [
      'the principal of another team',
      { quant: identity('quant-research', { principal: 'trading@LAB' }) },
      'has principal `trading@LAB`',
    ],
    [
      'every namespace',
      { quant: identity('quant-research', { allowedFor: [{ anyNamespace: true, serviceAccounts: ['x'] }] }) },
      'opens the identity to every namespace',
    ],
    // Tests.
    [
      'a test of others taken away',
      { tests: tests(OWN_CASE, WALL_CASE) },
      'test-lost team `quant` may not do this: a case that asks about OPEN by `risk-batch` is gone',
    ],
    [
      'a test about data of others turned round',
      { tests: tests(OWN_CASE, { ...WALL_CASE, expect: 'allow' }, THEIR_CASE) },
      'test-lost',
    ],
    ['a test document taken away', { tests: undefined }, 'test-lost'],
  ])('%s', (_, changes, message) => {
    expect(told(changes).join('\n')).toContain(message)
  })
})
