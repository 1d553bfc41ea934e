/** Operations that write what is in a file. */
import { demandsOfConcat, demandsOfCreate, on } from '../demands.ts'
import { type Operation, row } from '../operation.ts'

export const WRITING: readonly Operation[] = [
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
    method: 'POST',
    name: 'APPEND',
    answeredBy: 'datanode',
    parameters: ['buffersize'],
    repeatable: false,
    demands: ({ path }) => [on('append', path)],
  }),
  row({
    method: 'POST',
    name: 'CONCAT',
    parameters: ['sources'],
    needs: ['sources'],
    decisive: ['sources'],
    repeatable: false,
    demands: demandsOfConcat,
  }),
  // What is cut off is lost.
  row({
    method: 'POST',
    name: 'TRUNCATE',
    parameters: ['newlength'],
    needs: ['newlength'],
    repeatable: false,
    demands: ({ path }) => [on('overwrite', path)],
  }),
]
