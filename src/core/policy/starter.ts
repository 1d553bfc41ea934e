/** A first policy: one cluster, one team with its identity, data and grants, and the tests that say what must hold. */

export type Starter = { readonly team: string; readonly realm: string; readonly nameservice: string }

/** Name of the HadoopCluster document: what others name, whatever the nameservice is called. */
const CLUSTER = 'main'

/** Characters: names of documents are made from the team's, and may have 63. */
export const LONGEST_STARTER_TEAM = 50

/** YAML would take some names for a number, or for nothing. */
const plain = (name: string): string =>
  Number.isNaN(Number(name)) && !/^(true|false|null)$/i.test(name) ? name : `'${name}'`

/** Files by name, in one layout; valid, and without anything for the lint to say. */
export function starterFiles(starter: Starter): ReadonlyMap<string, string> {
  const { team } = starter
  return new Map([
    ['README.md', readme(starter)],
    ['cluster.yaml', clusterFile(starter)],
    [`${team}/identities.yaml`, identityFile(starter)],
    [`${team}/datasets.yaml`, datasetsFile(starter)],
    [`${team}/grants.yaml`, grantsFile(starter)],
    [`${team}/access.test.yaml`, testsFile(starter)],
  ])
}

const readme = ({ team }: Starter): string => `# Policies

Who may do what to which data in HDFS. Nothing is allowed that no Grant allows; a deny wins over every allow.

- \`cluster.yaml\`: the HDFS and how to reach it.
- \`${team}/\`: what team \`${team}\` has: its identity, its data, who may do what to it, and what must hold whatever is edited.

Check a change with \`kerbside policy check\`, run the tests with \`kerbside policy test\`, and ask why with \`kerbside policy explain\`.
Copy the folder for the next team. \`kerbside policy check --help\` says the rest.
`

const clusterFile = ({ realm, nameservice }: Starter): string => {
  const domain = realm.toLowerCase()
  return `# yaml-language-server: $schema=./schema.json
# The HDFS that everyone uses. Put in your own hosts.
apiVersion: kerbside.io/v1
kind: HadoopCluster
metadata:
  name: ${CLUSTER}
spec:
  nameservice: ${plain(nameservice)} # as in hdfs://${nameservice}/
  nameNodes:
    - https://nn1.${domain}:9871
    - https://nn2.${domain}:9871
  dataNodeHosts: ['*.${domain}'] # hosts that a NameNode may send a client to
  realm: ${plain(realm)}
  kdcs: ['kdc.${domain}:88']
  secret: hdfs/${CLUSTER} # in the secret store: ca.pem
`
}

const identityFile = ({ team, realm }: Starter): string => `# yaml-language-server: $schema=../schema.json
# What a pod of this team asks for, by the label \`kerbside.io/identity: ${team}\`.
apiVersion: kerbside.io/v1
kind: Identity
metadata:
  name: ${plain(team)}
spec:
  team: ${plain(team)}
  cluster: ${CLUSTER}
  principal: ${team}@${realm}
  secret: hdfs/${team} # in the secret store: keytab
  home: /team/${team}
  allowedFor: # and only pods that run as this service account, in this namespace
    - namespace: ${plain(team)}
      serviceAccounts: [trainer]
`

const datasetsFile = ({ team }: Starter): string => `# yaml-language-server: $schema=../schema.json
# Data that many read. A prefix covers itself and everything below it.
apiVersion: kerbside.io/v1
kind: Dataset
metadata:
  name: ${team}-data
spec:
  cluster: ${CLUSTER}
  owner: ${plain(team)}
  prefixes: [/data/${team}]
---
# Where the team keeps what it makes. The directory itself can be neither deleted nor renamed.
apiVersion: kerbside.io/v1
kind: Dataset
metadata:
  name: ${team}-home
spec:
  cluster: ${CLUSTER}
  owner: ${plain(team)}
  prefixes: [/team/${team}]
`

const grantsFile = ({ team }: Starter): string => `# yaml-language-server: $schema=../schema.json
apiVersion: kerbside.io/v1
kind: Grant
metadata:
  name: ${team}-reads-data
spec:
  effect: allow
  teams: [${plain(team)}]
  datasets: [${team}-data]
  actions: [read]
  reason: it learns from the data, and changes none of it
---
# \`write\` brings \`read\` along. A grant that should end says \`expires\`.
apiVersion: kerbside.io/v1
kind: Grant
metadata:
  name: ${team}-writes-home
spec:
  effect: allow
  teams: [${plain(team)}]
  datasets: [${team}-home]
  actions: [write]
`

const testsFile = ({ team }: Starter): string => `# yaml-language-server: $schema=../schema.json
# What must hold, whatever is edited: \`kerbside policy test\` runs it.
apiVersion: kerbside.io/v1
kind: PolicyTest
metadata:
  name: ${team}-access
spec:
  cases:
    - { identity: ${plain(team)}, operation: OPEN, path: /data/${team}/2026.csv, expect: allow }
    - { identity: ${plain(team)}, operation: CREATE, path: /data/${team}/2026.csv, expect: deny, reason: no-grant }
    - { identity: ${plain(team)}, operation: CREATE, path: /team/${team}/model, expect: allow }
    - { identity: ${plain(team)}, operation: DELETE, path: /team/${team}, expect: deny, reason: protected-root }

    # A prefix covers whole names: what only begins alike is another directory.
    - { identity: ${plain(team)}, operation: OPEN, path: /data/${team}-restricted/x, expect: deny, reason: no-dataset }
`
