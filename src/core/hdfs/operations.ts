/** The one table of WebHDFS: all 65 operations of Hadoop 3.4, how the gateway answers each, and what each demands. */
import type { Demand } from '../policy/decision/demand.ts'
import { below, type Demanding, demandsOfAccess, demandsOfCreate, demandsOfRename, isTrue, on } from './demands.ts'
import type { ParameterName } from './parameters.ts'

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

/** An operation that the gateway offers. */
export type Operation = {
  readonly name: string
  readonly method: Method
  /** `datanode`: in two steps, the second with the bytes. `local`: HDFS is not asked. */
  readonly answeredBy: 'namenode' | 'datanode' | 'local'
  /** All that may travel upstream beside `op`; anything else that a client sends is dropped. */
  readonly parameters: readonly ParameterName[]
  /** Parameters without which there is no operation. */
  readonly needs: readonly (ParameterName | 'destination')[]
  /** Those of its parameters that can change the decision, by a demand or by a limit: they stand in its record. */
  readonly decisive: readonly ParameterName[]
  /** Whether a second try does no harm when nobody knows what became of the first. */
  readonly repeatable: boolean
  /** What policy must allow, all of it. */
  demands(request: Demanding): readonly Demand[]
  /** How an answer of HDFS is cut down to what policy shows. */
  readonly filter?: 'children'
}

const row = (
  given: Omit<Operation, 'needs' | 'parameters' | 'decisive' | 'repeatable'> & Partial<Operation>,
): Operation => ({
  parameters: [],
  decisive: [],
  needs: [],
  repeatable: true,
  ...given,
})

export const OFFERED: readonly Operation[] = [
  row({ method: 'GET', name: 'GETFILESTATUS', answeredBy: 'namenode', demands: ({ path }) => [on('stat', path)] }),
  row({
    method: 'GET',
    name: 'LISTSTATUS',
    answeredBy: 'namenode',
    demands: ({ path }) => [on('list', path)],
    filter: 'children',
  }),
  row({
    method: 'GET',
    name: 'OPEN',
    answeredBy: 'datanode',
    parameters: ['offset', 'length', 'buffersize'],
    demands: ({ path }) => [on('read', path)],
  }),
  // Counts and sizes of everything below are facts about everything below.
  row({
    method: 'GET',
    name: 'GETCONTENTSUMMARY',
    answeredBy: 'namenode',
    demands: ({ path }) => [below('list', path)],
  }),
  row({
    method: 'GET',
    name: 'CHECKACCESS',
    answeredBy: 'namenode',
    parameters: ['fsaction'],
    decisive: ['fsaction'],
    needs: ['fsaction'],
    demands: demandsOfAccess,
  }),
  // HDFS would answer with the principal's home, which is not the team's.
  row({ method: 'GET', name: 'GETHOMEDIRECTORY', answeredBy: 'local', demands: () => [] }),
  row({
    method: 'PUT',
    name: 'CREATE',
    answeredBy: 'datanode',
    parameters: [
      'overwrite',
      'createparent',
      'createflag',
      'permission',
      'unmaskedpermission',
      'blocksize',
      'replication',
      'buffersize',
    ],
    decisive: ['overwrite', 'createparent', 'createflag', 'blocksize', 'replication'],
    repeatable: false,
    demands: demandsOfCreate,
  }),
  row({
    method: 'PUT',
    name: 'MKDIRS',
    answeredBy: 'namenode',
    parameters: ['permission', 'unmaskedpermission'],
    demands: ({ path }) => [on('mkdir', path)],
  }),
  row({
    method: 'PUT',
    name: 'RENAME',
    answeredBy: 'namenode',
    parameters: ['renameoptions'],
    decisive: ['renameoptions'],
    needs: ['destination'],
    repeatable: false,
    demands: demandsOfRename,
  }),
  row({
    method: 'POST',
    name: 'APPEND',
    answeredBy: 'datanode',
    parameters: ['buffersize'],
    repeatable: false,
    demands: ({ path }) => [on('append', path)],
  }),
  row({
    method: 'DELETE',
    name: 'DELETE',
    answeredBy: 'namenode',
    parameters: ['recursive'],
    decisive: ['recursive'],
    repeatable: false,
    demands: ({ path, parameters }) => [
      isTrue(parameters.get('recursive')) ? below('delete', path) : on('delete', path),
    ],
  }),
]

/** Known, and refused by name: `GetOpParam`, `PutOpParam`, `PostOpParam`, `DeleteOpParam` of Hadoop 3.4. */
export const NOT_OFFERED: Readonly<Record<Method, readonly string[]>> = {
  GET: [
    'GETFILELINKSTATUS',
    'GETLINKTARGET',
    'LISTSTATUS_BATCH',
    'GETQUOTAUSAGE',
    'GETFILECHECKSUM',
    'GET_BLOCK_LOCATIONS',
    'GETFILEBLOCKLOCATIONS',
    'GETACLSTATUS',
    'GETXATTRS',
    'LISTXATTRS',
    'GETSTORAGEPOLICY',
    'GETALLSTORAGEPOLICY',
    'GETECPOLICY',
    'GETECPOLICIES',
    'GETECCODECS',
    'GETSERVERDEFAULTS',
    'GETSTATUS',
    'GETTRASHROOT',
    'GETTRASHROOTS',
    'GETSNAPSHOTDIFF',
    'GETSNAPSHOTDIFFLISTING',
    'GETSNAPSHOTTABLEDIRECTORYLIST',
    'GETSNAPSHOTLIST',
    'GETDELEGATIONTOKEN',
  ],
  PUT: [
    'CREATESYMLINK',
    'SETREPLICATION',
    'SETOWNER',
    'SETPERMISSION',
    'SETTIMES',
    'RENEWDELEGATIONTOKEN',
    'CANCELDELEGATIONTOKEN',
    'MODIFYACLENTRIES',
    'REMOVEACLENTRIES',
    'REMOVEDEFAULTACL',
    'REMOVEACL',
    'SETACL',
    'SETXATTR',
    'REMOVEXATTR',
    'ENABLEECPOLICY',
    'DISABLEECPOLICY',
    'SETECPOLICY',
    'ALLOWSNAPSHOT',
    'DISALLOWSNAPSHOT',
    'CREATESNAPSHOT',
    'RENAMESNAPSHOT',
    'SETSTORAGEPOLICY',
    'SATISFYSTORAGEPOLICY',
    'SETQUOTA',
    'SETQUOTABYSTORAGETYPE',
  ],
  POST: ['CONCAT', 'TRUNCATE', 'UNSETSTORAGEPOLICY', 'UNSETECPOLICY'],
  DELETE: ['DELETESNAPSHOT'],
}

const offered = new Map(OFFERED.map((operation) => [operation.name, operation]))
const notOffered = new Set(Object.values(NOT_OFFERED).flat())

/** The row of an operation, by its name in capitals. */
export function findOperation(name: string): Operation | 'not-offered' | undefined {
  return offered.get(name) ?? (notOffered.has(name) ? 'not-offered' : undefined)
}
